import { printValue } from "./print-value.ts";
import type { Value } from "./schema.ts";

/** Whether two values are one value. */
export function sameValue(one: Value, other: Value): boolean {
  if (one === other) return true;
  if (typeof one === "number" && typeof other === "number")
    return Number.isNaN(one) && Number.isNaN(other);
  if (typeof one !== "object" || typeof other !== "object") return false;
  return printValue(one) === printValue(other);
}

/** Whether two tuples of one relation are one tuple. */
export function sameTuple(one: readonly Value[], other: readonly Value[]): boolean {
  for (let at = 0; at < one.length; at++)
    if (!sameValue(one[at] ?? null, other[at] ?? null)) return false;
  return true;
}
