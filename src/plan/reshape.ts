// The join order's steps → steps that do the same with less: by what relations have in common, and
// by the keys of indexes.
import { byKeys } from "./by-keys.ts";
import { inOrder, intersected } from "./intersect.ts";
import { termVariables } from "./literals.ts";
import type { Step } from "./step.ts";
import type { Visited } from "./visited.ts";

/** Returns steps that do what `steps` do, in bodies of aggregates too. */
export function reshaped(steps: readonly Step[], visited: Visited): readonly Step[] {
  const inside = steps.map((step) =>
    step.kind === "aggregate"
      ? { ...step, body: reshaped(step.body, within(step, visited)) }
      : step,
  );
  return inOrder(byKeys(intersected(inside, visited), visited));
}

/** What is asked of the body of an aggregate: the least and the greatest value are the same however
 * often met. Counters have their own tuple each time. */
function within(
  { literal: { name, value } }: Extract<Step, { kind: "aggregate" }>,
  visited: Visited,
): Visited {
  const distinct = visited.distinct && (name === "min" || name === "max");
  return { ...visited, distinct, wanted: new Set(value === undefined ? [] : termVariables(value)) };
}
