// Checkpoints, in the three ways of Calvin (section 3.4). All give the same for the same epoch.
import { assert } from "../base/assert.ts";
import type { Replica, ReplicaState } from "./replica.ts";
import { type Position, startOf, type Storage, type Version } from "./storage.ts";
import type { ZigzagStorage } from "./zigzag-storage.ts";

/** The state of a partition after an epoch. */
export type Checkpoint = {
  /** Recovery begins with this, and goes on with the records of the log after its epoch. */
  readonly state: ReplicaState;
  /** Who reads before this place, or a later one, finds all there was: others that come back from
   * older checkpoints can be served. */
  readonly horizon: Position;
  readonly versions: Iterable<Version>;
};

/** How the state after an epoch is caught. */
export type CheckpointMethod =
  /** No further epoch is taken in until all is written: others serve meanwhile. */
  | { readonly way: "synchronous"; readonly storage: Storage }
  /** The storage has two copies of each row around a place in the log: nobody stops. */
  | { readonly way: "zigzag"; readonly storage: ZigzagStorage }
  /** The storage keeps the past of its rows: it is read as it was. */
  | { readonly way: "multiversion"; readonly storage: Storage };

/** A checkpoint that is being made. */
export type Capture = {
  /** The state after this epoch is caught. */
  readonly epoch: number;
  /** Whether no further epoch may be taken in before the end. */
  readonly frozen: boolean;
  /** The checkpoint; undefined while the epoch is not carried out. `oldest` is the least epoch of
   * all checkpoints that any partition could come back from: who does needs what others read in
   * all epochs after it. What is older is forgotten. */
  caught(oldest: number): Checkpoint | undefined;
  /** All is written, or given up. */
  end(): void;
};

/** Begins a checkpoint of a partition: of the last epoch that it has taken in, or, by versions, of
 * the last one that it has carried out. One is made at a time. */
export function beginCheckpoint(replica: Replica, method: CheckpointMethod): Capture {
  const { way, storage } = method;
  const epoch = way === "multiversion" ? replica.completed.epoch : replica.takenIn;
  const end = startOf(epoch + 1);
  replica.catchState(epoch);
  if (way === "zigzag") storage.approach(end);
  return {
    epoch,
    frozen: way === "synchronous",
    caught(oldest) {
      const state = replica.caught;
      if (state === undefined) return undefined;
      assert(oldest <= epoch, "no other checkpoint is needed that is newer than all");
      const horizon = startOf(oldest + 1);
      replica.forget(oldest);
      const versions =
        way === "zigzag" ? storage.stable(horizon) : versionsBefore(storage.versions(horizon), end);
      return { state, horizon, versions };
    },
    end() {
      replica.catchState(undefined);
      if (way === "zigzag") storage.release();
    },
  };
}

/** Returns the checkpoint, by versions, of a partition after the last epoch that is carried out,
 * and forgets what is older than `oldest` (see `Capture`). */
export function checkpoint(replica: Replica, storage: Storage, oldest: number): Checkpoint {
  const capture = beginCheckpoint(replica, { way: "multiversion", storage });
  const made = capture.caught(oldest);
  capture.end();
  assert(made !== undefined, "what is carried out can be read");
  return made;
}

/** The versions as they were before a place: what ended later was still there. */
function* versionsBefore(versions: Iterable<Version>, end: Position): Generator<Version> {
  for (const { row, from, to } of versions)
    if (from < end) yield { row, from, to: to < end ? to : Infinity };
}
