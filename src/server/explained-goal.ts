import type { Explainer } from "../provenance/explainer.ts";
import type { Tuple } from "../provenance/proof.ts";
import type { Value } from "../value/schema.ts";
import { answers, type Goal } from "./goal.ts";

/** Of a goal with variables so many tuples are explained. */
const tuplesMax = 5;

/** Returns the first tuples that fit a goal. */
export function tuplesOf(goal: Goal, explainer: Explainer): readonly Tuple[] {
  const { relation } = goal;
  const tuple = wholeTuple(goal);
  if (tuple === undefined)
    return explainer.first(relation, (of) => answers(goal, [of]).length > 0, tuplesMax);
  return explainer.holds(tuple) ? [tuple] : [];
}

/** Returns the one tuple that a goal asks for, where it names a value for each column. */
export function wholeTuple({ relation, pattern }: Goal): Tuple | undefined {
  const values = pattern.flatMap((one): Value[] => (one.kind === "value" ? [one.value] : []));
  return values.length < pattern.length ? undefined : { relation, values };
}
