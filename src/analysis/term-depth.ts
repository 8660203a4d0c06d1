import type { Span } from "../base/source.ts";
import type { BodyNode, ClauseNode, TermNode } from "../syntax/tree.ts";

/** How deep functors nest in a term; `a + b + c` nests two deep. */
const termDepthMax = 1000;

type Entry = { readonly node: TermNode | BodyNode; readonly depth: number };

/** Returns the first term of a clause that nests deeper than `termDepthMax`, so that what follows
 * may recurse over terms. */
export function termTooDeep(
  clause: ClauseNode,
): { readonly message: string; readonly span: Span } | undefined {
  const open: Entry[] = [];
  for (const { atom } of clause.heads) open.push({ node: atom, depth: 0 });
  if (clause.body !== undefined) open.push({ node: clause.body, depth: 0 });
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    const { node, depth } = entry;
    if (depth > termDepthMax) {
      const message = `this term nests more than ${termDepthMax} operations deep`;
      return { message, span: node.span };
    }
    for (const part of parts(node)) open.push({ node: part, depth: depth + 1 });
  }
  return undefined;
}

function parts(node: TermNode | BodyNode): readonly (TermNode | BodyNode)[] {
  switch (node.kind) {
    case "conjunction":
    case "disjunction":
      return node.members;
    case "negation":
    case "unary":
    case "cast":
      return [node.of];
    case "atom":
      return node.terms;
    case "comparison":
    case "test":
    case "binary":
      return [node.left, node.right];
    case "functor":
    case "user-functor":
      return node.arguments;
    case "record":
    case "branch":
      return node.fields;
    case "aggregate":
      return node.value === undefined ? [node.body] : [node.value, node.body];
    case "user-aggregate":
      return [node.value, node.start, node.body];
    case "boolean":
    case "variable":
    case "anonymous":
    case "number":
    case "string":
    case "nil":
      return [];
  }
}
