import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { Memory } from "../../src/engine/memory.ts";
import type { Relation } from "../../src/engine/relation.ts";
import { formRules } from "../../src/engine/set-choice.ts";
import { relationOfNumbers } from "../support/relations.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

describe(`the rows of whole tuples (SEED=${seed})`, () => {
  for (const arity of [1, 2, 3]) {
    it(`are found while ranges widen, are left, and columns lie otherwise: arity ${arity}`, () => {
      const next = random(seed + arity);
      const rules = { ...formRules, rowsMin: 32, bitsBytesMin: 1 << 10 };
      const relation = relationOfNumbers(arity, new Memory(), rules);
      const { attributes } = relation.schema;
      const rows = new Map<string, number>();
      const forms = new Set<string>();
      for (const { to, times } of [
        { to: 12, times: 300 },
        { to: 40, times: 300 },
        { to: 1_000_000_000, times: 900 },
      ]) {
        for (let time = 0; time < times; time++) {
          const tuple = attributes.map(() => next.below(to) - 3);
          if (relation.insert(tuple)) rows.set(tuple.join(), relation.tuples.size - 1);
          else expect(relation.rowOf(tuple)).to.equal(rows.get(tuple.join()));
          const other = attributes.map(() => next.below(2 * to) - to);
          expect(relation.rowOf(other)).to.equal(rows.get(other.join()) ?? -1);
          if (next.chance(0.05)) relation.rowIndex().layBeside(next.below(arity));
          if (next.chance(0.05)) {
            const gone = relation.rowOf(tuple);
            relation.remove(gone);
            rows.delete(tuple.join());
            expect(relation.rowOf(tuple)).to.equal(-1);
            if (next.chance(0.5)) {
              relation.putBack(gone);
              rows.set(tuple.join(), gone);
            }
          }
          forms.add(relation.form);
        }
        for (const [name, row] of rows)
          expect(relation.rowOf(name.split(",").map(Number)), name).to.equal(row);
      }
      expect([...forms]).to.include.members(["bits", "table"]);
    });

    it(`are found with whether they are raised: arity ${arity}`, () => {
      const next = random(seed + arity);
      for (const [rowsMin, form] of [
        [32, "bits"],
        [Infinity, "table"],
      ] as const) {
        const relation = relationOfNumbers(arity, new Memory(), { ...formRules, rowsMin });
        const tuples = Array.from({ length: 400 }, (_, row) =>
          relation.schema.attributes.map((__, at) =>
            arity === 1 || at === 0 ? row : next.below(3),
          ),
        );
        for (const tuple of tuples) relation.insert(tuple);
        expect(relation.form).to.equal(form);
        const index = relation.rowIndex();
        const entryOf = (tuple: readonly number[]): number => {
          index.key.set(tuple);
          return index.entryOfKey();
        };
        index.extend(tuples.length);
        relation.tuples.rank();
        const raised = tuples.filter(() => next.chance(0.3)).map((tuple) => relation.rowOf(tuple));
        const columns = [
          Int32Array.from(raised),
          ...relation.tuples.columns.map((column) =>
            Int32Array.from(raised, (row) => column[row]!),
          ),
        ];
        relation.removeAll(columns, 0, raised.length);
        for (const row of raised) expect(entryOf(tuples[row]!), "it is removed").to.equal(0);
        relation.tuples.raise(raised);
        for (const [at, row] of raised.entries()) relation.putBack(row, columns.slice(1), at);
        const expected = tuples.map((_, row) => (raised.includes(row) ? -(row + 1) : row + 1));
        expect(tuples.map(entryOf)).to.deep.equal(expected);
        expect(tuples.map((tuple) => relation.rowOf(tuple))).to.deep.equal([...tuples.keys()]);
        index.clear(true);
        index.extend(tuples.length);
        expect(tuples.map(entryOf), "made anew").to.deep.equal(expected);
        expect(tuples.every((tuple) => relation.has(tuple))).to.equal(true);
      }
    });
  }

  describe("where the set has a bit for each tuple", () => {
    const relationOf = (memory: Memory, tuples: readonly (readonly number[])[]): Relation => {
      const rules = { ...formRules, rowsMin: 1 };
      const relation = relationOfNumbers(tuples[0]!.length, memory, rules);
      for (const tuple of tuples) relation.insert(tuple);
      expect(relation.form).to.equal("bits");
      return relation;
    };
    const square = Array.from({ length: 320 }, (_, row) => [row >> 5, row & 31]);

    it("have places if these are not many more, side by side as they are looked for", () => {
      const memory = new Memory();
      const relation = relationOf(memory, square);
      const index = relation.rowIndex();
      index.extend(320);
      expect(index.places?.strides).to.deep.equal(Int32Array.of(32, 1));
      const { table } = index;
      index.layBeside(1);
      expect(index.table, "they lie so already").to.equal(table);
      index.layBeside(0);
      expect(index.entryOf2(3, 5), "it is to be extended again").to.equal(0);
      index.extend(320);
      const count = index.places?.count;
      expect(index.places?.strides[0]).to.equal(1);
      expect(index.memoryBytes).to.equal(4 * count!);
      for (const [row, [a, b]] of square.entries())
        expect(index.entryOf2(a!, b!)).to.equal(row + 1);
      expect([index.entryOf2(-1, 0), index.entryOf2(0, -1)]).to.deep.equal([0, 0]);
      expect([index.entryOf2(count!, 0), index.entryOf2(0, count!)]).to.deep.equal([0, 0]);
      expect(relation.memoryBytes).to.equal(memory.bytes);
    });

    it("have places wherever their words begin, and none beside them", () => {
      for (const sides of [[512], [32, 32], [8, 8, 32]]) {
        const lows = [7, -300, 512].slice(0, sides.length);
        let cube: number[][] = [[]];
        for (const [at, side] of sides.entries())
          cube = cube.flatMap((tuple) =>
            Array.from({ length: side }, (_, word) => [...tuple, lows[at]! + word]),
          );
        const index = relationOf(new Memory(), cube).rowIndex();
        index.extend(cube.length);
        const { places } = index;
        const entryOf = (tuple: readonly number[]): number => {
          index.key.set(tuple);
          return index.entryOfKey();
        };
        for (const [row, tuple] of cube.entries()) expect(entryOf(tuple)).to.equal(row + 1);
        for (let at = 0; at < sides.length; at++) {
          const low = places!.lows[at]!;
          for (const word of [low - 1, low + places!.extents[at]!])
            expect(entryOf(lows.with(at, word)), `${word} at ${at}`).to.equal(0);
        }
      }
    });

    it("are found by hashes, with more to come, once there are too many places", () => {
      const wide = Array.from({ length: 1000 }, (_, row) => [row >> 5, row & 31]);
      const relation = relationOf(new Memory(), wide.slice(0, 608));
      const index = relation.rowIndex();
      index.extend(608);
      expect(index.places).not.to.equal(undefined);
      relation.insert([1_000_000, 1_000_000]);
      for (const tuple of wide.slice(608)) relation.insert(tuple);
      for (const to of [609, 800, 1001]) index.extend(to);
      expect(index.places).to.equal(undefined);
      const rows = wide.map((_, row) => (row < 608 ? row : row + 1));
      expect(wide.map((tuple) => relation.rowOf(tuple))).to.deep.equal(rows);
    });

    it("are found by hashes if they are few, in a table of which the most part is free", () => {
      const memory = new Memory();
      const few = Array.from({ length: 100 }, (_, row) => [10 * row, (row * row) % 500]);
      const relation = relationOf(memory, few);
      const index = relation.rowIndex();
      for (const [to, slots] of [
        [1, 32],
        [19, 32],
        [20, 64],
        [38, 64],
        [100, 256],
      ] as const) {
        index.extend(to);
        expect([index.places, index.table.length]).to.deep.equal([undefined, slots]);
        for (const [row, [a, b]] of few.entries())
          expect(index.entryOf2(a!, b!)).to.equal(row < to ? row + 1 : 0);
      }
      expect(index.memoryBytes).to.equal(4 * 256);
      expect(relation.memoryBytes).to.equal(memory.bytes);
      index.clear();
      expect([index.entryOf2(0, 0), index.table.length]).to.deep.equal([0, 256]);
      index.extend(5);
      expect([0, 4, 5].map((row) => index.entryOf2(few[row]![0]!, few[row]![1]!))).to.deep.equal([
        ...[1, 5, 0],
      ]);
      index.clear(true);
      expect([index.entryOf2(0, 0), index.table.length]).to.deep.equal([0, 32]);
    });

    it("keep their places while rows go and return that came after the last were taken in", () => {
      const relation = relationOf(new Memory(), square);
      const index = relation.rowIndex();
      index.extend(320);
      // In the places as they are, this would have that of (1, 8).
      relation.insert([0, 40]);
      relation.remove(320);
      expect(index.entryOf2(1, 8)).to.equal(41);
      relation.putBack(320);
      expect(index.entryOf2(1, 8)).to.equal(41);
      expect(index.entryOf2(0, 40)).to.equal(0);
      expect([relation.rowOf([0, 40]), relation.rowOf([1, 8])]).to.deep.equal([320, 40]);
    });

    it("are not taken in where they were removed", () => {
      const relation = relationOf(new Memory(), square);
      relation.remove(7);
      const index = relation.rowIndex();
      index.extend(320);
      expect([index.entryOf2(0, 7), index.entryOf2(0, 8)]).to.deep.equal([0, 9]);
    });

    it("are not taken in where they were let go of", () => {
      const relation = relationOf(new Memory(), square);
      relation.withdraw(7);
      const index = relation.rowIndex();
      index.extend(320);
      expect([index.entryOf2(0, 7), index.entryOf2(0, 8)]).to.deep.equal([0, 9]);
      expect(relation.insert([0, 7])).to.equal(true);
      index.extend(321);
      expect(index.entryOf2(0, 7)).to.equal(321);
    });
  });
});
