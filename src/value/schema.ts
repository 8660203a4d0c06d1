/** How a value is represented, whatever its declared type is called. Every value of every kind is
 * one 32-bit word in a tuple (see `word.ts`); equal values are equal words. */
export type ValueKind = "number" | "unsigned" | "float" | "symbol";

/** A value as JavaScript holds it: `bigint` for number and unsigned, `number` for float, `string`
 * for symbol. */
export type Value = bigint | number | string;

/** The width of integers and floats. 64: `number` and `unsigned` have 64 bits and wrap, `float` is
 * an IEEE double. 32: Soufflé's default build (32-bit integers, single floats, nine digits). */
export type Domain = 32 | 64;

/** A column of a relation: its name, its declared type's name, its representation. */
export type Attribute = { readonly name: string; readonly type: string; readonly kind: ValueKind };

/** A relation's name and columns. A relation without columns holds one tuple or none. */
export type Schema = { readonly name: string; readonly attributes: readonly Attribute[] };
