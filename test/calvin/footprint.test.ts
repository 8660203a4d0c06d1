import { expect } from "chai";

import { covered, locksOf } from "../../src/calvin/footprint.ts";
import { nodeBelow, relationNode } from "../../src/calvin/lock-node.ts";
import { modeOf, nodeOf } from "../../src/calvin/lock-table.ts";
import type { Pattern } from "../../src/calvin/transaction.ts";

/** Relation 0 has the key (1, 0); relation 1 is locked as a whole. */
const keys = [[1, 0], []];

function pattern(relation: number, known: Record<number, bigint | string>): Pattern {
  const columns = Object.keys(known).map(Number);
  return { relation, columns, values: columns.map((column) => known[column] ?? null) };
}

describe("the locks of a footprint", () => {
  it("are on the prefix of the key that is known, with the intention above", () => {
    const relation = relationNode(0);
    const prefix = nodeBelow(relation, "a");
    const names = new Map([
      [relation, "0"],
      [relationNode(1), "1"],
      [prefix, '0 "a"'],
      [nodeBelow(prefix, 7), '0 "a" 7'],
    ]);
    const locks = (reads: Pattern[], writes: Pattern[]): string[] =>
      locksOf({ reads, writes }, keys).map((lock) => `${names.get(nodeOf(lock))}: ${modeOf(lock)}`);
    expect(locks([pattern(0, { 0: 7n, 1: "a" })], [])).to.deep.equal([
      "0: IS",
      '0 "a": IS',
      '0 "a" 7: S',
    ]);
    expect(locks([pattern(0, { 1: "a" })], [pattern(0, { 0: 7n, 1: "a" })])).to.deep.equal([
      "0: IX",
      '0 "a": SIX',
      '0 "a" 7: X',
    ]);
    // The second column of the key alone is no prefix, and other columns are no key.
    expect(locks([pattern(0, { 0: 7n })], [])).to.deep.equal(["0: S"]);
    expect(locks([], [pattern(1, { 0: 1n })])).to.deep.equal(["1: X"]);
    // Who changes all that it reads has no locks to read it.
    const both = [pattern(0, { 1: "a" })];
    expect(locks(both, both)).to.deep.equal(["0: IX", '0 "a": X']);
    expect(locks(both, [...both])).to.deep.equal(["0: IX", '0 "a": X']);
    expect(locks([pattern(0, {}), ...both], both)).to.deep.equal(["0: SIX", '0 "a": X']);
  });

  it("cover what asks for no more", () => {
    const whole = pattern(0, {});
    const some = pattern(0, { 0: 7n });
    const one = pattern(0, { 0: 7n, 1: "a" });
    expect(covered(one, [whole])).to.equal(true);
    expect(covered(one, [some])).to.equal(true);
    expect(covered(some, [one])).to.equal(false);
    expect(covered(pattern(0, { 0: 8n, 1: "a" }), [some])).to.equal(false);
    expect(covered(pattern(1, {}), [whole])).to.equal(false);
    expect(covered(whole, [])).to.equal(false);
    // A column that is not asked for is not `nil`.
    const nil = { relation: 0, columns: [0], values: [null] };
    expect([whole, nil].map((of) => covered(of, [nil]))).to.deep.equal([false, true]);
    // In whatever order columns are named; and by one of several.
    const turned = { relation: 0, columns: [1, 0], values: ["a", 7n] };
    for (const of of [one, some, pattern(0, { 1: "a" })])
      expect(covered(turned, [pattern(1, {}), of])).to.equal(true);
    for (const of of [pattern(0, { 1: 7n }), pattern(0, { 2: "a" }), pattern(0, { 0: 7n, 1: "b" })])
      expect(covered(turned, [of])).to.equal(false);
  });
});
