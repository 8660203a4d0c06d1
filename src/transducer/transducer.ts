import type { Fact, Sent } from "./fact.ts";
import type { Change } from "./protocol.ts";

/** Computes what a node knows, step by step. It is deterministic: the same facts in the same steps
 * give the same results in the same order. */
export type Transducer = {
  /** One step: receives facts (none: a heartbeat). Throws a `StepFault`. */
  step(received: readonly Fact[]): StepResult;
  /** The tuples of a relation after the last step. */
  tuples(relation: number): readonly Fact["values"][];
};

/** What came of a step. */
export type StepResult = {
  readonly sent: readonly Sent[];
  readonly changes: readonly Change[];
  /** Memory has changed, so that another heartbeat may do more. */
  readonly again: boolean;
};
