// Sets and maps that the text states: `singleton(1)`, `singleton("a", singleton(1))`.
import type { TermNode } from "../syntax/tree.ts";
import { printValue } from "../value/print-value.ts";
import type { MapValue, Value, ValueKind } from "../value/schema.ts";
import type { DeclaredCollection } from "./collection-lattices.ts";

/** Returns the set or the map that a term states, by what its members are; undefined if it is
 * none. */
export function constantCollection(
  term: TermNode,
  { key, value, truth }: DeclaredCollection,
  constant: (term: TermNode, kind: ValueKind) => Value | undefined,
): Value | undefined {
  if (term.kind !== "functor" || term.name !== "singleton") return undefined;
  const kinds = value === undefined ? [key.kind] : [key.kind, value.kind];
  if (term.arguments.length !== kinds.length) return undefined;
  const members = term.arguments.map((member, at) => {
    const kind = kinds[at];
    return kind === undefined ? undefined : constant(member, kind);
  });
  const [first, second] = members;
  if (first === undefined) return undefined;
  if (value === undefined) return { elements: [first] };
  if (second === undefined) return undefined;
  return { pairs: [[first, truth && second !== 0n ? 1n : second]] };
}

/** Returns tuples with those joined that differ in nothing but their sets and maps: what is stated
 * for one key in several tuples is expected in one. */
export function joinedTuples(tuples: readonly (readonly Value[])[]): (readonly Value[])[] {
  const byKey = new Map<string, readonly Value[]>();
  for (const tuple of tuples) {
    const key = tuple.map((value) => (isCollection(value) ? "" : printValue(value))).join();
    const known = byKey.get(key);
    byKey.set(
      key,
      known === undefined ? tuple : known.map((value, at) => joined(value, tuple[at])),
    );
  }
  return [...byKey.values()];
}

function isCollection(value: Value | undefined): boolean {
  return typeof value === "object" && value !== null && ("elements" in value || "pairs" in value);
}

function joined(a: Value, b: Value | undefined): Value {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a;
  if ("elements" in a && "elements" in b) {
    const all = [...a.elements, ...b.elements].map((value) => [printValue(value), value] as const);
    return { elements: [...new Map(all).values()] };
  }
  if (!("pairs" in a) || !("pairs" in b)) return a;
  const pairs = new Map<string, MapValue["pairs"][number]>();
  for (const [key, value] of [...a.pairs, ...b.pairs]) {
    const name = printValue(key);
    const known = pairs.get(name);
    pairs.set(name, [key, known === undefined ? value : joined(known[1], value)]);
  }
  return { pairs: [...pairs.values()] };
}
