// What JavaScript that works on the set of a relation's tuples is made of, whatever its form.
import type { SetForm } from "./store.ts";
import type { Writer } from "./writer.ts";

/** A relation in generated text: `name` begins the names of all its variables. */
export type RelationText = {
  readonly at: number;
  readonly name: string;
  readonly arity: number;
  /** Its set is of the first columns alone, so many. */
  readonly keyed: number;
  /** How its set is laid out. */
  readonly form: SetForm;
  /** It has choice domains or lattices: its store decides what comes in. */
  readonly guarded: boolean;
  /** It has classes for a store. */
  readonly equivalence: boolean;
};

/** JavaScript for one form of sets, of relations that have columns. */
export type SetText = {
  /** The assignments to the variables that hold the parts of the set. */
  readonly fields: (relation: RelationText) => string[];
  /** Writes how a tuple, given as variables or literals, is put into the set. */
  readonly insert: (
    writer: Writer,
    relation: RelationText,
    tuple: readonly string[],
    otherwise: Otherwise,
  ) => void;
  /** Writes how a tuple is looked up; where it is in, the variable `found` becomes true. */
  readonly has: (
    writer: Writer,
    relation: RelationText,
    tuple: readonly string[],
    found: string,
  ) => void;
};

/** Statements that leave the insertion: where the tuple is in already; where the set has no place
 * for it as it is. */
export type Otherwise = { readonly found: string; readonly noPlace: readonly string[] };

/** The variable that holds a column. */
export function columnText({ name }: RelationText, column: number): string {
  return `${name}_${column}`;
}
