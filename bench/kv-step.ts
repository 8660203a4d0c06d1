// `node --import tsx bench/kv-step.ts`: what a put takes of the processor in a store itself, without
// sockets and clients, by how many come in one turn of the event loop. It is the least of many
// rounds, which says more than a mean where the machine does other things; what is cleaned up
// meanwhile is part of it. KEPT is `ephemeral`, or `always` unless given.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { assert } from "../src/base/assert.ts";
import { compiled } from "../src/codegen/backend.ts";
import { storeApplication } from "../src/server/kv/application.ts";
import { storeLimits } from "../src/server/kv/limits.ts";
import { storeRelations } from "../src/server/kv/relations.ts";
import { Store } from "../src/server/kv/store.ts";
import { loggerOf } from "../src/server/logger.ts";
import { nodeProgram } from "../src/server/node-program.ts";
import { startNode } from "../src/server/node-server.ts";

const rounds = 10;
const putsEach = 4_000;
const keys = 10_000;
const ephemeral = (process.env["KEPT"] ?? "always") === "ephemeral";

const text = readFileSync(new URL("../programs/kv.dl", import.meta.url), "utf8");
const { program } = nodeProgram(text, {});
assert(program !== undefined, "the store is a program");
const { relations } = storeRelations(program);
assert(relations !== undefined, "the store has its relations");
const data = mkdtempSync(join(tmpdir(), "calm-step-"));
let store: Store | undefined;
const application = storeApplication(relations, { gcIntervalMs: 3_600_000 });
const node = await startNode({
  ...{ name: "a", program, version: "bench", data, fsync: "always", ephemeral, peers: [] },
  ...{ listen: { host: "127.0.0.1", port: 0 }, origins: [], backend: compiled, functors: {} },
  ...{ evaluation: {}, shares: [], cluster: "bench" },
  logger: loggerOf({
    ...{ format: "text", level: "error", node: "a", now: () => new Date() },
    write: (line) => void process.stderr.write(line),
  }),
  application: {
    ...application,
    start: (service) => {
      store = new Store(service, relations, storeLimits);
      return application.start(service);
    },
  },
});
assert(store !== undefined, "the application is started with the node");

const content = { type: "text/plain", data: "x".repeat(100) };
let count = 0;
const put = (to: Store): Promise<unknown> =>
  to.put({ k1: `key:${(count++ * 7919) % keys}`, k2: "v", content });

/** Puts so many values, `together` in each turn; returns the microseconds that each took. */
async function turns(to: Store, together: number): Promise<number> {
  const before = process.cpuUsage();
  for (let done = 0; done < putsEach; done += together)
    await Promise.all(Array.from({ length: together }, () => put(to)));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / putsEach;
}

const sizes = [1, 4, 10, 22, 64];
const least = new Map(sizes.map((together) => [together, Infinity]));
// The first two rounds compile what is run.
for (let round = -2; round < rounds; round++) {
  for (const together of sizes) {
    const us = await turns(store, together);
    if (round >= 0) least.set(together, Math.min(us, least.get(together) ?? Infinity));
  }
}
for (const [together, us] of least)
  process.stdout.write(`${together} in a turn: ${us.toFixed(1)} µs a put\n`);
await node.close();
rmSync(data, { recursive: true, force: true });
