// A variable that stands for several lattice values is the greatest element below all of them:
//
//     both(x, d) :- a(x, d), b(x, d).
//
// is, for an attribute `d: Min<>`,
//
//     both(x, d) :- a(x, #d), b(x, #d2), d = max(#d, #d2).
import type { DeclaredRelation } from "./declared-relation.ts";
import type { Findings } from "./findings.ts";
import type { DeclaredLattice } from "./declared-lattice.ts";
import type { Literal, Term } from "./program.ts";
import { Renaming } from "./renaming.ts";
import { mapTerm, type WorkRule } from "./work-rule.ts";

/** Returns `rule` with meets for variables that stand in several lattice columns of its atoms.
 * Reports those of lattices that have no meet. */
export function withMeets(
  rule: WorkRule,
  relations: readonly DeclaredRelation[],
  findings: Findings,
): WorkRule {
  const uses = new Map<number, DeclaredLattice[]>();
  const latticeAt = (literal: Literal, column: number): DeclaredLattice | undefined =>
    literal.kind === "atom" ? relations[literal.relation]?.attributes[column]?.lattice : undefined;
  for (const literal of rule.body) {
    if (literal.kind !== "atom") continue;
    for (const [column, term] of literal.terms.entries()) {
      const lattice = latticeAt(literal, column);
      if (lattice === undefined || term.kind !== "variable") continue;
      uses.set(term.variable, [...(uses.get(term.variable) ?? []), lattice]);
    }
  }
  const met = new Map([...uses].filter(([, lattices]) => lattices.length > 1));
  if (met.size === 0) return rule;

  const renaming = new Renaming(rule.variables);
  const parts = new Map<number, Term[]>();
  const body = rule.body.map((literal): Literal => {
    if (literal.kind !== "atom") return literal;
    const terms = literal.terms.map((term, column): Term => {
      if (term.kind !== "variable" || !met.has(term.variable)) return term;
      if (latticeAt(literal, column) === undefined) return term;
      const { name = "", kind = "number", span = rule.span } = rule.variables[term.variable] ?? {};
      const part: Term = { kind: "variable", variable: renaming.fresh(name, kind, span) };
      parts.set(term.variable, [...(parts.get(term.variable) ?? []), part]);
      return part;
    });
    return { ...literal, terms };
  });
  for (const [variable, lattices] of met) {
    const { name = "", kind = "number", span = rule.span } = rule.variables[variable] ?? {};
    const [first] = lattices;
    const glb = first?.glb;
    const other = lattices.find((lattice) => lattice.name !== first?.name);
    if (glb === undefined || other !== undefined) {
      const message =
        other === undefined
          ? `variable "${name}" is two values of lattice "${first?.name ?? ""}", which has no Glb`
          : `variable "${name}" is of lattice "${first?.name ?? ""}" and of "${other.name}"`;
      findings.error("wrong-lattice", message, span, { hint: "give the two values two names" });
      continue;
    }
    if (glb.functor !== undefined) glb.functor.called = true;
    const right = (parts.get(variable) ?? []).reduce((a, b) =>
      mapTerm(glb.term, (at) => (at === 0 ? a : b)),
    );
    const left: Term = { kind: "variable", variable };
    body.push({ kind: "comparison", operator: "=", of: kind, left, right, span });
  }
  return { ...rule, body, variables: renaming.variables };
}
