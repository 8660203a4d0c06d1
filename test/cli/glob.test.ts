import { expect } from "chai";

import { matchesAny } from "../../src/cli/glob.ts";

describe("a pattern for paths", () => {
  const cases: readonly (readonly [pattern: string, fits: string[], not: string[]])[] = [
    ["a.dl", ["a.dl", "in/deep/a.dl"], ["ba.dl", "axdl", "a.dl2"]],
    ["*.dl", ["a.dl", "in/a.dl"], ["a.txt"]],
    ["in/*.dl", ["in/a.dl"], ["in/deep/a.dl", "a.dl"]],
    ["in/**/*.dl", ["in/a.dl", "in/deep/er/a.dl"], ["out/in/a.dl"]],
    ["in", ["in/a.dl", "x/in/b.dl", "in"], ["inner/a.dl"]],
    ["/in/", ["in/a.dl"], ["x/in/a.dl"]],
    ["./in/**", ["in/a.dl", "in/deep/a.dl"], ["a.dl"]],
    ["{a,b?}.dl", ["a.dl", "bc.dl"], ["b.dl", "ab.dl"]],
    [".", ["a.dl", "in/a.dl"], []],
    ["(a+b)[c].{dl", ["(a+b)[c].{dl"], ["ab.dl"]],
  ];
  for (const [pattern, fits, not] of cases)
    it(`${pattern} matches what it says and no more`, () => {
      for (const path of fits) expect(matchesAny(path, [pattern]), path).to.equal(true);
      for (const path of not) expect(matchesAny(path, [pattern]), path).to.equal(false);
    });

  it("is one of several, and none matches nothing", () => {
    expect(matchesAny("b.dl", ["a.dl", "b.dl"])).to.equal(true);
    expect(matchesAny("b.dl", [])).to.equal(false);
  });
});
