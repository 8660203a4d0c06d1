import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { JoinedRows } from "../../src/engine/joined-rows.ts";
import { Memory } from "../../src/engine/memory.ts";
import { Relation } from "../../src/engine/relation.ts";
import { Tuples } from "../../src/engine/tuples.ts";

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

  const joined = (rows: readonly (readonly number[])[] = []) => {
    const memory = new Memory();
    const tuples = new Tuples(2, memory);
    for (const row of rows) tuples.push(row);
    const before = memory.bytes;
    return { memory, before, tuples, joins: new JoinedRows(tuples, [Math.max], memory) };
  };
  const held = ({ columns, size }: Tuples) =>
    Array.from({ length: size }, (_, row) => columns.map((column) => column[row]!));

  it("say whether they grew: a new key, or more than there was", () => {
    const { tuples, joins } = joined([
      [1, 5],
      [2, 5],
      [1, 7],
    ]);
    expect(held(tuples)).to.deep.equal([
      [1, 7],
      [2, 5],
    ]);
    expect([joins.insert([3, 1]), joins.insert([1, 8]), joins.insert([2, 6])]).to.deep.equal([
      ...[true, true, true],
    ]);
    expect([joins.insert([3, 1]), joins.insert([1, 2]), joins.insert([2, 6])]).to.deep.equal([
      ...[false, false, false],
    ]);
    expect([joins.has([1, 8]), joins.has([1, 7]), joins.has([9, 8])]).to.deep.equal([
      ...[true, false, false],
    ]);
    expect(held(tuples)).to.deep.equal([
      [1, 8],
      [2, 6],
      [3, 1],
    ]);
  });

  it("drop a row that was seen for another, and tell of those that were settled", () => {
    const { tuples, joins } = joined([
      [1, 5],
      [2, 5],
    ]);
    tuples.to = 2;
    tuples.settled = 1;
    tuples.coverDropped();
    expect(joins.insert([2, 6])).to.equal(true);
    expect(joins.replaced, "the second was not settled").to.equal(false);
    expect(joins.insert([1, 5])).to.equal(false);
    expect(joins.insert([1, 6])).to.equal(true);
    expect(joins.replaced).to.equal(true);
    expect(joins.insert([2, 7]), "a pending row is changed in its place").to.equal(true);
    expect(joins.replaced, "as it was").to.equal(true);
    expect(held(tuples)).to.deep.equal([
      [1, 5],
      [2, 5],
      [2, 7],
      [1, 6],
    ]);
    expect([0, 1, 2, 3].map((row) => tuples.isDropped(row))).to.deep.equal([
      ...[true, true, false, false],
    ]);
    joins.clear();
    expect(joins.replaced).to.equal(false);
  });

  it("are found again after they were moved, and not once they are forgotten", () => {
    const { memory, before, tuples, joins } = joined();
    for (let key = 0; key < 200; key++) joins.insert([key, key]);
    expect(joins.memoryBytes).to.equal(4 * 512);
    for (let key = 0; key < 200; key++) expect(joins.insert([key, key]), `${key}`).to.equal(false);
    for (const column of tuples.columns) column.subarray(0, 200).reverse();
    joins.rebuild();
    for (let key = 0; key < 200; key++) expect(joins.has([key, key]), `${key}`).to.equal(true);
    expect(joins.insert([7, 7])).to.equal(false);
    joins.clear();
    expect(joins.has([7, 7])).to.equal(false);
    expect(before).to.be.above(0);
    const all = memory.bytes;
    joins.release();
    expect(all - memory.bytes).to.equal(4 * 512);
  });
});
