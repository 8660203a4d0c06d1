// What the code of a transaction that looks up rows by their keys works on: the arrays of relations
// whose rows are in columns, laid open. Who emits code that touches them: emit-keyed.ts.
import type { Value } from "../value/schema.ts";

/** The cells of a column of whole numbers: those that are no exact doubles are NaN there. */
export type IntegerCells = { readonly exact: Float64Array };

/** The cells of any other column. */
export type ValueCells = { readonly values: readonly Value[] };

/** The versions of the rows of a relation, each with a number: what is kept of them is in arrays,
 * which are others after a call of a method. */
export type KeyedStore = {
  /** The newest version of each key, where the hash of its key says or after that; negative where
   * there is none. Its length is a power of two. */
  readonly heads: Int32Array;
  /** What is before `from` and after `to` does not see a version. */
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** `IntegerCells` of whole numbers, `ValueCells` of others. */
  readonly columns: readonly object[];
  /** Nobody reads before this place. */
  readonly horizon: number;
  /** Keeps what a version is until a place, as it is changed there. */
  keepPast(row: number, at: number): void;
  /** Takes in a row where none is present with its key. */
  add(parts: readonly Value[], at: number): void;
  /** Ends a version, which is present. */
  end(row: number, at: number): void;
};

/** What the code calls for what it does not do itself. */
export type KeyedCalls = {
  /** The hash of a value, for finding rows. */
  readonly placed: (part: Value) => number;
  /** What the hash of a change begins with, which is then mixed with the values of its row. */
  readonly begun: (sign: "-" | "+", at: number, relation: number) => number;
  /** Adds a value that is no whole number to the hash of a change. */
  readonly hashed: (hash: number, value: Value) => number;
};

/** What the code leaves behind. */
export type KeyedEnd = {
  /** Why it was aborted. */
  reason: string;
  /** The sum of the hashes of its changes. */
  hash: number;
  /** Is told of each row that goes or comes, where somebody wants to know. */
  tell: ((lookup: number, goes: boolean, parts: readonly Value[]) => void) | undefined;
};

/** The rows of a transaction that has some of them at other partitions. */
export type FarRows = {
  /** For each lookup whether it is such a one, */
  readonly isFar: readonly boolean[];
  /** and if so whether its row is there, whose columns but those of the key are in the slots of the
   * plan; */
  readonly there: readonly boolean[];
  readonly parts: readonly Value[];
  /** or else its newest version, negative where there is none. */
  readonly rows: readonly number[];
};

/** A transaction as code: carries it out at a place with arguments, in the stores of the relations
 * that it looks into. Returns how many rows it removed, times `changeUnit`, and how many it
 * inserted; or one of `keyedEnds`. */
export type KeyedCode = (
  args: readonly Value[],
  at: number,
  stores: readonly KeyedStore[],
  far: FarRows | undefined,
  end: KeyedEnd,
) => number;

/** What `KeyedCode` multiplies removed rows by: no transaction changes as many. */
export const changeUnit = 1 << 10;

/** How else `KeyedCode` ends, without having changed anything: it cannot compute with some number,
 * or two of its lookups are of one row, so that the plan is to be carried out in another way; it
 * was aborted; there would be two rows for one key. */
export const keyedEnds = { left: -1, aborted: -2, conflict: -3 } as const;
