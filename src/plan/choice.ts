// What a draft of an arrangement goes on with: the greedy half of the join order.
import type { Literal, Term } from "../analysis/program.ts";
import { assert } from "../base/assert.ts";
import { areBound, bindingOf, type Bound, isKnown, knownColumns } from "./bound.ts";
import type { Draft } from "./draft.ts";
import { deltaRows, type Estimates, matches, rangeRowsAssumed } from "./estimate.ts";
import type { Goal } from "./goal.ts";
import { literalVariables, termVariables } from "./literals.ts";
import type { RangeLiteral } from "./step.ts";

/** A goal, and whether it takes a loop or can be decided. */
export type Choice = { readonly goal: Goal; readonly loops: boolean };

/** What comes next: what is ready, then a loop; last what is better put off. */
export function choice(draft: Draft, first: Goal | undefined): Choice | undefined {
  for (const putOff of [false, true]) {
    const goals = draft.pending.filter((goal) => isPutOff(draft, goal) === putOff);
    const ready = least(goals, (goal) => rank(draft, goal));
    if (ready !== undefined) return { goal: ready, loops: false };
    const forced = draft.loops === 0 && first !== undefined && goals.includes(first);
    const loop = forced ? first : nextLoop(draft, goals);
    if (loop !== undefined) return { goal: loop, loops: true };
  }
  return undefined;
}

/** Counters come last: a number for every way to satisfy the rest. So does what can fail, if
 * nothing but the head asks for it: in `z = x / y, d(y)` the relation d may keep zeros away. And an
 * equation does not bind the result of a range or an aggregate that will bind it: it compares. */
function isPutOff({ pending, bound }: Draft, goal: Goal): boolean {
  if (goal.counts) return true;
  const binding = goal.literal.kind === "comparison" ? bindingOf(goal.literal, bound) : undefined;
  if (binding === undefined) return false;
  const others = pending.filter((other) => other !== goal);
  return (
    others.some(({ literal }) => resultOf(literal) === binding.variable) ||
    (goal.faults && !others.some(({ variables }) => variables.has(binding.variable)))
  );
}

function resultOf(literal: Literal): number | undefined {
  return literal.kind === "range" || literal.kind === "aggregate" ? literal.variable : undefined;
}

/** When a goal can be decided with what is bound: what is cheap and cannot fail before what is dear
 * or can, as in `y != 0, x / y > 2`; undefined if it cannot be yet, or takes a loop. */
function rank(draft: Draft, goal: Goal): number | undefined {
  const { literal } = goal;
  switch (literal.kind) {
    case "boolean":
      return 0;
    case "comparison":
      if (areBound(goal.needs, draft.bound)) return goal.faults ? 6 : 1;
      if (bindingOf(literal, draft.bound) === undefined) return undefined;
      return goal.faults ? 6 : 2;
    case "atom":
      if (!isNextInOrder(draft, goal)) return undefined;
      if (knownColumns(literal.terms, draft.bound).length === literal.terms.length) return 3;
      return isExistence(draft, goal, literal.terms) ? 4 : undefined;
    case "negation":
      return areBound(goal.needs, draft.bound) ? 4 : undefined;
    case "test":
      return areBound(goal.needs, draft.bound) ? (goal.faults ? 6 : 5) : undefined;
    case "aggregate":
      return areBound(goal.needs, draft.bound) ? 7 : undefined;
    case "range":
      return undefined;
  }
}

/** Of an atom whose other columns nobody asks for one row is as good as all. */
function isExistence(
  { scope, pending, bound }: Draft,
  goal: Goal,
  terms: readonly Term[],
): boolean {
  if (!scope.distinct) return false;
  const free = terms.filter((term) => !isKnown(term, bound) && term.kind !== "anonymous");
  const variables = free.flatMap((term) => (term.kind === "variable" ? [term.variable] : []));
  if (variables.length < free.length || new Set(variables).size < variables.length) return false;
  const asked = new Set([
    ...scope.wanted.flatMap(termVariables),
    ...pending.flatMap((other) => (other === goal ? [] : [...other.variables])),
  ]);
  return !variables.some((variable) => asked.has(variable));
}

function nextLoop(draft: Draft, goals: readonly Goal[]): Goal | undefined {
  const { bound, context } = draft;
  const loops = goals.filter((goal) => {
    if (goal.literal.kind === "range") return areBound(rangeVariables(goal.literal), bound);
    return goal.literal.kind === "atom" && isNextInOrder(draft, goal);
  });
  const connected = loops.filter((goal) => bound.size === 0 || isConnected(goal, bound));
  return least(connected.length > 0 ? connected : loops, (goal) =>
    fanout(goal, bound, context.estimates),
  );
}

function rangeVariables({ from, to, step }: RangeLiteral): readonly number[] {
  return [from, to, ...(step === undefined ? [] : [step])].flatMap(termVariables);
}

/** Whether a loop depends on what was found before, so that it is no cartesian product. */
export function isConnected({ literal }: Goal, bound: Bound): boolean {
  if (literal.kind !== "atom") return literalVariables(literal).some((at) => bound.has(at));
  const key = literal.terms.filter((term) => isKnown(term, bound));
  return key.some((term) => termVariables(term).length > 0);
}

function isNextInOrder({ scope, pending }: Draft, goal: Goal): boolean {
  return scope.order === undefined || scope.order.find((one) => pending.includes(one)) === goal;
}

/** The rows that a loop is expected to meet each time it runs. */
export function fanout(goal: Goal, bound: Bound, estimates: Estimates): number {
  const { literal } = goal;
  if (literal.kind === "range") return rangeRows(literal);
  assert(literal.kind === "atom", `a ${literal.kind} is no loop`);
  const rows = estimates.rows[literal.relation] ?? 0;
  const { terms } = literal;
  const seen = goal.window === "delta" ? deltaRows(rows) : rows;
  return matches(seen, terms.length, knownColumns(terms, bound).length);
}

export function rangeRows({ from, to, step }: RangeLiteral): number {
  if (from.kind !== "constant" || to.kind !== "constant") return rangeRowsAssumed;
  const width = step === undefined ? 1 : step.kind === "constant" ? Number(step.value) : NaN;
  const rows = Math.abs((Number(to.value) - Number(from.value)) / width);
  return Number.isFinite(rows) ? rows : rangeRowsAssumed;
}

/** The first of those for which `measure` is least; those for which it is undefined are left out. */
function least<T>(items: readonly T[], measure: (item: T) => number | undefined): T | undefined {
  let found: T | undefined;
  let lowest = Infinity;
  for (const item of items) {
    const measured = measure(item) ?? Infinity;
    if (measured < lowest) [found, lowest] = [item, measured];
  }
  return found;
}
