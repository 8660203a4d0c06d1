import { dumpProgram, printRule } from "../analysis/dump.ts";
import type { Program } from "../analysis/program.ts";
import { hasErrors } from "../base/diagnostic.ts";
import { renderConcise } from "../base/render.ts";
import type { CompiledProgram } from "../compile.ts";
import { compile } from "../compile.ts";
import { dump } from "../plan/dump.ts";
import type { StratumPlan } from "../plan/plan.ts";
import { parse } from "../syntax/parse.ts";
import { print } from "../syntax/print.ts";
import { structured } from "../value/schema.ts";
import { structureName } from "../value/structure.ts";
import { exitCodes, type ExitCode } from "./exit.ts";
import { precedenceGraph, precedenceText, stratumGraph, stratumText } from "./graphs.ts";
import type { Host } from "./host.ts";
import { compileOptions, printDiagnostics, sourceOf, type ProgramOptions } from "./program.ts";
import { withoutSilenced } from "./warnings.ts";

/** What `--show` takes, with Soufflé's names: `ram` is what we call plans. */
export const shownForms = [
  ...([
    "parse-errors",
    "initial-ast",
    "transformed-ast",
    "initial-ram",
    "transformed-ram",
  ] as const),
  ...(["type-analysis", "precedence-graph", "precedence-graph-text"] as const),
  ...(["scc-graph", "scc-graph-text"] as const),
] as const;

/** One of `shownForms`. */
export type Shown = (typeof shownForms)[number];

/** Prints forms of a program, one after the other, and does not evaluate it. */
export function show(
  forms: readonly Shown[],
  file: string,
  options: ProgramOptions,
  host: Host,
): ExitCode {
  const source = sourceOf(file, host);
  const settings = compileOptions(options);
  const syntactic = forms.filter((form) => form === "parse-errors" || form === "initial-ast");
  if (syntactic.length > 0) {
    const { tree, diagnostics } = parse(source, settings);
    for (const form of syntactic)
      host.stdout.write(form === "initial-ast" ? print(tree) : renderConcise(diagnostics));
    if (hasErrors(diagnostics)) return exitCodes.problem;
  }
  if (syntactic.length === forms.length) return exitCodes.ok;
  const { diagnostics, compiled } = compile(source, settings);
  printDiagnostics(withoutSilenced(diagnostics, options), options, host);
  if (compiled === undefined) return exitCodes.problem;
  for (const form of forms) host.stdout.write(textOf(form, compiled));
  return exitCodes.ok;
}

/** Returns the plans of all strata for relations of which nobody knows how large they are. */
export function plansOfUnknownSizes({ plan }: CompiledProgram): StratumPlan[] {
  const unknown = plan.relations.map(() => -1);
  return plan.strata.map((_, at) => plan.stratum(at, unknown));
}

function textOf(form: Shown, compiled: CompiledProgram): string {
  const { program } = compiled;
  switch (form) {
    case "parse-errors":
    case "initial-ast":
      return "";
    case "transformed-ast":
      return dumpProgram(program);
    case "initial-ram":
    case "transformed-ram":
      return plansOfUnknownSizes(compiled).map(dump).join("\n");
    case "type-analysis":
      return typesText(program);
    case "precedence-graph":
      return precedenceGraph(program);
    case "precedence-graph-text":
      return precedenceText(program);
    case "scc-graph":
      return stratumGraph(program);
    case "scc-graph-text":
      return stratumText(program);
  }
}

/** The rules with the kinds of their variables. */
function typesText({ relations, rules }: Program): string {
  return rules
    .map((rule) => {
      const kinds = rule.variables.map(
        ({ name, kind }) => `  ${name}: ${structured(kind) ? structureName(kind) : kind}\n`,
      );
      return `${printRule(relations, rule)}\n${kinds.join("")}`;
    })
    .join("");
}
