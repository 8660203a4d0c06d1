// Which indexes a stratum needs: sets of columns that are looked up → the sets to look up in.
import type { RelationPlan, StratumPlan } from "./plan.ts";
import { type Estimates, matches } from "./estimate.ts";
import type { AtomStep } from "./step.ts";

/** A relation of so few rows is scanned, not indexed, if it does not grow. */
const scannedRowsMax = 4;
/** An index on fewer columns that is there anyway serves a lookup if it leaves so few rows. */
const residualRowsMax = 8;

/** The columns to look up where those of `step.key` are known; the others are checked row by row.
 * None: the relation is scanned. */
export type IndexOf = (step: AtomStep) => readonly number[];

/** The indexes of a stratum, and who uses which. */
export type IndexChoice = { readonly indexes: StratumPlan["indexes"]; readonly indexOf: IndexOf };

/** Returns the fewest indexes by this policy: every distinct set of known columns of a relation is
 * one hash index, whoever looks it up, but for whole tuples, which relations find by themselves.
 * Where the rows are known to be few, a loop does with a smaller set that is an index already, or
 * with none, and checks the rest. An existence test takes one row at most and checks nothing, so
 * its set always stands. (Minimal chain covers, VLDB 2018, share ordered indexes between sets of
 * which one is a prefix of the other; a hash has no prefixes.) */
export function chooseIndexes(
  steps: readonly AtomStep[],
  relations: readonly RelationPlan[],
  estimates: Estimates,
): IndexChoice {
  // Equivalences are looked up in their classes.
  const lookups = steps.filter(
    ({ relation, key, terms }) =>
      key.length > 0 && key.length < terms.length && relations[relation]?.equivalence !== true,
  );
  const chosen = new Map<number, number[][]>();
  const serving = new Map<string, readonly number[]>();
  for (const { relation, key, kind } of lookups.toSorted(byNecessity)) {
    const sets = chosen.get(relation) ?? [];
    const rows = estimates.final(relation);
    const arity = relations[relation]?.attributes.length ?? 0;
    if (serving.has(setName(relation, key))) continue;
    const subset = sets.findLast(
      (set) =>
        set.every((column) => key.includes(column)) &&
        (set.length === key.length ||
          (rows !== undefined && matches(estimates, relation, arity, set) <= residualRowsMax)),
    );
    const scanned = rows !== undefined && rows <= scannedRowsMax ? [] : undefined;
    const set = kind === "loop" ? (subset ?? scanned) : undefined;
    if (kind === "loop") serving.set(setName(relation, key), set ?? key);
    if (set === undefined && !sets.some((one) => sameSet(one, key)))
      chosen.set(relation, [...sets, [...key]].toSorted(bySize));
  }
  return {
    indexes: [...chosen]
      .toSorted(([a], [b]) => a - b)
      .flatMap(([relation, sets]) => sets.map((columns) => ({ relation, columns }))),
    indexOf: ({ relation, key, kind }) =>
      (kind === "loop" ? serving.get(setName(relation, key)) : undefined) ?? key,
  };
}

/** Sets that have to stand come before those that may do with another, small ones before large. */
function byNecessity(a: AtomStep, b: AtomStep): number {
  return Number(a.kind === "loop") - Number(b.kind === "loop") || bySize(a.key, b.key);
}

function bySize(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return a.length - b.length;
  const at = a.findIndex((column, place) => column !== b[place]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

function sameSet(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((column, place) => column === b[place]);
}

function setName(relation: number, columns: readonly number[]): string {
  return `${relation}:${columns.join()}`;
}
