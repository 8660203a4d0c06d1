import { expect } from "chai";

import { changeHash, integerHashed, valueHashed } from "../../src/calvin/row-hash.ts";
import { startOf } from "../../src/calvin/storage.ts";
import type { Value } from "../../src/value/schema.ts";

describe("the hash of a change", () => {
  const hash = (sign: "-" | "+", at: number, relation: number, ...values: Value[]): number =>
    changeHash(sign, at, { relation, values });

  it("tells apart what was changed, how, where and at which place", () => {
    const numbers = [0n, 1n, -1n, 7n, 2n ** 31n, 2n ** 32n, 2n ** 40n, 2n ** 41n, -(2n ** 40n)];
    const wide = [2n ** 53n, 2n ** 53n + 1n, 2n ** 62n, -(2n ** 62n)];
    const others = [0, 0.5, 7, "", "a", "b", "1", null, [1n], ["a"], [2n]];
    const values: Value[] = [...numbers, ...wide, ...others];
    const hashes = [
      ...values.map((value) => hash("+", 5, 0, value)),
      ...values.map((value) => hash("-", 5, 0, value)),
      ...values.map((value) => hash("+", 6, 0, value)),
      ...values.map((value) => hash("+", startOf(2 ** 13), 0, value)),
      ...values.map((value) => hash("+", startOf(2 ** 14), 0, value)),
      ...values.map((value) => hash("+", 5, 1, value)),
      ...values.map((value) => hash("+", 5, 0, value, 1n)),
      ...values.map((value) => hash("+", 5, 0, 1n, value)).slice(2),
    ];
    expect(new Set(hashes).size).to.equal(hashes.length);
    for (const one of hashes) expect(one).to.be.within(0, 2 ** 32 - 1);
  });

  it("is the same on every machine", () => {
    expect(hash("+", startOf(3) + 1, 2, 7n, "x", 2n ** 62n, 0.5)).to.equal(1490131577);
    expect(hash("-", startOf(2 ** 20), 0, -(2n ** 40n), null)).to.equal(215519111);
  });

  it("adds whole numbers in one way, however they are held", () => {
    for (const number of [0, 5, -5, 2 ** 40, -(2 ** 40)])
      expect(valueHashed(9, BigInt(number))).to.equal(integerHashed(9, number));
  });
});
