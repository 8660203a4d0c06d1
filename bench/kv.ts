// `npm run bench:kv`: puts and gets per second of the store, on one node and on three, beside Redis
// and etcd on the same machine in the same run where they are installed. 32 connections, values of
// 100 bytes; one request on its way on each connection, then 16. `--floor` measures servers that
// do nothing but answer, too.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { KvSocket } from "../src/client/kv-socket.ts";
import { Retry } from "../src/client/retry.ts";
import { ClusterNode } from "../test/support/cluster.ts";
import { bare, floorKinds, socketOfWs } from "./kv-floor.ts";
import { type Connection, load } from "./kv-load.ts";
import { type Durability, etcd, installed, redis, type Rival } from "./kv-rivals.ts";
import { printRatios, printTable, type Row } from "./kv-table.ts";
import { scriptOptions } from "../scripts/script-options.mjs";

const { values: flags } = scriptOptions({
  options: {
    /** How many requests are counted of each kind. */
    requests: { type: "string", default: process.env["REQUESTS"] ?? "20000" },
    /** Sizes of clusters, with commas between them. */
    nodes: { type: "string", default: "1,3" },
    kept: { type: "string", default: "always,interval,ephemeral" },
    floor: { type: "boolean", default: false },
    /** So many puts, and gets, are not counted: a process of Node has compiled what it runs by
     * then. */
    "warm-ups": { type: "string", default: "120000" },
  },
});
const connections = 32;
const keys = 10_000;
const requests = Number(flags.requests);
const warmUps = Number(flags["warm-ups"]);
const value = "x".repeat(100);
const folder = mkdtempSync(join(tmpdir(), "calm-bench-kv-"));

async function calm(nodes: number, durability: Durability): Promise<Rival> {
  const names = Array.from({ length: nodes }, (_, at) => `n${at + 1}`);
  const started: ClusterNode[] = [];
  for (const name of names) {
    const peers = names
      .filter((other) => other !== name)
      .flatMap((other) => {
        const up = started.find((node) => node.name === other);
        return ["--peer", up === undefined ? other : `${other}=ws://127.0.0.1:${up.listens}`];
      });
    const data = join(mkdtempSync(join(folder, "calm-")), name);
    const kept =
      durability === "ephemeral" ? ["--ephemeral"] : ["--data", data, "--fsync", durability];
    const node = new ClusterNode(name, [...kept, ...peers], ["kv", "serve"]);
    await node.start();
    started.push(node);
  }
  let next = 0;
  return {
    name: "calm",
    pids: started.map(({ pid }) => pid),
    open: async () => {
      const node = started[next++ % nodes];
      const socket = await KvSocket.open(node?.url ?? "", { WebSocket: socketOfWs });
      return {
        put: (key, text) => pressed(() => socket.put(key, "v", text)),
        get: (key) => socket.get(key, "v"),
        close: () => {
          socket.close();
        },
      };
    },
    stop: async () => {
      for (const node of started) await node.stop();
    },
  };
}

/** Asks again, a little later, where a node says that more comes than it takes. */
async function pressed<T>(ask: () => Promise<T>): Promise<T> {
  const retry = new Retry({ firstMs: 5, maxMs: 100 });
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      await retry.after(error, undefined);
    }
  }
}

async function measure(rival: Rival, nodes: number, durability: Durability): Promise<Row[]> {
  const open: Connection[] = [];
  try {
    for (let at = 0; at < connections; at++) open.push(await rival.open());
    const keyOf = (at: number): string => `key:${(at * 7919) % keys}`;
    const put = (connection: Connection, at: number) => connection.put(keyOf(at), value);
    const get = (connection: Connection, at: number) => connection.get(keyOf(at));
    const { pids, answersGets = true } = rival;
    for (const inFlight of [16, 1]) {
      await load(open, { inFlight, requests: warmUps / 2, pids, ask: put });
      if (answersGets) await load(open, { inFlight, requests: warmUps / 2, pids, ask: get });
    }
    const rows: Row[] = [];
    for (const inFlight of [1, 16]) {
      const puts = await load(open, { inFlight, requests, pids, ask: put });
      const gets = answersGets
        ? await load(open, { inFlight, requests, pids, ask: get })
        : undefined;
      rows.push({ name: rival.name, nodes, durability, inFlight, puts, gets });
      process.stderr.write(
        `${rival.name}, ${nodes}, ${durability}, ${inFlight} in flight: ` +
          `${puts.perSecond.toFixed(0)} puts/s, ${gets?.perSecond.toFixed(0) ?? "no"} gets/s\n`,
      );
    }
    return rows;
  } finally {
    for (const one of open) one.close();
    await rival.stop();
  }
}

try {
  const rows: Row[] = [];
  const durabilities = (["always", "interval", "ephemeral"] as const).filter((one) =>
    flags.kept.split(",").includes(one),
  );
  const sizes = flags.nodes.split(",").map(Number);
  const [hasRedis, hasEtcd] = [installed("redis-server"), installed("etcd")];
  for (const [name, there] of [
    ["redis-server", hasRedis],
    ["etcd", hasEtcd],
  ] as const)
    if (!there) process.stdout.write(`${name} is not installed, and is left out\n`);
  for (const durability of durabilities) {
    const own = mkdtempSync(join(folder, "rival-"));
    const one = async (rival: Promise<Rival>, nodes = 1): Promise<void> => {
      rows.push(...(await measure(await rival, nodes, durability)));
    };
    for (const size of sizes) await one(calm(size, durability), size);
    if (hasRedis) await one(redis(own, durability));
    if (hasEtcd && durability === "always") await one(etcd(own));
    if (flags.floor && durability !== "interval")
      for (const kind of floorKinds) await one(bare(kind, own, durability));
  }
  printTable(rows);
  printRatios(rows);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
