/** How a value of a built-in type is represented. */
export type PrimitiveKind = "number" | "unsigned" | "float" | "symbol";

/** How a record, a value of an algebraic data type, a set or a map is represented: `record ` and
 * the name of its structure (see `structure.ts`). */
export type StructureKind = `record ${string}`;

/** How a value is represented, whatever its declared type is called. Every value of every kind is
 * one 32-bit word in a tuple (see `word.ts`); equal values are equal words. */
export type ValueKind = PrimitiveKind | StructureKind;

/** What all structures have in common is one class of kinds. */
export type KindClass = PrimitiveKind | "record";

/** Whether values of a kind are of a structure. */
export function structured(kind: ValueKind): kind is StructureKind {
  return kind.startsWith("record ");
}

/** The class of a kind. */
export function kindClass(kind: ValueKind): KindClass {
  return structured(kind) ? "record" : kind;
}

/** A value as JavaScript holds it: `bigint` for number and unsigned, `number` for float, `string`
 * for symbol; for a record the array of its fields or, for `nil`, null; for an algebraic data type
 * the branch and its fields; sets and maps have their elements and entries in value order. */
export type Value = PrimitiveValue | null | RecordValue | BranchValue | SetValue | MapValue;

/** A value of a built-in type. */
export type PrimitiveValue = bigint | number | string;

/** The fields of a record. */
export type RecordValue = readonly Value[];

/** A value of an algebraic data type. */
export type BranchValue = { readonly branch: string; readonly fields: readonly Value[] };

/** A set. */
export type SetValue = { readonly elements: readonly Value[] };

/** A map. */
export type MapValue = { readonly pairs: readonly (readonly [key: Value, value: Value])[] };

/** The width of integers and floats. 64: `number` and `unsigned` have 64 bits and wrap, `float` is
 * an IEEE double. 32: Soufflé's default build (32-bit integers, single floats, nine digits). */
export type Domain = 32 | 64;

/** A column of a relation, or a field: its name, its declared type's name, its representation. */
export type Attribute = { readonly name: string; readonly type: string; readonly kind: ValueKind };

/** A relation's name and columns. A relation without columns holds one tuple or none. */
export type Schema = { readonly name: string; readonly attributes: readonly Attribute[] };
