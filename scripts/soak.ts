// A cluster under load and faults for a long time: nothing that was acknowledged is lost, nothing that
// was removed comes back, and no node needs more and more. `npm run soak -- --help` says how.
import { setMaxListeners } from "node:events";
import { inspect } from "node:util";

import { random } from "../src/base/random.ts";
import type { ClusterNode } from "../test/support/cluster.ts";
import { pause } from "./proxied-nodes.ts";
import { scriptOptions, wrongOption } from "./script-options.mjs";
import { SoakBank } from "./soak-bank.ts";
import { SoakClients } from "./soak-clients.ts";
import { type NodeCourse, soakTable } from "./soak-report.ts";
import { coursesOf, type Sample, sampleOf } from "./soak-samples.ts";
import { SoakStore } from "./soak-store.ts";

const help = `Usage: npm run soak -- [options]

A store on several processes, and a bank on two, with clients who put, remove, read, watch and
transfer, while nodes are killed, stopped for a while and cut off. In the end all of them lose power
at once. Nothing acknowledged may be lost, nothing removed be there, and all have to agree; memory,
open files and folders of each have to be flat.

  --minutes N      how long (60); below 22 nothing is said of what is flat
  --nodes N        nodes of the store (3)
  --rate N         requests of the store's clients in a second (150)
  --clients N      how many clients these are (32)
  --seed N         what goes wrong when, and what is asked (1)
  --no-bank        without the ordered plane
  --format text|json

Ended early (Ctrl-C) it looks at what there is by then. Exits with 1 where something is lost, comes
back, differs or grows; with 2 for wrong options.

  npm run soak -- --minutes 60
  npm run soak -- --minutes 2 --seed 17 --no-bank --format json
`;

const sampleMs = 5_000;

/** How often who does not look at a terminal is told how things are. */
const reportMs = 60_000;

/** How many losses are told at a time. */
const lossesTold = 10;

/** How long nodes may take to agree in the end. */
const settleMs = 120_000;

const options = optionsOf();
const lengthMs = options.minutes * 60_000;
const startMs = Date.now();

type Options = Record<"minutes" | "nodes" | "rate" | "clients" | "seed", number> & {
  readonly bank: boolean;
  readonly json: boolean;
};

/** What was measured, node by node. */
class Samples {
  readonly byNode = new Map<string, Sample[]>();
  /** What nodes said of their own mistakes. */
  readonly faults = new Set<string>();
  private readonly nodes: readonly (readonly [ClusterNode, readonly string[]])[];

  constructor(nodes: readonly (readonly [ClusterNode, readonly string[]])[]) {
    this.nodes = nodes;
    for (const [{ name }] of nodes) this.byNode.set(name, []);
  }

  async take(): Promise<void> {
    const atMs = Date.now() - startMs;
    await Promise.all(
      this.nodes.map(async ([node, folders]) => {
        const sample = await sampleOf(node, folders, atMs);
        for (const line of node.lastSaid)
          if (line.includes('"level":"error"')) this.faults.add(`${node.name} said ${line}`);
        if (sample !== undefined) this.byNode.get(node.name)?.push(sample);
      }),
    );
  }

  /** What there is after so long. */
  courses(lengthMs: number): NodeCourse[] {
    return [...this.byNode].flatMap(([node, samples]) =>
      coursesOf(samples, lengthMs).map((course) => ({ node, ...course })),
    );
  }
}

async function soak(): Promise<boolean> {
  const store = new SoakStore();
  const bank = options.bank ? new SoakBank() : undefined;
  const ends = new AbortController();
  // All clients listen to it.
  setMaxListeners(0, ends.signal);
  try {
    await store.start(options.nodes);
    await bank?.start();
    const urls = store.nodes.map(({ url }) => url);
    const clients = new SoakClients({ urls, ...options });
    const samples = new Samples([
      ...store.nodes.map((node) => [node, store.foldersOf(node)] as const),
      ...(bank?.nodes ?? []).map((node) => [node, bank?.foldersOf(node) ?? []] as const),
    ]);
    say(`${urls.length} nodes of a store${bank === undefined ? "" : ", and a bank on two"}`);
    const watches = new AbortController();
    const watching = store.watch(watches.signal);
    watching.catch(() => undefined);
    const working = [
      clients.run(ends.signal),
      store.suffer(random(options.seed), ends.signal),
      store.lookIn(random(options.seed + 1), ends.signal),
      measure(samples, store, clients, bank, ends.signal),
      ...(bank === undefined
        ? []
        : [
            bank.run(options.seed, ends.signal),
            bank.suffer(random(options.seed + 2), ends.signal),
          ]),
    ];
    const timer = setTimeout(() => {
      ends.abort();
    }, lengthMs);
    // Who has seen enough is told how things are by then.
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => {
        ends.abort();
      });
    // Who fails ends all.
    const failures: unknown[] = [];
    for (const one of working)
      one.catch((error: unknown) => {
        failures.push(error);
        ends.abort();
      });
    await Promise.allSettled(working);
    clearTimeout(timer);
    const soakedMs = Date.now() - startMs;
    if (failures.length > 0) throw new AggregateError(failures, "the soak itself fails");
    say("all is well again; then all nodes lose power at once");
    const wrong = [
      ...clients.losses,
      ...(await store.wrong(clients, Date.now() + settleMs)),
      ...(bank?.losses ?? []),
      ...((await bank?.wrong()) ?? []),
      ...samples.faults,
      ...store.machines.endings.map((ending) => `a node ended by itself: ${ending}`),
    ];
    watches.abort();
    await watching;
    const codes = [...(await store.stop()), ...((await bank?.stop()) ?? [])];
    if (codes.some((code) => code !== 0)) wrong.push(`exit codes: ${codes.join(", ")}`);
    const courses = samples.courses(soakedMs);
    const report = {
      ...{ seed: options.seed, minutes: options.minutes, nodes: options.nodes },
      ...{ seconds: Math.round((Date.now() - startMs) / 1000) },
      ...{ faults: store.machines.counts, store: clients.counts, bank: bank?.counts },
      ...{ courses, wrong },
      passed: wrong.length === 0 && courses.every(({ verdict }) => verdict !== "grows"),
    };
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : soakTable(report));
    return report.passed;
  } finally {
    ends.abort();
    await store.close();
    await bank?.close();
  }
}

/** Measures nodes, and tells how things are, until it is told to end. */
async function measure(
  samples: Samples,
  store: SoakStore,
  { counts, losses }: SoakClients,
  bank: SoakBank | undefined,
  ends: AbortSignal,
): Promise<void> {
  let told = 0;
  const everyMs = process.stderr.isTTY ? sampleMs : reportMs;
  for (let saidMs = startMs; !ends.aborted;) {
    await pause(sampleMs, ends);
    await samples.take();
    // What is lost is told at once: who looks into it finds the nodes as they are.
    for (const loss of losses.slice(told, told + lossesTold)) say(`loss: ${loss}`);
    told = losses.length;
    if (Date.now() - saidMs < everyMs) continue;
    saidMs = Date.now();
    const memory = store.nodes.map(({ name }) => {
      const { resident = 0 } = samples.byNode.get(name)?.at(-1) ?? {};
      return Math.round(resident / 2 ** 20);
    });
    const faults = Object.values(store.machines.counts).reduce((sum, count) => sum + count, 0);
    say(
      `${counts.puts} puts, ${counts.removes} removes, ${counts.reads} reads, ` +
        `${bank === undefined ? "" : `${bank.counts.done} transfers, `}${faults} faults, ` +
        `${losses.length + (bank?.losses.length ?? 0)} losses; ${memory.join(", ")} MiB resident`,
    );
  }
}

function say(text: string): void {
  const seconds = ((Date.now() - startMs) / 1000).toFixed(0).padStart(5);
  process.stderr.write(`${seconds} s  ${text}\n`);
}

function optionsOf(): Options {
  const { values } = scriptOptions(
    {
      options: {
        ...{ minutes: { type: "string", default: "60" }, nodes: { type: "string", default: "3" } },
        ...{ rate: { type: "string", default: "150" }, clients: { type: "string", default: "32" } },
        ...{ seed: { type: "string", default: "1" }, "no-bank": { type: "boolean" } },
        ...{ format: { type: "string", default: "text" } },
      },
    },
    help,
  );
  const { format, minutes } = values;
  if (format !== "text" && format !== "json") wrongOption("--format takes text or json");
  return {
    minutes: numberOf("minutes", minutes, /^\d{1,5}(\.\d{1,3})?$/),
    nodes: numberOf("nodes", values.nodes, /^[1-9]$/),
    rate: numberOf("rate", values.rate, /^[1-9]\d{0,4}$/),
    clients: numberOf("clients", values.clients, /^[1-9]\d{0,2}$/),
    seed: numberOf("seed", values.seed, /^\d{1,9}$/),
    bank: values["no-bank"] !== true,
    json: format === "json",
  };
}

function numberOf(name: string, text: string, form: RegExp): number {
  if (form.test(text) && Number(text) > 0) return Number(text);
  if (form.test(text) && name === "seed") return 0;
  wrongOption(`--${name} does not take ${text}`);
}

try {
  if (!(await soak())) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${inspect(error)}\n`);
  // What waits for what does not come any more is of no use.
  process.exit(1);
}
