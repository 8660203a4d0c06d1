// Records and values of algebraic data types as the reference holds them: as everyone else has them,
// but each once, so that equal values are the same object and sets and tuples may hold them.
import { assert } from "../../src/base/assert.ts";
import { structured, type Value, type ValueKind } from "../../src/value/schema.ts";
import type { Structures } from "../../src/value/structure.ts";
import { isBranch } from "../../src/value/structures.ts";

const once = new Map<string, Value>();
const numbers = new Map<Value, number>();

/** The one object for a value whose fields are such objects themselves. */
export function unique(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  const fields = isBranch(value) ? value.fields : value;
  const key = `${isBranch(value) ? value.branch : ""}(${fields.map(keyOf).join()})`;
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
  return branch === undefined ? value : undefined;
}

function keyOf(value: Value): string {
  if (value === null) return "nil";
  if (typeof value === "object") return `#${numbers.get(value)}`;
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "bigint" ? `${value}n` : String(value);
}
