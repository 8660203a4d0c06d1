// What the log holds: epochs, each with the requests that are carried out in it. All that a
// transaction may depend on besides data is in its record.
import type { Origin, VersionVector } from "../transducer/protocol.ts";
import { printValue } from "../value/print-value.ts";
import type { Value } from "../value/schema.ts";
import { textOf } from "./gathered.ts";
import type { Footprint } from "./transaction.ts";

/** A transaction that is to be carried out once. */
export type OrderedRequest = {
  /** The client's name for it: what is asked again under one name is done once. */
  readonly id: string;
  readonly transaction: string;
  readonly args: readonly Value[];
  /** What it may touch; absent where its arguments say so, or else where it is to lock relations as
   * a whole. */
  readonly footprint?: Footprint;
  /** How often it was begun before, and found that it touches something else. */
  readonly attempt: number;
};

/** Requests that one sequencer collected, under a number of its own. */
export type OrderedBatch = {
  readonly sequencer: Origin;
  readonly number: number;
  readonly requests: readonly OrderedRequest[];
};

/** One epoch. The order of transactions is that of records, of batches in them, and of requests in
 * these. */
export type EpochRecord = {
  readonly epoch: number;
  /** The hash of the record before it. */
  readonly previous: string;
  /** When it was made, in milliseconds: the time of all that is done in it. */
  readonly nowMs: number;
  readonly seed: number;
  readonly batches: readonly OrderedBatch[];
  /** The free facts that are seen from this epoch on: so many of each origin. */
  readonly frontier: VersionVector;
  /** The program and the engine that made it: others may not carry it out. */
  readonly engine: string;
};

/** Returns a record as the text that its hash is made of. */
export function recordText(record: EpochRecord): string {
  const { epoch, previous, nowMs, seed, batches, frontier, engine } = record;
  return JSON.stringify({
    ...{ epoch, previous, nowMs, seed, engine },
    frontier: [...frontier].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    batches: batches.map(({ sequencer, number, requests }) => ({
      ...{ sequencer, number },
      requests: requests.map(({ id, transaction, args, footprint, attempt }) => ({
        ...{ id, transaction, args: args.map(printValue), attempt },
        footprint: footprint && {
          reads: footprint.reads.map(textOf),
          writes: footprint.writes.map(textOf),
        },
      })),
    })),
  });
}
