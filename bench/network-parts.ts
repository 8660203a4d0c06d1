// The second part of `npm run bench:network`: a closure in parts on 1, 2 and 4 real processes, each
// with a durable log, beside four that hold everything each. What a node holds, what it sends, and
// the memory of its process are to fall as there are more of them; the time says less, since all
// processes share the machine's cores. Fails where what is held or sent does not fall.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { random } from "../src/base/random.ts";
import { NodeClient } from "../src/client/node-client.ts";
import { closureOf } from "../test/support/closure.ts";
import { type ClusterNode, metricOf, startNetwork, until } from "../test/support/cluster.ts";

const [vertices, edges] = [1_000, Number(process.env["EDGES"] ?? "2000")];
const perRequest = 100;
const deadlineMs = Date.now() + 10 * 60_000;

const text = readFileSync(new URL("programs/partitioned.dl", import.meta.url), "utf8");
const folder = mkdtempSync(join(tmpdir(), "calm-parts-"));
const next = random(5);
const graph = Array.from(
  { length: edges },
  () => [next.below(vertices), next.below(vertices)] as const,
);
const paths = closureOf(graph).length;

/** What was measured of one network, at the node where it is most. */
type Measured = {
  readonly title: string;
  readonly tuples: number;
  readonly messages: number;
  readonly mebibytes: number;
  readonly residentMebibytes: number;
  readonly seconds: number;
};

async function most(nodes: readonly ClusterNode[], name: string): Promise<number> {
  return Math.max(...(await Promise.all(nodes.map((node) => metricOf(node, name)))));
}

async function measure(title: string, program: string, size: number): Promise<Measured> {
  const file = join(folder, `${title}.dl`);
  writeFileSync(file, program);
  const nodes = await startNetwork(size, (name) => [
    ...[file, "--data", join(folder, `${title} ${name}`)],
  ]);
  try {
    await until("all nodes are connected", deadlineMs, async () => {
      const counts = await Promise.all(nodes.map((node) => metricOf(node, "calm_peer_connected")));
      return counts.every((count) => count === size - 1);
    });
    const startMs = performance.now();
    for (let at = 0; at < graph.length; at += perRequest) {
      const node = nodes[(at / perRequest) % size];
      await new NodeClient(node?.url ?? "").insert("edge", graph.slice(at, at + perRequest));
    }
    const inParts = program === text;
    await until("all paths are there", deadlineMs, async () => {
      const counts = await Promise.all(
        nodes.map((node) => metricOf(node, "calm_tuples", 'relation="path"')),
      );
      if (!inParts) return counts.every((count) => count === paths);
      return counts.reduce((sum, count) => sum + count) === paths;
    });
    const seconds = (performance.now() - startMs) / 1000;
    return {
      ...{ title, seconds },
      tuples: await most(nodes, "calm_held_tuples"),
      messages: await most(nodes, "calm_peer_messages"),
      mebibytes: (await most(nodes, "calm_peer_sent_bytes_total")) / (1 << 20),
      residentMebibytes: (await most(nodes, "process_resident_memory_bytes")) / (1 << 20),
    };
  } finally {
    for (const node of nodes) await node.kill();
  }
}

try {
  const rows = [
    await measure("1 node, in parts", text, 1),
    await measure("2 nodes, in parts", text, 2),
    await measure("4 nodes, in parts", text, 4),
    await measure("4 nodes, everything at each", text.replaceAll(/ partition\(\w+\)/g, ""), 4),
  ];
  const [base] = rows;
  process.stdout.write(
    `closure of ${vertices} vertices and ${edges} edges: ${paths} paths; at the node with most\n` +
      "                              tuples  ratio  messages  MiB sent  resident MiB  seconds\n",
  );
  for (const { title, tuples, messages, mebibytes, residentMebibytes, seconds } of rows)
    process.stdout.write(
      [
        title.padEnd(27),
        String(tuples).padStart(7),
        `${(tuples / (base?.tuples ?? 1)).toFixed(2)}x`.padStart(5),
        String(messages).padStart(8),
        mebibytes.toFixed(1).padStart(8),
        residentMebibytes.toFixed(0).padStart(12),
        seconds.toFixed(1).padStart(7),
      ].join("  ") + "\n",
    );
  const [, two, four] = rows;
  if (two === undefined || four === undefined || base === undefined) throw new Error("four rows");
  if (two.tuples > 0.75 * base.tuples || four.tuples > 0.75 * two.tuples)
    throw new Error("what a node holds does not fall with the number of nodes");
  if (four.messages >= two.messages)
    throw new Error("what a node sends does not fall with the number of nodes");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
