// What terms are made of.
import type { Literal, Term } from "./program.ts";

/** Returns the terms that a term is computed from. */
export function partsOf(term: Term): readonly Term[] {
  if (term.kind === "functor") return term.arguments;
  return term.kind === "record" ? term.fields : [];
}

/** Whether `_` stands in a term: it is a pattern, not a value. */
export function hasAnonymous(term: Term): boolean {
  return term.kind === "anonymous" || partsOf(term).some(hasAnonymous);
}

/** Calls `visit` for each variable that a term binds where its value is known: the variable that it
 * is, or those that are fields of records in it. */
export function visitPattern(term: Term, visit: (variable: number) => void): void {
  if (term.kind === "variable") visit(term.variable);
  else if (term.kind === "record") for (const of of term.fields) visitPattern(of, visit);
}

/** Returns `term` with `change` applied to it and all that it is computed from, innermost first. */
export function mapTerms(term: Term, change: (term: Term) => Term): Term {
  const inner = (of: Term) => mapTerms(of, change);
  if (term.kind === "functor") return change({ ...term, arguments: term.arguments.map(inner) });
  if (term.kind === "record") return change({ ...term, fields: term.fields.map(inner) });
  return change(term);
}

/** Returns `literal` with `term` applied to each of its terms, those in aggregates included. */
export function mapLiteralTerms(literal: Literal, term: (of: Term) => Term): Literal {
  switch (literal.kind) {
    case "atom":
    case "negation":
      return { ...literal, terms: literal.terms.map(term) };
    case "comparison":
    case "test":
      return { ...literal, left: term(literal.left), right: term(literal.right) };
    case "boolean":
      return literal;
    case "range": {
      const { from, to, step } = literal;
      const stepped = step === undefined ? {} : { step: term(step) };
      return { ...literal, from: term(from), to: term(to), ...stepped };
    }
    case "aggregate": {
      const { value, fold, body } = literal;
      return {
        ...literal,
        ...(value === undefined ? {} : { value: term(value) }),
        ...(fold === undefined ? {} : { fold: { ...fold, start: term(fold.start) } }),
        body: body.map((of) => mapLiteralTerms(of, term)),
      };
    }
  }
}

/** Returns the terms that stand in a literal itself; of an aggregate the value. */
export function literalTerms(literal: Literal): readonly Term[] {
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
      return [literal.from, literal.to, ...(literal.step === undefined ? [] : [literal.step])];
    case "aggregate": {
      const { value, fold } = literal;
      return [...(value === undefined ? [] : [value]), ...(fold === undefined ? [] : [fold.start])];
    }
  }
}
