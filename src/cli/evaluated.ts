import type { CompiledProgram } from "../compile.ts";
import type { Database } from "../engine/database.ts";
import { evaluate } from "../engine/evaluate.ts";
import type { EvaluateOptions } from "../engine/run.ts";
import { evaluateAlone } from "../transducer/alone.ts";

/** Evaluates a program on what is in `database`, of which nobody holds words; one that speaks of
 * other steps or nodes as a network of one node, for `stepsMax` steps at most. */
export function evaluated(
  { plan, network }: CompiledProgram,
  database: Database,
  how: EvaluateOptions & { readonly stepsMax: number },
): ReturnType<typeof evaluate> {
  return network === undefined
    ? evaluate(plan, database, how)
    : evaluateAlone(database, { ...how, network, plan, unshared: true });
}
