import { expect } from "chai";

import { editDistance, suggest } from "../../src/base/suggest.ts";

describe("suggest", () => {
  it("finds the nearest name within a third of its letters", () => {
    expect(suggest("raech", ["reached", "reach", "teach"])).to.equal("reach");
    expect(suggest(".delc", [".decl", ".type"])).to.equal(".decl");
    expect(suggest("Edge", ["edge"])).to.equal("edge");
  });

  it("finds nothing where nothing is near", () => {
    expect(suggest("reach", ["path", "edge"])).to.equal(undefined);
    expect(suggest("x", ["y", "z"])).to.equal(undefined);
    expect(suggest("ab", ["ab"])).to.equal(undefined);
  });

  it("counts insertions, deletions, replacements and swaps", () => {
    expect(editDistance("", "abc")).to.equal(3);
    expect(editDistance("kitten", "sitting")).to.equal(3);
    expect(editDistance("ab", "ba")).to.equal(1);
    expect(editDistance("same", "same")).to.equal(0);
  });

  it("counts the same up to a limit, and more than it beyond", () => {
    const words = [
      "",
      "a",
      "ab",
      "ba",
      "reach",
      "raech",
      "reached",
      "kitten",
      "sitting",
      "reahced",
    ];
    for (const a of words) {
      for (const b of words) {
        const distance = editDistance(a, b);
        for (let limit = 0; limit < 8; limit++) {
          const limited = editDistance(a, b, limit);
          if (distance <= limit) expect(limited, `${a} ${b} ${limit}`).to.equal(distance);
          else expect(limited, `${a} ${b} ${limit}`).to.be.greaterThan(limit);
        }
      }
    }
  });
});
