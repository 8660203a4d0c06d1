// `npm run bench:network`: what a fact costs on its way through a network of real processes, each
// with a durable log (`--fsync always`): facts per second from the insertion at one node to where
// all others have derived from them, bytes on the wire, and how long one fact alone takes.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeClient } from "../src/client/node-client.ts";
import { type ClusterNode, metricOf, startNetwork, until } from "../test/support/cluster.ts";
import { median } from "./measure.ts";

const facts = Number(process.env["FACTS"] ?? "50000");
const perRequest = 2_000;
const singles = 200;
const minutesMax = 5;
const deadlineMs = Date.now() + minutesMax * 60_000;

const program = `
.decl edge(x: number, y: number)
.input edge
.decl both(x: number, y: number)
both(x, y) :- edge(x, y), edge(y, x).
both(x, x) :- edge(x, _).
.output both
`;

const folder = mkdtempSync(join(tmpdir(), "calm-network-"));
const file = join(folder, "network.dl");
writeFileSync(file, program);

/** What was measured of one network. */
type Measured = {
  readonly nodes: number;
  readonly factsPerSecond: number;
  readonly bytesPerFact: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

async function measure(size: number): Promise<Measured> {
  const nodes = await startNetwork(size, (name) => [
    ...[file, "--data", join(folder, `${size}-${name}`)],
  ]);
  try {
    const [first, ...others] = nodes;
    if (first === undefined) throw new Error("a network has nodes");
    const client = new NodeClient(first.url);
    await until("all nodes are connected", deadlineMs, async () => {
      const counts = await Promise.all(nodes.map((node) => metricOf(node, "calm_peer_connected")));
      return counts.every((count) => count === size - 1);
    });

    const startMs = performance.now();
    for (let at = 0; at < facts; at += perRequest)
      await client.insert(
        "edge",
        Array.from({ length: perRequest }, (_, of) => [at + of, at + of + 1]),
      );
    const visible = async (): Promise<boolean> => {
      const sizes = await Promise.all(
        others.map((node) => metricOf(node, "calm_tuples", 'relation="both"')),
      );
      return sizes.every((count) => count >= facts);
    };
    await until("the facts are at all nodes", deadlineMs, visible);
    const seconds = (performance.now() - startMs) / 1000;
    const sent = await metricOf(first, "calm_peer_sent_bytes_total");

    const latencies = await oneByOne(client, others);
    return {
      nodes: size,
      factsPerSecond: facts / seconds,
      bytesPerFact: sent / facts / (size - 1),
      p50Ms: median(latencies),
      p99Ms: latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.99)] ?? NaN,
    };
  } finally {
    for (const node of nodes) await node.kill();
  }
}

/** For one fact after the other, the time from its insertion until all others have told of it. */
async function oneByOne(client: NodeClient, others: readonly ClusterNode[]): Promise<number[]> {
  const abort = new AbortController();
  const seen = others.map(() => new Map<number, number>());
  const following = others.map(async (node, at) => {
    const follower = new NodeClient(node.url);
    for await (const change of follower.subscribe("both", { signal: abort.signal })) {
      if (change.kind !== "added") continue;
      for (const [x] of change.tuples) seen[at]?.set(Number(x), performance.now());
    }
  });
  const latencies: number[] = [];
  await until("what there is has been told", deadlineMs, () =>
    Promise.resolve(seen.every((of) => of.size >= facts)),
  );
  for (let at = 0; at < singles; at++) {
    const value = -1 - at;
    const startMs = performance.now();
    await client.insert("edge", [[value, value]]);
    await until("one fact is at all nodes", deadlineMs, () =>
      Promise.resolve(seen.every((of) => of.has(value))),
    );
    latencies.push(Math.max(...seen.map((of) => of.get(value) ?? NaN)) - startMs);
  }
  abort.abort();
  await Promise.allSettled(following);
  return latencies;
}

try {
  const rows: Measured[] = [];
  for (const size of [2, 3, 5]) rows.push(await measure(size));
  const [base] = rows;
  process.stdout.write("nodes  facts/s  ratio  bytes/fact  p50 ms  p99 ms\n");
  for (const { nodes, factsPerSecond, bytesPerFact, p50Ms, p99Ms } of rows)
    process.stdout.write(
      [
        String(nodes).padStart(5),
        factsPerSecond.toFixed(0).padStart(7),
        `${(factsPerSecond / (base?.factsPerSecond ?? 1)).toFixed(2)}x`.padStart(5),
        bytesPerFact.toFixed(1).padStart(10),
        p50Ms.toFixed(1).padStart(6),
        p99Ms.toFixed(1).padStart(6),
      ].join("  ") + "\n",
    );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
