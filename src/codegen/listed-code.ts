// What the code of a transaction that goes through lists works on. Who emits it: emit-listed.ts.
import type { Value } from "../value/schema.ts";
import type { KeyedStore } from "./keyed-code.ts";

/** Where the rows of a transaction are found, and what becomes of them is collected. Stores are
 * named by their place among those that are stored of its plan. */
export type ListedRows = {
  readonly stores: readonly KeyedStore[];
  /** Where it is carried out: what ended before, or begins later, is not seen. */
  readonly at: number;
  /** Takes a change in; returns false where there are too many. */
  change(kind: "insert" | "remove", store: number, parts: readonly Value[]): boolean;
  /** Why it was aborted. */
  reason: string;
};

/** What the code calls for what it does not do itself. */
export type ListedCalls = {
  /** The hash of a value, for finding rows. */
  readonly placed: (part: Value) => number;
  /** Adds a tuple to a list, unless it is there; returns false where there are too many. */
  readonly add: (list: Value[][], tuple: Value[]) => boolean;
  /** The tuples of a relation that is stated: by the values of a column, or all. */
  readonly indexed: (relation: number, column: number | undefined) => unknown;
};

/** A transaction as code: collects what it does with arguments. Returns one of `listedEnds`. */
export type ListedCode = (args: readonly Value[], rows: ListedRows) => number;

/** How `ListedCode` ends: its changes are collected; it cannot compute with some number, or derives
 * too much, so that the transaction is to be carried out in another way; it was aborted. */
export const listedEnds = { changes: 0, left: -1, aborted: -2 } as const;

/** A relation with so many tuples is left to the engine, which finds them by indexes. */
export const tuplesMax = 256;
