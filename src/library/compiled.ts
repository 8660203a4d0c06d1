import type { Program } from "../analysis/program.ts";
import type { CompileOptions } from "../understand.ts";
import type { EvaluateOptions } from "../engine/run.ts";
import type { Plan } from "../plan/plan.ts";
import type { ItemNode } from "../syntax/tree.ts";

/** A program that is ready to be evaluated, as `Engine` has it. */
export type Compiled = {
  readonly program: Program;
  readonly plan: Plan;
  /** What a goal is read with. */
  readonly declarations: readonly ItemNode[];
  readonly reading: CompileOptions;
  readonly evaluate: EvaluateOptions;
};
