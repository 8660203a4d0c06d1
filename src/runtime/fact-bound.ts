import type { Fact } from "../transducer/fact.ts";
import type { Value } from "../value/schema.ts";
import { type FactLimits, factLimits } from "./fact-bytes.ts";

/** Returns how many bytes facts take at most when they are written; `Infinity` where they are above
 * a limit of what is read. A driver that takes facts of clients compares this with the limit of a
 * frame (`frameBytesMax`), less what else is in it (`frameRestBytesMax`): what one origin accepts
 * together travels together. */
export function factBytesBound(
  facts: readonly Fact[],
  limits: Pick<FactLimits, "factsMax" | "symbolBytesMax" | "depthMax"> = factLimits,
): number {
  if (facts.length > limits.factsMax) return Infinity;
  const { symbolBytesMax, depthMax } = limits;
  const bound = (values: readonly Value[], depth: number): number => {
    let bytes = 0;
    for (const value of values) bytes += boundOf(value, depth);
    return bytes;
  };
  const boundOf = (value: Value, above: number): number => {
    if (typeof value === "string") {
      // Three bytes are the most that a unit of UTF-16 takes.
      const bytes = 3 * value.length;
      const long = bytes > symbolBytesMax && encoder.encode(value).length > symbolBytesMax;
      return long ? Infinity : bytes + 9;
    }
    if (typeof value !== "object") return 10;
    const depth = above + 1;
    if (depth > depthMax) return Infinity;
    if (value === null) return 1;
    if ("elements" in value) return 9 + bound(value.elements, depth);
    if ("fields" in value) return 9 + bound(value.fields, depth);
    if ("pairs" in value) return 9 + value.pairs.reduce((sum, pair) => sum + bound(pair, depth), 0);
    return 1 + bound(value, depth);
  };
  return facts.reduce((bytes, { values }) => bytes + 16 + bound(values, 0), 0);
}

const encoder = new TextEncoder();

/** What a frame holds beside its facts and a signature, at most: origins, a request. */
export const frameRestBytesMax = 1 << 10;
