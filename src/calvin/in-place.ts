// What changes rows where they are: of which storage, and how that ends. No tuples are made of rows
// there, nor rows of tuples.
import type { Part } from "../engine/keyed-parts.ts";
import type { Value, ValueKind } from "../value/schema.ts";
import type { FoundReads } from "./gathered.ts";
import type { KeyedRows, RowAt } from "./keyed-rows.ts";
import type { Changes, Position, Storage } from "./storage.ts";
import type { Row } from "./transaction.ts";

/** Storage that may have rows in columns. */
export type DirectStorage = Storage & {
  /** The rows of a relation; undefined where they are kept in another way. */
  keyed?(relation: number): KeyedRows | undefined;
};

/** Where the rows of a transaction are. */
export type Places = {
  /** The partition of each lookup. */
  readonly of: readonly number[];
  /** Who takes part (`Partitions.participants`). */
  readonly all: readonly number[];
  readonly active: readonly number[];
};

/** What a partition has of a transaction that others have a part of, too. */
export type Shared = {
  readonly partition: number;
  readonly places: Places;
  /** What the others have read (`lookedUp`): of each of `places.all` but this one. */
  readonly found: readonly (FoundReads | undefined)[];
  /** Where the rows of its own lookups are, in their order, as `reads` found them: they are locked
   * since, so that nobody else has changed them. */
  readonly at: readonly RowAt[];
};

/** What changes rows where they are, of a partition that has all of them. */
export type InPlace = {
  /** The relations that it changes. */
  readonly writes: readonly number[];
  /** Undefined, and nothing is changed, where it cannot be carried out so. */
  carryOut(
    storage: DirectStorage,
    args: readonly Value[],
    at: Position,
    tells: boolean,
    shared?: Shared,
  ): DirectOutcome | undefined;
};

/** How a transaction ended that has changed rows in place. */
export type DirectOutcome =
  | {
      readonly kind: "done";
      readonly removed: number;
      readonly inserted: number;
      /** The sum of the hashes of its changes (`changeHash`). */
      readonly hash: number;
      readonly changes?: Changes;
    }
  | { readonly kind: "aborted"; readonly reason: string };

/** Returns the row of parts of which this is the first. */
export function rowOf(
  relation: number,
  kinds: readonly ValueKind[],
  parts: readonly Part[],
  first: number,
): Row {
  return { relation, values: kinds.map((kind, column) => valueOf(kind, parts[first + column]!)) };
}

/** Returns a part as the value of a kind. */
export function valueOf(kind: ValueKind, part: Part): Value {
  const whole = (kind === "number" || kind === "unsigned") && typeof part === "number";
  return whole ? BigInt(part) : part;
}
