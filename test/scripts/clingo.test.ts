import { expect } from "chai";

import { clingoText } from "../../bench/clingo.ts";
import { compile } from "../../src/compile.ts";

function said(text: string): string | undefined {
  const { compiled } = compile(text, { domain: 32 });
  expect(compiled).to.not.equal(undefined);
  return compiled && clingoText(compiled.program);
}

describe("programs in clingo's language, for the benchmark", () => {
  it("have rules, negation, comparisons and counts", () => {
    const text = `
      .decl Edge(x: number, y: number)
      .decl node(x: symbol)
      .decl path(x: number, y: number)
      .decl end(x: number)
      .decl pairs(n: number)
      Edge(1, -2).
      node("a\\"b").
      path(x, y) :- Edge(x, y), x != y.
      path(x, z + 1) :- path(x, y), Edge(y, z).
      end(y) :- path(_, y), !Edge(y, _).
      pairs(n) :- n = count : { Edge(x, y), Edge(y, x) }.`;
    expect(said(text)?.split("\n")).to.deep.equal([
      "r_Edge(1,-2).",
      'r_node("a\\"b").',
      "r_path(V0,V1) :- r_Edge(V0,V1), V0 != V1.",
      "r_path(V0,(V1 + 1)) :- r_path(V0,V2), r_Edge(V2,V1).",
      "r_end(V0) :- r_path(_,V0), not r_Edge(V0,_).",
      "r_pairs(V0) :- V0 = #count { V1,V2 : r_Edge(V1,V2), r_Edge(V2,V1) }.",
      "",
    ]);
  });

  it("are not made of what clingo does not have, or has otherwise", () => {
    for (const rule of [
      "b(cat(x, x)) :- a(x, _).",
      "b(x) :- a(x, _), n = sum y : { a(x, y) }, n > 3.",
      "b(x) :- a(x, _), n = count : { a(x, _) }, n > 3.",
    ])
      expect(said(`.decl a(x: symbol, y: number)\n.decl b(x: symbol)\n${rule}`), rule).to.equal(
        undefined,
      );
    expect(said(".decl e(x: number, y: number) eqrel\ne(x, x + 1) :- e(x, _), x < 3.")).to.equal(
      undefined,
    );
  });
});
