import { expect } from "chai";

import { disjunctionLiteralsMax, disjuncts } from "../../src/analysis/disjunction.ts";
import { textOf } from "../../src/base/source.ts";
import { parse } from "../../src/syntax/parse.ts";
import type { BodyNode } from "../../src/syntax/tree.ts";

function body(text: string): BodyNode {
  const clause = parse(`r(1) :- ${text}.`).tree.items.find((item) => item.kind === "clause");
  if (clause?.body === undefined) throw new Error("it has a body");
  return clause.body;
}

function texts(text: string): string[] {
  const found = disjuncts(body(text)) ?? [];
  return found.map((literals) =>
    literals.map(({ node, negated }) => `${negated ? "!" : ""}${textOf(node.span)}`).join(" & "),
  );
}

describe("the conjunctions of a body", () => {
  it("are its alternatives, with negations at single literals", () => {
    expect(texts("a(1)")).to.deep.equal(["a(1)"]);
    expect(texts("a(1), (b(1) ; c(1), d(1)), e(1)")).to.deep.equal([
      ...["a(1) & b(1) & e(1)", "a(1) & c(1) & d(1) & e(1)"],
    ]);
    expect(texts("(a(1) ; b(1)), (c(1) ; d(1))")).to.deep.equal([
      ...["a(1) & c(1)", "a(1) & d(1)", "b(1) & c(1)", "b(1) & d(1)"],
    ]);
    expect(texts("!(a(1), (b(1) ; !c(1)))")).to.deep.equal(["!a(1)", "!b(1) & c(1)"]);
    expect(texts("!(a(1) ; b(1), c(1)), d(1)")).to.deep.equal([
      ...["!a(1) & !b(1) & d(1)", "!a(1) & !c(1) & d(1)"],
    ]);
    expect(texts("!!a(1), !(x = 1)")).to.deep.equal(["a(1) & !x = 1"]);
  });

  describe("are refused where they have too many literals together", () => {
    const max = disjunctionLiteralsMax;
    const leaf = body("a(1)");
    const { span } = leaf;
    const all = (...members: BodyNode[]): BodyNode => ({ kind: "conjunction", members, span });
    const any = (...members: BodyNode[]): BodyNode => ({ kind: "disjunction", members, span });
    const some = (count: number): BodyNode[] => Array.from({ length: count }, () => leaf);
    const literals = (of: BodyNode): number | undefined =>
      disjuncts(of)?.reduce((sum, { length }) => sum + length, 0);
    /** Its conjunctions have `2 * left * right` literals. */
    const product = (left: number, right: number): BodyNode =>
      all(any(...some(left)), any(...some(right)));

    it("as alternatives multiply", () => {
      expect(literals(product(250, 200))).to.equal(max);
      expect(literals(product(251, 200))).to.equal(undefined);
      expect(literals(product(200, 251))).to.equal(undefined);
      expect(literals(all(product(250, 200), leaf))).to.equal(undefined);
      expect(literals(all(leaf, product(251, 200)))).to.equal(undefined);
    });

    it("as alternatives add up", () => {
      expect(literals(any(product(249, 200), ...some(400)))).to.equal(max);
      expect(literals(any(product(249, 200), ...some(401)))).to.equal(undefined);
      expect(literals(any(leaf, product(251, 200)))).to.equal(undefined);
    });

    it("as each of several goes on", () => {
      const choice = any(...some(250));
      expect(literals(all(choice, ...some(399)))).to.equal(max);
      expect(literals(all(choice, ...some(400)))).to.equal(undefined);
      expect(literals(all(...some(399), choice))).to.equal(max);
      expect(literals(all(...some(400), choice))).to.equal(undefined);
    });

    it("and not where there is one, however long it is", () => {
      expect(literals(all(...some(max + 1)))).to.equal(max + 1);
    });

    it("negated as not negated", () => {
      const not = (of: BodyNode): BodyNode => ({ kind: "negation", of, span });
      const negated = (left: number, right: number): BodyNode =>
        not(any(all(...some(left)), all(...some(right))));
      expect(literals(negated(250, 200))).to.equal(max);
      expect(literals(negated(251, 200))).to.equal(undefined);
    });
  });
});
