// A scan that comes first → a loop over the keys of an index that is there anyway.
import type { Term } from "../analysis/program.ts";
import { termVariables } from "./literals.ts";
import { type AtomStep, atomSteps, keyVariables, type Step, stepVariables } from "./step.ts";
import { grows, isWhole, type Visited } from "./visited.ts";

/** Returns steps that do what `steps` do, and begin with the keys of an index if that pays. */
export function byKeys(steps: readonly Step[], visited: Visited): readonly Step[] {
  const [first, ...rest] = steps;
  if (first?.kind !== "loop" || first.key.length > 0 || first.row !== undefined) return steps;
  if (!isWhole(first, visited) || grows(first, visited)) return steps;
  const variables = first.terms.flatMap(termVariables);
  const plain = first.terms.every(({ kind }) => kind === "variable" || kind === "anonymous");
  if (!plain || new Set(variables).size < variables.length) return steps;
  return grouped(first, rest, visited) ?? split(first, rest, visited) ?? steps;
}

/** Goes over the keys alone where nobody asks for the other columns: in `best(x, m) :- path(x, _),
 * m = min c : { path(x, c) }` each x comes once, however many paths it has. */
function grouped(
  first: AtomStep,
  rest: readonly Step[],
  { wanted, distinct }: Visited,
): readonly Step[] | undefined {
  const asked = new Set([...wanted, ...rest.flatMap(stepVariables)]);
  const key = [...first.terms.entries()].flatMap(([column, term]) =>
    term.kind === "variable" && asked.has(term.variable) ? [column] : [],
  );
  if (!distinct || key.length === 0 || key.length === first.terms.length) return undefined;
  const indexed = atomSteps(rest).some(
    (step) =>
      step.relation === first.relation &&
      step.key.length === key.length &&
      step.key.every((column, at) => column === key[at]),
  );
  return indexed ? [{ kind: "keys", atom: { ...first, kind: "exists", key } }, ...rest] : undefined;
}

/** Goes over the values of one column, and over the rows of each, where an intersection asks for a
 * group by this one alone: as long as the value is the same, so is the group. In `tri(x, y, z) :-
 * e(x, y), e(y, z), e(z, x)` the values of z in e(z, x) are gathered once for all y. */
function split(
  first: AtomStep,
  rest: readonly Step[],
  visited: Visited,
): readonly Step[] | undefined {
  const groups = rest.flatMap((step) =>
    step.kind === "intersect" ? step.sides.filter((side) => !grows(side, visited)) : [],
  );
  const asked = new Map(groups.map((side) => [groupVariable(side), side]));
  const column = first.terms.findIndex(
    (term) => term.kind === "variable" && asked.has(term.variable),
  );
  const term = first.terms[column];
  const side = term?.kind === "variable" ? asked.get(term.variable) : undefined;
  if (side === undefined || first.terms.flatMap(termVariables).length < 2) return undefined;
  const keys: Step = { kind: "keys", atom: { ...first, kind: "exists", key: [column] } };
  const loop: Step = { ...first, key: [column] };
  if (side.relation === first.relation && side.key.includes(column)) return [keys, loop, ...rest];
  // Without a row in the group there is nothing to go on for.
  const reduced: Step = { ...side, kind: "exists", terms: onlyKey(side) };
  return [keys, reduced, loop, ...rest];
}

/** The variable on whose value alone the group of a side depends. */
function groupVariable(side: AtomStep): number | undefined {
  const [variable, ...others] = keyVariables(side);
  return others.length === 0 ? variable : undefined;
}

function onlyKey({ terms, key }: AtomStep): readonly Term[] {
  return terms.map((term, column) => (key.includes(column) ? term : { kind: "anonymous" }));
}
