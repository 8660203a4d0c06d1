import { expect } from "chai";

import { Partitions } from "../../src/calvin/partitions.ts";
import type { Footprint, Pattern } from "../../src/calvin/transaction.ts";
import type { Value } from "../../src/value/schema.ts";

describe("sets of partitions", () => {
  for (const count of [3, 12, 13, 40])
    it(`have each once and in ascending order, of ${count}`, () => {
      const partitions = new Partitions(count, []);
      const last = count - 1;
      expect(partitions.setOf([])).to.deep.equal([]);
      expect(partitions.setOf([last, 1, last, 0, 1])).to.deep.equal([0, 1, last]);
      expect(partitions.setOf([1, 0, last])).to.deep.equal([0, 1, last]);
      expect(partitions.setOf([last])).to.deep.equal([last]);
    });
});

describe("the partitions of rows", () => {
  /** Of relation 0 the key is (1, 0), of relation 1 there is none. */
  const keys = [[1, 0], []];
  const five = new Partitions(5, keys);
  const values: Value[] = [...Array.from({ length: 30 }, (_, at) => BigInt(at - 5)), 2n ** 60n];
  values.push("a", "b", "c", "ä", 0.5, null);

  function asked(known: Record<number, Value>, relation = 0): Pattern {
    const columns = Object.keys(known).map(Number);
    return { relation, columns, values: columns.map((column) => known[column] ?? null) };
  }

  it("go by the first column of the key, however it is asked for", () => {
    const found = new Set<number>();
    for (const value of values) {
      const partition = five.of({ relation: 0, values: [7n, value, 9n] });
      found.add(partition);
      expect(five.of({ relation: 0, values: [8n, value, 1n] })).to.equal(partition);
      expect(five.ofPattern(asked({ 0: 7n, 1: value }))).to.deep.equal([partition]);
      expect(five.ofPattern(asked({ 1: value, 2: 9n }))).to.deep.equal([partition]);
      const small = typeof value === "bigint" && Number.isSafeInteger(Number(value));
      const part = small ? Number(value) : value;
      // Numbers among the parts of keys are whole ones.
      if (typeof value === "number") continue;
      expect(five.ofKey(0, [0, 1], [7, part])).to.equal(partition);
      expect(five.ofKey(0, [1, 0], [part, 7])).to.equal(partition);
    }
    expect([...found].toSorted()).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it("are all where the first column is not known, and the first one without a key", () => {
    for (const known of [{}, { 0: 7n }, { 0: 7n, 2: 1n }])
      expect(five.ofPattern(asked(known))).to.deep.equal([0, 1, 2, 3, 4]);
    for (const relation of [1, 2]) {
      expect(five.of({ relation, values: [5n, 6n] })).to.equal(0);
      expect(five.ofKey(relation, [0], [5])).to.equal(0);
      expect(five.ofPattern(asked({ 0: 5n }, relation))).to.deep.equal([0]);
    }
    const one = new Partitions(1, keys);
    for (const value of values) {
      expect(one.of({ relation: 0, values: [7n, value] })).to.equal(0);
      expect(one.ofKey(0, [0, 1], [7, value])).to.equal(0);
      expect(one.ofPattern(asked({ 1: value }))).to.deep.equal([0]);
    }
    expect(one.ofPattern(asked({}))).to.deep.equal([0]);
  });

  it("take part that have what is read or written; these carry it out", () => {
    const at = (partition: number): Pattern => {
      const value = values.find((of) => five.of({ relation: 0, values: [0n, of] }) === partition);
      return asked({ 0: 0n, 1: value ?? null });
    };
    const of = (reads: Pattern[], writes: Pattern[]) => five.participants({ reads, writes });
    expect(of([at(3), at(1)], [at(4), at(0)])).to.deep.equal({ all: [0, 1, 3, 4], active: [0, 4] });
    expect(of([at(3), at(1)], [])).to.deep.equal({ all: [1, 3], active: [1] });
    expect(of([], [at(2)])).to.deep.equal({ all: [2], active: [2] });
    expect(of([], [])).to.deep.equal({ all: [0], active: [0] });
    expect(of([asked({})], [at(4)])).to.deep.equal({ all: [0, 1, 2, 3, 4], active: [4] });
    const both = [at(4), at(2)];
    const same: Footprint = { reads: both, writes: both };
    expect(five.participants(same)).to.deep.equal({ all: [2, 4], active: [2, 4] });
    const one = new Partitions(1, keys);
    expect(one.participants(same)).to.deep.equal({ all: [0], active: [0] });
  });
});
