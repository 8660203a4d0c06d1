// One seed of the simulation: a run of each program, and what came of them as text and counts.
import { random } from "../src/base/random.ts";
import type { CheckKind } from "../src/sim/checker.ts";
import type { FaultKind } from "../src/sim/faults.ts";
import type { Outcome } from "../src/sim/outcome.ts";
import { scheduleOf } from "../src/sim/schedule.ts";
import { shrunk } from "../src/sim/shrink.ts";
import { simulate } from "../src/sim/simulate.ts";
import { scheduleText } from "../test/support/schedule-text.ts";
import { type Simulated, simulatedPrograms } from "../test/support/simulated.ts";

/** What to run, apart from the seed. */
export type SeedOptions = {
  /** The program, in place of all. */
  readonly program?: string;
  readonly faults: readonly FaultKind[];
  /** How the faults were named, to say how to run a seed again. */
  readonly faultsNamed: string;
  /** Whether a run that fails is made small. */
  readonly shrinks: boolean;
};

/** How often things happened in the runs of some seeds. */
export type SeedCounts = {
  runs: number;
  converged: number;
  events: number;
  frames: number;
  requests: number;
  readonly faults: Map<FaultKind, number>;
  readonly checks: Map<CheckKind, number>;
};

/** What came of a seed. */
export type SeedOutcome = {
  readonly counts: SeedCounts;
  /** The lines about each run that failed. */
  readonly failures: readonly (readonly string[])[];
};

/** Returns the programs of that name, or all. */
export function programsNamed(name: string | undefined): readonly Simulated[] {
  return simulatedPrograms.filter((program) => program.name === (name ?? program.name));
}

export function noCounts(): SeedCounts {
  const none = { runs: 0, converged: 0, events: 0, frames: 0, requests: 0 };
  return { ...none, faults: new Map(), checks: new Map() };
}

/** Adds `other` to `counts`. */
export function addCounts(counts: SeedCounts, other: SeedCounts): void {
  counts.runs += other.runs;
  counts.converged += other.converged;
  counts.events += other.events;
  counts.frames += other.frames;
  counts.requests += other.requests;
  addTimes(counts.faults, other.faults);
  addTimes(counts.checks, other.checks);
}

/** Runs the programs from `seed`; `trace` takes the events as lines. */
export function seedOutcome(
  seed: number,
  options: SeedOptions,
  trace?: (line: string) => void,
): SeedOutcome {
  const counts = noCounts();
  const failures: string[][] = [];
  const programs = programsNamed(options.program);
  for (const [at, simulated] of programs.entries()) {
    if (programs.length > 1 && isSpared(simulated, seed + at)) continue;
    const outcome = runOf(simulated, seed, options.faults, trace);
    addCounts(counts, countsOf(outcome));
    if (outcome.failure !== undefined)
      failures.push(failureLines(simulated, seed, outcome, options));
  }
  return { counts, failures };
}

/** Of the programs in parts every second one is spared a seed, as they take the longest. */
function isSpared({ program }: Simulated, number: number): boolean {
  return program.parts !== undefined && number % 2 === 1;
}

/** Every fourth run never becomes calm. */
function runOf(
  { program, nodesMax, input, keys = [] }: Simulated,
  seed: number,
  faults: readonly FaultKind[],
  trace?: (line: string) => void,
): Outcome {
  const schedule = scheduleOf(program, {
    ...{ seed, nodes: nodesMax, faults, input: input(random(seed)) },
    keys,
    mode: seed % 4 === 0 ? "safety" : "liveness",
  });
  return simulate(program, schedule, trace);
}

function countsOf({ counts, convergedMs, faults, checks }: Outcome): SeedCounts {
  const converged = convergedMs === undefined ? 0 : 1;
  return { runs: 1, converged, ...counts, faults: new Map(faults), checks: new Map(checks) };
}

function failureLines(
  { name, program }: Simulated,
  seed: number,
  outcome: Outcome,
  { shrinks, faultsNamed }: SeedOptions,
): string[] {
  const { failure } = outcome;
  const lines = [`${name}, seed ${seed}: violation of ${failure?.check}: ${failure?.message}`];
  if (shrinks) {
    const { schedule } = shrunk(program, outcome);
    lines.push("the smallest such run:");
    simulate(program, schedule, (line) => lines.push(line));
    lines.push("as a case of test/cases/sim:", `ends ${name}`, scheduleText(program, schedule));
  }
  const again = `--seed ${seed} --program ${name} --faults ${faultsNamed}`;
  return [...lines, `again: npm run sim -- ${again} --trace`];
}

function addTimes<K>(counts: Map<K, number>, other: ReadonlyMap<K, number>): void {
  for (const [kind, times] of other) counts.set(kind, (counts.get(kind) ?? 0) + times);
}
