// Records and values of algebraic data types as the reference holds them: as everyone else has them,
// but each once, so that equal values are the same object and sets and tuples may hold them.
import { assert } from "../../src/base/assert.ts";
import {
  structured,
  type MapValue,
  type RecordValue,
  type SetValue,
  type Value,
  type ValueKind,
} from "../../src/value/schema.ts";
import type { Structures } from "../../src/value/structure.ts";
import { fieldValues, isBranch } from "../../src/value/structures.ts";

const once = new Map<string, Value>();
const numbers = new Map<Value, number>();

/** The one object for a value whose fields are such objects themselves. */
export function unique(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  const form = "elements" in value ? "{}" : "pairs" in value ? "{->}" : "";
  const key = `${isBranch(value) ? value.branch : form}(${fieldValues(value).map(keyOf).join()})`;
  const known = once.get(key);
  if (known !== undefined) return known;
  once.set(key, value);
  numbers.set(value, numbers.size);
  return value;
}

/** The one object for a value whose fields may be any. */
export function uniqueWhole(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  if (isBranch(value))
    return unique({ branch: value.branch, fields: value.fields.map(uniqueWhole) });
  if ("elements" in value) return unique({ elements: value.elements.map(uniqueWhole) });
  if ("pairs" in value)
    return unique({ pairs: value.pairs.map(([a, b]) => [uniqueWhole(a), uniqueWhole(b)]) });
  return unique(value.map(uniqueWhole));
}

/** A value of a structure with another value for each that is of no structure. */
export function mapped(
  structures: Structures,
  kind: ValueKind,
  value: Value,
  leaf: (kind: ValueKind, value: Value) => Value,
): Value {
  if (!structured(kind)) return leaf(kind, value);
  const structure = structures.get(kind);
  assert(structure !== undefined, `there is a structure of kind ${kind}`);
  if (structure.kind === "record") {
    if (value === null) return null;
    const fields = value as readonly Value[];
    return unique(structure.fields.map((of, at) => mapped(structures, of.kind, fields[at]!, leaf)));
  }
  if (structure.kind === "set") {
    const of = structure.element.kind;
    const elements = (value as SetValue).elements.map((part) => mapped(structures, of, part, leaf));
    return unique({ elements });
  }
  if (structure.kind === "map") {
    const pairs = (value as MapValue).pairs.map(
      ([key, part]) =>
        [
          mapped(structures, structure.key.kind, key, leaf),
          mapped(structures, structure.value.kind, part, leaf),
        ] as const,
    );
    return unique({ pairs });
  }
  assert(isBranch(value), `a value of ${structure.name} has a branch`);
  const branch = structure.branches.find(({ name }) => name === value.branch)!;
  const fields = branch.fields.map((of, at) =>
    mapped(structures, of.kind, value.fields[at]!, leaf),
  );
  return unique({ branch: value.branch, fields });
}

/** The fields of a record or of a value that has this branch; undefined if it is neither. */
export function fieldsOf(value: Value, branch: string | undefined): readonly Value[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (isBranch(value)) return value.branch === branch ? value.fields : undefined;
  return branch === undefined && Array.isArray(value) ? (value as RecordValue) : undefined;
}

/** A text that two values share if and only if they are equal. */
export function keyOf(value: Value): string {
  if (value === null) return "nil";
  if (typeof value === "object") return `#${numbers.get(value)}`;
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "bigint" ? `${value}n` : String(value);
}
