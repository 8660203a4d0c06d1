import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { type Column, columnOf, kindOf, partHash, partOf } from "../../src/calvin/columns.ts";
import { valueHashed } from "../../src/calvin/row-hash.ts";
import { sameValue } from "../../src/value/same-value.ts";
import type { Value, ValueKind } from "../../src/value/schema.ts";

const seed = Number(process.env["SEED"] ?? 1);

/** Also such as are not exact as doubles, or only just so, and equal values that are two objects. */
const values: Readonly<Record<string, readonly (() => Value)[]>> = {
  number: [0n, -1n, 7n, 2n ** 31n, 2n ** 53n - 1n, -(2n ** 53n), 2n ** 53n, 2n ** 62n].map(
    (value) => () => value,
  ),
  unsigned: [0n, 5n, 2n ** 64n - 1n].map((value) => () => value),
  float: [0, 0.5, -3, 2 ** 40, 2 ** 60, NaN, Infinity].map((value) => () => value),
  symbol: ["", "a", "ab", "ba", "ä😀"].map((value) => () => value),
  "record r": [() => null, () => [1n, "a"], () => [2n, "a"], () => [1n, [2n, "b"]]],
};

describe(`columns of rows (SEED=${seed})`, () => {
  for (const [kind, some] of Object.entries(values))
    it(`hold what was set, and are found by it: ${kind}`, () => {
      const chance = random(seed);
      const rows = 8;
      let column = columnOf(kind as ValueKind, rows);
      let expected: (Value | undefined)[] = Array.from({ length: rows }, () => undefined);
      const copies: { copy: Column; expected: readonly (Value | undefined)[] }[] = [];
      for (let step = 0; step < 400; step++) {
        const [row, value] = [chance.below(expected.length), chance.pick(some)()];
        const of = expected.findIndex((one) => one !== undefined);
        const action = chance.below(20);
        if (action === 0 && expected.length < 64) {
          column.grow(expected.length * 2);
          expected = [...expected, ...expected.map(() => undefined)];
        } else if (action < 3) {
          column.clear(row);
          expected[row] = undefined;
        } else if (action < 6 && of >= 0) {
          column.repeat(of, row);
          expected[row] = expected[of];
        } else {
          column.set(row, partOf(value));
          expected[row] = value;
        }
        if (action === 7) copies.push({ copy: column.copy(), expected: [...expected] });
        if (action === 8) column = column.copy();
        for (const { copy, expected: had } of [{ copy: column, expected }, ...copies.slice(-2)])
          for (const [at, has] of had.entries()) {
            if (has === undefined) continue;
            expect(sameValue(copy.value(at), has)).to.equal(true);
            expect(sameValue(copy.get(at), partOf(has))).to.equal(true);
            expect(copy.is(at, partOf(value))).to.equal(sameValue(has, value));
            expect(copy.hash(at)).to.equal(partHash(partOf(has)));
          }
        expect(column.changeHash(step, partOf(value))).to.equal(valueHashed(step, value));
        // Each in a place of its own, behind one another, with a gap.
        const there = [...expected.keys()].filter((at) => expected[at] !== undefined);
        const table = new Int32Array(128).fill(-1);
        for (const [at, one] of there.entries()) table[(100 + at) & 127] = one;
        const found = column.place(table, 100, partOf(value));
        const first = there.findIndex((one) => sameValue(expected[one] ?? null, value));
        expect(found).to.equal((100 + (first < 0 ? there.length : first)) & 127);
      }
    });

  it("have parts that are whole numbers where these are exact as doubles", () => {
    expect([0n, -7n, 2n ** 53n - 1n].map(partOf)).to.deep.equal([0, -7, 2 ** 53 - 1]);
    for (const value of [2n ** 53n, -(2n ** 60n), 0.5, "a", null])
      expect(partOf(value)).to.equal(value);
    expect([5n, 2n ** 60n].map(kindOf)).to.deep.equal(["number", "number"]);
    expect([5, "a", null].map(kindOf)).to.deep.equal(["symbol", "symbol", "symbol"]);
  });

  it("have hashes that tell values apart, and equal ones of equal values", () => {
    expect(partHash(NaN)).to.equal(partHash(0 / 0));
    expect(partHash(-0)).to.equal(partHash(0));
    expect(partHash([1n, "a"])).to.equal(partHash([1n, "a"]));
    const some = [
      0,
      1,
      -1,
      0.5,
      0.25,
      2 ** 40,
      2 ** 41,
      "",
      "a",
      "b",
      "ab",
      "ba",
      [1n],
      [2n],
      null,
    ];
    expect(new Set(some.map(partHash)).size).to.equal(some.length);
  });
});
