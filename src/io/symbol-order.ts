import type { Symbols } from "../value/symbols.ts";
import type { Word } from "../value/word.ts";

/** Fewer symbols are compared with each other. */
const keyedMin = 24;
/** A key and a place are exact in one number up to so many places. */
const placesMax = 2 ** 21;

/** Sorts the words of symbols, each of which occurs once, by their bytes. Names often begin alike,
 * and to compare two of them reads both from far away: here four bytes of each are read at a time,
 * and only where the bytes before do not decide. */
export function sortSymbols(words: Uint32Array, symbols: Symbols): void {
  const keyed = new Float64Array(Math.min(words.length, placesMax));
  const moved = new Uint32Array(keyed.length);
  // Ranges of words whose first `depth` bytes are the same, and which are longer than that.
  const open = [{ from: 0, to: words.length, depth: 0 }];
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    const { from, to, depth } = range;
    const count = to - from;
    const some = words.subarray(from, to);
    if (count < keyedMin || count > placesMax) {
      some.sort((a, b) => symbols.compare(a, b));
      continue;
    }
    for (let at = 0; at < count; at++)
      keyed[at] = symbols.fourBytes(some[at]!, depth) * placesMax + at;
    const sorted = keyed.subarray(0, count).sort();
    moved.set(some);
    for (let at = 0; at < count; at++) some[at] = moved[sorted[at]! % placesMax]!;
    for (let start = 0; start < count;) {
      const key = Math.floor(sorted[start]! / placesMax);
      let end = start + 1;
      while (end < count && Math.floor(sorted[end]! / placesMax) === key) end++;
      if (end - start > 1) {
        const ended = endedFirst(some.subarray(start, end), depth + 4, symbols);
        if (end - start - ended > 1)
          open.push({ from: from + start + ended, to: from + end, depth: depth + 4 });
      }
      start = end;
    }
  }
}

/** Moves symbols that have no byte at `depth` to the front, the shortest first, as they are the
 * beginnings of the others; returns how many they are. */
function endedFirst(words: Uint32Array, depth: number, symbols: Symbols): number {
  const ended: Word[] = [];
  let place = words.length;
  for (let at = words.length - 1; at >= 0; at--) {
    const word = words[at]!;
    if (symbols.byteLength(word) <= depth) ended.push(word);
    else words[--place] = word;
  }
  ended.sort((a, b) => symbols.byteLength(a) - symbols.byteLength(b));
  words.set(ended);
  return ended.length;
}
