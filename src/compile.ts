import { hasErrors, sorted, type Diagnostic } from "./base/diagnostic.ts";
import type { Source, Span } from "./base/source.ts";
import { analyse } from "./analysis/analyse.ts";
import type { Program } from "./analysis/program.ts";
import { demand, type DemandOptions } from "./plan/demand.ts";
import { demandOptions } from "./plan/demand-options.ts";
import type { Plan } from "./plan/plan.ts";
import { plan } from "./plan/program.ts";
import { parse, type ParseOptions } from "./syntax/parse.ts";
import type { Domain } from "./value/schema.ts";

/** How a text is to be read: the preprocessor's settings, the width of numbers, and, in place of
 * what its pragmas say, which relations are derived on demand. */
export type CompileOptions = ParseOptions & {
  readonly domain?: Domain;
  /** Relations that are not inlined; see `AnalyseOptions`. */
  readonly inlineExclude?: readonly string[];
  readonly magic?: Partial<DemandOptions>;
};

/** What came of a text: all that was found wrong with it, and, if none of that is an error, the
 * program and the plan of its evaluation. */
export type Compilation = {
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: readonly Source[];
  readonly compiled?: CompiledProgram;
};

/** A program that can be evaluated, with what it derives on demand rewritten:
 * `evaluate(compiled.plan, new Database(compiled.plan))`. */
export type CompiledProgram = { readonly program: Program; readonly plan: Plan };

/** What a text means, with all that was found wrong with it; there is no program if any of that is
 * an error. */
export type Understanding = {
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: readonly Source[];
  readonly program?: Program;
};

/** Returns what `source` means, as it is written; never throws on what a user wrote. */
export function understand(source: Source | string, options: CompileOptions = {}): Understanding {
  const parsed = parse(source, options);
  const analysed = analyse(parsed.tree, options);
  const diagnostics = sorted([...parsed.diagnostics, ...analysed.diagnostics]);
  const { sources } = parsed;
  if (analysed.program === undefined || hasErrors(diagnostics)) return { diagnostics, sources };
  return { diagnostics, sources, program: analysed.program };
}

/** Returns what the stages make of `source`; never throws on what a user wrote. Code is generated
 * stratum by stratum while the program runs, as join orders depend on sizes. */
export function compile(source: Source | string, options: CompileOptions = {}): Compilation {
  const { diagnostics, sources, program: understood } = understand(source, options);
  if (understood === undefined) return { diagnostics, sources };
  const refused = stepsOf(understood);
  if (refused.length > 0) return { diagnostics: sorted([...diagnostics, ...refused]), sources };
  const demanded = demandOptions(understood, options.magic ?? {});
  const program = demand(understood, demanded.options);
  return {
    diagnostics: sorted([...diagnostics, ...demanded.diagnostics]),
    sources,
    compiled: { program, plan: plan(program) },
  };
}

/** Refuses what holds in another step, or asks who the nodes are: the fixpoint of one step alone is
 * not its meaning. */
function stepsOf({ rules, relations }: Program): Diagnostic[] {
  const refuse = (what: string, span: Span): Diagnostic => ({
    severity: "error",
    code: "not-supported",
    message: `${what} are not supported yet by this command`,
    span,
  });
  return [
    ...rules
      .filter(({ when }) => when !== undefined)
      .map(({ when, span }) => refuse(`rules of ${when === "next" ? "`:+`" : "`:~`"}`, span)),
    ...relations
      .filter(({ place }) => place?.system !== undefined)
      .map(({ name, span }) => refuse(`programs that read \`${name}\``, span)),
  ];
}
