// From a body with alternatives, groups and negated groups to conjunctions of single literals.
import type { BodyNode } from "../syntax/tree.ts";

/** How many literals the conjunctions of one clause may hold together, where it has several. */
export const disjunctionLiteralsMax = 100_000;

/** A literal without connectives, and whether it is negated. */
export type LiteralNode = {
  readonly node: Exclude<BodyNode, { readonly kind: "conjunction" | "disjunction" | "negation" }>;
  readonly negated: boolean;
};

/** Returns the conjunctions whose disjunction is `body`; `!(a, b)` is `!a ; !b`. Undefined where
 * they would exceed `disjunctionLiteralsMax`. */
export function disjuncts(body: BodyNode): LiteralNode[][] | undefined {
  return expand(body, false);
}

function expand(body: BodyNode, negated: boolean): LiteralNode[][] | undefined {
  switch (body.kind) {
    case "negation":
      return expand(body.of, !negated);
    case "conjunction":
      return negated ? either(body.members, true) : both(body.members, false);
    case "disjunction":
      return negated ? both(body.members, true) : either(body.members, false);
    case "atom":
    case "comparison":
    case "boolean":
    case "test":
      return [[{ node: body, negated }]];
  }
}

function either(members: readonly BodyNode[], negated: boolean): LiteralNode[][] | undefined {
  const all: LiteralNode[][] = [];
  let total = 0;
  for (const member of members) {
    const expanded = expand(member, negated);
    if (expanded === undefined) return undefined;
    for (const conjunction of expanded) all.push(conjunction);
    total += size(expanded);
    if (total > disjunctionLiteralsMax) return undefined;
  }
  return all;
}

function both(members: readonly BodyNode[], negated: boolean): LiteralNode[][] | undefined {
  let all: LiteralNode[][] = [[]];
  for (const member of members) {
    const expanded = expand(member, negated);
    const [first] = expanded ?? [];
    if (expanded === undefined || first === undefined) return expanded;
    if (expanded.length === 1) {
      for (const conjunction of all) for (const literal of first) conjunction.push(literal);
    } else {
      const total = size(all) * expanded.length + size(expanded) * all.length;
      if (total > disjunctionLiteralsMax) return undefined;
      all = all.flatMap((left) => expanded.map((right) => [...left, ...right]));
    }
  }
  return all.length > 1 && size(all) > disjunctionLiteralsMax ? undefined : all;
}

function size(conjunctions: readonly (readonly LiteralNode[])[]): number {
  return conjunctions.reduce((sum, { length }) => sum + length, 0);
}
