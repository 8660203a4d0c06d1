import { availableParallelism } from "node:os";
import type { Program } from "../analysis/program.ts";
import { hasErrors, type Diagnostic } from "../base/diagnostic.ts";
import {
  compiled,
  interpreted,
  javascript,
  webAssembly,
  type Backend,
} from "../codegen/backend.ts";
import { Database } from "../engine/database.ts";
import type { EvaluateOptions, Progress } from "../engine/run.ts";
import { Workers } from "../engine/workers.ts";
import type { Limits } from "../engine/limit.ts";
import type { ResultFormat } from "../io/write.ts";
import type { Implementations } from "../value/user-functor.ts";
import { channelsOf } from "./channels.ts";
import { evaluated } from "./evaluated.ts";
import { CommandError, exitCodes, type ExitCode } from "./exit.ts";
import { unmetExpectations } from "./expectations.ts";
import type { Host } from "./host.ts";
import { readInputs } from "./inputs.ts";
import { preparedToEvaluate } from "./many-rules.ts";
import { checkOutputs, writeOutputs } from "./outputs.ts";
import { printDiagnostics, runnableProgram, type ProgramOptions } from "./program.ts";
import { profileOf } from "./profile/profile.ts";
import { sourcesOf, writeProfile } from "./profile/write.ts";
import { showResults } from "./results.ts";
import { show, type Shown } from "./show.ts";
import { statisticsText } from "./statistics.ts";
import { threadPool } from "./threads.ts";
import { withoutSilenced } from "./warnings.ts";

/** The options of `calm run`. */
export type RunOptions = ProgramOptions & {
  readonly factDir: string;
  readonly outputDir: string;
  readonly jobs: string;
  /** Where the profile is written to. */
  readonly profile?: string;
  readonly show?: readonly Shown[];
  /** The module that implements the program's functors. */
  readonly functors?: string;
  readonly stats?: boolean;
  readonly codegen: boolean;
  readonly backend: keyof typeof backends;
  readonly format?: ResultFormat;
  readonly rows: string;
  readonly maxTuples?: string;
  readonly maxRounds?: string;
  readonly maxMemory?: string;
  readonly maxSteps: string;
};

/** The values of `--backend`. */
export const backends = {
  auto: compiled,
  js: javascript,
  wasm: webAssembly,
  interpreter: interpreted,
} as const satisfies Record<string, Backend>;

/** Evaluates a program and writes its outputs; nothing is written unless all went well. */
export async function run(
  file: string,
  given: RunOptions,
  functors: Implementations,
  host: Host,
): Promise<ExitCode> {
  const startMs = host.nowMs();
  const limits = limitsOf(given);
  const rowsMax = positive("--rows", given.rows);
  const stepsMax = positive("--max-steps", given.maxSteps);
  if (given.show !== undefined) return show(given.show, file, given, host);
  const { compiled: program, options } = runnableProgram(file, given, host);
  if (program === undefined) return exitCodes.problem;
  const jobs = options.jobs === "auto" ? availableParallelism() : positive("--jobs", options.jobs);
  const { inputs, outputs } = channelsOf(program.program);
  checkOutputs(outputs, options.outputDir);
  const database = new Database(program.plan);
  database.bound(limits.maxMemoryBytes ?? Infinity);
  let rowsAhead = 0;
  const onAhead = (rows: number): void => void (rowsAhead += rows);
  const folder = { factDir: options.factDir, missingIsEmpty: !options.warn };
  const settings = { ...folder, ...(jobs > 1 ? { onAhead } : {}) };
  if (!(await readInputs(inputs, database, settings, host))) return exitCodes.problem;
  const readMs = host.nowMs();
  preparedToEvaluate(program.program.rules.length);
  const workers = jobs > 1 ? new Workers(threadPool(jobs - 1), database.memory) : undefined;
  const timed = options.stats === true || options.profile !== undefined;
  const how: EvaluateOptions = {
    backend: options.codegen ? backends[options.backend] : interpreted,
    limits,
    functors,
    onProgress: progressPrinter(program.program, host),
    ...(timed ? { clock: () => host.nowMs() } : {}),
    profiled: options.profile !== undefined,
    ...(workers && { workers }),
  };
  const evaluation = evaluated(program, database, { ...how, stepsMax });
  workers?.end();
  const evaluatedMs = host.nowMs();
  const found = [
    ...evaluation.diagnostics,
    ...(evaluation.complete ? unmetExpectations(program.program, database) : []),
  ];
  printDiagnostics(withoutSilenced(found, options), options, host);
  const ended = exitOf(found);
  if (ended === exitCodes.ok) {
    if (options.format !== undefined || (outputs.length === 0 && host.stdout.terminal)) {
      const size = { format: options.format, rowsMax, width: host.stdout.width };
      showResults(program.program, database, size, host);
    } else if (outputs.length > 0) await writeOutputs(outputs, database, options.outputDir, host);
    else
      host.stderr.write("calm: the program has no .output; --format table prints its relations\n");
  }
  const times = { startMs, readMs, evaluatedMs, endMs: host.nowMs() };
  if (options.stats === true)
    host.stderr.write(
      statisticsText(program.plan, database, evaluation, times, { rowsAhead, workers }),
    );
  if (options.profile !== undefined) {
    const profile = profileOf(file, program.plan, database, evaluation, times);
    writeProfile(options.profile, profile, sourcesOf(evaluation));
  }
  return ended;
}

function exitOf(found: readonly Diagnostic[]): ExitCode {
  if (!hasErrors(found)) return exitCodes.ok;
  const limits = ["too-many-tuples", "too-many-rounds", "too-many-steps", "out-of-memory"];
  return found.some(({ code }) => limits.includes(code)) ? exitCodes.limit : exitCodes.problem;
}

function limitsOf({ maxTuples, maxRounds, maxMemory }: RunOptions): Limits {
  return {
    ...(maxTuples === undefined ? {} : { maxTuples: positive("--max-tuples", maxTuples) }),
    ...(maxRounds === undefined ? {} : { maxRounds: positive("--max-rounds", maxRounds) }),
    ...(maxMemory === undefined
      ? {}
      : { maxMemoryBytes: positive("--max-memory", maxMemory) * 2 ** 20 }),
  };
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new CommandError(exitCodes.usage, `${flag} takes a number from 1 on, not "${text}"`);
}

/** How long a run is quiet before it says how far it is, and then how often it does. */
const quietMs = 2000;

function progressPrinter(program: Program, host: Host): (progress: Progress) => void {
  let nextMs = host.nowMs() + quietMs;
  return ({ stratum, round, derived }) => {
    if (host.nowMs() < nextMs || !host.stderr.terminal) return;
    nextMs = host.nowMs() + quietMs;
    const names = program.strata[stratum]?.relations.map((at) => program.relations[at]?.name ?? "");
    const what = names === undefined ? "" : names.slice(0, 3).join(", ");
    host.stderr.write(`calm: ${what}: round ${round}, ${derived.toLocaleString("en")} tuples\n`);
  };
}
