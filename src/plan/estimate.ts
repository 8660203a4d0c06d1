// How many rows a loop is expected to meet: all that the choice of a join order knows.

/** Rows of a relation of which nothing is known. */
const rowsAssumed = 1000;
/** A relation that is being computed is taken to outgrow the largest known one by this factor. */
const growthAssumed = 10;
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
};

/** The estimates for a stratum that computes `computed`, from sizes where -1 is unknown. */
export function estimatesOf(sizes: readonly number[], computed: readonly number[]): Estimates {
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

/** The rows expected to agree with a key of `keys` out of `arity` columns, among `rows`: every
 * column is taken to divide them alike. A whole tuple is there once. */
export function matches(rows: number, arity: number, keys: number): number {
  return keys === arity ? Math.min(rows, 1) : rows ** ((arity - keys) / arity);
}

/** The rows expected in the delta of a relation that is expected to have `rows`. */
export function deltaRows(rows: number): number {
  return Math.max(1, rows * deltaShareAssumed);
}
