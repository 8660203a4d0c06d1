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
 * for one key in several tuples is expected in one. Where maps have different values for a key that
 * are no sets or maps, tuples stay apart: no relation holds both. */
export function joinedTuples(tuples: readonly (readonly Value[])[]): (readonly Value[])[] {
  const byKey = new Map<string, readonly Value[]>();
  const apart: (readonly Value[])[] = [];
  for (const tuple of tuples) {
    const key = tuple.map((value) => (isCollection(value) ? "" : printValue(value))).join();
    const known = byKey.get(key);
    const together = known === undefined ? tuple : joinedTuple(known, tuple);
    if (together === undefined) apart.push(tuple);
    else byKey.set(key, together);
  }
  return [...byKey.values(), ...apart];
}

function joinedTuple(a: readonly Value[], b: readonly Value[]): readonly Value[] | undefined {
  const tuple: Value[] = [];
  for (const [at, value] of a.entries()) {
    const other = b[at];
    const together = other === undefined ? undefined : joined(value, other);
    if (together === undefined) return undefined;
    tuple.push(together);
  }
  return tuple;
}

function isCollection(value: Value): boolean {
  return typeof value === "object" && value !== null && ("elements" in value || "pairs" in value);
}

/** What two values are together; undefined where they are two. */
function joined(a: Value, b: Value): Value | undefined {
  if (typeof a === "object" && typeof b === "object" && a !== null && b !== null) {
    if ("elements" in a && "elements" in b) {
      const all = [...a.elements, ...b.elements].map((of) => [printValue(of), of] as const);
      return { elements: [...new Map(all).values()] };
    }
    if ("pairs" in a && "pairs" in b) return joinedPairs([...a.pairs, ...b.pairs]);
  }
  return printValue(a) === printValue(b) ? a : undefined;
}

function joinedPairs(all: MapValue["pairs"]): MapValue | undefined {
  const pairs = new Map<string, MapValue["pairs"][number]>();
  for (const [key, value] of all) {
    const name = printValue(key);
    const known = pairs.get(name);
    const together = known === undefined ? value : joined(known[1], value);
    if (together === undefined) return undefined;
    pairs.set(name, [key, together]);
  }
  return { pairs: [...pairs.values()] };
}
