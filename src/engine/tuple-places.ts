import type { TupleSet } from "../codegen/store.ts";

/** A place for each tuple that there can be, where each column has a narrow range of words: the
 * ranges are those of a set of bits. The places of tuples that differ in one column alone, the
 * `minor` one, lie side by side. */
export type TuplePlaces = {
  readonly lows: Int32Array;
  readonly extents: Int32Array;
  /** A tuple's place is the sum, over its columns, of `(word - low) * stride`. */
  readonly strides: Int32Array;
  readonly count: number;
};

/** Returns the places for the tuples of a set, if it is one of bits for all that is in. */
export function placesOf(set: TupleSet, minor: number): TuplePlaces | undefined {
  if (set.form !== "bits" || set.spilled) return undefined;
  const extents = set.extents.slice();
  const strides = extents.map(() => 1);
  let count = extents[minor]!;
  for (let at = extents.length - 1; at >= 0; at--) {
    if (at === minor) continue;
    strides[at] = count;
    count *= extents[at]!;
  }
  return { lows: set.lows.slice(), extents, strides, count };
}

/** Whether there are still places for all tuples of a set. */
export function haveAll({ lows, extents }: TuplePlaces, set: TupleSet): boolean {
  if (set.form !== "bits" || set.spilled) return false;
  return lows.every((low, at) => low === set.lows[at] && extents[at] === set.extents[at]);
}
