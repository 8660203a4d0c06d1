import type { Schema } from "../value/schema.ts";

/** The tuples of a relation, column by column: row `at` of the relation is the `at`-th word of each
 * column. A relation of the engine is one. */
export type Tuples = {
  readonly schema: Schema;
  readonly size: number;
  /** The words of one column; at least `size`. */
  column(at: number): Int32Array;
};
