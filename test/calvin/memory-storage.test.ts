import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { MemoryStorage } from "../../src/calvin/memory-storage.ts";
import type { LockKeys } from "../../src/calvin/footprint.ts";
import type { Row } from "../../src/calvin/transaction.ts";
import { keyOf } from "../../src/transducer/fact.ts";
import { fits } from "../support/transactions.ts";

/** Also such as are not exact as doubles. */
const numbers = [0n, 1n, -3n, 2n ** 53n, 2n ** 53n + 1n, 1n << 40n];

const seed = Number(process.env["SEED"] ?? 1);

describe(`storage in memory (SEED=${seed})`, () => {
  const shows = (title: string, keys: LockKeys, asked: readonly (readonly number[])[]): void => {
    it(`shows rows as they were before each place, as far back as they are kept: ${title}`, () => {
      held(keys, asked);
    });
  };
  shows("without keys", [], [[], [0], [1], [0, 1], [1, 0]]);
  shows("with keys", [[0], [1, 0]], [[], [0]]);
  shows("with keys, and asked otherwise", [[0], [1, 0]], [[], [0], [0, 1], [1]]);

  const held = (keys: LockKeys, asked: readonly (readonly number[])[]): void => {
    const chance = random(seed);
    for (let round = 0; round < 40; round++) {
      let storage = new MemoryStorage([], keys);
      /** The rows before each place. */
      const past = [new Map<string, Row>(), new Map<string, Row>()];
      let horizon = 0;
      for (let at = 1; at < 40; at++) {
        const now = new Map(past[at]);
        const removed = [...now.values()].filter(() => chance.chance(0.2));
        for (const row of removed) now.delete(keyOf(row));
        const inserted = Array.from({ length: chance.below(4) }, () => ({
          relation: chance.below(2),
          values: [chance.pick(numbers), chance.pick(["a", "b"])],
        })).filter((row) => {
          const columns = keys[row.relation] ?? [];
          const values = columns.map((column) => row.values[column] ?? null);
          const pattern = { relation: row.relation, columns, values };
          const taken = [...now.values()].some((of) => columns.length > 0 && fits(of, pattern));
          if (past[at]?.has(keyOf(row)) === true || now.has(keyOf(row)) || taken) return false;
          now.set(keyOf(row), row);
          return true;
        });
        storage.apply(at, { removed, inserted });
        past.push(now);
        if (chance.chance(0.1)) horizon = chance.between(horizon, at);
        if (chance.chance(0.1)) storage.forget(horizon);
        if (chance.chance(0.1)) storage = new MemoryStorage(storage.versions(horizon), keys);
        const before = chance.between(Math.max(1, horizon), at + 1);
        const columns = chance.pick(asked);
        const sample = { relation: chance.below(2), values: [chance.pick(numbers), "a"] };
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
  };

  it("keeps rows in columns while they are asked for by their key, in any order, or all of them", () => {
    const storage = new MemoryStorage([], [[1, 0], []]);
    const inserted = [0, 1].map((relation): Row => ({ relation, values: [1n, "a", 2n] }));
    storage.apply(1, { removed: [], inserted });
    const asked = (columns: readonly number[]): unknown => {
      const values = columns.map((column) => inserted[0]?.values[column] ?? null);
      return storage.tuples({ relation: 0, columns, values }, 2);
    };
    for (const columns of [[], [1, 0], [0, 1]])
      expect(asked(columns)).to.deep.equal([[1n, "a", 2n]]);
    expect(storage.tuples({ relation: 0, columns: [0, 1], values: [2n, "a"] }, 2)).to.be.empty;
    expect(storage.keyed(0)?.size).to.equal(1);
    for (const columns of [[0], [2], [2, 1]]) expect(asked(columns)).to.deep.equal([[1n, "a", 2n]]);
    expect([storage.keyed(0), storage.keyed(1)]).to.deep.equal([undefined, undefined]);
  });

  it("keeps two rows of one key, which nothing but an input can have", () => {
    const rows = [1n, 2n].map((n) => ({ relation: 0, values: [7n, n] }));
    const versions = rows.map((row) => ({ row, from: 0, to: Infinity }));
    const storage = new MemoryStorage(versions, [[0]]);
    const found = storage.tuples({ relation: 0, columns: [0], values: [7n] }, 1);
    expect(found).to.deep.equal(rows.map(({ values }) => values));
  });

  it("keeps the versions of many keys and the many versions of one", () => {
    const storage = new MemoryStorage([], [[0]]);
    const row = (k: number, n: number): Row => ({
      relation: 0,
      values: [BigInt(k * 4096), BigInt(n)],
    });
    for (let k = 0; k < 5000; k++) storage.apply(1, { removed: [], inserted: [row(k, 0)] });
    for (let at = 2; at < 3000; at++)
      storage.apply(at, { removed: [row(7, at - 2)], inserted: [row(7, at - 1)] });
    for (let k = 0; k < 5000; k += 2) storage.apply(3000, { removed: [row(k, 0)], inserted: [] });
    const tuples = (k: number, before: number) =>
      storage.tuples({ relation: 0, columns: [0], values: [BigInt(k * 4096)] }, before);
    expect(tuples(7, 1001)).to.deep.equal([row(7, 999).values]);
    expect(tuples(8, 3000)).to.deep.equal([row(8, 0).values]);
    storage.forget(3001);
    expect(storage.size).to.equal(2500);
    for (let k = 0; k < 5000; k++) expect(tuples(k, 3001).length, `key ${k}`).to.equal(k % 2);
  });
});
