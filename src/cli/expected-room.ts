import type { Relation } from "../engine/relation.ts";
import type { Values } from "../value/values.ts";

/** So much of a file says how many rows the rest has, */
export const sampleBytes = 1 << 23;
/** and so much of a file that is shorter: where the guess is wrong, less is. */
const shortSampleBytes = 1 << 16;
/** What is made room for is by so much more than expected. */
const margin = 1 / 512;
/** Yields the pieces of a file of `fileBytes` bytes that is read into `relation`. After the first
 * eight mebibytes, or 64 KiB of a file that has fewer, it makes room for as many rows and wide
 * values as the file should have: what grows step by step copies itself again and again, and for a
 * while is there twice. */
export function* makingRoom(
  pieces: Iterable<Uint8Array>,
  fileBytes: number,
  relation: Relation,
  { wide }: Values,
): Generator<Uint8Array> {
  const sample = fileBytes < sampleBytes ? shortSampleBytes : sampleBytes;
  const before = wide.size;
  let half = before;
  let read = 0;
  let made = false;
  for (const piece of pieces) {
    for (let from = 0; from < piece.length;) {
      const stops = [sample / 2, sample].filter((stop) => read < stop);
      const length = Math.min(piece.length - from, (stops[0] ?? Infinity) - read);
      yield piece.subarray(from, from + length);
      from += length;
      read += length;
      if (read === sample / 2) half = wide.size;
      if (made || read < sample) continue;
      const times = fileBytes / read;
      relation.reserve(Math.ceil((1 + margin) * relation.size * times));
      const [first, second] = [half - before, wide.size - half];
      wide.reserve(before + Math.ceil((1 + margin) * expectedNew(first, second, 2 * times)));
      made = true;
    }
  }
}

/** How many different values come in so many parts of a file. The first one has `first`, and the
 * second one `second` that are new. Each value is taken for any of some number of values: of those
 * that have not come by then each part has the same share. */
export function expectedNew(first: number, second: number, parts: number): number {
  if (second >= first) return first + second * (parts - 1);
  const left = second / first;
  return (first * (1 - left ** parts)) / (1 - left);
}
