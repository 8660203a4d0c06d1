import { expect } from "chai";

import { lookedUp, SharedRows } from "../../src/calvin/shared-rows.ts";
import type { FoundReads } from "../../src/calvin/gathered.ts";
import type { Part } from "../../src/engine/keyed-parts.ts";
import type { Lookup } from "../../src/plan/keyed.ts";
import type { Value, ValueKind } from "../../src/value/schema.ts";

function lookup(columns: number[], ...kinds: ValueKind[]): Lookup {
  return { ...{ relation: 0, columns, key: [], slot: 0, kinds }, reads: true, writes: true };
}

/** Two at partition 1, and one at partition 0 between them. */
const lookups = [
  lookup([1], "number", "symbol", "float"),
  lookup([0], "number", "number"),
  lookup([0, 1], "number", "number", "number"),
];
const of = [1, 0, 1];

function found(...tuples: (readonly Value[])[][]): FoundReads {
  const pattern = { relation: 0, columns: [], values: [] };
  return tuples.map((some) => ({ pattern, tuples: some }));
}

describe("rows of other partitions", () => {
  const taken = (reads: FoundReads): unknown => lookedUp(reads, lookups, of, 1);

  it("are those of its lookups, without what who asks knows", () => {
    for (const rows of [
      [1, 7, 0.5, 1, 9],
      [0, 1, 9],
      [1, 7, 0.5, 0],
      [0, 0],
    ])
      expect(taken({ rows })).to.deep.equal(rows);
    const one: Value[] = [7n, "k", 0.5];
    const other: Value[] = [1n, 2n, 9n];
    expect(taken(found([one], [other]))).to.deep.equal([1, 7, 0.5, 1, 9]);
    expect(taken(found([], [other]))).to.deep.equal([0, 1, 9]);
    expect(taken(found([one], []))).to.deep.equal([1, 7, 0.5, 0]);
    expect(lookedUp({ rows: [1, 5] }, lookups, of, 0)).to.deep.equal([1, 5]);
    expect(lookedUp({ rows: [] }, lookups, of, 2)).to.deep.equal([]);
  });

  it("are asked for again where they are others", () => {
    for (const rows of [
      [],
      [0],
      [1, 7, 0.5, 1],
      [1, 7, 0.5, 1, 9, 0],
      [2, 0],
      [2, 7, 0.5, 0],
      [0, 0, 0],
      [0, "0"],
    ])
      expect(taken({ rows }), JSON.stringify(rows)).to.equal(undefined);
    const row = [1n, 2n, 9n];
    expect(taken(found([row]))).to.equal(undefined);
    expect(taken(found([row], [row], [row]))).to.equal(undefined);
    expect(taken(found([row, row], [row]))).to.equal(undefined);
    expect(taken(found([row.slice(1)], [row]))).to.equal(undefined);
    expect(taken(found([], [[...row, 1n]]))).to.equal(undefined);
  });

  it("are gone through lookup by lookup, of each partition for itself", () => {
    const shared = new SharedRows();
    for (const _ of [1, 2]) {
      shared.begin([0, 2, 5], [undefined, { rows: [1, 7, "x", 0, 1, 8] }, { rows: [0, 1, 3] }]);
      const parts: Part[] = [];
      expect(shared.take(2, [0, 2], parts, 4)).to.equal(true);
      expect(shared.take(5, [0], parts, 4)).to.equal(false);
      expect(shared.take(2, [1], parts, 4)).to.equal(false);
      expect(shared.take(5, [1], parts, 4)).to.equal(true);
      expect(shared.take(2, [0], parts, 10)).to.equal(true);
      expect([4, 5, 6, 10].map((at) => parts[at])).to.deep.equal([7, 3, "x", 8]);
    }
    expect(() => shared.take(0, [0], [], 0)).to.throw("is there");
    expect(() => shared.take(7, [0], [], 0)).to.throw("is there");
  });

  it("are not computed with where a number is not exact as a double", () => {
    const shared = new SharedRows();
    shared.begin([1], [{ rows: [1, 2n ** 60n] }]);
    expect(shared.take(1, [0], [], 0)).to.equal(undefined);
  });
});
