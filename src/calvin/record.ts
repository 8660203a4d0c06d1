// What the log holds: epochs, each with the requests that are carried out in it. All that a
// transaction may depend on besides data is in its record.
import { assert } from "../base/assert.ts";
import type { Origin, VersionVector } from "../transducer/protocol.ts";
import { printValue } from "../value/print-value.ts";
import type { Value } from "../value/schema.ts";
import { textOf } from "./gathered.ts";
import type { OrderedMember } from "./members.ts";
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

/** A batch that is too long for a record: it stands there for what a majority of the members holds
 * under that hash (`batchText`). */
export type BatchReference = {
  readonly sequencer: Origin;
  readonly number: number;
  readonly hash: string;
};

/** Whether a record has a batch by its hash alone. */
export function isReference(batch: OrderedBatch | BatchReference): batch is BatchReference {
  return "hash" in batch;
}

/** One epoch. The order of transactions is that of records, of batches in them, and of requests in
 * these. */
export type EpochRecord = {
  readonly epoch: number;
  /** The hash of the record before it. */
  readonly previous: string;
  /** When it was made, in milliseconds: the time of all that is done in it. */
  readonly nowMs: number;
  readonly seed: number;
  readonly batches: readonly (OrderedBatch | BatchReference)[];
  /** The free facts that are seen from this epoch on: so many of each origin. */
  readonly frontier: VersionVector;
  /** Who the members are from this epoch on; absent where they stay who they were. */
  readonly members?: readonly OrderedMember[];
  /** The program and the engine that made it: others may not carry it out. */
  readonly engine: string;
};

/** A record with the requests of all its batches: what is carried out. */
export type WholeRecord = Omit<EpochRecord, "batches"> & {
  readonly batches: readonly OrderedBatch[];
};

/** Returns a record that names no batch by its hash: one of a log without members, where nobody
 * could be asked for it. */
export function spelledOut(record: EpochRecord): WholeRecord {
  const batches = record.batches.map((batch) => {
    assert(!isReference(batch), "only what members hold is logged by its hash");
    return batch;
  });
  return { ...record, batches };
}

/** Returns a batch as the text that its hash is made of. */
export function batchText(batch: OrderedBatch): string {
  return JSON.stringify(spelled(batch));
}

function spelled({ sequencer, number, requests }: OrderedBatch) {
  return {
    ...{ sequencer, number },
    requests: requests.map(({ id, transaction, args, footprint, attempt }) => ({
      ...{ id, transaction, args: args.map(printValue), attempt },
      footprint: footprint && {
        reads: footprint.reads.map(textOf),
        writes: footprint.writes.map(textOf),
      },
    })),
  };
}
