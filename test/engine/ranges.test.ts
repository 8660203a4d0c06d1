import { expect } from "chai";

import { noRanges, widened } from "../../src/engine/ranges.ts";

describe("the ranges of the words of columns", () => {
  const columns = [
    Int32Array.of(-100, 4, -3, 9, 0, 100),
    Int32Array.of(0x7fffffff, 7, 7, 7, 7, -0x80000000),
  ];

  it("hold no word where there are no rows", () => {
    expect(noRanges(2)).to.deep.equal({
      lows: [Infinity, Infinity],
      highs: [-Infinity, -Infinity],
    });
    for (const [from, to] of [
      [0, 0],
      [3, 3],
      [5, 2],
    ] as const)
      expect(widened(noRanges(2), columns, from, to)).to.deep.equal(noRanges(2));
  });

  it("are those of the rows that are asked for, and of no others", () => {
    const some = widened(noRanges(2), columns, 1, 5);
    expect(some).to.deep.equal({ lows: [-3, 7], highs: [9, 7] });
    expect(widened(noRanges(2), columns, 1, 2)).to.deep.equal({ lows: [4, 7], highs: [4, 7] });
    expect(widened(noRanges(2), columns, 0, 6)).to.deep.equal({
      lows: [-100, -0x80000000],
      highs: [100, 0x7fffffff],
    });
  });

  it("are widened by further rows, on the side where these lie", () => {
    const some = widened(noRanges(2), columns, 1, 5);
    expect(widened(some, columns, 0, 1)).to.deep.equal({
      lows: [-100, 7],
      highs: [9, 0x7fffffff],
    });
    expect(widened(some, columns, 5, 6)).to.deep.equal({
      lows: [-3, -0x80000000],
      highs: [100, 7],
    });
    expect(widened(some, columns, 2, 4)).to.deep.equal(some);
  });
});
