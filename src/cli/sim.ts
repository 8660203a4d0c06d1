// `calm sim`: a program on a simulated network that loses, delays, cuts and crashes.
import { writeFileSync } from "node:fs";
import type { Level } from "../analysis/levels.ts";
import { hasErrors, sorted } from "../base/diagnostic.ts";
import { compiled } from "../codegen/backend.ts";
import { understand } from "../understand.ts";
import { Database } from "../engine/database.ts";
import { networkProgram, saysNetwork } from "../plan/network.ts";
import { plan } from "../plan/program.ts";
import { allFaults, type FaultKind, faultsNamed } from "../sim/faults.ts";
import type { Outcome } from "../sim/outcome.ts";
import { missingFrom, type SimulatedProgram } from "../sim/program.ts";
import { scheduleOf } from "../sim/schedule.ts";
import { shrunk } from "../sim/shrink.ts";
import { simulate } from "../sim/simulate.ts";
import type { Fact } from "../transducer/fact.ts";
import { tuplesIn } from "../transducer/stored.ts";
import { StepFault } from "../transducer/transducer.ts";
import type { Implementations } from "../value/user-functor.ts";
import { channelsOf } from "./channels.ts";
import { CommandError, exitCodes, type ExitCode } from "./exit.ts";
import type { Host } from "./host.ts";
import { readInputs } from "./inputs.ts";
import { withPragmas } from "./pragmas.ts";
import { compileOptions, printDiagnostics, type ProgramOptions, sourceOf } from "./program.ts";
import { sealedKeys } from "./sim-keys.ts";
import { simulatedOf } from "./sim-program.ts";
import { simReportJson, simReportText, type SimReport } from "./sim-report.ts";
import { withoutSilenced } from "./warnings.ts";

/** The options of `calm sim`. */
export type SimOptions = ProgramOptions & {
  readonly factDir: string;
  readonly nodes: number;
  readonly seed: number;
  readonly faults: string;
  readonly format: "text" | "json";
  /** Where to write all that happens. */
  readonly trace?: string;
  /** Looks for a small run that fails as the first one does. */
  readonly shrink?: boolean;
  readonly functors?: string;
  /** Nodes answer once all have sealed their input. */
  readonly awaitReady?: boolean;
};

/** So many runs of a program that promises nothing are compared. */
const comparedMax = 30;
/** How many runs are tried to find a small one. */
const shrinkingMax = 500;
/** Nodes have letters for names. */
const nodesMax = 26;

/** Runs a program on a simulated network, and says how that went. */
export async function sim(
  file: string,
  given: SimOptions,
  functors: Implementations,
  host: Host,
): Promise<ExitCode> {
  const faults = faultsNamed(given.faults);
  if (faults === undefined)
    throw new CommandError(
      exitCodes.usage,
      `--faults takes kinds of faults with commas between them, not "${given.faults}"`,
      `the kinds are ${allFaults.join(", ")}; or all, or none`,
    );
  if (given.nodes < 1 || given.nodes > nodesMax)
    throw new CommandError(exitCodes.usage, `--nodes takes a number from 1 to ${nodesMax}`);
  const { diagnostics, program } = understand(sourceOf(file, host), compileOptions(given));
  const options = program === undefined ? given : withPragmas(given, program.pragmas);
  const channels = program && channelsOf(program);
  const found = sorted([...diagnostics, ...(channels?.diagnostics ?? [])]);
  printDiagnostics(withoutSilenced(found, options), options, host);
  if (program === undefined || channels === undefined || hasErrors(found)) return exitCodes.problem;
  const network = networkProgram(program);
  const planned = plan(network.step);
  const database = new Database(planned);
  const settings = { factDir: options.factDir, missingIsEmpty: !options.warn };
  if (!(await readInputs(channels.inputs, database, settings, host))) return exitCodes.problem;
  const input = network.roles.flatMap(({ input: into }, relation): Fact[] =>
    into ? tuplesIn(database, relation).map((values) => ({ relation, values })) : [],
  );
  const awaits = options.awaitReady === true;
  if (awaits && saysNetwork(program))
    throw new CommandError(
      exitCodes.usage,
      "--await-ready is for programs that say nothing of networks themselves",
    );
  const parts = simulatedOf(program, { ...{ awaits, functors }, backend: compiled });
  printDiagnostics(withoutSilenced(parts.diagnostics, options), options, host);
  const { level, simulated } = parts;
  if (level === undefined || simulated === undefined) return exitCodes.problem;
  try {
    const keys = sealedKeys(simulated, planned, database, functors);
    const report = compared(simulated, { ...{ input, keys, faults, level }, options });
    host.stdout.write(options.format === "json" ? simReportJson(report) : simReportText(report));
    return report.right ? exitCodes.ok : exitCodes.problem;
  } catch (error) {
    if (!(error instanceof StepFault)) throw error;
    printDiagnostics(error.diagnostics, options, host);
    return exitCodes.problem;
  }
}

type Setting = {
  readonly input: readonly Fact[];
  readonly keys: readonly Fact[];
  readonly faults: readonly FaultKind[];
  readonly level: Level;
  readonly options: SimOptions;
};

/** One run; of a program that promises nothing, more of them until two differ. */
function compared(program: SimulatedProgram, setting: Setting): SimReport {
  const { options, level } = setting;
  const lines: string[] = [];
  const first = runOf(program, setting, options.seed, (line) => void lines.push(line));
  if (options.trace !== undefined) writeTrace(options.trace, `${lines.join("\n")}\n`);
  const shrink = options.shrink === true && first.failure !== undefined;
  const smallest = shrink ? { smallest: shrunk(program, first, shrinkingMax) } : {};
  const report = { program, level, seed: options.seed, first, ...smallest };
  if (program.promise !== "none") return { ...report, right: first.failure === undefined };
  const wrong = missingFrom(program, putOut(first), first.answer);
  const unlike = { ...report, ...(wrong.length > 0 && { wrong }) };
  for (let seed = options.seed + 1; seed < options.seed + comparedMax; seed++) {
    const other = runOf(program, setting, seed);
    const onlyFirst = missingFrom(program, putOut(first), program.model.keyed(putOut(other)));
    const onlyOther = missingFrom(program, putOut(other), program.model.keyed(putOut(first)));
    if (onlyFirst.length + onlyOther.length > 0)
      return { ...unlike, right: false, difference: { seed, onlyFirst, onlyOther } };
  }
  const right = first.failure === undefined && wrong.length === 0;
  return { ...unlike, right, runs: comparedMax };
}

function runOf(
  program: SimulatedProgram,
  { input, keys, faults, options }: Setting,
  seed: number,
  trace?: (line: string) => void,
): Outcome {
  // Where runs are compared, their input is the same: nothing of it is lost.
  const kinds = faults.filter((kind) => program.promise !== "none" || kind !== "restore");
  const schedule = scheduleOf(program, {
    ...{ seed, nodes: options.nodes, exactly: true, faults: kinds, every: true, input, keys },
    mode: "liveness",
  });
  return simulate(program, { ...schedule, gone: [] }, trace);
}

/** What any node has put out. */
function putOut({ outputs }: Outcome): Fact[] {
  return [...outputs.values()].flatMap((output) => [...output.values()]);
}

function writeTrace(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new CommandError(exitCodes.usage, `cannot write "${file}": ${code}`);
  }
}
