// `calm test`: from paths to results, from results to a report and an exit code.
import { resolve } from "node:path";
import type { Implementations } from "../value/user-functor.ts";
import { configOf } from "./config.ts";
import { startOf } from "./check-sources.ts";
import { CommandError, exitCodes, type ExitCode } from "./exit.ts";
import { meanings } from "./meanings.ts";
import { loadFunctors } from "./functors.ts";
import type { Host } from "./host.ts";
import { colored, type ProgramOptions } from "./program.ts";
import { programsAt } from "./program-files.ts";
import { progressOn } from "./progress.ts";
import { printedTests, type TestFormat } from "./test/print.ts";
import { failing, type TestResult } from "./test/report.ts";
import { runProgram, type TestOptions } from "./test/run-program.ts";
import type { TestRun } from "./test/watch.ts";

/** The options of `calm test`. */
export type TestCommandOptions = ProgramOptions & {
  readonly filter: readonly string[];
  readonly update?: true;
  readonly watch?: true;
  readonly allowEmpty?: true;
  readonly tolerance: number;
  readonly functors?: string;
  readonly maxTuples: number;
  readonly maxRounds?: number;
  readonly maxSteps: number;
  readonly format: TestFormat;
  readonly rows: number;
  readonly quiet?: true;
  /** False for `--no-config`. */
  readonly config?: string | false;
};

/** Runs the tests of programs and prints the report to stdout. */
export async function test(
  paths: readonly string[],
  options: TestCommandOptions,
  host: Host,
  version: string,
): Promise<ExitCode> {
  const from = paths.length === 0 ? ["."] : paths;
  if (options.watch === true) {
    if (options.format !== "text")
      throw new CommandError(exitCodes.usage, "--watch prints text", "leave out --format");
    const { watched } = await import("./test/watch.ts");
    return watched(from, () => runOnce(from, options, host, version), host);
  }
  return (await runOnce(from, options, host, version)).code;
}

async function runOnce(
  paths: readonly string[],
  options: TestCommandOptions,
  host: Host,
  version: string,
): Promise<TestRun> {
  const startMs = host.nowMs();
  const programs = programsOf(paths);
  const functors = await loadFunctors(options.functors);
  const how = testOptions(paths, options, functors);
  const progress = progressOn(host);
  const results: TestResult[] = [];
  const sources: string[] = [];
  const included = new Set<string>();
  for (const [at, path] of programs.entries()) {
    progress.say(`testing ${String(at + 1)} of ${String(programs.length)}: ${path}`);
    // What is named is to have expectations; what lies in a folder may be a part.
    const record = options.update === true && paths.includes(path);
    const outcome = await runProgram(path, { ...how, record }, host);
    results.push(...outcome.results);
    sources.push(...outcome.sources);
    if (outcome.results.some(({ status }) => status !== "empty"))
      for (const source of outcome.sources.slice(1)) included.add(resolve(source));
  }
  progress.done();
  // A text that a tested program includes is tested with it.
  const counted = results.filter(
    ({ status, program }) => status !== "empty" || !included.has(resolve(program)),
  );
  if (counted.length === 0) throw nothingToRun(paths, options);
  const ms = host.nowMs() - startMs;
  const report = { version, results: counted, emptyFails: options.allowEmpty !== true, ms };
  const { format, rows, quiet = false } = options;
  const color = colored(options, host, "stdout");
  host.stdout.write(await printedTests(format, report, { color, rowsMax: rows, quiet }));
  const failed = counted.filter((result) => failing(result, report));
  if (format === "text" && failed.some(({ status }) => status === "empty"))
    host.stderr.write(`calm: ${emptyHint}\n`);
  return { code: failed.length > 0 ? exitCodes.problem : exitCodes.ok, sources };
}

const emptyHint =
  "a test that expects nothing shows nothing: write `.expect REL { … }` into the program, or " +
  "have `calm test FILE --update` write down what it gives; --allow-empty lets it pass";

function programsOf(paths: readonly string[]): readonly string[] {
  if (paths.includes("-")) {
    const message = "standard input has no expectations beside it";
    throw new CommandError(exitCodes.usage, message, "name a file or a folder");
  }
  const programs = [...new Set(paths.flatMap(programsAt))];
  if (programs.length > 0) return programs;
  const message = `there is no program in ${paths.join(", ")}`;
  throw new CommandError(exitCodes.usage, message, "a .dl file is one");
}

function nothingToRun(
  paths: readonly string[],
  { filter }: Pick<TestCommandOptions, "filter">,
): CommandError {
  const message = `no test in ${paths.join(", ")} has a name with ${filter.join(" or ")}`;
  return new CommandError(exitCodes.usage, message, "a name is PROGRAM or PROGRAM > CASE");
}

function testOptions(
  paths: readonly string[],
  options: TestCommandOptions,
  functors: Implementations,
): Omit<TestOptions, "record"> {
  const { filter, maxTuples, maxRounds, maxSteps, tolerance } = options;
  return {
    limits: { maxTuples, ...(maxRounds !== undefined && { maxRounds }) },
    stepsMax: maxSteps,
    functors,
    missingIsEmpty: !options.warn,
    tolerance,
    update: options.update === true,
    program: options,
    selected: (name) => filter.length === 0 || filter.some((text) => name.includes(text)),
    config: () => configOf(options.config, startOf(paths, {}), Object.keys(meanings)),
  };
}
