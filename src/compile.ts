import { type Diagnostic, sorted } from "./base/diagnostic.ts";
import type { Source } from "./base/source.ts";
import type { Program } from "./analysis/program.ts";
import { demand } from "./plan/demand.ts";
import { demandOptions } from "./plan/demand-options.ts";
import type { Plan } from "./plan/plan.ts";
import { type NetworkProgram, networkProgram, saysNetwork } from "./plan/network.ts";
import { plan } from "./plan/program.ts";
import { type CompileOptions, understand } from "./understand.ts";

/** What came of a text: all that was found wrong with it, and, if none of that is an error, the
 * program and the plan of its evaluation. */
export type Compilation = {
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: readonly Source[];
  readonly compiled?: CompiledProgram;
};

/** A program that can be evaluated, with what it derives on demand rewritten:
 * `evaluate(compiled.plan, new Database(compiled.plan))`. */
export type CompiledProgram = {
  readonly program: Program;
  readonly plan: Plan;
  /** Where the text speaks of other steps or nodes: what becomes of a step's effects. `program` is
   * then what one step computes. */
  readonly network?: NetworkProgram;
};

/** Returns what the stages make of `source`; never throws on what a user wrote. Code is generated
 * stratum by stratum while the program runs, as join orders depend on sizes. */
export function compile(source: Source | string, options: CompileOptions = {}): Compilation {
  const { diagnostics, sources, program: understood } = understand(source, options);
  if (understood === undefined) return { diagnostics, sources };
  if (saysNetwork(understood)) {
    const network = networkProgram(understood);
    const program = network.step;
    return { diagnostics, sources, compiled: { program, plan: plan(program), network } };
  }
  const demanded = demandOptions(understood, options.magic ?? {});
  const program = demand(understood, demanded.options);
  return {
    diagnostics: sorted([...diagnostics, ...demanded.diagnostics]),
    sources,
    compiled: { program, plan: plan(program) },
  };
}
