// Loops whose values are checked one by one in other relations → loops over what relations have in
// common: cyclic bodies cost no more than their worst case then.
import { indexCost, matches } from "./estimate.ts";
import { grows, isWhole, type Visited } from "./visited.ts";
import {
  type AtomStep,
  type IntersectStep,
  keyVariables,
  type Step,
  stepVariables,
} from "./step.ts";

/** A loop over fewer values is not worth to be kept apart from its checks. */
const valuesMin = 4;

/** Returns steps that do what `steps` do. In `tri(x, y, z) :- e(x, y), e(y, z), e(z, x)` the loop
 * over e(y, z) with the check that e(z, x) is there becomes one over the values of z that both
 * have. */
export function intersected(steps: readonly Step[], visited: Visited): readonly Step[] {
  const found: Step[] = [];
  let passes = 1;
  let next = 0;
  for (const [at, step] of steps.entries()) {
    if (at < next) continue;
    const intersection =
      step.kind === "loop" ? intersectionAt(steps.slice(at), step, passes, visited) : undefined;
    if (step.kind === "loop") passes *= fanout(step, visited);
    found.push(intersection?.step ?? step);
    if (intersection === undefined) continue;
    found.push(...intersection.filters);
    next = at + 1 + intersection.checks;
  }
  return found;
}

type Found = {
  readonly step: IntersectStep;
  /** Those that stand among the checks. */
  readonly filters: readonly Step[];
  /** How many steps after the loop are part of it. */
  readonly checks: number;
};

/** The intersection that `loop`, the first of `steps`, and the checks that follow it make, if it is
 * worth it. */
function intersectionAt(
  [, ...steps]: readonly Step[],
  loop: AtomStep,
  passes: number,
  visited: Visited,
): Found | undefined {
  const variable = soleVariable(loop);
  const values = fanout(loop, visited);
  if (loop.row !== undefined || variable === undefined) return undefined;
  if (values < valuesMin || !isWhole(loop, visited)) return undefined;
  const sides: AtomStep[] = [loop];
  const filters: Step[] = [];
  for (const step of steps) {
    if (step.kind === "filter") {
      filters.push(step);
      continue;
    }
    const side = step.kind === "exists" ? sideOf(step, variable) : undefined;
    if (side === undefined || !isWhole(side, visited) || grows(side, visited)) break;
    if (passes * values < indexCost * visited.estimates.rows(side.relation)) break;
    sides.push(side);
  }
  if (sides.length < 2) return undefined;
  const checks = sides.length - 1 + filters.length;
  return { step: { kind: "intersect", variable, sides }, filters, checks };
}

/** The steps with the sides of intersections in the order in which they are met: the two whose
 * groups change least often come first, the outermost in the second place. */
export function inOrder(steps: readonly Step[]): readonly Step[] {
  const depths = new Map<number, number>();
  for (const [at, step] of steps.entries())
    for (const variable of stepVariables(step)) if (!depths.has(variable)) depths.set(variable, at);
  const depth = (side: AtomStep): number =>
    Math.max(-1, ...keyVariables(side).map((at) => depths.get(at) ?? -1));
  return steps.map((step) => {
    if (step.kind !== "intersect") return step;
    const sides = step.sides.toSorted((a, b) => depth(a) - depth(b));
    return { ...step, sides: [...sides.slice(1, 2), ...sides.slice(0, 1), ...sides.slice(2)] };
  });
}

/** The one variable that a loop binds, if all its other columns are known. */
function soleVariable({ terms, key }: AtomStep): number | undefined {
  if (key.length === 0 || key.length + 1 !== terms.length) return undefined;
  const term = terms.find((_, column) => !key.includes(column));
  if (term?.kind !== "variable") return undefined;
  return keyVariables({ terms, key }).includes(term.variable) ? undefined : term.variable;
}

/** The look-up of a whole tuple in which `variable` stands once, by itself, as the group of the
 * values that it may have. */
function sideOf(step: AtomStep, variable: number): AtomStep | undefined {
  const { terms } = step;
  if (step.key.length !== terms.length || terms.length < 2) return undefined;
  const column = terms.findIndex((term) => term.kind === "variable" && term.variable === variable);
  const key = step.key.filter((one) => one !== column);
  const side = { ...step, key };
  return column < 0 || keyVariables(side).includes(variable) ? undefined : side;
}

function fanout({ relation, terms, key }: AtomStep, { estimates }: Visited): number {
  return matches(estimates, relation, terms.length, key);
}
