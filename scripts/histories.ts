// Histories of transactions on lists, at three nodes of the ordered plane and three members of etcd
// as processes that are killed, stopped, cut off, and left without a byte of disk.
//
//     npm run histories -- --transactions 20000
//     npm run histories -- --seed 17 --seconds 60
//
// What clients saw has to be strictly serialisable (src/sim/histories). Prints what went wrong how
// often, and how transactions ended. Exits with 1 where there is an anomaly, or where nodes differ.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { random, type Random } from "../src/base/random.ts";
import { NodeClient } from "../src/client/node-client.ts";
import {
  OrderedClient,
  type TransactionEnd,
  TransactionUnknown,
} from "../src/client/ordered-client.ts";
import { checkLists, listReport } from "../src/sim/histories/check-lists.ts";
import type { ListAccess, ListTransaction } from "../src/sim/histories/list-history.ts";
import { project } from "../test/programs/folder.ts";
import { until } from "../test/support/cluster.ts";
import { HistoriesCluster } from "./histories-cluster.ts";
import { scriptOptions, whole } from "./script-options.mjs";

const clients = 64;

/** Lists that are appended to at a time, and for how many transactions each is. */
const listsOpen = 8;
const listTransactions = 12;

/** How long a client waits for an answer: less than nodes are stopped for. */
const answerMs = 3_000;

/** How long nodes may take to settle in the end. */
const settleMs = 90_000;

const progressMs = 5_000;

/** An operation of a transaction. */
type Operation = readonly [f: "r" | "append", list: number, value: number];

/** A transaction as its client saw it, but for what it read. */
type Asked = {
  readonly number: number;
  readonly process: string;
  readonly operations: readonly Operation[];
  readonly from: number;
  readonly to: number;
  /** Undefined where nobody said. */
  readonly end: TransactionEnd | undefined;
};

const { values } = scriptOptions({
  options: {
    transactions: { type: "string" },
    seed: { type: "string" },
    seconds: { type: "string" },
  },
});
const seed = whole("seed", values.seed ?? "1");
const transactions = whole("transactions", values.transactions ?? "2000");
const seconds = whole("seconds", values.seconds ?? "3600");
const startMs = Date.now();

/** Asks for transactions until there are enough, or time is up. */
class Clients {
  readonly asked: Asked[] = [];
  again = 0;
  private readonly chance: Random;
  private readonly cluster: HistoriesCluster;
  private numbers = 0;
  private elements = 0;
  private clock = 0;

  constructor(cluster: HistoriesCluster, chance: Random) {
    this.cluster = cluster;
    this.chance = chance;
  }

  async run(): Promise<void> {
    await Promise.all(Array.from({ length: clients }, (_, at) => this.client(`c${at}`)));
  }

  private async client(thread: string): Promise<void> {
    let process = thread;
    while (this.numbers < transactions && Date.now() < startMs + seconds * 1000) {
      const number = this.numbers++;
      const operations = this.drawn(number);
      const from = ++this.clock;
      const end = await this.ended(number, operations);
      this.asked.push({ number, process, operations, from, to: ++this.clock, end });
      // Who does not know how something ended does nothing after it.
      if (end === undefined) process = `${thread}/${number}`;
    }
  }

  private drawn(number: number): Operation[] {
    const { chance } = this;
    const newest = Math.floor(number / listTransactions);
    return Array.from({ length: chance.between(1, 4) }, (): Operation => {
      const list = newest + chance.below(listsOpen);
      return chance.chance(0.5) ? ["r", list, 0] : ["append", list, ++this.elements];
    });
  }

  /** Asks a node, and where it does not answer sometimes others, for the same. */
  private async ended(
    number: number,
    operations: readonly Operation[],
  ): Promise<TransactionEnd | undefined> {
    const list = operations.reduceRight<unknown>((rest, of) => [...of, rest], null);
    const args = [Math.floor(number / 100), number, list] as const;
    for (;;) {
      const { url } = this.chance.pick(this.cluster.nodes);
      const client = new OrderedClient(url, { callMs: answerMs, retry: { attemptsMax: 1 } });
      try {
        return await client.transaction("txn", args as never, { id: `t${number}` });
      } catch (error) {
        if (!(error instanceof TransactionUnknown)) throw error;
        if (this.chance.chance(0.3)) return undefined;
        this.again++;
        // A node that does not run says so at once.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}

/** What transactions read: for each, the elements by the places of its operations. */
type Reads = Map<number, Map<number, Map<number, number>>>;

/** Reads what transactions have read, until a node holds all of it. */
async function readsOf(asked: readonly Asked[], client: NodeClient): Promise<Reads> {
  const wanted = new Map<number, number>();
  for (const { number, operations, end } of asked)
    if (end?.status === "done") wanted.set(number, end.inserted - written(operations));
  const reads: Reads = new Map();
  const deadlineMs = Date.now() + settleMs;
  const hundreds = Math.max(-1, ...asked.map(({ number }) => Math.floor(number / 100)));
  for (let hundred = 0; hundred <= hundreds; hundred++) {
    let others: readonly string[] = [];
    await until("a node holds what transactions have read", deadlineMs, async () => {
      const { tuples, more } = await client.query(`saw(${hundred}, T, P, A, V)`, {
        limit: 100_000,
      });
      if (more) throw new Error("there is more than one answer gives");
      const found = new Map<number, number>();
      for (const [transaction, place, at, value] of tuples.map((of) => of.slice(-4).map(Number))) {
        const number = transaction ?? 0;
        found.set(number, (found.get(number) ?? 0) + 1);
        const places = reads.get(number) ?? new Map<number, Map<number, number>>();
        reads.set(number, places);
        const elements = places.get(place ?? 0) ?? new Map<number, number>();
        places.set(place ?? 0, elements.set(at ?? 0, value ?? 0));
      }
      others = [...wanted].flatMap(([number, rows]) => {
        const there = found.get(number) ?? 0;
        if (Math.floor(number / 100) !== hundred || there === rows) return [];
        return [`transaction ${number} has read ${rows} rows, and ${there} are there`];
      });
      return others.length === 0;
    }).catch((error: unknown) => {
      throw new Error([String(error), ...others.slice(0, 10)].join("\n"));
    });
  }
  return reads;
}

/** How many rows appends insert: the elements, and the length of each list. */
function written(operations: readonly Operation[]): number {
  const lists = operations.flatMap(([f, list]) => (f === "append" ? [list] : []));
  return lists.length + new Set(lists).size;
}

function transactionOf({ number, process, operations, from, to, end }: Asked, reads: Reads) {
  const outcome = end === undefined ? "info" : end.status === "done" ? "ok" : "fail";
  const accesses = operations.map(([f, list, value], place): ListAccess => {
    const key = String(list);
    if (f === "append") return { kind: "append", key, element: String(value) };
    const found = [...(reads.get(number)?.get(place) ?? [])].toSorted(([a], [b]) => a - b);
    const elements = outcome === "ok" ? found.map(([, of]) => String(of)) : undefined;
    return { kind: "read", key, elements };
  });
  return { process, outcome, from, to, accesses } satisfies ListTransaction;
}

async function main(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "calm-histories-"));
  let cluster: HistoriesCluster | undefined;
  try {
    cluster = await HistoriesCluster.start(folder, join(project, "scripts", "histories.dl"));
    say("three nodes and three members of etcd are up");
    if (cluster.noDisk) say("no file system can be mounted here: no disk is filled");
    const asking = new Clients(cluster, random(seed));
    const ends = new AbortController();
    const suffering = cluster.suffer(random(seed + 1), ends.signal);
    // A failure is told where it is waited for.
    suffering.catch(() => undefined);
    const telling = setInterval(() => {
      say(`${asking.asked.length} of ${transactions} transactions have ended`);
    }, progressMs);
    try {
      await asking.run();
    } finally {
      clearInterval(telling);
      ends.abort();
      await suffering;
    }
    say("all is well again");
    const hash = await cluster.settled(Date.now() + settleMs);
    say(`all nodes have carried out the log: epoch ${hash.replace(" ", ", hash ")}`);
    const { asked, again } = asking;
    const [node] = cluster.nodes;
    const reads = await readsOf(asked, new NodeClient(node?.url ?? ""));
    const history = asked.toSorted((a, b) => a.from - b.from).map((of) => transactionOf(of, reads));
    const anomalies = checkLists(history);
    report(cluster, history, again);
    process.stdout.write(`anomalies: ${anomalies.length}\n`);
    if (anomalies.length > 0) process.stderr.write(`${listReport(history, anomalies)}\n`);
    return anomalies.length === 0;
  } finally {
    await cluster?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(
  { counts, endings }: HistoriesCluster,
  history: readonly ListTransaction[],
  again: number,
): void {
  const ended = (outcome: ListTransaction["outcome"]): number =>
    history.filter((of) => of.outcome === outcome).length;
  const lines = [
    `seed ${seed}, ${((Date.now() - startMs) / 1000).toFixed(0)} s`,
    ...Object.entries(counts).map(([fault, count]) => `${fault}: ${count}`),
    `nodes that ended by themselves: ${endings.length}`,
    ...[...new Set(endings)].map((ending) => `  ${ending}`),
    `transactions: ${history.length}, of which ${ended("ok")} acknowledged, ` +
      `${ended("info")} indeterminate, ${ended("fail")} failed`,
    `asked for again under their ids: ${again}`,
  ];
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));
}

function say(text: string): void {
  const passed = ((Date.now() - startMs) / 1000).toFixed(1).padStart(6);
  process.stderr.write(`${passed} s  ${text}\n`);
}

try {
  if (!(await main())) process.exitCode = 1;
} catch (error) {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
}
