import type { Fact } from "../transducer/fact.ts";
import type { Value } from "../value/schema.ts";

/** Returns how many bytes facts take at most when they are written. A driver that takes facts of
 * clients compares this with the limit of a frame (`frameBytesMax`), less `frameRestBytesMax`: what
 * one origin accepts together travels together. */
export function factBytesBound(facts: readonly Fact[]): number {
  let bytes = 0;
  for (const { values } of facts) {
    bytes += 16;
    for (const value of values) bytes += valueBytesBound(value);
  }
  return bytes;
}

/** What a frame holds beside its facts, at most: origins, a request, a signature. */
export const frameRestBytesMax = 1 << 10;

function valueBytesBound(value: Value): number {
  if (value === null) return 1;
  if (typeof value === "string") return 9 + 3 * value.length;
  if (typeof value !== "object") return 10;
  if ("elements" in value) return 9 + sum(value.elements);
  if ("fields" in value) return 9 + sum(value.fields);
  if ("pairs" in value) return 9 + value.pairs.reduce((bytes, pair) => bytes + sum(pair), 0);
  return 1 + sum(value);
}

function sum(values: readonly Value[]): number {
  return values.reduce<number>((bytes, value) => bytes + valueBytesBound(value), 0);
}
