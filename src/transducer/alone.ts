// A program for a network, run by one node that has no neighbours, until it is quiet.
import { assert } from "../base/assert.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Code } from "../engine/codes.ts";
import type { Database } from "../engine/database.ts";
import type { EvaluateOptions } from "../engine/run.ts";
import type { Evaluation } from "../engine/statistics.ts";
import type { NetworkProgram } from "../plan/network.ts";
import type { Plan } from "../plan/plan.ts";
import type { Fact } from "./fact.ts";
import { IncrementalTransducer, type IncrementalOptions } from "./incremental.ts";
import { insertFact } from "./stored.ts";
import { StepFault } from "./transducer.ts";

/** What the one node is called. */
const aloneName = "local";

/** How many steps a program may take until nothing changes any more, unless told otherwise. */
const stepsMaxDefault = 10_000;

/** What a node alone runs. With `unshared` nobody but `database` holds words of its values. */
export type AloneOptions = EvaluateOptions &
  Pick<IncrementalOptions, "unshared" | "reclaims"> & {
    readonly network: NetworkProgram;
    /** The plan of `network.step`. */
    readonly plan: Plan;
    readonly stepsMax?: number;
    /** Is told of each step before it is taken, and in which step the message was sent that it
     * receives. */
    readonly onStep?: (step: number, sentIn: number | undefined) => void;
    /** Is told of each tuple that is put in, or taken out, before a step computes. */
    readonly onGiven?: IncrementalOptions["onGiven"] | undefined;
  };

/** Runs heartbeats, and deliveries of what the node sends itself, until neither changes anything.
 * The input is in `database`; afterwards that holds what the last step does, and all that was ever
 * put out. */
export function evaluateAlone(database: Database, options: AloneOptions): Evaluation {
  const { network, stepsMax = stepsMaxDefault, onStep } = options;
  const { onGiven, ...how } = options;
  const watched = { ...how, ...(onGiven && { onGiven }) };
  const node = new IncrementalTransducer({ ...watched, database }, aloneName, [aloneName]);
  const toSelf: { readonly fact: Fact; readonly sentIn: number }[] = [];
  try {
    for (let steps = 0; ; steps++) {
      const received = toSelf.splice(0, 1);
      onStep?.(steps, received[0]?.sentIn);
      const { sent, again } = node.step(received.map(({ fact }) => fact));
      for (const { to, ...fact } of sent)
        if (to === aloneName) toSelf.push({ fact, sentIn: steps });
      if (!again && toSelf.length === 0) break;
      if (steps === stepsMax) throw new StepFault([tooManySteps(network, stepsMax)]);
    }
  } catch (fault) {
    if (!(fault instanceof StepFault)) throw fault;
    return { diagnostics: fault.diagnostics, strata: [], rules: [], complete: false };
  }
  for (const [relation, { output }] of network.roles.entries())
    if (output)
      for (const values of node.tuples(relation)) insertFact(database, { relation, values });
  return { diagnostics: [], strata: [], rules: [], complete: true };
}

function tooManySteps({ step, effects }: NetworkProgram, stepsMax: number): Diagnostic {
  const code: Code = "too-many-steps";
  const relation = step.relations[effects[0]?.relation ?? 0];
  assert(relation !== undefined, "a program for a network has effects");
  return {
    ...{ severity: "error", code, span: relation.span },
    message: `after ${stepsMax} steps the program still changes what it keeps or sends`,
    hint: "let it come to rest: guard its rules of `:+` and `:~`, or raise the limit",
  };
}
