import type { Source } from "../base/source.ts";

/** Returns a copy of a value, which is plain data, in which all spans in `from` are spans in `to`,
 * `by` places before: what was read as one text stands in another one. */
export function relocated<T>(value: T, from: Source, to: Source, by: number): T {
  return copied(value) as T;

  function copied(part: unknown): unknown {
    if (part === from) return to;
    if (Array.isArray(part)) return part.map(copied);
    if (typeof part !== "object" || part === null) return part;
    const entries = Object.entries(part).map(([key, of]) => [key, copied(of)] as const);
    const copy: Record<string, unknown> = Object.fromEntries(entries);
    const { start, end } = copy;
    if (copy["source"] === to && typeof start === "number" && typeof end === "number") {
      copy["start"] = Math.max(0, start - by);
      copy["end"] = Math.min(to.text.length, Math.max(0, end - by));
    }
    return copy;
  }
}
