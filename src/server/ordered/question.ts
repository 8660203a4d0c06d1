import type { VersionVector } from "../../transducer/protocol.ts";
import type { Value } from "../../value/schema.ts";
import type { Goal } from "../goal.ts";
import type { Session } from "../session.ts";

/** What an answer is to hold: what this replica has carried out; what a client has written and
 * seen; all that anybody was told of before the question; what one epoch has. */
export type Level = "local" | "session" | "strict" | number;

/** A goal, and what its answer is to hold. */
export type Question = {
  readonly goal: Goal;
  readonly level: Level;
  readonly session: Session;
  /** How long may be waited for that. */
  readonly waitMs: number;
};

/** Tuples of an epoch that may fit a goal. */
export type EpochAnswer = {
  readonly tuples: readonly (readonly Value[])[];
  readonly epoch: number;
  /** The free facts that are seen in it. */
  readonly frontier: VersionVector;
};

/** What answers questions. */
export type Answering = {
  /** Answers a question. Throws a `Problem`; never answers of an epoch that is too early. */
  ask(question: Question): Promise<EpochAnswer>;
};
