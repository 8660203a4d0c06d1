// `npm run bench:ordered [-- --assert] [--json] [--seconds N] [--rounds N] [--records N]`: the
// ordered plane under Calvin's microbenchmark (Thomson and others, SIGMOD 2012, section 6.2) and
// TPC-C's New-Order, beside SQLite and PostgreSQL on the same machine in the same run, in turn.
// `--assert` exits 1 where a target is missed.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { semiSpaceMb } from "../src/cli/server-thread.ts";
import { median } from "./measure.ts";
import type { Workload } from "./ordered-load.ts";
import type { NodeJob, NodeResult } from "./ordered-node.ts";
import { postgres, type Rival, sqlite } from "./ordered-rivals.ts";
import { scriptOptions } from "../scripts/script-options.mjs";

const { values: options } = scriptOptions({
  options: {
    assert: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    seconds: { type: "string", default: "4" },
    rounds: { type: "string", default: "3" },
    records: { type: "string", default: "100000" },
    only: { type: "string", default: "" },
  },
});
const [seconds, rounds, records] = [
  ...[Number(options.seconds), Number(options.rounds), Number(options.records)],
] as [number, number, number];
const warmSeconds = Math.max(1, seconds / 2);
/** Requests that a partition has on their way, where it is to be as fast as it can. */
const clients = 1500;

/** One line of the table: what is measured, in every round. */
type Line = {
  readonly name: string;
  readonly run: (round: number) => Promise<Measured> | Measured;
};

/** Of recovery, `live` is the rate at which the log was made. */
type Measured = Partial<NodeResult> & {
  readonly perSecond: number;
  readonly retries?: number;
  readonly live?: number;
  readonly liveCpu?: number;
};

type Told = Measured & {
  readonly name: string;
  readonly spread: readonly number[];
};

const folder = mkdtempSync(join(tmpdir(), "calm-bench-ordered-"));
const rivals: Rival[] = [];
try {
  await main();
} finally {
  for (const rival of rivals) rival.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const note = (text: string): void => {
    process.stderr.write(`${text}\n`);
  };
  const lite = sqlite(folder, records);
  if (lite === undefined)
    note("no binding of SQLite is installed: it is left out (CALM_BENCH_SQLITE=…/better-sqlite3)");
  else rivals.push(lite);
  const elephants = postgres(records, [8, 32]);
  if (elephants.length === 0) note("PostgreSQL is not installed: it is left out");
  rivals.push(...elephants);

  const lines = planned().filter(({ name }) => name.includes(options.only));
  const found = new Map<string, Measured[]>(lines.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const { name, run } of lines) {
      const measured = await run(round);
      found.get(name)?.push(measured);
      note(`${name}: ${measured.perSecond.toFixed(0)} per second`);
    }
  const told = lines.map(({ name }) => summed(name, found.get(name) ?? []));
  const targets = judged(told);
  const machine = {
    ...{
      node: process.version,
      cpus: cpus().length,
      model: cpus()[0]?.model,
      load: loadavg(),
    },
    ...{ rivals: rivals.map(({ name, version }) => `${name}: ${version}`) },
    ...{ records, seconds, rounds },
  };
  if (options.json) console.log(JSON.stringify({ machine, told, targets }, undefined, 2));
  else print(machine, told, targets);
  if (options.assert && targets.some(({ met }) => !met)) process.exitCode = 1;
}

function planned(): Line[] {
  const micro = (contention: number, remote = 0): Workload => {
    return { name: "micro", contention, remote, records };
  };
  const newOrder: Workload = {
    name: "newOrder",
    contention: 1,
    remote: 0.1,
    records: 1000,
  };
  const durable = (job: Omit<Job, "folder">) => cluster({ ...job, folder: fresh() });
  const lines: Line[] = [];
  for (const contention of [1e-4, 1e-2, 1]) {
    const workload = micro(contention);
    const run = (): Promise<Measured> => durable({ workload, partitions: 1, clients });
    lines.push({ name: `calm, contention ${contention}`, run });
    for (const rival of rivals)
      lines.push({
        name: `${rival.name}, contention ${contention}`,
        run: () => rival.run({ contention, records, seconds }),
      });
  }
  const workload = micro(1e-4);
  return [
    ...lines,
    {
      name: "calm, nothing durable",
      run: () => cluster({ workload, partitions: 1, clients }),
    },
    {
      name: "calm, 500 asked for per second",
      run: () => durable({ workload, partitions: 1, clients: 0, perSecond: 500 }),
    },
    {
      name: "calm, a checkpoint in the middle",
      run: () => durable({ workload, partitions: 1, clients, checkpoint: true }),
    },
    { name: "calm, recovery", run: () => recovery(workload) },
    ...[0.1, 1].map((remote) => ({
      name: `calm, 2 partitions, ${remote * 100} % in both`,
      run: () => durable({ workload: micro(1e-4, remote), partitions: 2, clients }),
    })),
    ...[1, 2].map((partitions) => ({
      name: `calm, New-Order, ${partitions} ${partitions === 1 ? "partition" : "partitions"}`,
      run: () => durable({ workload: newOrder, partitions, clients: 300 }),
    })),
  ];
}

type Job = Omit<NodeJob, "partition" | "warmSeconds" | "warmRequests" | "seconds" | "socket">;

/** Runs a process for each partition; returns what they did together. */
async function cluster(job: Job): Promise<Measured> {
  const socket = join(fresh(), "socket");
  const started: ChildProcess[] = [];
  const results: Promise<NodeResult>[] = [];
  for (let partition = 0; partition < job.partitions; partition++) {
    const { child, result } = forked({
      ...job,
      ...warm(job),
      partition,
      socket,
      seconds,
    });
    started.push(child);
    results.push(result);
    if (partition === 0 && job.partitions > 1) await once(child, "message");
  }
  const all = await Promise.all(results);
  await Promise.all(started.map(exited));
  const sum = (of: (one: NodeResult) => number): number =>
    all.reduce((total, one) => total + of(one), 0);
  return {
    ...all[0],
    ...{
      perSecond: sum((of) => of.perSecond),
      aborted: sum((of) => of.aborted),
    },
    ...{ restarted: sum((of) => of.restarted) },
    perCpuSecond: sum((of) => of.perSecond) / sum((of) => of.perSecond / of.perCpuSecond),
  };
}

/** How long a process runs until it is measured. */
function warm({ workload, partitions, perSecond }: Job) {
  const warmRequests = perSecond === undefined && workload.name === "micro" ? 20_000 : 2_000;
  return { warmSeconds, warmRequests: warmRequests / partitions };
}

/** Runs a partition, and another process that carries out its log again. */
async function recovery(workload: Workload): Promise<Measured> {
  const job = { workload, partitions: 1, clients, folder: fresh() };
  const live = await cluster(job);
  const again = await cluster({ ...job, replay: true });
  return { ...again, live: live.perSecond, liveCpu: live.perCpuSecond ?? 0 };
}

function forked(job: NodeJob): {
  child: ChildProcess;
  result: Promise<NodeResult>;
} {
  const script = fileURLToPath(new URL("ordered-node.ts", import.meta.url));
  const memory = ["--max-old-space-size=3000", `--max-semi-space-size=${semiSpaceMb}`];
  const execArgv = ["--import", "tsx", ...memory];
  const child = fork(script, [JSON.stringify(job)], { execArgv });
  const result = new Promise<NodeResult>((resolve, reject) => {
    child.on("message", (message) => {
      if (typeof message === "object") resolve(message as NodeResult);
    });
    child.on("exit", () => {
      reject(new Error("a process of the benchmark ended before it had measured anything"));
    });
  });
  return { child, result };
}

async function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) await once(child, "exit");
}

function fresh(): string {
  return mkdtempSync(join(folder, "run-"));
}

function summed(name: string, rounds: readonly Measured[]): Told {
  const middle = (key: keyof Measured): number => median(rounds.map((of) => of[key] ?? 0));
  const rates = rounds.map(({ perSecond }) => perSecond).toSorted((a, b) => a - b);
  return {
    ...{
      name,
      perSecond: middle("perSecond"),
      spread: [rates[0] ?? 0, rates.at(-1) ?? 0],
    },
    ...{
      p50Ms: middle("p50Ms"),
      p99Ms: middle("p99Ms"),
      logP50Ms: middle("logP50Ms"),
    },
    ...{ applyP50Ms: middle("applyP50Ms"), aborted: middle("aborted") },
    ...{ restarted: Math.max(...rounds.map((of) => of.restarted ?? 0)) },
    ...{
      retries: middle("retries"),
      live: middle("live"),
      liveCpu: middle("liveCpu"),
    },
    ...{
      perCpuSecond: middle("perCpuSecond"),
      dip: middle("dip"),
      dipMs: middle("dipMs"),
    },
  };
}

/** What was asked for, with what came out of it: of the medians. */
type Target = {
  readonly what: string;
  readonly asked: number;
  readonly is: number;
  met: boolean;
};

function judged(told: readonly Told[]): Target[] {
  const of = (name: string): Told | undefined => told.find((one) => one.name === name);
  const rate = (name: string): number => of(name)?.perSecond ?? NaN;
  const targets: Target[] = [];
  const atLeast = (what: string, asked: number, is: number): void => {
    if (!Number.isNaN(is)) targets.push({ what, asked, is, met: is >= asked });
  };
  const low = rate("calm, contention 0.0001");
  const best = (contention: number): number =>
    Math.max(...told.filter(matches(`PostgreSQL`, contention)).map((one) => one.perSecond));
  atLeast("durable / SQLite, contention 0.0001", 0.5, low / rate("SQLite, contention 0.0001"));
  for (const [contention, asked] of [
    [1e-4, 5],
    [1, 25],
  ] as const)
    if (Number.isFinite(best(contention)))
      atLeast(
        `durable / PostgreSQL SERIALIZABLE, contention ${contention}`,
        asked,
        rate(`calm, contention ${contention}`) / best(contention),
      );
  // The rest of the machine takes time from each: by what the processor did, it does not count.
  const perCpu = (name: string): number => of(name)?.perCpuSecond ?? NaN;
  atLeast(
    "the same by seconds of the processor",
    0.5,
    perCpu("calm, contention 0.0001") / perCpu("SQLite, contention 0.0001"),
  );
  atLeast("contention 1 / contention 0.0001", 0.8, rate("calm, contention 1") / low);
  atLeast(
    "100 % in both partitions / 10 %",
    0.6,
    rate("calm, 2 partitions, 100 % in both") / rate("calm, 2 partitions, 10 % in both"),
  );
  const again = of("calm, recovery");
  atLeast("recovery / live", 5, (again?.perSecond ?? NaN) / (again?.live ?? NaN));
  const few = of("calm, 500 asked for per second");
  if (few !== undefined) {
    const { p50Ms = 0, logP50Ms = 0, applyP50Ms = 0 } = few;
    // A request comes at any moment of the 10 ms, and timers are late by up to a millisecond.
    const bound = 5 + logP50Ms + applyP50Ms + 1;
    atLeast("(epoch / 2 + log + execution + 1 ms) / p50", 1, bound / p50Ms);
  }
  const restarted = told.reduce((sum, one) => sum + (one.restarted ?? 0), 0);
  targets.push({
    ...{
      what: "transactions that started over",
      asked: 0,
      is: restarted,
      met: restarted === 0,
    },
  });
  return targets;
}

function matches(rival: string, contention: number): (one: Told) => boolean {
  return ({ name }) => name.startsWith(rival) && name.endsWith(`contention ${contention}`);
}

function print(machine: object, told: readonly Told[], targets: readonly Target[]): void {
  console.log(JSON.stringify(machine));
  const head = [
    "",
    "per second",
    "per CPU s",
    "least",
    "most",
    "p50 ms",
    "p99 ms",
    "log ms",
    "apply ms",
    "retries",
  ];
  const rows = told.map((of) => [
    ...[
      of.name,
      of.perSecond.toFixed(0),
      (of.perCpuSecond ?? 0).toFixed(0),
      ...of.spread.map((one) => one.toFixed(0)),
    ],
    ...[of.p50Ms, of.p99Ms, of.logP50Ms, of.applyP50Ms, of.retries].map((one) =>
      one === undefined || one === 0 ? "" : one.toFixed(2),
    ),
  ]);
  const all = [head, ...rows];
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  for (const [name = "", ...cells] of all)
    console.log(
      [
        name.padEnd(widths[0] ?? 0),
        ...cells.map((of, at) => of.padStart(widths[at + 1] ?? 0)),
      ].join("  "),
    );
  for (const { name, dip, dipMs } of told)
    if (dipMs !== undefined && dipMs > 0 && dip !== undefined)
      console.log(`${name}: ${(dip * 100).toFixed(0)} % slower for ${dipMs.toFixed(0)} ms`);
  for (const { what, asked, is, met } of targets)
    console.log(`${met ? "met   " : "MISSED"}  ${what}: ${is.toFixed(2)}, asked ${asked}`);
}
