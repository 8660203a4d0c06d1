import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { Memory } from "../../src/engine/memory.ts";
import { Relation } from "../../src/engine/relation.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

describe(`rows that are joined by key (SEED=${seed})`, () => {
  for (const keys of [0, 1, 2, 3]) {
    it(`are one for each key of ${keys} columns, whatever rounds they come in`, () => {
      const next = random(seed + keys);
      const names = Array.from({ length: keys + 2 }, (_, at) => `c${at}`);
      const attributes = names.map((name) => ({ name, type: "number", kind: "number" }) as const);
      const relation = new Relation({ name: "r", attributes }, new Memory());
      const wanted = new Map<string, readonly [number, number]>();
      const add = (): void => {
        const key = Array.from({ length: keys }, () => next.below(12) - 3);
        const [low, high] = [next.below(1000) - 500, next.below(1000) - 500];
        const before = wanted.get(key.join());
        const after = [Math.min(before?.[0] ?? low, low), Math.max(before?.[1] ?? high, high)];
        relation.insert([...key, low, high]);
        wanted.set(key.join(), after as [number, number]);
      };

      for (let count = 0; count < 50; count++) add();
      relation.show(false);
      relation.joinBy([Math.min, Math.max]);
      for (let round = 0; round < 40; round++) {
        relation.advance();
        for (let count = 0; count < 100; count++) add();
      }
      relation.finish();
      const columns = names.map((_, at) => relation.column(at));
      const rows = Array.from({ length: relation.size }, (_, row) =>
        columns.map((column) => column[row]!),
      );
      expect(
        new Map(rows.map((row) => [row.slice(0, keys).join(), row.slice(keys)])),
      ).to.deep.equal(wanted);
      expect(rows).to.have.length(wanted.size);
      for (const row of rows) expect(relation.has(row)).to.equal(true);
    });
  }
});
