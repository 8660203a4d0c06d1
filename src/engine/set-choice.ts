import type { SetForm } from "../codegen/store.ts";
import { BitsOfTuples, bytesOfBits } from "./bits-set.ts";
import type { Memory } from "./memory.ts";
import type { Ranges } from "./ranges.ts";
import { TableOfTuples } from "./table-set.ts";
import type { KeptSet } from "./tuple-set.ts";

/** When a relation's set has which form. */
export type FormRules = {
  /** With fewer rows it is a table: it is small enough for the cache, and code is not linked anew
   * for every small relation. */
  readonly rowsMin: number;
  /** It is bits where these take no more bytes than this, */
  readonly bitsBytesMin: number;
  /** or than so many for each row: about what a table takes. */
  readonly bitsBytesPerRow: number;
};

/** The rules for those who have no reason for others. */
export const formRules: FormRules = {
  rowsMin: 1 << 12,
  bitsBytesMin: 1 << 20,
  bitsBytesPerRow: 20,
};

/** Returns the form that a set of `rows` tuples in `ranges` should have. */
export function formFor(
  { bitsBytesMin, bitsBytesPerRow }: FormRules,
  ranges: Ranges,
  rows: number,
): SetForm {
  const bytesMax = Math.max(bitsBytesMin, bitsBytesPerRow * rows);
  return bytesOfBits(ranges) <= bytesMax ? "bits" : "table";
}

/** Returns an empty set of a form, with room for `rows` tuples in `ranges`. */
export function newSet(
  form: SetForm,
  columns: readonly Int32Array[],
  memory: Memory,
  { bitsBytesMin, bitsBytesPerRow }: FormRules,
  ranges: Ranges,
  rows: number,
): KeptSet {
  switch (form) {
    case "table":
      return new TableOfTuples(columns, memory, rows);
    case "bits":
      return new BitsOfTuples(columns, memory, ranges, (size) =>
        Math.max(bitsBytesMin, bitsBytesPerRow * size),
      );
  }
}
