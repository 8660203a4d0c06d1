// `npm run bench:kv`: puts and gets per second of the store, on one node and on three, beside Redis
// and etcd on the same machine in the same run where they are installed. 32 connections, values of
// 100 bytes; one request on its way on each connection, then 16.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";

import { KvSocket, type SocketLike } from "../src/client/kv-socket.ts";
import { Retry } from "../src/client/retry.ts";
import { ClusterNode } from "../test/support/cluster.ts";
import { type Connection, type Load, load } from "./kv-load.ts";
import { type Durability, etcd, installed, redis, type Rival } from "./kv-rivals.ts";

const connections = 32;
const keys = 10_000;
const requests = Number(process.env["REQUESTS"] ?? "20000");
const value = "x".repeat(100);
const folder = mkdtempSync(join(tmpdir(), "calm-bench-kv-"));

/** One row of the table. */
type Row = {
  readonly name: string;
  readonly nodes: number;
  readonly durability: Durability;
  readonly inFlight: number;
  readonly puts: Load;
  readonly gets: Load;
};

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
      const socket = await KvSocket.open(node?.url ?? "", {
        WebSocket: WebSocket as unknown as new (url: string, protocols: string[]) => SocketLike,
      });
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

async function measure(
  rival: Rival,
  nodes: number,
  durability: Durability,
  inFlights: readonly number[],
): Promise<Row[]> {
  const open: Connection[] = [];
  try {
    for (let at = 0; at < connections; at++) open.push(await rival.open());
    const keyOf = (at: number): string => `key:${(at * 7919) % keys}`;
    const put = (connection: Connection, at: number) => connection.put(keyOf(at), value);
    const get = (connection: Connection, at: number) => connection.get(keyOf(at));
    // Code is compiled and keys are there before anything is counted.
    const { pids } = rival;
    await load(open, { inFlight: 16, requests: keys, pids, ask: put });
    const rows: Row[] = [];
    for (const inFlight of inFlights) {
      const puts = await load(open, { inFlight, requests, pids, ask: put });
      const gets = await load(open, { inFlight, requests, pids, ask: get });
      rows.push({ name: rival.name, nodes, durability, inFlight, puts, gets });
      process.stderr.write(
        `${rival.name}, ${nodes}, ${durability}, ${inFlight} in flight: ` +
          `${puts.perSecond.toFixed(0)} puts/s, ${gets.perSecond.toFixed(0)} gets/s\n`,
      );
    }
    return rows;
  } finally {
    for (const one of open) one.close();
    await rival.stop();
  }
}

function print(rows: readonly Row[]): void {
  const seen = ["p50", "p99", "server µs", "client µs"];
  const head = ["", "nodes", "kept", "in flight", "puts/s", ...seen, "gets/s", ...seen];
  const lines = rows.map(({ name, nodes, durability, inFlight, puts, gets }) => [
    ...[name, String(nodes), durability, String(inFlight)],
    ...[puts, gets].flatMap(({ perSecond, p50Ms, p99Ms, serverUs, clientUs }) => [
      ...[perSecond.toFixed(0), p50Ms.toFixed(2), p99Ms.toFixed(2)],
      ...[serverUs?.toFixed(0) ?? "", clientUs.toFixed(0)],
    ]),
  ]);
  const all = [head, ...lines];
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  for (const row of all)
    process.stdout.write(`${row.map((cell, at) => cell.padStart(widths[at] ?? 0)).join("  ")}\n`);
}

/** The store against another one that keeps as much. */
function ratios(rows: readonly Row[]): void {
  for (const rival of rows.filter(({ name }) => name !== "calm")) {
    const own = rows.find(
      ({ name, nodes, durability, inFlight }) =>
        name === "calm" &&
        nodes === 1 &&
        durability === rival.durability &&
        inFlight === rival.inFlight,
    );
    if (own === undefined) continue;
    const puts = (own.puts.perSecond / rival.puts.perSecond).toFixed(2);
    const gets = (own.gets.perSecond / rival.gets.perSecond).toFixed(2);
    process.stdout.write(
      `calm / ${rival.name}, ${rival.durability}, ${rival.inFlight} in flight: ` +
        `puts ${puts}, gets ${gets}\n`,
    );
  }
}

try {
  const rows: Row[] = [];
  const durabilities = ["always", "interval", "ephemeral"] as const;
  const [hasRedis, hasEtcd] = [installed("redis-server"), installed("etcd")];
  for (const [name, there] of [
    ["redis-server", hasRedis],
    ["etcd", hasEtcd],
  ] as const)
    if (!there) process.stdout.write(`${name} is not installed, and is left out\n`);
  for (const durability of durabilities) {
    const own = mkdtempSync(join(folder, "rival-"));
    rows.push(...(await measure(await calm(1, durability), 1, durability, [1, 16])));
    if (hasRedis)
      rows.push(...(await measure(await redis(own, durability), 1, durability, [1, 16])));
    if (hasEtcd && durability === "always")
      rows.push(...(await measure(await etcd(own), 1, durability, [1, 16])));
    rows.push(...(await measure(await calm(3, durability), 3, durability, [1, 16])));
  }
  print(rows);
  ratios(rows);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
