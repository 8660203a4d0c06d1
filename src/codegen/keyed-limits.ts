import type { Domain } from "../value/schema.ts";

/** Between which numbers those of a kind are what they are: exact as doubles, and in the domain. */
export type KeyedLimits = Record<
  "number" | "unsigned",
  { readonly least: number; readonly most: number }
>;

/** Returns the numbers that a transaction computes with as doubles. */
export function keyedLimits(domain: Domain): KeyedLimits {
  const most = Number.MAX_SAFE_INTEGER;
  return domain === 64
    ? { number: { least: -most, most }, unsigned: { least: 0, most } }
    : {
        number: { least: -(2 ** 31), most: 2 ** 31 - 1 },
        unsigned: { least: 0, most: 2 ** 32 - 1 },
      };
}
