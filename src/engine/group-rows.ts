import { factor, hash1, shiftOf } from "../codegen/hash.ts";
import type { GroupRows } from "../plan/plan.ts";
import type { Database } from "./database.ts";

/** So many rows of a relation are looked at, evenly spread. */
const rowsMax = 1 << 20;
const bitsMin = 1 << 10;

/** Returns how many rows of a relation agree with one of them in some columns, in the mean. It is
 * counted when first asked for, and again when the relation's size has changed. */
export function groupRowsOf({ relations }: Database): GroupRows {
  const counted = new Map<string, { readonly size: number; readonly rows: number }>();
  return (at, columns) => {
    const { tuples, size, classes } = relations[at]!;
    if (size === 0 || classes !== undefined) return Math.sqrt(size);
    const name = `${at}: ${columns.join()}`;
    const before = counted.get(name);
    if (before?.size === size) return before.rows;
    const words = columns.map((column) => tuples.columns[column]!);
    const rows = meanGroup(words, tuples.size);
    counted.set(name, { size, rows });
    return rows;
  };
}

/** The mean size of the groups of `rows` rows by some words, by linear counting: each group sets a
 * bit, and how many stay unset tells how many groups there are (Whang, Vander-Zanden, Taylor, *A
 * linear-time probabilistic counting algorithm*, TODS 1990). */
function meanGroup(columns: readonly Int32Array[], rows: number): number {
  const stride = Math.ceil(rows / rowsMax);
  const seen = Math.ceil(rows / stride);
  let bits = bitsMin;
  while (bits < seen) bits *= 2;
  const shift = shiftOf(bits);
  const set = new Int32Array(bits >> 5);
  const sums = new Int32Array(seen);
  for (const [at, column] of columns.entries()) addTo(sums, column, stride, factor(at));
  setBits(set, sums, shift);
  const unset = bits - countOnes(set);
  const groups = unset === 0 ? seen : -bits * Math.log(unset / bits);
  return Math.max(1, seen / groups);
}

/** Adds every so many words, times a factor, to sums. Column by column this is one short loop. */
function addTo(sums: Int32Array, column: Int32Array, stride: number, by: number): void {
  for (let at = 0; at < sums.length; at++)
    sums[at] = (sums[at]! + Math.imul(column[at * stride]!, by)) | 0;
}

/** Sets the bit of each sum: that of its hash, shifted. */
function setBits(set: Int32Array, sums: Int32Array, shift: number): void {
  for (let at = 0; at < sums.length; at++) {
    const bit = hash1(sums[at]!) >>> shift;
    set[bit >> 5]! |= 1 << (bit & 31);
  }
}

function countOnes(set: Int32Array): number {
  let count = 0;
  for (let at = 0; at < set.length; at++)
    for (let rest = set[at]!; rest !== 0; rest &= rest - 1) count++;
  return count;
}
