import type { Relation } from "../engine/relation.ts";

/** So much of a file says how many rows the rest has, */
export const sampleBytes = 1 << 23;
/** and so much of a file that is shorter: where the guess is wrong, less is. */
const shortSampleBytes = 1 << 16;
/** What is made room for is by so much more than expected. */
const margin = 1 / 512;

/** Yields the pieces of a file of `fileBytes` bytes that is read into `relation`. After the first
 * eight mebibytes, or 64 KiB of a file that has fewer, it makes room for as many rows as the file
 * should have: a relation that grows step by step copies itself again and again, and for a while is
 * there twice. */
export function* makingRoom(
  pieces: Iterable<Uint8Array>,
  fileBytes: number,
  relation: Relation,
): Generator<Uint8Array> {
  const sample = fileBytes < sampleBytes ? shortSampleBytes : sampleBytes;
  let read = 0;
  let made = false;
  for (const piece of pieces) {
    const first = made || read + piece.length <= sample ? piece.length : sample - read;
    yield piece.subarray(0, first);
    read += first;
    if (!made && read >= sample) {
      relation.reserve(Math.ceil(((1 + margin) * relation.size * fileBytes) / read));
      made = true;
    }
    if (first < piece.length) {
      yield piece.subarray(first);
      read += piece.length - first;
    }
  }
}
