// The seeded simulation: networks of nodes under faults, with everything checked that nodes promise.
//
//     npm run sim -- --seeds 1000 --faults all
//     npm run sim -- --seed 17 --program reachability --trace
//
// Seeds are run by as many processes as there are processors, or as --jobs says. Fails where a check
// fails: then it prints the seed, and a small run that fails the same way. With --first it ends
// there, and does not look for a small run.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

import { checkKinds } from "../src/sim/checker.ts";
import { allFaults, faultsNamed } from "../src/sim/faults.ts";
import { simulatedPrograms } from "../test/support/simulated.ts";
import {
  addCounts,
  noCounts,
  programsNamed,
  seedOutcome,
  type SeedOptions,
  type SeedOutcome,
} from "./sim-seed.ts";
import { scriptOptions, whole, wrongOption } from "./script-options.mjs";

const progressMs = 5000;
const child = fileURLToPath(new URL("sim-child.ts", import.meta.url));

const { values } = scriptOptions({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    faults: { type: "string" },
    program: { type: "string" },
    jobs: { type: "string" },
    trace: { type: "boolean" },
    first: { type: "boolean" },
  },
});
const failuresMax = values.first === true ? 1 : 3;
const firstSeed = whole("seed", values.seed ?? "1");
const seeds = whole("seeds", values.seeds ?? (values.seed === undefined ? "100" : "1"));
const jobs = Math.min(whole("jobs", values.jobs ?? String(availableParallelism())), seeds);
const faults = faultsNamed(values.faults ?? "all");
if (faults === undefined)
  wrongOption(`--faults takes all, none, or some of ${allFaults.join(",")}`);
const programs = programsNamed(values.program);
if (programs.length === 0)
  wrongOption(`--program takes one of ${simulatedPrograms.map(({ name }) => name).join(", ")}`);
const options: SeedOptions = {
  ...(values.program === undefined ? {} : { program: values.program }),
  ...{ faults, faultsNamed: values.faults ?? "all", shrinks: values.first !== true },
};

const startMs = performance.now();
const counts = noCounts();
let failures = 0;
let done = 0;
let saidMs = startMs;
let nextSeed = firstSeed;

// What is traced is run here, in the order of the seeds.
if (values.trace === true || jobs <= 1) {
  for (let seed = taken(); seed !== undefined; seed = taken())
    take(seedOutcome(seed, options, values.trace === true ? (line) => print(line) : undefined));
} else await Promise.all(Array.from({ length: jobs }, runSeeds));

const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
const counted = (of: ReadonlyMap<string, number>, kinds: readonly string[]): string =>
  kinds.map((kind) => `${kind} ${of.get(kind) ?? 0}`).join(", ");
print(
  `${counts.runs} runs from seed ${firstSeed} of ${programs.map(({ name }) => name).join(", ")} (${seconds} s)`,
  `${counts.events} events, ${counts.frames} frames, ${counts.requests} requests accepted, ${counts.converged} runs converged`,
  `faults: ${counted(counts.faults, allFaults)}`,
  `checks: ${counted(counts.checks, Object.keys(checkKinds))}`,
  `failures: ${failures}`,
);
process.exitCode = failures > 0 ? 1 : 0;

/** Runs seeds in a process of their own until there are none. */
async function runSeeds(): Promise<void> {
  const running = fork(child, [JSON.stringify(options)], { serialization: "advanced" });
  for (let seed = taken(); seed !== undefined; seed = taken()) take(await outcome(running, seed));
  running.disconnect();
}

/** Has `running` run a seed. */
async function outcome(running: ChildProcess, seed: number): Promise<SeedOutcome> {
  const ended = new AbortController();
  running.send(seed);
  const dead = once(running, "exit", ended).then(() => {
    throw new Error(`the process that ran seed ${seed} ended`);
  });
  try {
    const [said] = (await Promise.race([once(running, "message", ended), dead])) as [SeedOutcome];
    return said;
  } finally {
    dead.catch(() => undefined);
    ended.abort();
  }
}

/** Returns the next seed, if there is one, and not enough has failed. */
function taken(): number | undefined {
  return nextSeed < firstSeed + seeds && failures < failuresMax ? nextSeed++ : undefined;
}

function take(outcome: SeedOutcome): void {
  addCounts(counts, outcome.counts);
  done++;
  for (const lines of outcome.failures) print(...lines);
  failures += outcome.failures.length;
  if (performance.now() - saidMs < progressMs) return;
  saidMs = performance.now();
  process.stderr.write(`${done} of ${seeds} seeds, ${counts.events} events\n`);
}

function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}
