// Sets and maps as the reference holds them: elements and entries in value order, no key twice.
import { assert } from "../../src/base/assert.ts";
import type { Functor } from "../../src/value/operator.ts";
import type { MapValue, SetValue, Value } from "../../src/value/schema.ts";
import { order } from "./reference-functors.ts";
import { keyOf, unique } from "./reference-structures.ts";

/** What becomes of two values of one key. */
export type Join = (a: Value, b: Value) => Value;

/** Whether a functor is one of sets and maps. */
export function ofCollections(name: Functor): boolean {
  return ["singleton", "entry", "size", "at", "union", "intersection"].includes(name);
}

/** The result of a functor of sets and maps. */
export function collected(name: Functor, operands: readonly Value[]): Value {
  const [first = null, second = null] = operands;
  if (name === "singleton") return setOf([first]);
  if (name === "entry") return mapOf([[first, second]]);
  if (name === "size") return BigInt(keysOf(first).length);
  if (name === "union") return setOf([...keysOf(first), ...keysOf(second)]);
  if (name === "intersection") return setOf(keysOf(first).filter((one) => has(second, one)));
  assert(name === "at", `${name} is no functor of sets and maps`);
  const entry = (first as MapValue).pairs.find(([key]) => keyOf(key) === keyOf(second));
  assert(entry !== undefined, "a map is asked for a key that it has");
  return entry[1];
}

/** Whether a set has an element, or a map a key. */
export function has(collection: Value, key: Value): boolean {
  return keysOf(collection).some((one) => keyOf(one) === keyOf(key));
}

/** Two maps joined key by key. */
export function joinedMaps(a: Value, b: Value, join: Join): Value {
  const [left, right] = [a, b].map((map) => (map as MapValue).pairs);
  const both = left!.flatMap(([key, value]) => {
    const other = right!.find(([one]) => keyOf(one) === keyOf(key));
    return other === undefined ? [] : [[key, join(value, other[1])] as const];
  });
  return mapOf([
    ...left!.filter(([key]) => !has(b, key)),
    ...right!.filter(([key]) => !has(a, key)),
    ...both,
  ]);
}

function keysOf(value: Value): readonly Value[] {
  return "elements" in (value as object)
    ? (value as SetValue).elements
    : (value as MapValue).pairs.map(([key]) => key);
}

function setOf(values: readonly Value[]): Value {
  const once = new Map(values.map((value) => [keyOf(value), value]));
  return unique({ elements: [...once.values()].sort(order) });
}

function mapOf(pairs: MapValue["pairs"]): Value {
  return unique({ pairs: pairs.toSorted(([a], [b]) => order(a, b)) });
}
