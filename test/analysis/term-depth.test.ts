import { expect } from "chai";

import { termTooDeep } from "../../src/analysis/term-depth.ts";
import { parse } from "../../src/syntax/parse.ts";
import type { BodyNode, ClauseNode, TermNode } from "../../src/syntax/tree.ts";

type Node = BodyNode | TermNode;

function clause(text: string): ClauseNode {
  const found = parse(text).tree.items.find((item) => item.kind === "clause");
  if (found === undefined) throw new Error("it is a clause");
  return found;
}

/** The clause `r(1) :- …` with another term in its head. */
function headed(term: Node): ClauseNode {
  const made = clause("r(1).");
  const [head] = made.heads;
  if (head === undefined) throw new Error("there is a head");
  return { ...made, heads: [{ ...head, atom: { ...head.atom, terms: [term as TermNode] } }] };
}

/** A term without parts. */
const leaf: TermNode = clause("r(x).").heads[0]?.atom.terms[0] ?? none();
const { span } = leaf;

function none(): never {
  throw new Error("there is a term");
}

/** What holds another node, around any one. */
const around: Readonly<Record<string, (inner: Node) => object>> = {
  conjunction: (of) => ({ members: [leaf, of] }),
  disjunction: (of) => ({ members: [of, leaf] }),
  negation: (of) => ({ of }),
  unary: (of) => ({ operator: "-", of }),
  cast: (of) => ({ of }),
  atom: (of) => ({ terms: [leaf, of] }),
  comparison: (of) => ({ operator: "=", left: of, right: leaf }),
  test: (of) => ({ word: "match", left: leaf, right: of }),
  binary: (of) => ({ operator: "+", left: leaf, right: of }),
  functor: (of) => ({ name: "max", arguments: [of, leaf] }),
  "user-functor": (of) => ({ arguments: [leaf, of] }),
  record: (of) => ({ fields: [leaf, of] }),
  branch: (of) => ({ fields: [of] }),
  aggregate: (of) => ({ name: "sum", value: of, body: leaf }),
  "user-aggregate": (of) => ({ value: leaf, start: of, body: leaf }),
};

function nested(depth: number, inside: (inner: Node) => object, kind: string): Node {
  let node: Node = leaf;
  for (let at = 0; at < depth; at++) node = { kind, span, ...inside(node) } as unknown as Node;
  return node;
}

describe("the depth of a term", () => {
  const ways = [
    ...Object.entries(around),
    ["aggregate", (of: Node) => ({ name: "count", value: undefined, body: of })],
    ["aggregate", (of: Node) => ({ name: "sum", value: leaf, body: of })],
    ["user-aggregate", (of: Node) => ({ value: of, start: leaf, body: leaf })],
    ["user-aggregate", (of: Node) => ({ value: leaf, start: leaf, body: of })],
    ["comparison", (of: Node) => ({ operator: "=", left: leaf, right: of })],
    ["test", (of: Node) => ({ word: "match", left: of, right: leaf })],
    ["binary", (of: Node) => ({ operator: "+", left: of, right: leaf })],
  ] as const;
  for (const [at, [kind, inside]] of ways.entries())
    it(`is counted through each of what it is made of: ${kind}, ${at + 1}`, () => {
      // An atom is one more, and so is what is in it.
      expect(termTooDeep(headed(nested(999, inside, kind)))).to.equal(undefined);
      const message = "this term nests more than 1000 operations deep";
      expect(termTooDeep(headed(nested(1000, inside, kind)))).to.deep.equal({ message, span });
      const body = (depth: number): ClauseNode => {
        return { ...clause("r(1)."), body: nested(depth, inside, kind) as BodyNode };
      };
      expect(termTooDeep(body(1000))).to.equal(undefined);
      expect(termTooDeep(body(1001))?.message).to.equal(message);
    });

  it("is none of what has no parts", () => {
    const text = 'r(x, _, 1, "a", nil, $, $B(), @f()) :- true, r().';
    expect(termTooDeep(clause(text))).to.equal(undefined);
  });
});
