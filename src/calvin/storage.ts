import type { Value } from "../value/schema.ts";
import type { Pattern, Row } from "./transaction.ts";

/** A place in the order of all transactions: those of one epoch follow each other. */
export type Position = number;

/** How many places there are in an epoch: the transactions of one are fewer. */
export const placesPerEpoch = 1 << 20;

/** The first place of an epoch: what is read there is what the epochs before it left. */
export function startOf(epoch: number): Position {
  return epoch * placesPerEpoch;
}

/** The epoch that a place is in. */
export function epochOf(position: Position): number {
  return Math.floor(position / placesPerEpoch);
}

/** What a transaction leaves at its place. */
export type Changes = { readonly removed: readonly Row[]; readonly inserted: readonly Row[] };

/** A row for as long as it was there: seen before the places after `from`, up to `to`, which is
 * infinite for one that is present. */
export type Version = { readonly row: Row; readonly from: Position; readonly to: Position };

/** The rows of base relations at one partition, with their past: each is there from the place that
 * inserted it to the one that removed it. */
export type Storage = {
  /** The tuples that fit a pattern, as they are before a place. */
  tuples(pattern: Pattern, before: Position): Iterable<readonly Value[]>;
  /** Takes over changes. Those of one row come in the order of their places; but a free fact may be
   * there before a transaction inserts it at an earlier place, and is there from that place on. */
  apply(at: Position, changes: Changes): void;
  /** All versions that who reads before `horizon` or a later place can see: what a checkpoint
   * keeps, so that others can be served with what they missed. They are those of the moment of the
   * call: rows may change while they are gone through. */
  versions(horizon: Position): Iterable<Version>;
  /** Forgets what nobody sees who reads before `horizon` or a later place. It may be ahead. */
  forget(horizon: Position): void;
};
