// `calm check`: from paths to a report, from the report to text and an exit code.
import { join } from "node:path";
import type { Severity } from "../base/diagnostic.ts";
import type { Program } from "../analysis/program.ts";
import type { Implementations } from "../value/user-functor.ts";
import type { Comparison } from "./against/earlier.ts";
import { deliver, showsWitnesses, type DeliveryOptions } from "./check-delivery.ts";
import { checkFile } from "./check-file.ts";
import { allCounting, fails, plural, type CheckReport, type FileReport } from "./check-report.ts";
import { sourcesOf, startOf, type SourceOptions } from "./check-sources.ts";
import { configOf, type AcceptedLevel, type Config } from "./config.ts";
import { exitCodes, type ExitCode } from "./exit.ts";
import { meanings } from "./meanings.ts";
import { loadFunctors } from "./functors.ts";
import type { GraphForm } from "./graph/forms.ts";
import type { Host } from "./host.ts";
import { judge, type JudgeOptions } from "./judge.ts";
import type { ProgramOptions } from "./program.ts";
import { progressOn, type Progress } from "./progress.ts";
import type { Judged, WitnessSearch } from "./witnesses.ts";

/** The options of `calm check`. */
export type CheckOptions = ProgramOptions &
  SourceOptions &
  DeliveryOptions & {
    readonly failLevel?: Severity;
    readonly maxWarnings?: number;
    readonly baseline?: string;
    readonly updateBaseline?: true;
    /** False for `--no-config`. */
    readonly config?: string | false;
    readonly printConfig?: true;
    readonly level?: AcceptedLevel;
    readonly maxSnapshots?: number;
    readonly witness: boolean;
    readonly witnessSteps?: number;
    readonly witnessMs: number;
    readonly laws?: true;
    readonly functors?: string;
    /** A revision of git, or a folder, with an earlier version. */
    readonly against?: string;
    /** The programs are not checked, but drawn. */
    readonly graph?: GraphForm;
  };

/** What is refused for its size, which is no fault of what it says. */
const limitCodes = ["limit-exceeded", "nesting-too-deep", "text-too-long"];

/** Prints what is found in programs to stdout, a summary to stderr. */
export async function check(
  paths: readonly string[],
  options: CheckOptions,
  host: Host,
  version: string,
): Promise<ExitCode> {
  const config = configOf(options.config, startOf(paths, options), Object.keys(meanings));
  const failLevel = options.failLevel ?? config.failLevel ?? "error";
  if (options.printConfig === true) {
    host.stdout.write(`${JSON.stringify(effective(config, options, failLevel), null, 2)}\n`);
    return exitCodes.ok;
  }
  const sources = sourcesOf(paths, options, config, host);
  if (options.graph !== undefined) {
    const { graph } = await import("./graph/graph.ts");
    return graph(options.graph, sources, options, host);
  }
  const functors = await loadFunctors(options.functors);
  const judging = judgeOptions(options, config, functors);
  const compare = await comparisonOf(options, paths, host);
  const progress = progressOn(host);
  const files: FileReport[] = [];
  const known: Judged[] = [];
  for (const [at, source] of sources.entries()) {
    progress.say(`checking ${String(at + 1)} of ${plural(sources.length, "file")}: ${source.path}`);
    const judged = (program: Program) =>
      judge(program, judging, (verdict) => {
        known[at] = { program, verdict };
        return compare.worse(source, { program, verdict });
      });
    files.push(await checkFile(source, options, config, judged));
  }
  const all = [...onceEach(files), ...compare.gone(files, config)];
  const counted = await baselinedFiles(all, options, config);
  const search = searchOf(options, functors, host, progress);
  const shown =
    known.length > 0 && options.witness && showsWitnesses(options, host)
      ? (await import("./witnesses.ts")).withWitnesses(counted, known, search)
      : counted;
  progress.done();
  const report = { version, files: shown, failLevel, exitCode: exitCodes.ok };
  const exitCode = exitCodeOf(report, options, host);
  await deliver({ ...report, exitCode }, options, host);
  return exitCode;
}

function effective(config: Config, options: CheckOptions, failLevel: Severity): object {
  return { ...config, failLevel, ...checkedBy(config, options) };
}

function checkedBy(
  config: Config,
  options: CheckOptions,
): { readonly level: AcceptedLevel; readonly baseline?: string } {
  const level = options.level ?? config.level ?? "M";
  const baseline =
    options.baseline ??
    (config.baseline === undefined ? undefined : join(config.folder, config.baseline));
  return { level, ...(baseline !== undefined && { baseline }) };
}

/** Leaves out what was found before in a text that several programs include. */
function onceEach(files: readonly FileReport[]): FileReport[] {
  const seen = new Set<string>();
  return files.map((file) => ({
    ...file,
    findings: file.findings.filter(({ diagnostic: { code, message, span } }) => {
      const key = JSON.stringify([span.source.path, span.start, code, message]);
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    }),
  }));
}

function judgeOptions(
  options: CheckOptions,
  config: Config,
  functors: Implementations,
): JudgeOptions {
  const { laws, maxSnapshots } = options;
  return {
    accept: checkedBy(config, options).level,
    ...(maxSnapshots !== undefined && { snapshotsMax: maxSnapshots }),
    ...(laws === true && { laws: { functors } }),
  };
}

function searchOf(
  { witnessMs, witnessSteps }: CheckOptions,
  functors: Implementations,
  host: Host,
  progress: Progress,
): WitnessSearch {
  return {
    ms: witnessMs,
    nowMs: () => host.nowMs(),
    functors,
    say: (text) => progress.say(text),
    ...(witnessSteps !== undefined && { stepsMax: witnessSteps }),
  };
}

/** What finds what became worse; nothing does without an earlier version. */
async function comparisonOf(
  options: CheckOptions,
  paths: readonly string[],
  host: Host,
): Promise<Comparison> {
  if (options.against === undefined) return { worse: () => [], gone: () => [] };
  const { comparison } = await import("./against/earlier.ts");
  return comparison(options.against, { paths, start: startOf(paths, options) }, options, host);
}

/** The files with what the baseline lets pass, if there is one. */
async function baselinedFiles(
  files: readonly FileReport[],
  options: CheckOptions,
  config: Config,
): Promise<readonly FileReport[]> {
  const { baseline } = checkedBy(config, options);
  const update = options.updateBaseline === true;
  if (baseline === undefined && !update) return files;
  const { withBaseline } = await import("./check-baseline.ts");
  return withBaseline(files, baseline, update);
}

function exitCodeOf(report: CheckReport, { maxWarnings }: CheckOptions, host: Host): ExitCode {
  const found = allCounting(report);
  const failing = found.filter(({ diagnostic }) => fails(diagnostic.severity, report.failLevel));
  const limited = failing.filter(({ diagnostic }) => limitCodes.includes(diagnostic.code));
  if (failing.length > limited.length) return exitCodes.problem;
  if (limited.length > 0) return exitCodes.limit;
  const warnings = found.filter(({ diagnostic }) => diagnostic.severity === "warning").length;
  if (maxWarnings === undefined || warnings <= maxWarnings) return exitCodes.ok;
  const allowed = maxWarnings === 0 ? "none is" : `${String(maxWarnings)} are`;
  host.stderr.write(`calm: ${plural(warnings, "warning")}, where ${allowed} allowed\n`);
  return exitCodes.problem;
}
