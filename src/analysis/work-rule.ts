import type { Span } from "../base/source.ts";
import type { PlanNode } from "../syntax/tree.ts";
import type { Literal, Rule, Term, Variable } from "./program.ts";
import { mapLiteralTerms, mapTerms, partsOf } from "./terms.ts";

/** A rule of `Program` on its way there: its variables may still lack a literal that binds them. */
export type WorkRule = Rule & {
  readonly variables: readonly WorkVariable[];
  readonly headSpan: Span;
  /** How many positive atoms its body has in the text; those that analysis adds follow them. */
  readonly stated: number;
  readonly plan: PlanNode | undefined;
  /** Whether rules of inlined relations stand in its body. */
  readonly expanded?: boolean;
};

/** A variable and where it first occurs. */
export type WorkVariable = Variable & { readonly span: Span };

/** Calls `visit` for each variable in `term`. */
export function visitTerm(term: Term, visit: (variable: number) => void): void {
  if (term.kind === "variable") visit(term.variable);
  else for (const of of partsOf(term)) visitTerm(of, visit);
}

/** Returns the terms of a rule's head, and where it holds. */
export function headTerms({ head, location }: Rule): readonly Term[] {
  return location === undefined ? head.terms : [...head.terms, location];
}

/** Returns the terms of a literal. Those inside an aggregate's body are not among them, nor is what
 * it aggregates. */
export function termsOf(literal: Literal): readonly Term[] {
  switch (literal.kind) {
    case "atom":
    case "negation":
      return literal.terms;
    case "comparison":
    case "test":
      return [literal.left, literal.right];
    case "range": {
      const { from, to, step } = literal;
      return step === undefined ? [from, to] : [from, to, step];
    }
    case "boolean":
    case "aggregate":
      return [];
  }
}

/** Calls `visit` for each variable of a literal, those that only its body or value has included. */
export function visitLiteral(literal: Literal, visit: (variable: number) => void): void {
  for (const term of termsOf(literal)) visitTerm(term, visit);
  if (literal.kind === "range" || literal.kind === "aggregate") visit(literal.variable);
  if (literal.kind === "aggregate") visitAggregate(literal, visit);
}

/** Calls `visit` for each variable in the body and the value of an aggregate. */
export function visitAggregate(
  { value, fold, body }: Literal & { readonly kind: "aggregate" },
  visit: (variable: number) => void,
): void {
  if (value !== undefined) visitTerm(value, visit);
  if (fold !== undefined) visitTerm(fold.start, visit);
  for (const literal of body) visitLiteral(literal, visit);
}

/** Returns `term` with variables replaced. */
export function mapTerm(term: Term, replace: (variable: number) => Term): Term {
  return mapTerms(term, (of) => (of.kind === "variable" ? replace(of.variable) : of));
}

/** Returns `literal` with variables replaced; those that a range or an aggregate binds are replaced
 * by variables. */
export function mapLiteral(
  literal: Literal,
  replace: (variable: number) => Term,
  rename: (variable: number) => number,
): Literal {
  const replaced = mapLiteralTerms(literal, (term) => mapTerm(term, replace));
  return withBindersRenamed(replaced, rename);
}

function withBindersRenamed(literal: Literal, rename: (variable: number) => number): Literal {
  if (literal.kind !== "range" && literal.kind !== "aggregate") return literal;
  const variable = rename(literal.variable);
  if (literal.kind === "range") return { ...literal, variable };
  const body = literal.body.map((of) => withBindersRenamed(of, rename));
  return { ...literal, variable, body };
}

/** Calls `visit` for each literal, and each in the body of an aggregate; `aggregate` is the
 * outermost aggregate that the literal is in. */
export function visitLiterals(
  literals: readonly Literal[],
  visit: (literal: Literal, aggregate: Literal | undefined) => void,
  aggregate?: Literal,
): void {
  for (const literal of literals) {
    visit(literal, aggregate);
    if (literal.kind === "aggregate") visitLiterals(literal.body, visit, aggregate ?? literal);
  }
}

/** Whether a counter (`autoinc()`) stands in a rule. */
export function counts({ head, body }: WorkRule): boolean {
  const inTerm = (term: Term): boolean => term.kind === "counter" || partsOf(term).some(inTerm);
  let found = head.terms.some(inTerm);
  visitLiterals(body, (literal) => {
    found ||= termsOf(literal).some(inTerm);
    if (literal.kind === "aggregate" && literal.value !== undefined)
      found ||= inTerm(literal.value);
  });
  return found;
}
