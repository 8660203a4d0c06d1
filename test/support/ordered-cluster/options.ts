import type { Program } from "../../../src/analysis/program.ts";
import type { Random } from "../../../src/base/random.ts";
import type { Row, View } from "../../../src/calvin/transaction.ts";
import type { ClusterCall } from "../call-history.ts";
import type { ClusterLog } from "./cluster-log.ts";

/** How likely it is, where there is an occasion, that … */
export type ClusterFaults = {
  /** a message is lost, */
  readonly lost: number;
  /** a machine crashes, */
  readonly crash: number;
  /** an append is not told of, */
  readonly ambiguous: number;
  /** the power goes while a checkpoint is written or installed. */
  readonly power?: number;
  /** A machine stands still for a while; or one does not hear another one; or a clock jumps. */
  readonly pause?: number;
  /** A disk is lost, though never of two machines before what one has lost is everywhere again. */
  readonly disk?: number;
  /** A machine is gone for good: an operator removes it, and another one takes its place. */
  readonly replace?: number;
};

/** What a cluster is made of, and what goes wrong in it. */
export type ClusterOptions = {
  readonly program: Program;
  readonly seed: number;
  readonly partitions: number;
  readonly replicas: number;
  readonly sequencers: number;
  /** Draws the next call. */
  readonly call: (chance: Random, number: number) => ClusterCall;
  readonly calls: number;
  /** How many clients wait for answers at most. */
  readonly openMax?: number;
  /** Draws a free fact that some machine takes in, as often as there are calls. */
  readonly insert?: (chance: Random, number: number) => Row;
  /** Bytes of a record (`SequencerLimits`): where they are few, batches go by their hash. */
  readonly recordBytes?: number;
  /** Looks at all rows of a replica as they are after an epoch: also of one in the past. */
  readonly look?: (
    snapshot: View & { readonly epoch: number; readonly rows: readonly Row[] },
  ) => void;
  readonly faults: ClusterFaults;
  /** What is appended to; a list unless given. */
  readonly log?: ClusterLog;
};

/** What happened in a run. */
export type ClusterCounts = {
  transactions: number;
  aborted: number;
  restarted: number;
  whole: number;
  remote: number;
  crashes: number;
  conflicts: number;
  pauses: number;
  late: number;
  disks: number;
  replaced: number;
  fetched: number;
  facts: number;
  cutOff: number;
  /** Checkpoints that were not finished, as the power went. */
  torn: number;
};

/** Nothing has happened. */
export function noCounts(): ClusterCounts {
  return {
    ...{ transactions: 0, aborted: 0, restarted: 0, whole: 0, remote: 0, crashes: 0 },
    ...{ conflicts: 0, pauses: 0, late: 0, disks: 0, replaced: 0, fetched: 0, facts: 0, cutOff: 0 },
    torn: 0,
  };
}
