import { assert } from "../base/assert.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Effect } from "../plan/network.ts";
import type { Value } from "../value/schema.ts";
import type { Fact, Sent } from "./fact.ts";
import type { Change } from "./protocol.ts";

/** Computes what a node knows, step by step. It is deterministic: the same facts in the same steps
 * give the same results in the same order. */
export type Transducer = {
  /** One step: receives facts (none: a heartbeat). Throws a `StepFault`. */
  step(received: readonly Fact[]): StepResult;
  /** The tuples of a relation after the last step. */
  tuples(relation: number): readonly Fact["values"][];
  /** Begins anew with the facts that there still are, of all that was received, and gives back the
   * memory of the others. Their going changes nothing of what was put out. */
  restart?(facts: Iterable<Fact>): void;
  /** What values weigh, about in bytes, that are kept though no fact has them. */
  readonly strayWeight?: number;
};

/** What came of a step. */
export type StepResult = {
  readonly sent: readonly Sent[];
  readonly changes: readonly Change[];
  /** Memory has changed, so that another heartbeat may do more. */
  readonly again: boolean;
};

/** An evaluation that went wrong: a limit was met, or a functor failed. */
export class StepFault extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(({ message }) => message).join("; "));
    this.diagnostics = diagnostics;
  }
}

/** Returns what is sent for a tuple of an effect's relation. */
export function sentBy(
  { relation, located }: Effect & { readonly kind: "send" },
  values: readonly Value[],
): Sent {
  if (!located) return { relation, values };
  const [to, ...rest] = values;
  assert(typeof to === "string", "a location is a symbol");
  return { relation, values: rest, to };
}
