import type { FactMap } from "../transducer/model.ts";
import type { CheckKind } from "./checker.ts";
import type { FaultKind } from "./faults.ts";
import type { Schedule } from "./schedule.ts";

/** What came of a run. */
export type Outcome = {
  /** The schedule as it was: all that was drawn by chance is written down. */
  readonly schedule: Schedule;
  readonly counts: RunCounts;
  /** How often each fault happened. */
  readonly faults: ReadonlyMap<FaultKind, number>;
  /** How often each check was made. */
  readonly checks: ReadonlyMap<CheckKind, number>;
  /** When the network had converged. */
  readonly convergedMs?: number;
  readonly failure?: Failure;
  /** What the nodes that are there in the end have put out. */
  readonly outputs: ReadonlyMap<string, FactMap>;
  /** What each of them holds, and has sent. */
  readonly loads: ReadonlyMap<string, Load>;
  /** What one machine puts out that has all input that was accepted. */
  readonly answer: FactMap;
};

/** How much happened in a run. */
export type RunCounts = {
  readonly events: number;
  readonly frames: number;
  readonly requests: number;
};

/** How much one node has to do. */
export type Load = {
  /** In all relations: inputs, copies, and what is derived. */
  readonly tuples: number;
  /** Facts sent to other nodes, each once for each of them. */
  readonly sent: number;
};

/** A check that failed in a run. */
export type Failure = {
  readonly atMs: number;
  readonly check: CheckKind;
  readonly message: string;
};
