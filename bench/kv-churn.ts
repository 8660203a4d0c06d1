// `node --expose-gc --import tsx bench/kv-churn.ts`: memory while values are put and removed again.
// A store that keeps 1,000 pairs is put and removed to PUTS times (200,000 unless given); what it
// holds, and what the process does, is printed as a curve: once the log is compacted, a segment of it
// is among the buffers. Exits 1 if the heap of the last quarter is a quarter more than that of the
// second.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";

import { assert } from "../src/base/assert.ts";
import { compiled } from "../src/codegen/backend.ts";
import { storeApplication } from "../src/server/kv/application.ts";
import { storeRelations } from "../src/server/kv/relations.ts";
import { loggerOf } from "../src/server/logger.ts";
import { nodeProgram } from "../src/server/node-program.ts";
import { startNode } from "../src/server/node-server.ts";

const puts = Number(process.env["PUTS"] ?? "200000");
const pairs = 1_000;
const inFlight = 256;
const samples = 20;

const text = readFileSync(new URL("../programs/kv.dl", import.meta.url), "utf8");
const { program } = nodeProgram(text, {});
assert(program !== undefined, "the store is a program");
const { relations } = storeRelations(program);
assert(relations !== undefined, "the store has its relations");
const data = mkdtempSync(join(tmpdir(), "calm-churn-"));
const node = await startNode({
  ...{ name: "a", program, version: "bench", data, fsync: "never", peers: [], cluster: "bench" },
  ...{ listen: { host: "127.0.0.1", port: 0 }, origins: [], backend: compiled, functors: {} },
  ...{ evaluation: {}, shares: [] },
  logger: loggerOf({
    ...{ format: "text", level: "error", node: "a", now: () => new Date() },
    write: (line) => void process.stderr.write(line),
  }),
  application: storeApplication(relations, { gcIntervalMs: 250 }),
});
const socket = new WebSocket(`${node.url.replace("http", "ws")}/v1/kv`);
await new Promise((resolve) => socket.once("open", resolve));

let answered = 0;
let more: () => void = () => undefined;
socket.on("message", () => {
  answered++;
  more();
});

const value = "x".repeat(900);
const curve: number[] = [];
const started = performance.now();
console.log("       puts   facts    gone  ranges    heap buffers resident (MB)");
for (let sent = 0; sent < puts;) {
  for (; sent < puts && sent - answered < inFlight; sent++) {
    const pair = { k1: `user ${sent % pairs}`, k2: "basket" };
    const remove = sent % 10 === 9;
    const write = remove
      ? { op: "remove", ...pair }
      : { op: "put", ...pair, text: `${sent}${value}` };
    socket.send(JSON.stringify({ id: sent, ...write }));
    if ((sent + 1) % (puts / samples) === 0) await sample(sent + 1);
  }
  if (sent < puts) await new Promise<void>((resolve) => (more = resolve));
}

async function sample(count: number): Promise<void> {
  globalThis.gc?.();
  const status = await fetch(`${node.url}/v1/store`);
  const { facts, gone } = (await status.json()) as {
    facts: number;
    gone: { facts: number; ranges: number };
  };
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const [heap, buffers, resident] = [heapUsed, arrayBuffers, rss].map((bytes) => bytes / 2 ** 20);
  assert(heap !== undefined && buffers !== undefined && resident !== undefined, "three of three");
  curve.push(heap);
  const cells = [
    count,
    facts,
    gone.facts,
    gone.ranges,
    ...[heap, buffers, resident].map((of) => of.toFixed(0)),
  ];
  console.log(cells.map((cell, at) => String(cell).padStart(at === 0 ? 11 : 8)).join(""));
}

const perSecond = puts / ((performance.now() - started) / 1000);
console.log(`${perSecond.toFixed(0)} writes a second, of 900 bytes, with the samples`);
socket.close();
await node.close();
rmSync(data, { recursive: true });
const quarter = samples / 4;
const mean = (of: readonly number[]): number => of.reduce((sum, one) => sum + one, 0) / of.length;
const [early, late] = [mean(curve.slice(quarter, 2 * quarter)), mean(curve.slice(-quarter))];
console.log(`heap in the second quarter ${early.toFixed(0)} MB, in the last ${late.toFixed(0)} MB`);
process.exitCode = late > 1.25 * early + 10 ? 1 : 0;
