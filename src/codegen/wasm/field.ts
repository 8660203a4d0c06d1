// What a rule's WebAssembly is given of relations and indexes: addresses, sizes, masks. They lie in
// a frame, an array of words in the memory, which is filled in before a call.

/** A word of a frame. */
export type Field =
  /** Of a relation, by its place in the plan. */
  | { readonly kind: StoreField; readonly relation: number }
  /** Of one of its columns: where it begins; of a `BitSet`, its range. */
  | {
      readonly kind: "column" | "low" | "extent";
      readonly relation: number;
      readonly column: number;
    }
  /** Of an index, by its place among the stratum's. */
  | { readonly kind: IndexField; readonly index: number }
  /** A word that depends on what is interned, by its place among the rule's. */
  | { readonly kind: "constant"; readonly constant: number }
  /** Where a column of the tuples that are gathered begins. */
  | { readonly kind: "gathered"; readonly place: number }
  /** How many tuples are gathered, how many there is room for, and how many were derived. */
  | { readonly kind: "gatheredSize" | "gatheredRoom" | "gatheredFrom" };

/** What there is to know of a relation. `set` is where the array of its set begins; one at address
 * 0 cannot be reached. `setMask` masks offsets into it in bytes; `zero` and `spilled` are 0 or
 * 1; `free` blocks there is room for. */
export type StoreField =
  | "size"
  | "limit"
  | "windowFrom"
  | "windowTo"
  | "dropped"
  | "set"
  | "setShift"
  | "setMask"
  | "zero"
  | "free"
  | "spilled";

/** What there is to know of an index; `step` and `jump` are offsets in bytes. */
export type IndexField = "directory" | "items" | "multiplier" | "shift" | "mask" | "step" | "jump";

/** Names a field. */
export function fieldName(field: Field): string {
  if ("column" in field) return `relation${field.relation}_${field.kind}${field.column}`;
  if ("relation" in field) return `relation${field.relation}_${field.kind}`;
  if ("index" in field) return `index${field.index}_${field.kind}`;
  if ("constant" in field) return `constant${field.constant}`;
  return "place" in field ? `gathered${field.place}` : field.kind;
}
