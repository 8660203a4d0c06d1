// Loops whose variables nobody asks for → searches that end at the first match: a head that does
// not tell the ways to satisfy a body apart needs one of them.
import { literalCounts, literalFaults, termFaults, termVariables } from "./literals.ts";
import { type Step, stepVariables } from "./step.ts";

/** Returns steps that come to the same values of `wanted`, each seldomer. In
 * `p(x) :- a(x), b(x, y), c(y, z), z > 5` the loops over b and c become one search: after the first
 * y and z that pass, the next x is looked at. Where one of them may fail all are gone through: it
 * should not depend on their order whether it does. */
export function firstMatches(steps: readonly Step[], wanted: ReadonlySet<number>): readonly Step[] {
  return searched(steps, wanted, { before: new Set(), ends: false });
}

type Around = {
  /** The variables that have values before the steps. */
  readonly before: ReadonlySet<number>;
  /** The steps are a search themselves, which ends after the last of them. */
  readonly ends: boolean;
};

function searched(
  steps: readonly Step[],
  wanted: ReadonlySet<number>,
  { before, ends }: Around,
): readonly Step[] {
  const found: Step[] = [];
  const bound = new Set(before);
  let next = 0;
  for (const [at, step] of steps.entries()) {
    if (at < next) continue;
    const end = searchEnd(steps, at, wanted, bound);
    // The search around these ends with them anyway.
    const search = end !== undefined && !(ends && end === steps.length);
    next = search ? end : at + 1;
    const body = steps.slice(at, next);
    if (search) found.push({ kind: "first", body: inner(body, bound) });
    else found.push(withSearches(step, bound));
    for (const variable of body.flatMap(variablesOf)) bound.add(variable);
  }
  return found;
}

function inner(body: readonly Step[], before: ReadonlySet<number>): readonly Step[] {
  return searched(body, none, { before, ends: true });
}

const none: ReadonlySet<number> = new Set();

/** Where a search ends that begins with a loop: after the first step from which on nobody reads
 * what was bound since. */
function searchEnd(
  steps: readonly Step[],
  from: number,
  wanted: ReadonlySet<number>,
  bound: ReadonlySet<number>,
): number | undefined {
  const first = steps[from];
  if (first === undefined || !loops.has(first.kind)) return undefined;
  const inside = new Set<number>();
  for (let at = from; at < steps.length; at++) {
    const step = steps[at];
    if (step === undefined || mayFail(step)) return undefined;
    for (const variable of variablesOf(step)) if (!bound.has(variable)) inside.add(variable);
    const asked = (variable: number): boolean => inside.has(variable);
    if ([...wanted].some(asked)) return undefined;
    const after = steps.slice(at + 1).flatMap(variablesOf);
    if (!after.some(asked)) return at + 1;
  }
  return undefined;
}

const loops: ReadonlySet<Step["kind"]> = new Set(["loop", "intersect", "keys"]);

function mayFail(step: Step): boolean {
  switch (step.kind) {
    case "loop":
    case "exists":
    case "absent":
      return step.terms.some(termFaults);
    case "intersect":
      return step.sides.some(mayFail);
    case "keys":
      return false;
    case "filter":
      return literalFaults(step.condition);
    case "bind":
      return termFaults(step.value);
    case "unpack":
      return [step.value, ...step.fields].some(termFaults);
    case "first":
      return step.body.some(mayFail);
    case "range":
    case "aggregate":
      return true;
  }
}

/** The variables that a step reads or binds, those for the place and the rank of a row, too. */
function variablesOf(step: Step): readonly number[] {
  const places = step.kind === "loop" ? [step.row, step.rank] : [];
  return [...stepVariables(step), ...places.filter((one) => one !== undefined)];
}

/** The least and the greatest value are the same, however often met. */
function withSearches(step: Step, bound: ReadonlySet<number>): Step {
  if (step.kind !== "aggregate" || literalCounts(step.literal)) return step;
  const { name, value } = step.literal;
  if ((name !== "min" && name !== "max") || value === undefined) return step;
  const wanted = new Set(termVariables(value));
  return { ...step, body: searched(step.body, wanted, { before: bound, ends: false }) };
}
