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
  const ends = columns.map((column, at) => {
    let [low, high] = [lows[at]!, highs[at]!];
    for (let row = from; row < to; row++) {
      const word: Word = column[row]!;
      if (word < low) low = word;
      if (word > high) high = word;
    }
    return { low, high };
  });
  return { lows: ends.map(({ low }) => low), highs: ends.map(({ high }) => high) };
}
