// What a relation depends on: the part of a program that a search has to evaluate.
import type { Literal, Program, RelationAt, Rule, Term } from "../analysis/program.ts";
import { literalTerms, partsOf } from "../analysis/terms.ts";

/** The part of a program that decides what one relation holds. */
export type Cone = {
  /** The program with no other strata, facts and functors. */
  readonly program: Program;
  readonly relation: RelationAt;
  /** What the relation reads, directly or not, and itself; in ascending order. */
  readonly relations: readonly RelationAt[];
  /** Those of `relations` that are given: with `.input`, or with neither rules nor facts. */
  readonly inputs: readonly RelationAt[];
  /** The rules whose heads are among `relations`. */
  readonly rules: readonly Rule[];
};

/** Returns the part of `program` that `relation` depends on. */
export function cone(program: Program, relation: RelationAt): Cone {
  const rulesOf = new Map<RelationAt, Rule[]>();
  for (const rule of program.rules) {
    const rules = rulesOf.get(rule.head.relation);
    if (rules === undefined) rulesOf.set(rule.head.relation, [rule]);
    else rules.push(rule);
  }
  const reached = new Set([relation]);
  for (const at of reached)
    for (const { body } of rulesOf.get(at) ?? [])
      visitLiterals(body, (literal) => {
        if (literal.kind === "atom" || literal.kind === "negation") reached.add(literal.relation);
      });

  const relations = [...reached].toSorted((a, b) => a - b);
  const rules = program.rules.filter(({ head }) => reached.has(head.relation));
  const stated = new Set(program.facts.map((fact) => fact.relation));
  const read = new Set(
    program.directives.flatMap((directive) =>
      directive.word === "input" ? [directive.relation] : [],
    ),
  );
  const called = new Set<string>();
  for (const rule of rules)
    visitTerms(rule, (term) => {
      if (term.kind === "functor" && term.name === "user") called.add(term.user.name);
    });
  for (const at of relations)
    for (const { lub } of program.relations[at]?.lattices ?? [])
      if (lub.kind === "functor" && lub.name === "user") called.add(lub.user.name);
  return {
    program: {
      ...program,
      facts: program.facts.filter((fact) => reached.has(fact.relation)),
      functors: program.functors.filter(({ name }) => called.has(name)),
      strata: program.strata.filter(
        ({ relations: computes, rules: of }) =>
          computes.some((at) => reached.has(at)) &&
          // Where nothing is derived and nothing joined, there is nothing to run.
          (of.length > 0 || computes.some((at) => program.relations[at]?.lattices !== undefined)),
      ),
    },
    relation,
    relations,
    inputs: relations.filter((at) => {
      const { inlined = false, place } = program.relations[at] ?? {};
      if (inlined || place?.seals !== undefined) return false;
      return read.has(at) || !(rulesOf.has(at) || stated.has(at));
    }),
    rules,
  };
}

/** Calls `visit` for each literal and for those in aggregates. */
export function visitLiterals(
  literals: readonly Literal[],
  visit: (literal: Literal) => void,
): void {
  for (const literal of literals) {
    visit(literal);
    if (literal.kind === "aggregate") visitLiterals(literal.body, visit);
  }
}

/** Calls `visit` for each term of a rule and for all that they are computed from. */
export function visitTerms({ head, body }: Rule, visit: (term: Term) => void): void {
  const all = (terms: readonly Term[]): void => {
    for (const term of terms) {
      visit(term);
      all(partsOf(term));
    }
  };
  all(head.terms);
  visitLiterals(body, (literal) => {
    all(literalTerms(literal));
  });
}
