// The store on real processes, written at all of them while they are killed and cut off; and what a
// program of one's own says over it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";

import { type Random, random } from "../../../src/base/random.ts";
import { ClusterNode, Proxy, until } from "../../support/cluster.ts";

const seed = Number(process.env["SEED"] ?? "1");

type Versions = { readonly dot: string; readonly siblings?: readonly { readonly dot: string }[] };

/** What was acknowledged: where each dot was put, which were removed, and how many each node put. */
type Told = {
  readonly put: Map<string, string>;
  readonly removed: Set<string>;
  readonly counts: Map<string, number>;
};

describe(`a store of processes (SEED=${seed})`, function () {
  this.timeout(180_000);
  let folder = "";
  const nodes: ClusterNode[] = [];
  const proxies: Proxy[] = [];
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "calm-kv-cluster-"))));
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.kill();
    for (const proxy of proxies.splice(0)) proxy.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function started(
    name: string,
    peers: readonly string[],
    more: readonly string[] = [],
  ): Promise<ClusterNode> {
    const settings = ["--data", join(folder, name), ...peers.flatMap((of) => ["--peer", of])];
    const node = new ClusterNode(name, [...settings, ...more], ["kv", "serve"]);
    nodes.push(node);
    await node.start();
    return node;
  }

  it("keeps all that was put and not removed, and nothing else", async () => {
    const from = random(seed);
    const deadlineMs = Date.now() + 75_000;
    const often = ["--gc-interval", "300"];
    const a = await started("a", ["b", "c"], often);
    const toA = await Proxy.to(() => a.listens);
    proxies.push(toA);
    const viaProxy = `a=ws://127.0.0.1:${toA.port}`;
    const b = await started("b", [viaProxy, "c"], often);
    const c = await started("c", [viaProxy, `b=ws://127.0.0.1:${b.listens}`], often);
    const told: Told = { put: new Map(), removed: new Set(), counts: new Map() };
    let wrote = 0;
    const writing = Promise.all(
      [a, b, c].map((node) => write(node, random(seed * 10 + wrote++), told, deadlineMs)),
    );
    // One is killed, one cut off, and one killed while another is cut off.
    for (const [victim, cut] of [
      [b, false],
      [undefined, true],
      [c, true],
      [a, false],
    ] as const) {
      const others = nodes.filter((node) => node !== victim).map(({ name }) => name);
      const countOf = (name: string): number => told.counts.get(name) ?? 0;
      const wanted = others.map((name) => Math.min(countOf(name) + from.between(2, 5), putsOfEach));
      if (cut) toA.cut();
      await victim?.kill();
      const onward = until("writes go on at the others", deadlineMs, () =>
        Promise.resolve(others.every((name, at) => countOf(name) >= (wanted[at] ?? 0))),
      );
      await Promise.race([onward, writing]);
      await victim?.start();
      toA.heal();
    }
    await writing;
    expect(told.put.size).to.equal(3 * putsOfEach);
    expect(told.removed.size).to.be.greaterThan(10);
    const expected = [...told.put]
      .filter(([dot]) => !told.removed.has(dot))
      .map(([dot, pair]) => `${pair} ${dot}`)
      .toSorted();
    for (const node of nodes)
      await until(`${node.name} has what was put and not removed`, deadlineMs, async () => {
        return (await shownBy(node)).join("\n") === expected.join("\n");
      });
    // Of what was removed nothing is left, at any node, once all have heard of it.
    for (const node of nodes)
      await until(`${node.name} is cleaned up`, deadlineMs, async () => {
        const answer = await fetch(`${node.url}/v1/store`);
        const stored = (await answer.json()) as { facts: number; tombstones: number };
        return stored.facts === expected.length && stored.tombstones === 0;
      });
    // What is known of it is durable.
    for (const node of nodes) await node.kill();
    for (const node of nodes) await node.start();
    for (const node of nodes) expect(await shownBy(node)).to.deep.equal(expected);
  });
});

const putsOfEach = 40;

/** Puts and removes at a node until each is acknowledged, however often the node goes down. */
async function write(
  node: ClusterNode,
  from: Random,
  told: Told,
  deadlineMs: number,
): Promise<void> {
  for (let turn = 0; turn < putsOfEach; turn++) {
    const pair = `k${from.below(3)}/v${from.below(5)}`;
    const done = await surely(node, "POST", `${pair}?replaces=none`, `put-${turn}`, deadlineMs);
    told.put.set(String(done["dot"]), pair);
    told.counts.set(node.name, turn + 1);
    if (!from.chance(0.5)) continue;
    // Whoever put it, and wherever: this node may not have heard of it yet.
    const [dot, at] = from.pick([...told.put]);
    await surely(node, "DELETE", `${at}?dots=${encodeURIComponent(dot)}`, `rm-${turn}`, deadlineMs);
    told.removed.add(dot);
  }
}

/** Asks until it is acknowledged, under one key, and returns the answer. */
async function surely(
  node: ClusterNode,
  method: string,
  path: string,
  what: string,
  deadlineMs: number,
): Promise<Record<string, unknown>> {
  let said: Record<string, unknown> = {};
  await until(`${node.name} acknowledges ${what}`, deadlineMs, async () => {
    const headers = { "content-type": "text/plain", "idempotency-key": `${node.name}-${what}` };
    const body = method === "POST" ? { body: what } : {};
    try {
      const answer = await fetch(`${node.url}/kv/${path}`, { method, headers, ...body });
      const text = await answer.text();
      expect(answer.status, text).to.be.oneOf([200, 201, 503]);
      said = JSON.parse(text) as Record<string, unknown>;
      return answer.ok;
    } catch (error) {
      // The node is down, or went down while it answered.
      if (error instanceof TypeError || error instanceof SyntaxError) return false;
      throw error;
    }
  });
  return said;
}

/** The pairs and dots of all values that a node shows, sorted. */
async function shownBy(node: ClusterNode): Promise<string[]> {
  const answer = await fetch(`${node.url}/kv?format=ndjson`);
  const lines = (await answer.text()).split("\n").filter((line) => line !== "");
  return lines
    .flatMap((line) => {
      const cell = JSON.parse(line) as Versions & { readonly k1: string; readonly k2: string };
      const dots = [cell.dot, ...(cell.siblings ?? []).map(({ dot }) => dot)];
      return dots.map((dot) => `${cell.k1}/${cell.k2} ${dot}`);
    })
    .toSorted();
}
