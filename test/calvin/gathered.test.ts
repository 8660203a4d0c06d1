import { expect } from "chai";

import {
  checkWrites,
  gathered,
  OutsideFootprint,
  textOf,
  within,
} from "../../src/calvin/gathered.ts";
import type { Pattern, Row } from "../../src/calvin/transaction.ts";
import type { Value } from "../../src/value/schema.ts";

function pattern(known: Record<number, Value>, relation = 0): Pattern {
  const columns = Object.keys(known).map(Number);
  return { relation, columns, values: columns.map((column) => known[column] ?? null) };
}

describe("what a transaction sees", () => {
  const [one, two] = [pattern({ 0: 1n }), pattern({ 0: 2n, 1: "a" })];
  const footprint = { reads: [one], writes: [two] };

  it("is what its footprint names, as it was found for that", () => {
    const asked: [Pattern, Pattern][] = [];
    const view = within(footprint, (pattern, by) => {
      asked.push([pattern, by]);
      return [];
    });
    const less = pattern({ 0: 1n, 2: null });
    for (const of of [one, pattern({ 0: 1n }), two, less]) view.tuples(of);
    expect(asked).to.deep.equal([
      [one, one],
      [one, one],
      [two, two],
      [less, one],
    ]);
    for (const other of [
      pattern({}),
      pattern({ 0: 3n }),
      pattern({ 0: 2n }),
      pattern({ 0: 1n }, 1),
    ])
      expect(() => view.tuples(other), textOf(other)).to.throw(OutsideFootprint);
  });

  it("is what all partitions have found for a pattern, as far as it fits what is asked", () => {
    const tuples = (...of: (readonly Value[])[]) => of;
    const view = gathered(footprint, [
      { pattern: one, tuples: tuples([1n, "a", 5n], [1n, "b", 6n]) },
      { pattern: one, tuples: tuples([1n, "a", 7n]) },
      { pattern: two, tuples: tuples([2n, "a", 8n]) },
    ]);
    const seen = (of: Pattern): unknown => [...view.tuples(of)].map((tuple) => tuple[2]);
    expect(seen(one)).to.deep.equal([5n, 6n, 7n]);
    expect(seen(pattern({ 0: 1n, 1: "a" }))).to.deep.equal([5n, 7n]);
    expect(seen(pattern({ 0: 1n, 1: "a", 2: 7n }))).to.deep.equal([7n]);
    expect(seen(pattern({ 0: 1n, 1: "c" }))).to.deep.equal([]);
    expect(seen(two)).to.deep.equal([8n]);
    expect([...gathered(footprint, []).tuples(one)]).to.deep.equal([]);
    expect(() => seen(pattern({}))).to.throw("has not locked");
  });

  it("is not where it may write", () => {
    const row = (...values: Value[]): Row => ({ relation: 0, values });
    const [named, other] = [row(2n, "a", 1n), row(1n, "a", 1n)];
    const check = (removed: Row[], inserted: Row[]) => () => {
      checkWrites({ kind: "done", removed, inserted }, footprint);
    };
    expect(check([named], [named])).not.to.throw();
    expect(check([named], [other])).to.throw(OutsideFootprint);
    expect(check([other], [named])).to.throw(OutsideFootprint);
    expect(() => {
      checkWrites({ kind: "aborted", reason: "x" }, { reads: [], writes: [] });
    }).not.to.throw();
  });

  it("is told apart by relation, columns and values", () => {
    const all = [
      ...[pattern({}), pattern({}, 1), one, pattern({ 0: 1n }, 1), pattern({ 1: 1n })],
      ...[pattern({ 0: "1" }), pattern({ 0: null }), two, pattern({ 0: 2n, 1: "b" })],
      ...[pattern({ 0: [1n, 2n] }), pattern({ 0: 1n, 1: 2n }), pattern({ 0: 12n })],
    ];
    expect(new Set(all.map(textOf)).size).to.equal(all.length);
    expect(textOf(two)).to.equal('0(0: 2,1: "a")');
  });
});
