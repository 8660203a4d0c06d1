// One program: what is found in it, what comments and the configuration say of that, and what is
// known of its relations.
import { relative, sep } from "node:path";
import type { Monotonicity } from "../analysis/levels.ts";
import type { Program } from "../analysis/program.ts";
import { sorted, type Diagnostic } from "../base/diagnostic.ts";
import type { Source } from "../base/source.ts";
import { understand, type Understanding } from "../understand.ts";
import { demandOptions } from "../plan/demand-options.ts";
import type { FileReport, Finding, RelationReport, Suppression } from "./check-report.ts";
import { channelsOf } from "./channels.ts";
import type { Config, RuleLevel } from "./config.ts";
import { meanings } from "./meanings.ts";
import { matchesAny } from "./glob.ts";
import { placedItems, type PlacedItem } from "./items.ts";
import { uselessPragmas, withPragmas } from "./pragmas.ts";
import { compileOptions, type ProgramOptions } from "./program.ts";
import { suppressed, type Suppressible } from "./suppressions.ts";
import { withoutSilenced, type WarningOptions } from "./warnings.ts";

/** What the checks beyond the language find in a program. */
export type Judgement = {
  readonly diagnostics: readonly Diagnostic[];
  readonly relations: readonly RelationReport[];
  readonly verdict: Monotonicity;
};

/** Returns what is found in `source`, without witnesses; `judge` is asked where it is a program. */
export async function checkFile(
  source: Source,
  options: ProgramOptions,
  config: Config,
  judge: (program: Program) => Promise<Judgement>,
): Promise<FileReport> {
  const understood = understand(source, compileOptions(options));
  return checkUnderstood(source, understood, options, config, judge);
}

/** The same of a program that is understood already. */
export async function checkUnderstood(
  source: Source,
  { diagnostics, program, tree }: Understanding,
  options: ProgramOptions,
  config: Config,
  judge: (program: Program) => Promise<Judgement>,
): Promise<FileReport> {
  const around = program === undefined ? [] : aroundProgram(program, options);
  const stopping = new Set(
    [...diagnostics, ...around].filter(({ severity }) => severity === "error"),
  );
  const runs = program !== undefined && stopping.size === 0;
  const judgement = runs ? await judge(program) : undefined;

  const found = sorted([...diagnostics, ...around, ...(judgement?.diagnostics ?? [])]).map(
    (diagnostic) => ({ diagnostic, stops: stopping.has(diagnostic) }),
  );
  const items = placedItems(tree);
  const comments = suppressed(found, {
    tree,
    items,
    complete: runs,
    codes: Object.keys(meanings),
  });
  const all: Found[] = [
    ...found.map((one, at) => ({ ...one, suppression: comments.suppressions[at] })),
    ...comments.diagnostics.map((diagnostic) => ({ diagnostic, stops: false })),
  ];
  const shown = new Map<Diagnostic, Found>();
  for (const one of spoken(all, withPragmas(options, program?.pragmas ?? []))) {
    const { diagnostic, stops } = one;
    const severity = stops ? diagnostic.severity : severityOf(diagnostic, config);
    if (severity !== "off") shown.set({ ...diagnostic, severity }, one);
  }
  const inOrder = sorted([...shown.keys()]);
  const names = await namesOf(inOrder, items);
  return {
    path: source.path,
    findings: inOrder.map((diagnostic, at): Finding => {
      const { stops = false, suppression } = shown.get(diagnostic) ?? {};
      return {
        diagnostic,
        fingerprint: names[at] ?? "",
        stops,
        witnesses: [],
        ...(suppression !== undefined && { suppression }),
      };
    }),
    ...(judgement !== undefined && { relations: judgement.relations }),
    rules: program?.rules.length ?? 0,
  };
}

type Found = Suppressible & { readonly suppression?: Suppression | undefined };

/** Leaves out the warnings that the command line or a pragma switches off. */
function spoken(all: readonly Found[], options: WarningOptions): readonly Found[] {
  const kept = new Set(
    withoutSilenced(
      all.map(({ diagnostic }) => diagnostic),
      options,
    ),
  );
  return all.filter(({ diagnostic }) => kept.has(diagnostic));
}

/** The fingerprints of findings; what makes them is not loaded for none. */
async function namesOf(
  diagnostics: readonly Diagnostic[],
  items: readonly PlacedItem[],
): Promise<readonly string[]> {
  if (diagnostics.length === 0) return [];
  const { fingerprints } = await import("./fingerprint.ts");
  return fingerprints(diagnostics, items);
}

/** What is found in what a program says of its files, its options and its evaluation. */
function aroundProgram(program: Program, options: ProgramOptions): readonly Diagnostic[] {
  return [
    ...channelsOf(program).diagnostics,
    ...uselessPragmas(program.pragmas),
    ...demandOptions(program, compileOptions(options).magic ?? {}).diagnostics,
  ];
}

/** How severe a finding is in a project. */
export function severityOf({ code, severity, span }: Diagnostic, config: Config): RuleLevel {
  const path = relative(config.folder, span.source.path).split(sep).join("/");
  if (matchesAny(path, config.ignoreOnly[code] ?? [])) return "off";
  return config.rules[code] ?? severity;
}
