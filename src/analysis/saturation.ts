// Arithmetic on lattice values does not wrap: what grows in the lattice has to go on growing.
import type { DeclaredRelation } from "./declared-relation.ts";
import type { Literal, Term } from "./program.ts";
import { mapLiteralTerms, mapTerms } from "./terms.ts";
import { visitLiterals, type WorkRule } from "./work-rule.ts";

/** Returns `rule` with sums, differences and products of integers that a lattice value is part of
 * bounded by the domain. A variable that an equation gives such a value is one, too. */
export function saturated(rule: WorkRule, relations: readonly DeclaredRelation[]): WorkRule {
  const values = new Set<number>();
  visitLiterals(rule.body, (literal) => {
    if (literal.kind !== "atom") return;
    for (const [column, term] of literal.terms.entries()) {
      const lattice = relations[literal.relation]?.attributes[column]?.lattice;
      if (lattice !== undefined && term.kind === "variable") values.add(term.variable);
    }
  });
  if (values.size === 0) return rule;

  const within = (term: Term): boolean => {
    if (term.kind === "variable") return values.has(term.variable);
    if (term.kind !== "functor" || term.name === "user") return false;
    const computes = term.name in bounded || kept.has(term.name);
    return computes && term.arguments.some(within);
  };
  for (let before = -1; before < values.size;) {
    before = values.size;
    visitLiterals(rule.body, (literal) => {
      if (literal.kind !== "comparison" || literal.operator !== "=") return;
      const { left, right } = literal;
      if (left.kind === "variable" && within(right)) values.add(left.variable);
      if (right.kind === "variable" && within(left)) values.add(right.variable);
    });
  }

  const bound = (term: Term): Term => {
    if (term.kind !== "functor" || term.name === "user") return term;
    const integer = term.of === "number" || term.of === "unsigned";
    const name = (bounded as Partial<Record<string, (typeof bounded)["add"]>>)[term.name];
    return integer && name !== undefined && within(term) ? { ...term, name } : term;
  };
  const rewritten = (term: Term): Term => mapTerms(term, bound);
  return {
    ...rule,
    head: { ...rule.head, terms: rule.head.terms.map(rewritten) },
    body: rule.body.map((literal): Literal => mapLiteralTerms(literal, rewritten)),
  };
}

const bounded = {
  ...{ add: "sat_add", sub: "sat_sub", mul: "sat_mul" },
  ...{ sat_add: "sat_add", sat_sub: "sat_sub", sat_mul: "sat_mul" },
} as Record<"add" | "sub" | "mul", "sat_add" | "sat_sub" | "sat_mul">;

/** What gives one of its operands, or what a map has. */
const kept: ReadonlySet<string> = new Set(["min", "max", "at"]);
