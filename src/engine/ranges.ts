import type { Word } from "../value/word.ts";

/** The words of each column lie in `lows[column]` to `highs[column]`. */
export type Ranges = { readonly lows: readonly number[]; readonly highs: readonly number[] };

/** The ranges of columns that have no rows yet. */
export function noRanges(columns: number): Ranges {
  const lows = new Array<number>(columns).fill(Infinity);
  return { lows, highs: new Array<number>(columns).fill(-Infinity) };
}

/** Returns ranges that hold the rows [from, to) of columns too. */
export function widened(
  { lows, highs }: Ranges,
  columns: readonly Int32Array[],
  from: number,
  to: number,
): Ranges {
  const ends = columns.map((column, at) => ({
    low: Math.min(lows[at]!, least(column, from, to)),
    high: Math.max(highs[at]!, greatest(column, from, to)),
  }));
  return { lows: ends.map(({ low }) => low), highs: ends.map(({ high }) => high) };
}

// Words alone are compared in these loops, and no numbers that may be infinite.

function least(column: Int32Array, from: number, to: number): number {
  if (from >= to) return Infinity;
  let low: Word = column[from]!;
  for (let row = from; row < to; row++) {
    const word = column[row]!;
    if (word < low) low = word;
  }
  return low;
}

function greatest(column: Int32Array, from: number, to: number): number {
  if (from >= to) return -Infinity;
  let high: Word = column[from]!;
  for (let row = from; row < to; row++) {
    const word = column[row]!;
    if (word > high) high = word;
  }
  return high;
}
