import type { Program } from "../analysis/program.ts";
import { saysNetwork } from "../plan/network.ts";
import { Completed, type Holding } from "./completed.ts";
import type { Explainer, ExplainerOptions } from "./explainer.ts";
import { ManySteps } from "./many-steps.ts";
import { proofsOf } from "./prover.ts";
import { firstTuples, holds } from "./stored-tuples.ts";
import { whyNot } from "./why-not.ts";

/** Returns what explains a program, in which nothing should be inlined: one of a network as one
 * node runs it, until it is quiet. What is held goes in at once. */
export function explainerOf(
  program: Program,
  options: ExplainerOptions = {},
  holding?: Holding,
): Explainer {
  if (saysNetwork(program)) return new ManySteps(program, options, holding);
  return oneStep(program, new Completed(program, options, holding), options);
}

/** Returns what explains the one step that a program takes. */
export function oneStep(
  program: Program,
  completed: Completed,
  { functors = {} }: ExplainerOptions,
): Explainer {
  return {
    program,
    inputs: completed.explainable.whole,
    database: completed.database,
    evaluate: (goal) => completed.evaluate(goal),
    first: (relation, fits, max) => firstTuples(completed, relation, fits, max),
    holds: (tuple) => holds(completed, tuple),
    proofs: (tuple, limits) => proofsOf(completed, tuple, limits, functors),
    absence: (tuple, limits) => whyNot(completed, tuple, functors, limits),
  };
}
