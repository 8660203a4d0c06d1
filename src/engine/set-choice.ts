import type { SetForm } from "../codegen/store.ts";
import { BitsOfTuples, bytesOfBits } from "./bits-set.ts";
import { blockDensity, BlocksOfPairs } from "./blocks-set.ts";
import type { Memory } from "./memory.ts";
import type { Ranges } from "./ranges.ts";
import { TableOfTuples } from "./table-set.ts";

/** The set of a relation's tuples as `Tuples` keeps it. */
export type KeptSet = TableOfTuples | BlocksOfPairs | BitsOfTuples;

/** When a relation's set has which form. */
export type FormRules = {
  /** With fewer rows it is a table: it is small enough for the cache, and code is not linked anew
   * for every small relation. */
  readonly rowsMin: number;
  /** It is bits where these take no more bytes than this, */
  readonly bitsBytesMin: number;
  /** or than so many for each row: about what a table takes. */
  readonly bitsBytesPerRow: number;
  /** Pairs are in blocks where so many share one on average, and stay there until half as many
   * do. */
  readonly blockDensityMin: number;
};

/** The rules for those who have no reason for others. */
export const formRules: FormRules = {
  rowsMin: 1 << 12,
  bitsBytesMin: 1 << 20,
  bitsBytesPerRow: 20,
  blockDensityMin: 4,
};

/** Returns the form that a set of the first `rows` rows of columns, with words in `ranges`, should
 * have in the place of `set`. */
export function formFor(
  rules: FormRules,
  set: KeptSet,
  columns: readonly Int32Array[],
  rows: number,
  ranges: Ranges,
): SetForm {
  if (bytesOfBits(ranges) <= bitsBytesMax(rules, rows)) return "bits";
  if (columns.length !== 2) return "table";
  const dense =
    set.form === "blocks"
      ? rows >= (rules.blockDensityMin / 2) * set.blocks
      : blockDensity(columns, rows) >= rules.blockDensityMin;
  return dense ? "blocks" : "table";
}

/** Returns an empty set of a form, with room for `rows` tuples in `ranges`. */
export function newSet(
  form: SetForm,
  rules: FormRules,
  columns: readonly Int32Array[],
  memory: Memory,
  rows: number,
  ranges: Ranges,
): KeptSet {
  switch (form) {
    case "table":
      return new TableOfTuples(columns, memory, rows);
    case "blocks":
      return new BlocksOfPairs(memory);
    case "bits":
      return new BitsOfTuples(columns, memory, ranges, (size) => bitsBytesMax(rules, size));
  }
}

function bitsBytesMax({ bitsBytesMin, bitsBytesPerRow }: FormRules, rows: number): number {
  return Math.max(bitsBytesMin, bitsBytesPerRow * rows);
}
