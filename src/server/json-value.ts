import type { Attribute, Value, ValueKind } from "../value/schema.ts";
import { kindClass, structured } from "../value/schema.ts";
import type { Structures } from "../value/structure.ts";

/** A value as JSON has it. */
export type JsonValue =
  null | number | string | readonly JsonValue[] | { readonly [branch: string]: JsonValue };

/** Returns a value of a kind as JSON: integers that a double does not hold, and `inf`, `-inf` and
 * `nan`, are strings; a record is the array of its fields, `nil` null; a value of an algebraic data
 * type the object whose only member is the branch with its fields; a set an array, a map one of the
 * arrays of a key and its value. What facts are read from has the same forms. */
export function jsonValue(kind: ValueKind, value: Value, structures: Structures): JsonValue {
  if (!structured(kind)) return primitive(value);
  const inside = (of: readonly Attribute[], values: readonly Value[]): JsonValue[] =>
    of.map((field, at) => jsonValue(field.kind, values[at] ?? null, structures));
  const structure = structures.get(kind);
  switch (structure?.kind) {
    case undefined:
      return null;
    case "record":
      return value === null ? null : inside(structure.fields, value as readonly Value[]);
    case "adt": {
      const { branch, fields } = value as { branch: string; fields: readonly Value[] };
      const of = structure.branches.find(({ name }) => name === branch);
      return { [branch]: inside(of?.fields ?? [], fields) };
    }
    case "set": {
      const { elements } = value as { elements: readonly Value[] };
      return elements.map((element) => jsonValue(structure.element.kind, element, structures));
    }
    case "map": {
      const { pairs } = value as { pairs: readonly (readonly [Value, Value])[] };
      return pairs.map((pair) => inside([structure.key, structure.value], pair));
    }
  }
}

/** Returns what is said of columns. */
export function jsonColumns(attributes: readonly Attribute[]) {
  return attributes.map(({ name, type, kind }) => ({ name, type, kind: kindClass(kind) }));
}

/** Returns a tuple as the JSON array of its values. */
export function jsonTuple(
  attributes: readonly Attribute[],
  values: readonly Value[],
  structures: Structures,
): JsonValue[] {
  return attributes.map(({ kind }, at) => jsonValue(kind, values[at] ?? null, structures));
}

function primitive(value: Value): JsonValue {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (typeof value === "number") {
    if (Number.isNaN(value)) return "nan";
    return Number.isFinite(value) ? value : value > 0 ? "inf" : "-inf";
  }
  return value as string;
}
