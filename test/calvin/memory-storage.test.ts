import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { MemoryStorage } from "../../src/calvin/memory-storage.ts";
import type { Row } from "../../src/calvin/transaction.ts";
import { keyOf } from "../../src/transducer/fact.ts";
import { fits } from "../support/transactions.ts";

const seed = Number(process.env["SEED"] ?? 1);

describe(`storage in memory (SEED=${seed})`, () => {
  it("shows rows as they were before each place, as far back as they are kept", () => {
    const chance = random(seed);
    for (let round = 0; round < 40; round++) {
      let storage = new MemoryStorage();
      /** The rows before each place. */
      const past = [new Map<string, Row>(), new Map<string, Row>()];
      let horizon = 0;
      for (let at = 1; at < 40; at++) {
        const now = new Map(past[at]);
        const removed = [...now.values()].filter(() => chance.chance(0.2));
        for (const row of removed) now.delete(keyOf(row));
        const inserted = Array.from({ length: chance.below(4) }, () => ({
          relation: chance.below(2),
          values: [BigInt(chance.below(4)), chance.pick(["a", "b"])],
        })).filter((row) => !past[at]?.has(keyOf(row)) && !now.has(keyOf(row)));
        for (const row of inserted) now.set(keyOf(row), row);
        storage.apply(at, {
          removed,
          inserted: [...new Map(inserted.map((row) => [keyOf(row), row])).values()],
        });
        past.push(now);
        if (chance.chance(0.1)) horizon = chance.between(horizon, at);
        if (chance.chance(0.1)) storage.forget(horizon);
        if (chance.chance(0.1)) storage = new MemoryStorage(storage.versions(horizon));
        const before = chance.between(Math.max(1, horizon), at + 1);
        const columns = chance.pick([[], [0], [1], [0, 1], [1, 0]]);
        const sample = { relation: chance.below(2), values: [BigInt(chance.below(4)), "a"] };
        const values = columns.map((column) => sample.values[column] ?? null);
        const pattern = { relation: sample.relation, columns, values };
        const found = [...storage.tuples(pattern, before)].map((of) =>
          keyOf({ ...pattern, values: of }),
        );
        const expected = [...(past[before]?.values() ?? [])].filter((row) => fits(row, pattern));
        expect(found.toSorted()).to.deep.equal(expected.map(keyOf).toSorted());
      }
      storage.forget(41);
      expect(storage.size).to.equal(past.at(-1)?.size);
    }
  });
});
