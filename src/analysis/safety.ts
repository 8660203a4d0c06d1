// Groundness: in some order of a rule's literals each variable gets its values from somewhere.
import type { Label } from "../base/diagnostic.ts";
import type { Findings } from "./findings.ts";
import type { Literal } from "./program.ts";
import { hasAnonymous, visitPattern } from "./terms.ts";
import {
  headTerms,
  termsOf,
  visitAggregate,
  visitLiteral,
  visitTerm,
  type WorkRule,
} from "./work-rule.ts";

/** Something that gives `variable` values once it has those of `needs`. */
type Binder = { readonly variable: number; missing: number };

/** Returns the variables that some order of `literals` binds, given those of `outer`. An atom binds
 * the variables that are its arguments or fields of records there; an equation a variable that is
 * one side, or the fields of a record that is, once the other side is known; a range and an
 * aggregate their variable, once what they compute with is known.
 * `optimistic` takes the result of every aggregate for known. */
export function bound(
  literals: readonly Literal[],
  outer: ReadonlySet<number>,
  optimistic = false,
): Set<number> {
  const known = new Set(outer);
  const waiting = new Map<number, Binder[]>();
  const queue: number[] = [];
  const learn = (variable: number) => {
    if (known.has(variable)) return;
    known.add(variable);
    queue.push(variable);
  };
  const bind = (variable: number, needs: ReadonlySet<number>) => {
    const missing = [...needs].filter((need) => !known.has(need));
    if (missing.length === 0) learn(variable);
    const binder = { variable, missing: missing.length };
    for (const need of missing) {
      const binders = waiting.get(need);
      if (binders === undefined) waiting.set(need, [binder]);
      else binders.push(binder);
    }
  };

  // Atoms first, so that few binders have to wait.
  for (const literal of literals) {
    if (literal.kind !== "atom") continue;
    for (const term of literal.terms) visitPattern(term, learn);
  }
  queue.length = 0;
  const own = ownVariables(literals);
  for (const literal of literals) {
    if (literal.kind === "comparison" && literal.operator === "=") {
      const { left, right } = literal;
      const sides = [
        [left, right],
        [right, left],
      ] as const;
      for (const [pattern, value] of sides) {
        if (hasAnonymous(value)) continue;
        const needs = variablesIn([value]);
        visitPattern(pattern, (variable) => {
          bind(variable, needs);
        });
      }
    } else if (literal.kind === "range") {
      bind(literal.variable, variablesIn(termsOf(literal)));
    } else if (literal.kind === "aggregate") {
      const shared = optimistic ? new Set<number>() : sharedVariables(literal, own, outer);
      bind(literal.variable, shared);
    }
  }
  for (let at = 0; at < queue.length; at++) {
    for (const binder of waiting.get(queue[at] ?? -1) ?? [])
      if (--binder.missing === 0) learn(binder.variable);
  }
  return known;
}

/** Returns the variables that occur in literals outside of aggregates. */
export function ownVariables(literals: readonly Literal[]): Set<number> {
  const own = variablesIn(literals.flatMap(termsOf));
  for (const literal of literals)
    if (literal.kind === "range" || literal.kind === "aggregate") own.add(literal.variable);
  return own;
}

/** Returns the variables of an aggregate that its surroundings have too: `own` of the conjunction
 * it stands in, `outer` around that. They are given to it, where something else binds them. */
export function sharedVariables(
  aggregate: Literal & { readonly kind: "aggregate" },
  own: ReadonlySet<number>,
  outer: ReadonlySet<number>,
): Set<number> {
  const shared = new Set<number>();
  visitAggregate(aggregate, (variable) => {
    if (own.has(variable) || outer.has(variable)) shared.add(variable);
  });
  return shared;
}

function variablesIn(terms: readonly Parameters<typeof visitTerm>[0][]): Set<number> {
  const found = new Set<number>();
  for (const term of terms) visitTerm(term, (variable) => found.add(variable));
  return found;
}

const inlinedNote = "an inlined relation binds what its rules bind";

/** Reports each variable of `rule` that nothing binds. */
export function checkSafety(rule: WorkRule, findings: Findings): void {
  const used = variablesIn(headTerms(rule));
  const unbound = unsafe(rule.body, used, new Set());
  for (const variable of unbound) {
    const { name, span } = rule.variables[variable] ?? { name: "", span: rule.span };
    if (name.startsWith("#")) continue;
    findings.error("unsafe-variable", `variable "${name}" is not bound by the body`, span, {
      label: "what are its values?",
      related: occurrence(rule, variable),
      notes: rule.expanded === true ? [inlinedNote] : [],
      hint: hintFor(rule, variable, name),
    });
  }
  // Those of inlined relations have names of ours, and as many copies as the relation has atoms.
  if (unbound.size > 0 && [...unbound].every((of) => rule.variables[of]?.name.startsWith("#"))) {
    const places = new Set([...unbound].flatMap((of) => rule.variables[of]?.span ?? []));
    const message = "a variable of an inlined relation is not bound by the body";
    findings.error("unsafe-variable", message, rule.span, {
      label: "inlined here",
      related: [...places].map((span) => ({ span, text: "what are its values?" })),
      notes: [inlinedNote],
      hint: "bind it where it is, or write a variable that is bound in the place of `_`",
    });
  }
}

/** Returns the variables of a conjunction, and of what uses its variables, that are never bound. */
function unsafe(
  literals: readonly Literal[],
  used: ReadonlySet<number>,
  outer: ReadonlySet<number>,
): Set<number> {
  const known = bound(literals, outer);
  const own = new Set([...used, ...ownVariables(literals)]);
  const found = new Set([...own].filter((variable) => !known.has(variable)));
  for (const literal of literals) {
    if (literal.kind !== "aggregate") continue;
    // What the surroundings fail to bind is reported there.
    const given = new Set([...known, ...found]);
    const { value, body } = literal;
    const inner = unsafe(body, variablesIn(value === undefined ? [] : [value]), given);
    for (const variable of inner) found.add(variable);
  }
  return found;
}

function occurrence(rule: WorkRule, variable: number): Label[] {
  const negation = rule.body.find(
    (literal) => literal.kind === "negation" && occursIn(literal, variable),
  );
  return negation === undefined
    ? []
    : [{ span: negation.span, text: "a negated atom binds nothing" }];
}

function hintFor(rule: WorkRule, variable: number, name: string): string {
  const direct = rule.body.some(
    (literal) =>
      literal.kind === "atom" &&
      literal.terms.some((term) => term.kind === "functor" && occursIn(term, variable)),
  );
  if (direct)
    return `an atom binds variables, not what functors compute from; add one with ${name}`;
  return `add a positive atom that contains ${name}`;
}

function occursIn(part: Literal | Parameters<typeof visitTerm>[0], variable: number): boolean {
  let found = false;
  const visit = (of: number) => void (found ||= of === variable);
  if (part.kind === "functor") visitTerm(part, visit);
  else if (part.kind === "negation") visitLiteral(part, visit);
  return found;
}
