// What a text uses of the language, by names that a person would use.
import { parse } from "../../src/syntax/parse.ts";
import type { AtomNode, BodyNode, ClauseNode, ItemNode } from "../../src/syntax/tree.ts";

/** The constructs that random programs are made of, in the order in which they are shown. */
export const constructs = [
  ...(["recursion", "several heads", "disjunction", "negation", "negated group"] as const),
  ...(["count", "sum", "min", "max", "mean", "user-defined aggregate"] as const),
  ...(["nested aggregate", "range", "match or contains", "true or false"] as const),
  ...(["arithmetic", "functor", "user-defined functor", "cast", ".plan", "inline"] as const),
  ...(["representation", "relation without columns", "eqrel", "choice-domain"] as const),
  ...([
    "lattice",
    "user-declared lattice",
    "debug_delta",
    "magic",
    "subsumption",
    "unsigned",
    "float",
    "symbol",
    "subset type",
    "union type",
  ] as const),
  ...(["record", "nil", "recursive record", "algebraic data type", "pattern"] as const),
  ...(["component", "component parameter", "component inheritance", "override"] as const),
  ...(["several instances", "nested component", "use of an instance"] as const),
] as const;

/** One of them. */
export type Construct = (typeof constructs)[number];

/** The constructs of a text. */
export function constructsOf(text: string): ReadonlySet<Construct> {
  const found = new Set<Construct>();
  const items = (some: readonly ItemNode[], inside: boolean): void => {
    for (const item of some) {
      inItem(item, found);
      if (item.kind === "component") items(item.items, true);
      else if (item.kind === "instance" && inside) found.add("nested component");
    }
    const made = some.filter((item) => item.kind === "instance");
    if (made.length > 1) found.add("several instances");
  };
  const { tree } = parse(text);
  items(tree.items, false);
  visit(tree.items, found, false);
  return found;
}

function inItem(item: ItemNode, found: Set<Construct>): void {
  switch (item.kind) {
    case "relation": {
      const words = item.qualifiers.map(({ word }) => word);
      if (words.includes("inline")) found.add("inline");
      if (words.includes("eqrel")) found.add("eqrel");
      if (words.includes("magic")) found.add("magic");
      if (words.some((word) => representations.has(word))) found.add("representation");
      if (item.choices.length > 0) found.add("choice-domain");
      if (item.attributes.length === 0) found.add("relation without columns");
      for (const { type } of item.attributes) {
        const name = type.name.parts[0]?.text;
        if (name === "Min" || name === "Max") found.add("lattice");
        if (name === "unsigned" || name === "float" || name === "symbol") found.add(name);
      }
      return;
    }
    case "type": {
      const { name, definition } = item;
      if (definition.kind === "subset") found.add("subset type");
      if (definition.kind === "union") found.add("union type");
      if (definition.kind === "record") {
        const own = definition.fields.some(({ type }) => type.name.parts[0]?.text === name.text);
        found.add(own ? "recursive record" : "record");
      }
      if (definition.kind === "adt") found.add("algebraic data type");
      return;
    }
    case "clause":
      inClause(item, found);
      return;
    case "subsumption":
    case "component":
      found.add(item.kind);
      if (item.kind === "component" && item.type.parameters.length > 0)
        found.add("component parameter");
      if (item.kind === "component" && item.bases.length > 0) found.add("component inheritance");
      return;
    case "override":
      found.add("override");
      return;
    case "lattice":
      found.add("user-declared lattice");
      return;
    case "debug-delta":
      found.add("debug_delta");
      return;
    case "functor":
    case "instance":
    case "directive":
    case "expectation":
    case "pragma":
    case "seal":
    case "transaction":
    case "contract":
      return;
  }
}

const representations = new Set<string>(["brie", "btree", "btree_delete", "no_inline", "no_magic"]);

function inClause({ heads, body, plan }: ClauseNode, found: Set<Construct>): void {
  if (heads.length > 1) found.add("several heads");
  if (plan !== undefined) found.add(".plan");
  const atoms = body === undefined ? [] : positive(body);
  const name = ({ relation }: AtomNode): string => relation.parts.map((of) => of.text).join(".");
  if (atoms.some((atom) => heads.some((head) => name(head.atom) === name(atom))))
    found.add("recursion");
  const structured = (atom: AtomNode): boolean =>
    atom.terms.some(({ kind }) => kind === "record" || kind === "branch");
  if (atoms.some(structured)) found.add("pattern");
}

function positive(body: BodyNode): AtomNode[] {
  if (body.kind === "atom") return [body];
  return body.kind === "conjunction" || body.kind === "disjunction"
    ? body.members.flatMap(positive)
    : [];
}

/** Adds what nodes are, wherever they stand. */
function visit(node: unknown, found: Set<Construct>, aggregated: boolean): void {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const part of node) visit(part, found, aggregated);
    return;
  }
  const { span: _, ...parts } = node as { span?: unknown; kind?: string; [key: string]: unknown };
  const construct = byKind(parts);
  if (construct !== undefined) found.add(construct);
  const aggregate = parts.kind === "aggregate" || parts.kind === "user-aggregate";
  if (aggregate && aggregated) found.add("nested aggregate");
  for (const part of Object.values(parts)) visit(part, found, aggregated || aggregate);
}

function byKind(node: { kind?: string; [key: string]: unknown }): Construct | undefined {
  if (node.kind === "negation")
    return (node["of"] as BodyNode).kind === "atom" ? "negation" : "negated group";
  if (node.kind === "aggregate") return node["name"] as Construct;
  if (node.kind === "functor" && node["name"] === "range") return "range";
  if (node.kind === "atom") {
    const { parts } = (node as unknown as AtomNode).relation;
    return parts.length > 1 ? "use of an instance" : undefined;
  }
  return named.get(node.kind ?? "");
}

const named = new Map<string, Construct>([
  ["disjunction", "disjunction"],
  ["user-aggregate", "user-defined aggregate"],
  ["user-functor", "user-defined functor"],
  ["functor", "functor"],
  ["binary", "arithmetic"],
  ["unary", "arithmetic"],
  ["test", "match or contains"],
  ["boolean", "true or false"],
  ["cast", "cast"],
  ["nil", "nil"],
]);
