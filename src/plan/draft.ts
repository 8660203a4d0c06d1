import type { Rule, Variable } from "../analysis/program.ts";
import type { Estimates } from "./estimate.ts";
import type { Goal, Scope } from "./goal.ts";
import { type AggregateLiteral, termVariables } from "./literals.ts";
import type { Step } from "./step.ts";

/** What all arrangements of one variant share. */
export type ArrangeContext = {
  readonly rule: Rule;
  /** The rule's variables, and those that arranging adds to them. */
  readonly variables: Variable[];
  readonly estimates: Estimates;
  /** The variant runs once: an index that only it needs costs as much as a scan. */
  readonly once: boolean;
  /** The arrangements of aggregates; they do not depend on what stands around them. */
  readonly aggregates: Map<AggregateLiteral, Arrangement>;
};

/** Steps, what they are expected to cost in rows met, and how many loops among them repeat
 * themselves for every row that was found before. */
export type Arrangement = {
  readonly steps: readonly Step[];
  /** The atoms in the order in which they are visited. */
  readonly atoms: readonly Goal[];
  readonly cost: number;
  readonly products: number;
};

/** An arrangement while it is made: what is bound and what is left to do after the steps so far,
 * how often they are expected to be passed, and what that costs. */
export type Draft = {
  readonly scope: Scope;
  readonly context: ArrangeContext;
  readonly bound: Set<number>;
  readonly steps: Step[];
  readonly atoms: Goal[];
  readonly pending: Set<Goal>;
  /** In how many of the pending goals each variable occurs. */
  readonly asked: Map<number, number>;
  /** The variables that are wanted once all is done. */
  readonly wanted: ReadonlySet<number>;
  loops: number;
  products: number;
  rows: number;
  cost: number;
};

/** A draft without steps, with all goals of `scope` still to do. */
export function emptyDraft(scope: Scope, context: ArrangeContext): Draft {
  const draft: Draft = {
    scope,
    context,
    bound: new Set(scope.bound),
    steps: [],
    atoms: [],
    pending: new Set(),
    asked: new Map(),
    wanted: new Set(scope.wanted.flatMap(termVariables)),
    loops: 0,
    products: 0,
    rows: 1,
    cost: 0,
  };
  for (const goal of scope.goals) addGoal(draft, goal);
  return draft;
}

/** Makes `goal` one of those that are to do. */
export function addGoal({ pending, asked }: Draft, goal: Goal): void {
  pending.add(goal);
  for (const variable of goal.variables) asked.set(variable, (asked.get(variable) ?? 0) + 1);
}

/** Takes `goal` from those that are to do. */
export function removeGoal({ pending, asked }: Draft, goal: Goal): void {
  pending.delete(goal);
  for (const variable of goal.variables) asked.set(variable, (asked.get(variable) ?? 0) - 1);
}
