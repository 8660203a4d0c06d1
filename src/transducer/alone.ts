// A program for a network, run by one node that has no neighbours, until it is quiet.
import { assert } from "../base/assert.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Code } from "../engine/codes.ts";
import type { Database } from "../engine/database.ts";
import { evaluate } from "../engine/evaluate.ts";
import type { EvaluateOptions } from "../engine/run.ts";
import type { Evaluation } from "../engine/statistics.ts";
import type { NetworkProgram } from "../plan/network.ts";
import type { Plan } from "../plan/plan.ts";
import { TransducerNetwork } from "./configuration.ts";
import type { Fact } from "./fact.ts";
import { Model, type NodeState } from "./model.ts";
import { insertFact, tuplesIn } from "./stored.ts";
import { StepFault } from "./transducer.ts";

/** What the one node is called. */
export const aloneName = "local";

/** How many steps a program may take until nothing changes any more, unless told otherwise. */
export const stepsMaxDefault = 10_000;

/** What a node alone runs. */
export type AloneOptions = EvaluateOptions & {
  readonly network: NetworkProgram;
  /** The plan of `network.step`. */
  readonly plan: Plan;
  readonly stepsMax?: number;
};

/** Runs heartbeats, and deliveries of what the node sends itself, until neither changes anything.
 * The input is in `database`; afterwards that holds what the last step does, and all that was ever
 * put out. */
export function evaluateAlone(database: Database, options: AloneOptions): Evaluation {
  const { network, stepsMax = stepsMaxDefault } = options;
  const model = new Model(options);
  const node = new TransducerNetwork(model, new Map([[aloneName, []]]));
  const inputs = network.roles.flatMap(({ input }, relation): Fact[] =>
    input ? tuplesIn(database, relation).map((values) => ({ relation, values })) : [],
  );
  let configuration = node.start(new Map([[aloneName, inputs]]));
  try {
    for (let steps = 0; ; steps++) {
      const [waiting] = node.buffer(configuration, aloneName).keys();
      const next =
        waiting === undefined
          ? node.heartbeat(configuration, aloneName).configuration
          : node.deliver(configuration, aloneName, waiting).configuration;
      if (waiting === undefined && next.equals(configuration)) break;
      if (steps === stepsMax) throw new StepFault([tooManySteps(network, stepsMax)]);
      configuration = next;
    }
  } catch (fault) {
    if (!(fault instanceof StepFault)) throw fault;
    return { diagnostics: fault.diagnostics, strata: [], rules: [], complete: false };
  }
  return lastStep(node.node(configuration, aloneName), database, options);
}

function lastStep(state: NodeState, database: Database, options: AloneOptions): Evaluation {
  for (const fact of state.kept.values()) insertFact(database, fact);
  const evaluation = evaluate(options.plan, database, options);
  for (const fact of state.output.values()) insertFact(database, fact);
  return evaluation;
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
