// How many rows a loop is expected to meet: all that the choice of a join order knows.
import type { Rule } from "../analysis/program.ts";
import { guardedRelations } from "./guards.ts";
import type { GroupRows, Progress } from "./plan.ts";

/** Rows of a relation of which nothing is known. */
const rowsAssumed = 1000;
/** A relation that is being computed is taken to outgrow the largest known one by this factor. */
const growthAssumed = 10;
/** The rows of a relation that is being computed that are taken to agree in a column. */
const growingGroupAssumed = 16;
/** The part of a relation's rows that is taken to be its delta. */
const deltaShareAssumed = 0.1;
/** Numbers in a range whose bounds are not constants. */
export const rangeRowsAssumed = 16;
/** The part of the ways that is taken to pass a test or an existence check. */
export const passShareAssumed = 0.5;
/** What it costs to put a row into an index, in rows of a scan. */
export const indexCost = 2;

/** What is known of relations while a stratum is planned. */
export type Estimates = {
  /** The rows expected in a relation by the time it is read. */
  readonly rows: (relation: number) => number;
  /** The number of its rows, if it is known and will not change. */
  readonly final: (relation: number) => number | undefined;
  /** How many rows agree in some columns (in ascending order), where that is known. */
  readonly group?: (relation: number, columns: readonly number[]) => number | undefined;
  /** The rows of its delta, if they are known. */
  readonly delta?: (relation: number) => number;
};

/** The estimates for a stratum that computes `computed`, from sizes where -1 is unknown. Of the
 * rules for it guards are known where `groups` are. */
export function estimatesOf(
  sizes: readonly number[],
  computed: readonly number[],
  rules: readonly Rule[] = [],
  groups?: GroupRows,
): Estimates {
  const assumed = assumptions(sizes, computed);
  if (groups === undefined) return assumed;
  const { final } = assumed;
  const guarded = guardedRelations(rules, final, groups);
  return {
    final,
    rows: (relation) =>
      Math.max(sizes[relation] ?? -1, guarded.rows(relation) ?? assumed.rows(relation)),
    group: (relation, columns) =>
      final(relation) === undefined
        ? (guarded.group(relation, columns) ?? growingGroupAssumed ** (1 / columns.length))
        : groups(relation, columns),
  };
}

/** The estimates between two rounds of a stratum that computes `computed`: what there is by now is
 * taken for what there will be in the next; of a delta, which may be about to come, not less than a
 * part of the largest relation. */
export function presentEstimates(
  { sizes, deltas, groups }: Progress,
  computed: readonly number[],
): Estimates {
  const rows = (relation: number): number => Math.max(1, sizes[relation] ?? 1);
  const largest = Math.max(...computed.map(rows));
  return {
    rows,
    final: (relation) => (computed.includes(relation) ? undefined : rows(relation)),
    group: groups,
    delta: (relation) => Math.max(deltaRows(largest), deltas[relation] ?? 1),
  };
}

function assumptions(sizes: readonly number[], computed: readonly number[]): Estimates {
  let largest = rowsAssumed;
  for (const size of sizes) if (size > largest) largest = size;
  return {
    rows: (relation) => {
      const size = sizes[relation] ?? -1;
      if (computed.includes(relation)) return Math.max(size, largest * growthAssumed);
      return size < 0 ? rowsAssumed : size;
    },
    final: (relation) => {
      const size = sizes[relation] ?? -1;
      return size < 0 || computed.includes(relation) ? undefined : size;
    },
  };
}

/** The rows of a relation of `arity` columns that are expected to agree with a key of some of them:
 * unless groups are known, every column is taken to divide the rows alike. A whole tuple is there
 * once. */
export function matches(
  { rows: rowsOf, group, delta: deltaOf = (of) => deltaRows(rowsOf(of)) }: Estimates,
  relation: number,
  arity: number,
  columns: readonly number[],
  delta = false,
): number {
  const all = rowsOf(relation);
  const rows = delta ? deltaOf(relation) : all;
  if (columns.length === 0) return rows;
  if (columns.length === arity) return Math.min(rows, 1);
  const known = group?.(relation, columns);
  if (known === undefined) return rows ** ((arity - columns.length) / arity);
  return delta ? (known * rows) / all : known;
}

/** The rows expected in the delta of a relation that is expected to have `rows`. */
function deltaRows(rows: number): number {
  return Math.max(1, rows * deltaShareAssumed);
}
