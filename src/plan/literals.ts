// What a planner asks of terms and literals: which variables they mention, whether they can fail.
import type { Literal, Rule, Term } from "../analysis/program.ts";
import { literalTerms, partsOf } from "../analysis/terms.ts";
import { type Functor, functors } from "../value/operator.ts";
import type { ValueKind } from "../value/schema.ts";

/** The variables of `term`, in order, once for each time they occur. */
export function termVariables(term: Term): readonly number[] {
  switch (term.kind) {
    case "variable":
      return [term.variable];
    case "functor":
    case "record":
      return partsOf(term).flatMap(termVariables);
    case "anonymous":
    case "constant":
    case "counter":
    case "iteration":
      return [];
  }
}

/** The variables of `literal` and of aggregates in it, once for each time they occur. */
export function literalVariables(literal: Literal): readonly number[] {
  if (literal.kind === "aggregate") return [literal.variable, ...insideVariables(literal)];
  const terms = literalTerms(literal).flatMap(termVariables);
  return literal.kind === "range" ? [literal.variable, ...terms] : terms;
}

/** The variables that occur in an aggregate's body and value, its result left out. */
function insideVariables(aggregate: AggregateLiteral): readonly number[] {
  return [
    ...aggregate.body.flatMap(literalVariables),
    ...(aggregate.value === undefined ? [] : termVariables(aggregate.value)),
    ...(aggregate.fold === undefined ? [] : termVariables(aggregate.fold.start)),
  ];
}

/** An aggregate among the literals. */
export type AggregateLiteral = Extract<Literal, { kind: "aggregate" }>;

/** How often each variable occurs in the whole rule, by number. */
export function occurrences(rule: Rule): readonly number[] {
  const counts = rule.variables.map(() => 0);
  const all = [...rule.head.terms.flatMap(termVariables), ...rule.body.flatMap(literalVariables)];
  for (const variable of all) counts[variable] = (counts[variable] ?? 0) + 1;
  return counts;
}

/** The variables of an aggregate that get their values outside it: those that occur elsewhere in
 * the rule, too (Soufflé calls them injected). `counts` are the rule's occurrences. */
export function injectedVariables(
  aggregate: AggregateLiteral,
  counts: readonly number[],
): ReadonlySet<number> {
  const inside = new Map<number, number>();
  for (const variable of insideVariables(aggregate))
    inside.set(variable, (inside.get(variable) ?? 0) + 1);
  return new Set(
    [...inside].flatMap(([variable, count]) => ((counts[variable] ?? 0) > count ? [variable] : [])),
  );
}

/** Whether a counter or a stateful functor occurs in `literal`: then it matters how often the
 * literal is evaluated. */
export function literalCounts(literal: Literal): boolean {
  if (literal.kind === "aggregate" && literal.body.some(literalCounts)) return true;
  return literalTerms(literal).some(termCounts);
}

/** Whether a counter or a stateful functor occurs in `term`. */
export function termCounts(term: Term): boolean {
  if (term.kind === "functor" && term.name === "user" && term.user.stateful) return true;
  return term.kind === "counter" || partsOf(term).some(termCounts);
}

/** Whether the evaluation of `literal` can end in a fault, as integer division by zero does. */
export function literalFaults(literal: Literal): boolean {
  if (literal.kind === "aggregate" && literal.fold !== undefined) return true;
  return literalTerms(literal).some(termFaults);
}

/** Whether the evaluation of `term` can end in a fault. */
export function termFaults(term: Term): boolean {
  if (partsOf(term).some(termFaults)) return true;
  if (term.kind !== "functor") return false;
  if (term.name === "user") return true;
  if (term.name === "div" || term.name === "mod") {
    const divisor = term.arguments[1];
    const harmless = divisor?.kind === "constant" && divisor.value !== 0n;
    return term.of !== "float" && !harmless;
  }
  if (term.name === "as_symbol") return term.of !== "symbol";
  // A map is asked only for keys that it has: whether it has one is to be known before.
  if (term.name === "at") return true;
  return conversions.has(term.name) && term.of === "symbol";
}

const conversions: ReadonlySet<Functor> = new Set(["to_number", "to_unsigned", "to_float"]);

/** The kind of what a functor or a record is. */
export function computedKind(term: Extract<Term, { kind: "functor" | "record" }>): ValueKind {
  return term.kind === "record" ? term.of : functorKind(term);
}

/** The kind of what a functor computes. */
function functorKind(term: Extract<Term, { kind: "functor" }>): ValueKind {
  if (term.name === "user") return term.user.result;
  const { name, of } = term;
  const { result } = functors[name];
  return result === "same" ? of : result;
}
