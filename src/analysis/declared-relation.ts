import type { Span } from "../base/source.ts";
import type { DeclaredLattice } from "./declared-lattice.ts";
import type { Place, RelationAt } from "./program.ts";
import type { Attribute } from "../value/schema.ts";
import type { DeclaredType } from "./type-system.ts";

/** A relation while its program is analysed. */
export type DeclaredRelation = {
  readonly at: RelationAt;
  readonly name: string;
  readonly attributes: readonly DeclaredAttribute[];
  /** The place of its name. */
  readonly span: Span;
  readonly inlined: boolean;
  /** Whether it is declared `magic` or `no_magic`. */
  readonly magic?: boolean;
  readonly equivalence: boolean;
  readonly choices: readonly (readonly number[])[];
  /** What messages call it, where the text does not name it. */
  readonly called?: string;
  /** The relation whose tuples it holds with the rounds that produced them. */
  readonly historyOf?: RelationAt;
  limit?: number;
  /** Heads may add to what the declaration says. */
  place?: Place;
};

/** An attribute with its type, and that type's name as it is written, which may be an alias. */
export type DeclaredAttribute = {
  readonly name: string;
  readonly type: DeclaredType;
  readonly typeName: string;
  /** How two values for one key are joined, if it is of a lattice. */
  readonly lattice?: DeclaredLattice;
};

/** Returns what messages call a relation. */
export function inWords({ called, name }: DeclaredRelation): string {
  return called ?? `relation "${name}"`;
}

/** Returns an attribute as programs have it. */
export function attributeOf({ name, type, typeName }: DeclaredAttribute): Attribute {
  return { name, type: typeName, kind: type.kind ?? "number" };
}
