// A checkpoint by versions (Calvin, section 3.4; "full multiversioning"): the state after an epoch
// can be read while later ones are carried out, so that nobody stops for it.
import { assert } from "../base/assert.ts";
import type { Replica, ReplicaState } from "./replica.ts";
import { type Position, startOf, type Storage, type Version } from "./storage.ts";

/** The state of a partition after an epoch. */
export type Checkpoint = {
  /** Recovery begins with this, and goes on with the records of the log after its epoch. */
  readonly state: ReplicaState;
  /** Who reads before this place, or a later one, finds all there was: others that come back from
   * older checkpoints can be served. */
  readonly horizon: Position;
  readonly versions: Iterable<Version>;
};

/** Returns the checkpoint of a partition after the last epoch that it has carried out, and forgets
 * what nobody can ask for any more. `oldest` is the least epoch of all checkpoints that any
 * partition could come back from: who does needs what others read in all epochs after it. */
export function checkpoint(replica: Replica, storage: Storage, oldest: number): Checkpoint {
  const state = replica.state();
  assert(oldest <= state.epoch, "no other checkpoint is needed that is newer than all");
  const horizon = startOf(oldest + 1);
  replica.forget(oldest);
  return { state, horizon, versions: versionsAfter(storage, horizon, state.epoch) };
}

/** The versions as they were after an epoch: what ended later was still there. */
function* versionsAfter(storage: Storage, horizon: Position, epoch: number): Generator<Version> {
  const end = startOf(epoch + 1);
  for (const { row, from, to } of storage.versions(horizon))
    if (from < end) yield { row, from, to: to < end ? to : Infinity };
}
