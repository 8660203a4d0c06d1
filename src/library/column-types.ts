// How a caller says what relations hold: TypeScript types rows by it, and it is held against the
// program when that is compiled.
import type { Program } from "../analysis/program.ts";
import { suggest } from "../base/suggest.ts";
import { kindClass, type Attribute, type KindClass, type Value } from "../value/schema.ts";
import { CalmError } from "./calm-error.ts";

/** What a column holds: `number` and `unsigned` are bigints, a `float` is a number, a `symbol` a
 * string; a `record` is whatever has a structure (records, algebraic data types, sets, maps). */
export type ColumnType = KindClass;

/** The columns of a relation or an answer, by name. */
export type ColumnTypes = Readonly<Record<string, ColumnType>>;

/** The relations of a program that one wants typed, by name:
 * `{ edge: { from: "symbol", to: "symbol" } }`. */
export type RelationTypes = Readonly<Record<string, ColumnTypes>>;

/** A value with a structure, as it is read: a record as the array of its fields, or null; a branch
 * with its fields; a set or a map in value order. */
export type StructuredValue = Exclude<Value, bigint | number | string>;

/** A value within a structure, as it is given. */
export type GivenValue =
  | null
  | bigint
  | number
  | string
  | readonly GivenValue[]
  | { readonly branch: string; readonly fields: readonly GivenValue[] }
  | { readonly elements: readonly GivenValue[] }
  | { readonly pairs: readonly (readonly [key: GivenValue, value: GivenValue])[] };

/** The TypeScript type of what a column holds. */
export type ValueOf<T extends ColumnType> = {
  readonly number: bigint;
  readonly unsigned: bigint;
  readonly float: number;
  readonly symbol: string;
  readonly record: StructuredValue;
}[T];

/** The TypeScript type of what may be given for a column: integers may be numbers, where these have
 * them exactly. */
export type GivenOf<T extends ColumnType> = {
  readonly number: bigint | number;
  readonly unsigned: bigint | number;
  readonly float: number;
  readonly symbol: string;
  readonly record: Exclude<GivenValue, bigint | number | string>;
}[T];

/** A row as it is read: its values by the names of their columns. */
export type Row<C extends ColumnTypes = ColumnTypes> = { readonly [N in keyof C]: ValueOf<C[N]> };

/** A row as it is given: its values by the names of their columns, or in the order of these. */
export type GivenRow<C extends ColumnTypes = ColumnTypes> =
  { readonly [N in keyof C]: GivenOf<C[N]> } | readonly GivenOf<C[keyof C]>[];

/** Rows to be inserted or removed, by the names of their relations. */
export type Facts<R extends RelationTypes = RelationTypes> = {
  readonly [N in keyof R]?: Iterable<GivenRow<R[N]>>;
};

/** Throws where the types that a caller declares are not those of the program; says all of it. */
export function checkRelationTypes(declared: RelationTypes, { relations }: Program): void {
  const known = new Map(relations.map(({ name, attributes }) => [name, attributes]));
  const wrong = Object.entries(declared).flatMap(([name, columns]) => {
    const attributes = known.get(name);
    if (attributes !== undefined) return misfits(`relation "${name}"`, columns, attributes);
    const near = suggest(name, [...known.keys()]);
    return [`there is no relation "${name}"${near === undefined ? "" : `: "${near}"?`}`];
  });
  refuse(wrong);
}

/** Throws where the types that a caller declares for an answer are not those of its columns. */
export function checkColumnTypes(declared: ColumnTypes, attributes: readonly Attribute[]): void {
  refuse(misfits("the goal", declared, attributes));
}

function misfits(
  of: string,
  declared: ColumnTypes,
  attributes: readonly Attribute[],
): readonly string[] {
  const missing = Object.keys(declared)
    .filter((name) => !attributes.some((attribute) => attribute.name === name))
    .map((name) => `${of} has no column "${name}"`);
  const others = attributes.flatMap(({ name, kind }) => {
    const type = Object.hasOwn(declared, name) ? declared[name] : undefined;
    const is = kindClass(kind);
    if (type === is) return [];
    if (type === undefined) return [`${of} has a column "${name}", too: ${is}`];
    return [`column "${name}" of ${of} is ${is}, and not ${type}`];
  });
  return [...missing, ...others];
}

function refuse(wrong: readonly string[]): void {
  if (wrong.length === 0) return;
  throw new CalmError("wrong-types", wrong.join("; "), "declare what the program says");
}
