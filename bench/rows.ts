import { random } from "../src/base/random.ts";

const rowsPerChunk = 100_000;

/** Yields the text of a facts file of `rows` pairs of numbers below a million, in chunks. */
export function numberPairs(rows: number, seed: number): Generator<string> {
  const next = random(seed);
  return chunks(rows, () => `${next.below(1e6)}\t${next.below(1e6)}\n`);
}

/** Yields the text of a facts file of `rows` triples of qualified names, in chunks. */
export function symbolTriples(rows: number, seed: number): Generator<string> {
  const next = random(seed);
  const name = (): string => `com/acme/p${next.below(300)}/C${next.below(4000)}`;
  return chunks(rows, () => `${name()}\tm${next.below(20000)}\t${name()}\n`);
}

function* chunks(rows: number, row: () => string): Generator<string> {
  for (let done = 0; done < rows; done += rowsPerChunk) {
    const count = Math.min(rowsPerChunk, rows - done);
    yield Array.from({ length: count }, row).join("");
  }
}
