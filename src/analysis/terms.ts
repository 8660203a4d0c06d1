// What terms are made of.
import type { Term } from "./program.ts";

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
