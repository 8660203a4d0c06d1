// The seeded simulation: networks of nodes under faults, with everything checked that nodes promise.
//
//     npm run sim -- --seeds 1000 --faults all
//     npm run sim -- --seed 17 --program reachability --trace
//
// Fails where a check fails: then it prints the seed, and a small run that fails the same way. With
// --first it ends there, and does not look for a small run.
import { parseArgs } from "node:util";

import { random } from "../src/base/random.ts";
import { type CheckKind, checkKinds } from "../src/sim/checker.ts";
import { allFaults, type FaultKind, faultsNamed } from "../src/sim/faults.ts";
import type { Outcome } from "../src/sim/outcome.ts";
import { scheduleOf } from "../src/sim/schedule.ts";
import { shrunk } from "../src/sim/shrink.ts";
import { simulate } from "../src/sim/simulate.ts";
import { scheduleText } from "../test/support/schedule-text.ts";
import { type Simulated, simulatedPrograms } from "../test/support/simulated.ts";

const progressMs = 5000;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    faults: { type: "string" },
    program: { type: "string" },
    trace: { type: "boolean" },
    first: { type: "boolean" },
  },
});
const failuresMax = values.first === true ? 1 : 3;
const firstSeed = whole("seed", values.seed ?? "1");
const seeds = whole("seeds", values.seeds ?? (values.seed === undefined ? "100" : "1"));
const faults = faultsNamed(values.faults ?? "all");
if (faults === undefined) usage(`--faults takes all, none, or some of ${allFaults.join(",")}`);
const programs = simulatedPrograms.filter(({ name }) => name === (values.program ?? name));
if (programs.length === 0)
  usage(`--program takes one of ${simulatedPrograms.map(({ name }) => name).join(", ")}`);

const startMs = performance.now();
const totals = { runs: 0, converged: 0, events: 0, frames: 0, requests: 0, failures: 0 };
const happened = new Map<FaultKind, number>();
const checked = new Map<CheckKind, number>();
let saidMs = startMs;

for (let seed = firstSeed; seed < firstSeed + seeds && totals.failures < failuresMax; seed++) {
  for (const [at, simulated] of programs.entries()) {
    if (programs.length > 1 && isSpared(simulated, seed + at)) continue;
    const outcome = runOf(simulated, seed);
    count(outcome);
    if (outcome.failure !== undefined) fail(simulated, seed, outcome);
    if (totals.failures >= failuresMax) break;
  }
  if (performance.now() - saidMs < progressMs) continue;
  saidMs = performance.now();
  process.stderr.write(`${seed - firstSeed + 1} of ${seeds} seeds, ${totals.events} events\n`);
}

const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
const { runs, converged, events, frames, requests, failures } = totals;
const counted = (counts: ReadonlyMap<string, number>, kinds: readonly string[]): string =>
  kinds.map((kind) => `${kind} ${counts.get(kind) ?? 0}`).join(", ");
print(
  `${runs} runs from seed ${firstSeed} of ${programs.map(({ name }) => name).join(", ")} (${seconds} s)`,
  `${events} events, ${frames} frames, ${requests} requests accepted, ${converged} runs converged`,
  `faults: ${counted(happened, allFaults)}`,
  `checks: ${counted(checked, Object.keys(checkKinds))}`,
  `failures: ${failures}`,
);
process.exitCode = failures > 0 ? 1 : 0;

/** Of the programs in parts every second one is spared a seed, so that all take two minutes. */
function isSpared({ program }: Simulated, number: number): boolean {
  return program.parts !== undefined && number % 2 === 1;
}

/** Every fourth run never becomes calm. */
function runOf({ program, nodesMax, input, keys = [] }: Simulated, seed: number): Outcome {
  const schedule = scheduleOf(program, {
    ...{ seed, nodes: nodesMax, faults: faults ?? [], input: input(random(seed)) },
    keys,
    mode: seed % 4 === 0 ? "safety" : "liveness",
  });
  return simulate(program, schedule, values.trace === true ? (line) => print(line) : undefined);
}

function fail({ name, program }: Simulated, seed: number, outcome: Outcome): void {
  totals.failures++;
  const { failure } = outcome;
  print(`${name}, seed ${seed}: violation of ${failure?.check ?? ""}: ${failure?.message ?? ""}`);
  if (values.first !== true) {
    const smallest = shrunk(program, outcome);
    print("the smallest such run:");
    simulate(program, smallest.schedule, (line) => print(line));
    print("as a case of test/cases/sim:", `ends ${name}`, scheduleText(program, smallest.schedule));
  }
  const again = `--seed ${seed} --program ${name} --faults ${values.faults ?? "all"}`;
  print(`again: npm run sim -- ${again} --trace`);
}

function count(outcome: Outcome): void {
  totals.runs++;
  totals.events += outcome.counts.events;
  totals.frames += outcome.counts.frames;
  totals.requests += outcome.counts.requests;
  if (outcome.convergedMs !== undefined) totals.converged++;
  for (const [kind, times] of outcome.faults) happened.set(kind, (happened.get(kind) ?? 0) + times);
  for (const [kind, times] of outcome.checks) checked.set(kind, (checked.get(kind) ?? 0) + times);
}

function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

function whole(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  usage(`--${name} takes a whole number, not "${text}"`);
}

function usage(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
