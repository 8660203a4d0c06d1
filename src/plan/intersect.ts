// Loops whose values are checked one by one in other relations → loops over what relations have in
// common: cyclic bodies cost no more than their worst case then.
import type { Term } from "../analysis/program.ts";
import { type Estimates, indexCost, matches } from "./estimate.ts";
import { termVariables } from "./literals.ts";
import type { RelationPlan } from "./plan.ts";
import { type AtomStep, type IntersectStep, type Step, stepVariables } from "./step.ts";

/** A loop over fewer values is not worth to be kept apart from its checks. */
const valuesMin = 4;

/** What is known of the relations that steps visit. */
export type Visited = {
  readonly relations: readonly RelationPlan[];
  /** The relations that grow while the steps are run. */
  readonly computes: readonly number[];
  readonly estimates: Estimates;
};

/** Returns steps that do what `steps` do, in bodies of aggregates too. In `tri(x, y, z) :- e(x, y),
 * e(y, z), e(z, x)` the loop over e(y, z) with the check that e(z, x) is there becomes one over the
 * values of z that both have; and the one over e(x, y) becomes one over x and one over y, so that
 * the values of z in e(z, x) are gathered once for all y. */
export function intersected(steps: readonly Step[], visited: Visited): readonly Step[] {
  const inside = steps.map((step) =>
    step.kind === "aggregate" ? { ...step, body: intersected(step.body, visited) } : step,
  );
  const found: Step[] = [];
  let passes = 1;
  let next = 0;
  for (const [at, step] of inside.entries()) {
    if (at < next) continue;
    const intersection =
      step.kind === "loop" ? intersectionAt(inside.slice(at), step, passes, visited) : undefined;
    if (step.kind === "loop") passes *= fanout(step, visited);
    found.push(intersection?.step ?? step);
    if (intersection === undefined) continue;
    found.push(...intersection.filters);
    next = at + 1 + intersection.checks;
  }
  return inOrder(byKeys(found, visited));
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
function inOrder(steps: readonly Step[]): readonly Step[] {
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

/** Whether rows come in that rules may not see yet: then a group is not one look-up of a tuple, and
 * to mark it each time would cost more than to look for its rows in an index. */
function grows({ relation }: AtomStep, { computes }: Visited): boolean {
  return computes.includes(relation);
}

/** Whether a visit is to all rows of a relation, none of which is dropped. */
function isWhole({ relation, window }: AtomStep, { relations }: Visited): boolean {
  const of = relations[relation];
  return window === "full" && of?.equivalence !== true && of?.subsumed !== true;
}

function fanout({ relation, terms, key }: AtomStep, { estimates }: Visited): number {
  return matches(estimates.rows(relation), terms.length, key.length);
}

/** Begins with the values of one column where an intersection asks for a group by it alone: as long
 * as the value is the same, so is the group. */
function byKeys(steps: readonly Step[], visited: Visited): readonly Step[] {
  const [first, ...rest] = steps;
  if (first?.kind !== "loop" || first.key.length > 0 || first.row !== undefined) return steps;
  const { terms } = first;
  if (!isWhole(first, visited) || grows(first, visited)) return steps;
  const variables = terms.flatMap(termVariables);
  if (variables.length < 2 || new Set(variables).size < variables.length) return steps;
  const groups = rest.flatMap((step) =>
    step.kind === "intersect" ? step.sides.filter((side) => !grows(side, visited)) : [],
  );
  const asked = new Map(groups.map((side) => [groupVariable(side), side]));
  const column = terms.findIndex((term) => term.kind === "variable" && asked.has(term.variable));
  const term = terms[column];
  const side = term?.kind === "variable" ? asked.get(term.variable) : undefined;
  if (term?.kind !== "variable" || side === undefined) return steps;
  const loop: Step = { ...first, key: [column] };
  const atom: AtomStep = { ...first, kind: "exists", key: [column] };
  const keys: Step = { kind: "keys", variable: term.variable, atom };
  if (side.relation === first.relation && side.key.includes(column)) return [keys, loop, ...rest];
  // Without a row in the group there is nothing to go on for.
  const reduced: Step = { ...side, kind: "exists", terms: onlyKey(side) };
  return [keys, reduced, loop, ...rest];
}

function onlyKey({ terms, key }: AtomStep): readonly Term[] {
  return terms.map((term, column) => (key.includes(column) ? term : { kind: "anonymous" }));
}

/** The variable on whose value alone the group of a side depends. */
function groupVariable(side: AtomStep): number | undefined {
  const [variable, ...others] = keyVariables(side);
  return others.length === 0 ? variable : undefined;
}

function keyVariables({ terms, key }: Pick<AtomStep, "terms" | "key">): readonly number[] {
  return terms.flatMap((term, column) => (key.includes(column) ? termVariables(term) : []));
}
