import { expect } from "chai";

import { generateProgram } from "../support/generate-program.ts";
import { textOfProgram, type GeneratedProgram } from "../support/generated-program.ts";
import { shrunk } from "../support/shrink-program.ts";
import { verdict } from "./ways.ts";

describe("the comparison of ways to run a program", () => {
  const program = (limit: number): string =>
    `.decl p(x: number)\n.decl q(x: number)\np(1). p(2). p(3).\nq(x) :- p(x), x < ${limit}.\n`;

  it("sees a tuple too few and one too many", () => {
    const few = verdict({ text: program(2), plainText: program(3), domain: 64 });
    expect(few).to.deep.equal({ kind: "different", text: "only reference: q(2)" });
    const many = verdict({ text: program(4), plainText: program(3), domain: 64 });
    expect(many).to.deep.equal({ kind: "different", text: "only engine: q(3)" });
  });

  it("sees that only one of them fails", () => {
    const failing = program(3).replace("x < 3", "6 / (x - 2) > 0");
    const alone = verdict({ text: failing, plainText: program(3), domain: 64 });
    expect(alone)
      .to.have.property("text")
      .that.matches(/the engine alone fails/);
    const other = verdict({ text: program(3), plainText: failing, domain: 64 });
    expect(other)
      .to.have.property("text")
      .that.matches(/the reference alone fails/);
    expect(verdict({ text: failing, domain: 64 }).kind).to.equal("agreed");
  });

  it("gives up on a program that does not end", () => {
    const text = ".decl p(x: number)\np(0).\np(x + 1) :- p(x).\n";
    expect(verdict({ text, domain: 64, limits: { maxTuples: 100 } }).kind).to.equal("unbounded");
  });

  it("makes a failing program as small as it can be", () => {
    const words = (text: string): boolean => text.includes("sum") && text.includes("base0(");
    const fails = (smaller: GeneratedProgram): boolean =>
      words(textOfProgram(smaller, { plain: false }));
    const seed = Array.from({ length: 100 }, (_, at) => at).find((at) =>
      fails(generateProgram(at, 64)),
    );
    if (seed === undefined) expect.fail("no program has a sum");
    const { rules } = shrunk(generateProgram(seed, 64), fails);
    expect(rules.length).to.be.lessThan(3);
    for (const { heads, body } of rules) {
      expect(heads.length).to.equal(1);
      expect(body.length).to.be.lessThan(2);
    }
  });
});
