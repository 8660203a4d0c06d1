// Which variables and terms the parts of a rule have, for the reference evaluator.
import type { Literal, Rule, Term } from "../../src/analysis/program.ts";
import { partsOf } from "../../src/analysis/terms.ts";

/** The variables of an aggregate's inside that occur outside of it: they have one value in it. */
export function injected(rule: Rule, literal: Literal & { kind: "aggregate" }): readonly number[] {
  const { value, fold } = literal;
  const inside = new Set([
    ...variables(literal.body),
    ...(value ? variablesOf(value) : []),
    ...(fold ? variablesOf(fold.start) : []),
  ]);
  const outside = new Set(rule.head.terms.flatMap(variablesOf));
  const collect = (body: readonly Literal[]): void => {
    for (const other of body) {
      if (other === literal) continue;
      if (other.kind !== "aggregate") for (const at of variables([other])) outside.add(at);
      else {
        outside.add(other.variable);
        if (other.value) for (const at of variablesOf(other.value)) outside.add(at);
        if (other.fold) for (const at of variablesOf(other.fold.start)) outside.add(at);
        collect(other.body);
      }
    }
  };
  collect(rule.body);
  return [...inside].filter((at) => outside.has(at));
}

/** The variables of literals, those inside of aggregates included. */
export function variables(body: readonly Literal[]): number[] {
  const results = body.flatMap((literal) =>
    literal.kind === "range"
      ? [literal.variable]
      : literal.kind === "aggregate"
        ? [literal.variable, ...variables(literal.body)]
        : [],
  );
  return [...results, ...ownTerms(body).flatMap(variablesOf)];
}

/** The terms of literals, those inside of aggregates included. */
export function termsOf(body: readonly Literal[]): Term[] {
  const inner = body.flatMap((literal) =>
    literal.kind === "aggregate" ? termsOf(literal.body) : [],
  );
  return [...ownTerms(body), ...inner];
}

function ownTerms(body: readonly Literal[]): Term[] {
  return body.flatMap((literal): readonly Term[] => {
    switch (literal.kind) {
      case "atom":
      case "negation":
        return literal.terms;
      case "comparison":
      case "test":
        return [literal.left, literal.right];
      case "boolean":
        return [];
      case "range":
        return [literal.from, literal.to, ...(literal.step ? [literal.step] : [])];
      case "aggregate":
        return literal.value ? [literal.value] : [];
    }
  });
}

/** The variables of a term. */
export function variablesOf(term: Term): number[] {
  if (term.kind === "variable") return [term.variable];
  return partsOf(term).flatMap(variablesOf);
}

/** The variables that have a value once the term's is known. */
export function patternVariables(term: Term): number[] {
  if (term.kind === "variable") return [term.variable];
  return term.kind === "record" ? term.fields.flatMap(patternVariables) : [];
}
