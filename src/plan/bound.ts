// What can be known of a term or a literal while a rule runs, given which variables have values.
import type { Literal, Term } from "../analysis/program.ts";
import { hasAnonymous } from "../analysis/terms.ts";
import { termVariables } from "./literals.ts";

/** The variables that have a value at some place of a body. */
export type Bound = ReadonlySet<number>;

/** Whether `term` can be evaluated. */
export function isKnown(term: Term, bound: Bound): boolean {
  return !hasAnonymous(term) && termVariables(term).every((variable) => bound.has(variable));
}

/** Whether all of `variables` have values. */
export function areBound(variables: Iterable<number>, bound: Bound): boolean {
  for (const variable of variables) if (!bound.has(variable)) return false;
  return true;
}

/** The columns whose terms can be evaluated, in ascending order. */
export function knownColumns(terms: readonly Term[], bound: Bound): number[] {
  return terms.flatMap((term, at) => (isKnown(term, bound) ? [at] : []));
}

/** A variable and the term that gives it its value. */
export type Binding = { readonly variable: number; readonly value: Term };

/** How an equation gives a value to one side from the other; undefined if it does not, as both
 * have values already, or neither has, or the side without one is no variable. */
export function bindingOf(
  literal: Extract<Literal, { kind: "comparison" }>,
  bound: Bound,
): Binding | undefined {
  if (literal.operator !== "=") return undefined;
  const { left, right } = literal;
  if (left.kind === "variable" && !isKnown(left, bound) && isKnown(right, bound))
    return { variable: left.variable, value: right };
  if (right.kind === "variable" && !isKnown(right, bound) && isKnown(left, bound))
    return { variable: right.variable, value: left };
  return undefined;
}

/** A pattern and the value that has to match it. */
export type Match = { readonly pattern: RecordTerm; readonly value: Term };

/** A record among the terms. */
export type RecordTerm = Extract<Term, { kind: "record" }>;

/** How an equation takes the value of one side apart by the record on the other; undefined if it
 * does not, as the record is known itself or the value is not. */
export function matchOf(
  { operator, left, right }: Extract<Literal, { kind: "comparison" }>,
  bound: Bound,
): Match | undefined {
  if (operator !== "=") return undefined;
  if (left.kind === "record" && !isKnown(left, bound) && isKnown(right, bound))
    return { pattern: left, value: right };
  if (right.kind === "record" && !isKnown(right, bound) && isKnown(left, bound))
    return { pattern: right, value: left };
  return undefined;
}
