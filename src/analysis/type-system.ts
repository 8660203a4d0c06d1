// Soufflé's types of values: four primitive ones, records and algebraic data types, subsets of a
// type (nominal: two subsets of `number` do not mix), unions, and other names for a type.
import type { Span } from "../base/source.ts";
import type { StructureKind, ValueKind } from "../value/schema.ts";

/** A type. `kind` is how its values are represented; undefined where its declaration was refused,
 * and then it agrees with every type, so that one mistake is reported once. */
export type DeclaredType = {
  readonly name: string;
  readonly kind: ValueKind | undefined;
  /** What it is declared a subset of, which is no union. */
  readonly base?: DeclaredType;
  /** Its members, if it is a union; none of them is one. */
  readonly members?: readonly DeclaredType[];
  /** Of sets the type of elements, of maps those of keys and values. */
  readonly parts?: readonly DeclaredType[];
};

/** A record type, which has one shape, or an algebraic data type, with a shape for each branch. */
export type DeclaredStructure = {
  readonly name: string;
  readonly kind: StructureKind;
  readonly form: "record" | "adt";
  /** Branches are in the order of their names. */
  readonly shapes: readonly DeclaredShape[];
  readonly span: Span;
};

/** The fields of a record, or of a branch, which has a name. */
export type DeclaredShape = {
  readonly of: StructureKind;
  readonly branch?: string;
  readonly fields: readonly DeclaredField[];
  readonly span: Span;
};

/** A field with its type, and that type's name as it is written. */
export type DeclaredField = {
  readonly name: string;
  readonly type: DeclaredType;
  readonly typeName: string;
};

/** The types that need no declaration. */
export const primitives: ReadonlyMap<string, DeclaredType> = new Map(
  (["number", "unsigned", "float", "symbol"] as const).map((kind) => [kind, { name: kind, kind }]),
);

/** Whether every value of `a` is one of `b`. */
export function subtype(a: DeclaredType, b: DeclaredType): boolean {
  if (a === b || a.kind === undefined || b.kind === undefined) return true;
  if (a.kind !== b.kind) return false;
  if (a.members !== undefined) return a.members.every((member) => subtype(member, b));
  if (b.members?.some((member) => subtype(a, member)) === true) return true;
  for (let { base } = a; base !== undefined; base = base.base) if (base === b) return true;
  return false;
}

/** Returns the greatest types that are subtypes of a type in `as` and of one in `bs`; none where
 * nothing is of both. */
export function meet(as: readonly DeclaredType[], bs: readonly DeclaredType[]): DeclaredType[] {
  const found = [...new Set(as.flatMap((a) => bs.flatMap((b) => meetOf(a, b))))];
  const within = (type: DeclaredType, at: number) =>
    found.some(
      (other, otherAt) =>
        otherAt !== at && subtype(type, other) && (otherAt < at || !subtype(other, type)),
    );
  return found.filter((type, at) => !within(type, at));
}

function meetOf(a: DeclaredType, b: DeclaredType): DeclaredType[] {
  if (subtype(a, b)) return [a];
  if (subtype(b, a)) return [b];
  if (a.members !== undefined) return a.members.flatMap((member) => meetOf(member, b));
  return (b.members ?? []).flatMap((member) => meetOf(a, member));
}
