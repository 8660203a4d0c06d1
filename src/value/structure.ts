// Records, algebraic data types, sets and maps, and how their values become words.
import type { Attribute, StructureKind } from "./schema.ts";

/** A record type, an algebraic data type, or a type of sets or maps; types that are subsets of it
 * share it.
 *
 * A record's word is its number in the table of records with as many fields (see `records.ts`), and
 * `nil` is 0. A value of an algebraic data type that is an enumeration (no branch has fields) is
 * the number of its branch; otherwise it is the record [number of the branch, payload], where the
 * payload is 0 for no field, the field itself for one, a record of the fields for more. The words
 * of sets and maps are those of `maps.ts`. */
export type Structure =
  | { readonly kind: "record"; readonly name: string; readonly fields: readonly Attribute[] }
  | {
      readonly kind: "adt";
      readonly name: string;
      /** In the order of their names: a branch's place is its number. */
      readonly branches: readonly Branch[];
    }
  | { readonly kind: "set"; readonly name: string; readonly element: Attribute }
  | {
      readonly kind: "map";
      readonly name: string;
      readonly key: Attribute;
      readonly value: Attribute;
      /** Its values are truth values: those that are not 0 are 1. */
      readonly truth?: boolean;
    };

/** A branch of an algebraic data type. Its name belongs to no other branch of any type. */
export type Branch = { readonly name: string; readonly fields: readonly Attribute[] };

/** Structures by their kinds. */
export type Structures = ReadonlyMap<StructureKind, Structure>;

/** The kind of the values of the structure of this name. */
export function structureKind(name: string): StructureKind {
  return `record ${name}`;
}

/** The name of the structure whose values have this kind. */
export function structureName(kind: StructureKind): string {
  return kind.slice("record ".length);
}

/** Whether the values of a structure are the numbers of its branches. */
export function enumeration(structure: Structure): boolean {
  return structure.kind === "adt" && structure.branches.every(({ fields }) => fields.length === 0);
}
