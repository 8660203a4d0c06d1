// What a draft of an arrangement goes on with: the greedy half of the join order.
import type { Literal, Term } from "../analysis/program.ts";
import { assert } from "../base/assert.ts";
import { areBound, bindingOf, type Bound, isKnown, knownColumns, matchOf } from "./bound.ts";
import type { Draft } from "./draft.ts";
import { type Estimates, matches, rangeRowsAssumed } from "./estimate.ts";
import type { Goal } from "./goal.ts";
import { literalVariables, termVariables } from "./literals.ts";
import type { RangeLiteral } from "./step.ts";

/** A goal, and whether it takes a loop or can be decided. */
export type Choice = { readonly goal: Goal; readonly loops: boolean };

/** What comes next: what is ready, then a loop; last what is better put off. Where the program
 * orders the atoms, only the first of those that are left may come. */
export function choice(draft: Draft, first: Goal | undefined): Choice | undefined {
  const { order } = draft.scope;
  const turn = order?.find((goal) => draft.pending.has(goal));
  const free = [...draft.pending].filter(
    (goal) => order === undefined || goal === turn || goal.literal.kind !== "atom",
  );
  for (const putOff of [false, true]) {
    const goals = free.filter((goal) => isPutOff(draft, goal) === putOff);
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
function isPutOff({ pending, asked, bound }: Draft, goal: Goal): boolean {
  if (goal.counts) return true;
  const binding = goal.literal.kind === "comparison" ? bindingOf(goal.literal, bound) : undefined;
  if (binding === undefined) return false;
  const askedElsewhere = (asked.get(binding.variable) ?? 0) > 1;
  if (goal.faults && !askedElsewhere) return true;
  return askedElsewhere && [...pending].some((one) => resultOf(one.literal) === binding.variable);
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
      if (isKnown(literal.left, draft.bound) && isKnown(literal.right, draft.bound))
        return goal.faults ? 6 : 1;
      if ((bindingOf(literal, draft.bound) ?? matchOf(literal, draft.bound)) === undefined)
        return undefined;
      return goal.faults ? 6 : 2;
    case "atom":
      if (goal.row !== undefined) return undefined;
      if (knownColumns(literal.terms, draft.bound).length === literal.terms.length) return 3;
      return isExistence(draft, literal.terms) ? 4 : undefined;
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
function isExistence({ scope, wanted, asked, bound }: Draft, terms: readonly Term[]): boolean {
  if (!scope.distinct) return false;
  const seen = new Set<number>();
  return terms.every((term) => {
    if (term.kind === "anonymous" || isKnown(term, bound)) return true;
    if (term.kind !== "variable" || seen.has(term.variable)) return false;
    seen.add(term.variable);
    return !wanted.has(term.variable) && (asked.get(term.variable) ?? 0) <= 1;
  });
}

function nextLoop({ bound, context }: Draft, goals: readonly Goal[]): Goal | undefined {
  const loops = goals.filter(
    ({ literal }) =>
      literal.kind === "atom" ||
      (literal.kind === "range" && areBound(rangeVariables(literal), bound)),
  );
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

/** The rows that a loop is expected to meet each time it runs. */
export function fanout(goal: Goal, bound: Bound, estimates: Estimates): number {
  const { literal } = goal;
  if (literal.kind === "range") return rangeRows(literal);
  assert(literal.kind === "atom", `a ${literal.kind} is no loop`);
  const { relation, terms } = literal;
  const known = knownColumns(terms, bound);
  return matches(estimates, relation, terms.length, known, goal.window === "delta");
}

/** The numbers that a range is expected to have. */
export function rangeRows({ from, to, step }: RangeLiteral): number {
  if (from.kind !== "constant" || to.kind !== "constant") return rangeRowsAssumed;
  const width = step === undefined ? 1 : step.kind === "constant" ? Number(step.value) : NaN;
  const rows = Math.abs((Number(to.value) - Number(from.value)) / width);
  return Number.isFinite(rows) ? rows : rangeRowsAssumed;
}

/** The first item for which `measure` is least, leaving out those for which it is undefined. */
function least<T>(items: readonly T[], measure: (item: T) => number | undefined): T | undefined {
  let found: T | undefined;
  let lowest = Infinity;
  for (const item of items) {
    const measured = measure(item) ?? Infinity;
    if (measured < lowest) [found, lowest] = [item, measured];
  }
  return found;
}
