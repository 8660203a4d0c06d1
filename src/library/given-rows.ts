// Rows as a caller gives them, to words of a relation's columns. Nothing is rounded, and nothing
// wraps: what does not fit is refused.
import type { Attribute, Domain, StructureKind, Value, ValueKind } from "../value/schema.ts";
import { structured, type Schema } from "../value/schema.ts";
import { structureName, type Structures } from "../value/structure.ts";
import { shown } from "../value/user-functor.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";
import { CalmError } from "./calm-error.ts";

/** What values are made of in a program. */
export type Shapes = { readonly domain: Domain; readonly structures: Structures };

/** How deep structures that are given may lie in each other. */
export const givenDepthMax = 1_000;

/** Returns the words of a row in the order of the columns; throws where it is no row of theirs. */
export function givenWords(
  row: unknown,
  schema: Schema,
  at: number,
  shapes: Shapes,
  values: Values,
): Word[] {
  const { name: relation, attributes } = schema;
  const refuse = (message: string): never => {
    throw new CalmError("bad-row", `row ${at} for relation "${relation}" ${message}`);
  };
  if (typeof row !== "object" || row === null)
    return refuse(`is no row: it is ${shown(row)}, and no object or array`);
  const listed = Array.isArray(row) ? (row as readonly unknown[]) : undefined;
  if (listed !== undefined && listed.length !== attributes.length)
    return refuse(`has ${listed.length} values, and the relation has ${attributes.length} columns`);
  const named = row as Readonly<Record<string, unknown>>;
  const words: Word[] = [];
  for (const { name, kind } of attributes) {
    const given = listed === undefined ? own(named, name) : listed[words.length];
    if (given === undefined) return refuse(`lacks column "${name}"`);
    const word = givenWord(kind, given, shapes, values);
    if (word === undefined)
      return refuse(
        `has ${shown(given)} for column "${name}", which wants ${wanted(kind, shapes)}`,
      );
    words.push(word);
  }
  if (listed !== undefined || Object.keys(named).length === attributes.length) return words;
  const strange = Object.keys(named).find((key) => !attributes.some(({ name }) => name === key));
  return strange === undefined ? words : refuse(`has "${strange}", which is no column`);
}

function own(of: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}

function givenWord(
  kind: ValueKind,
  given: unknown,
  shapes: Shapes,
  values: Values,
): Word | undefined {
  // What most rows are made of, without a bigint for each number.
  if (kind === "number" && shapes.domain === 64 && Number.isSafeInteger(given))
    return values.ofInteger(given as number);
  const value = givenValue(kind, given, shapes, 0);
  return value === undefined ? undefined : values.encode(kind, value);
}

/** Returns the value of a kind that is given; undefined where none is. */
function givenValue(
  kind: ValueKind,
  given: unknown,
  shapes: Shapes,
  depth: number,
): Value | undefined {
  if (structured(kind))
    return depth === givenDepthMax ? undefined : givenStructure(kind, given, shapes, depth + 1);
  const { domain } = shapes;
  switch (kind) {
    case "number":
    case "unsigned": {
      const value = Number.isSafeInteger(given) ? BigInt(given as number) : given;
      if (typeof value !== "bigint") return undefined;
      const as = kind === "number" ? BigInt.asIntN(domain, value) : BigInt.asUintN(domain, value);
      return as === value ? value : undefined;
    }
    case "float":
      return typeof given === "number" ? given : undefined;
    case "symbol":
      return typeof given === "string" ? given : undefined;
  }
}

function givenStructure(
  kind: StructureKind,
  given: unknown,
  shapes: Shapes,
  depth: number,
): Value | undefined {
  const structure = shapes.structures.get(kind);
  const all = (fields: readonly Attribute[], from: unknown): Value[] | undefined => {
    if (!Array.isArray(from) || from.length !== fields.length) return undefined;
    return complete(fields.map((field, at) => givenValue(field.kind, from[at], shapes, depth)));
  };
  const part = (name: string): unknown =>
    typeof given === "object" && given !== null && Object.hasOwn(given, name)
      ? (given as Readonly<Record<string, unknown>>)[name]
      : undefined;
  switch (structure?.kind) {
    case undefined:
      return undefined;
    case "record":
      return given === null ? null : all(structure.fields, given);
    case "adt": {
      const branch = structure.branches.find(({ name }) => name === part("branch"));
      const fields = branch && all(branch.fields, part("fields"));
      return branch && fields && { branch: branch.name, fields };
    }
    case "set": {
      const from = part("elements");
      const { kind: of } = structure.element;
      if (!Array.isArray(from)) return undefined;
      const elements = complete(from.map((one) => givenValue(of, one, shapes, depth)));
      return elements && { elements };
    }
    case "map": {
      const from = part("pairs");
      if (!Array.isArray(from)) return undefined;
      const pairs = complete(from.map((pair) => all([structure.key, structure.value], pair)));
      return pairs && { pairs: pairs.map(([key = null, value = null]) => [key, value]) };
    }
  }
}

function complete<T>(values: readonly (T | undefined)[]): T[] | undefined {
  return values.some((value) => value === undefined) ? undefined : (values as T[]);
}

function wanted(kind: ValueKind, { domain }: Shapes): string {
  if (structured(kind)) return `a value of type ${structureName(kind)}`;
  switch (kind) {
    case "number":
      return `an integer of ${domain} bits: a bigint, or a number up to 2^53`;
    case "unsigned":
      return `an integer of ${domain} bits from 0: a bigint, or a number up to 2^53`;
    case "float":
      return "a number";
    case "symbol":
      return "a string";
  }
}
