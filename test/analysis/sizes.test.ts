// Apart from the other tests of the analysis, since these take seconds: what runs tests again and
// again, as mutation testing does, runs the others.
import { expect } from "chai";

import { analyse } from "../../src/analysis/analyse.ts";
import { parse } from "../../src/syntax/parse.ts";

describe("the size of what analysis accepts", () => {
  // What grows beyond measure does not end before a test has to.
  const analysed = (text: string) => analyse(parse(text).tree);

  it("reaches thousands of rules", () => {
    const rules = Array.from(
      { length: 2000 },
      (_, at) =>
        `.decl r${at + 1}(x: number, y: number)\n` +
        `r${at + 1}(x, z + 1) :- r${at}(x, y), r${at}(y, z), x < z, !r${at}(z, z).`,
    );
    const text = `.decl r0(x: number, y: number)\nr0(1, 2).\n${rules.join("\n")}`;
    expect(analysed(text).program?.strata.length).to.equal(2001);
  });

  it("reaches a hundred thousand facts", () => {
    const facts = Array.from({ length: 100_000 }, (_, at) => `r(${at}, "s${at}").`);
    const text = `.decl r(x: number, y: symbol)\n${facts.join("\n")}`;
    expect(analysed(text).program?.facts.length).to.equal(100_000);
  });

  it("reaches a body of ten thousand equations that bind each other backwards", () => {
    const equations = Array.from({ length: 10_000 }, (_, at) => `x${at} = x${at + 1} + 1`);
    const text = `.decl a(x: number)\na(x0) :- ${equations.join(", ")}, x10000 = 1.`;
    const { program, diagnostics } = analysed(text);
    expect(diagnostics.map(({ code }) => code)).to.deep.equal([]);
    expect(program?.rules[0]?.body.length).to.equal(10_001);
  });

  it("ends with an error, not a crash, for a sum of ten thousand terms", () => {
    const sum = Array.from({ length: 10_000 }, () => "x").join(" + ");
    const text = `.decl a(x: number)\na(1).\na(${sum}) :- a(x).`;
    expect(analysed(text).diagnostics.map(({ code }) => code)).to.deep.equal(["limit-exceeded"]);
  });

  it("ends with an error for alternatives that multiply beyond measure", () => {
    const choices = Array.from({ length: 40 }, () => "(x = 1 ; x = 2)").join(", ");
    const text = `.decl a(x: number)\na(1).\na(x) :- ${choices}.`;
    expect(analysed(text).diagnostics.map(({ code }) => code)).to.deep.equal(["limit-exceeded"]);
  });

  it("reaches a chain of a thousand relations that inline each other", () => {
    const chain = Array.from(
      { length: 1000 },
      (_, at) => `.decl i${at + 1}(x: number) inline\ni${at + 1}(x) :- i${at}(x), x > ${at}.`,
    );
    const text =
      `.decl i0(x: number)\ni0(1).\n${chain.join("\n")}\n` +
      ".decl a(x: number)\na(x) :- i1000(x).";
    expect(analysed(text).program?.rules[0]?.body.length).to.equal(1001);
  });

  it("ends with an error for inlined relations that double again and again", () => {
    const chain = Array.from(
      { length: 60 },
      (_, at) => `.decl i${at + 1}(x: number) inline\ni${at + 1}(x) :- i${at}(x), i${at}(x).`,
    );
    const text = `.decl i0(x: number)\ni0(1).\n${chain.join("\n")}\n.decl a(x: number)\na(x) :- i60(x).`;
    const found = analysed(text).diagnostics.map(({ code }) => code);
    expect(found).to.include("limit-exceeded");
  });

  it("ends with an error for types defined through too many others", () => {
    const types = Array.from({ length: 5000 }, (_, at) => `.type T${at} <: T${at + 1}`);
    const text = `${types.join("\n")}\n.type T5000 <: number`;
    expect(analysed(text).diagnostics.map(({ code }) => code)).to.include("limit-exceeded");
  });
});
