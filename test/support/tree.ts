/** Trees of syntax for tests: compared without spans and comments, and dumped in full. */
import type { AtomNode, ComparisonNode, SyntaxTree, TermNode } from "../../src/syntax/tree.ts";

/** Returns a copy of a node, or of a list of them, without any span. */
export function withoutSpans(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutSpans);
  if (typeof node !== "object" || node === null) return node;
  const entries = Object.entries(node).filter(([key]) => key !== "span" && key !== "comments");
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutSpans(value)]));
}

/** Returns a tree as S-expressions, one item a line: `(clause (head (atom r [x])))`. Every field
 * is there but spans, comments, and fields that are absent or empty. */
export function dumpTree(tree: SyntaxTree): string {
  return tree.items.map(dumpNode).join("\n");
}

function dumpNode(node: unknown): string {
  if (Array.isArray(node)) return `[${node.map(dumpNode).join(" ")}]`;
  if (typeof node === "string")
    return /^[\w?.:+~<=>!*/%^-]+$/.test(node) ? node : JSON.stringify(node);
  if (typeof node !== "object" || node === null) return String(node);
  const short = dumpShort(node as TermNode | AtomNode | ComparisonNode);
  if (short !== undefined) return short;
  const fields = Object.entries(node).filter(([key, value]) => {
    const empty = value === undefined || (Array.isArray(value) && value.length === 0);
    return key !== "span" && !empty;
  });
  const [only] = fields;
  if (fields.length === 1 && only !== undefined && ["text", "parts"].includes(only[0]))
    return Array.isArray(only[1]) ? only[1].map(dumpNode).join(".") : dumpNode(only[1]);
  const parts = fields.map(([key, value]) =>
    key === "kind" ? dumpNode(value) : `${key}=${dumpNode(value)}`,
  );
  return `(${parts.join(" ")})`;
}

/** What stands everywhere is written short: `x`, `7`, `1.5:float`, `(+ x 1)`, `(= x 1)`, `(r x)`. */
function dumpShort(node: TermNode | AtomNode | ComparisonNode): string | undefined {
  switch (node.kind) {
    case "variable":
      return node.name;
    case "anonymous":
      return "_";
    case "number":
      return `${node.text}${node.unsigned ? "u" : ""}${node.form === "integer" ? "" : `:${node.form}`}`;
    case "string":
      return JSON.stringify(node.value);
    case "binary":
    case "comparison":
      return `(${node.operator} ${dumpNode(node.left)} ${dumpNode(node.right)})`;
    case "unary":
      return `(${node.operator} ${dumpNode(node.of)})`;
    case "atom":
      return `(${[node.relation, ...node.terms].map(dumpNode).join(" ")})`;
    case "nil":
    case "record":
    case "branch":
    case "functor":
    case "user-functor":
    case "cast":
    case "aggregate":
    case "user-aggregate":
      return undefined;
  }
}
