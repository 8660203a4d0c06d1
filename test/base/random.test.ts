import { expect } from "chai";

import { random } from "../../src/base/random.ts";

describe("random numbers", () => {
  const numbers = (seed: number): number[] => {
    const { below } = random(seed);
    return Array.from({ length: 20 }, () => below(1000));
  };

  it("are a function of the seed", () => {
    expect(numbers(7)).to.deep.equal(numbers(7));
    expect(numbers(7)).to.not.deep.equal(numbers(8));
  });

  it("stay what they are: a seed that was printed once is of use later", () => {
    expect(numbers(1).slice(0, 5)).to.deep.equal([563, 585, 895, 946, 272]);
  });

  it("spread evenly", () => {
    const { below } = random(3);
    const counts = new Array<number>(10).fill(0);
    for (let at = 0; at < 100_000; at++) counts[below(10)]! += 1;
    for (const count of counts) expect(count).to.be.within(9_500, 10_500);
  });

  it("keep to their bounds", () => {
    const { between, chance } = random(5);
    const seen = new Set(Array.from({ length: 1000 }, () => between(-2, 2)));
    expect([...seen].toSorted((a, b) => a - b)).to.deep.equal([-2, -1, 0, 1, 2]);
    expect(chance(0)).to.equal(false);
    expect(chance(1)).to.equal(true);
  });

  it("shuffle into each order", () => {
    const { shuffled } = random(9);
    const orders = new Set(Array.from({ length: 200 }, () => shuffled([1, 2, 3]).join("")));
    expect(orders.size).to.equal(6);
  });
});
