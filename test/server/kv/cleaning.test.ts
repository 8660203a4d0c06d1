// Clean-up on real processes: a node that goes down while it is under way, and one that is forgotten
// while it has not acknowledged a tombstone.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { KvClient } from "../../../src/client/kv-client.ts";
import { ClusterNode, until } from "../../support/cluster.ts";

type Stored = { readonly facts: number; readonly tombstones: number };

describe("clean-up of a store of processes", function () {
  this.timeout(180_000);
  let folder = "";
  let deadlineMs = 0;
  const nodes: ClusterNode[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "calm-kv-cleaning-"));
    deadlineMs = Date.now() + 75_000;
  });
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts three nodes that clean up all the time. */
  async function three(): Promise<readonly [ClusterNode, ClusterNode, ClusterNode]> {
    const started = async (name: string, ...peers: string[]): Promise<ClusterNode> => {
      const settings = ["--data", join(folder, name), "--gc-interval", "50"];
      const node = new ClusterNode(
        name,
        [...settings, ...peers.flatMap((peer) => ["--peer", peer])],
        ["kv", "serve"],
      );
      nodes.push(node);
      await node.start();
      return node;
    };
    const a = await started("a", "b", "c");
    const toA = `a=ws://127.0.0.1:${a.listens}`;
    const b = await started("b", toA, "c");
    return [a, b, await started("c", toA, `b=ws://127.0.0.1:${b.listens}`)];
  }

  async function storedAt(node: ClusterNode): Promise<Stored> {
    return (await (await fetch(`${node.url}/v1/store`)).json()) as Stored;
  }

  async function metricOf(node: ClusterNode, name: string): Promise<number> {
    const text = await (await fetch(`${node.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (.+)$`, "m").exec(text)?.[1]);
  }

  /** Returns when a node has so many facts, and no tombstone. */
  function clean(node: ClusterNode, facts: number): Promise<void> {
    return until(`${node.name} is cleaned up`, deadlineMs, async () => {
      const stored = await storedAt(node).catch(() => undefined);
      return stored?.facts === facts && stored.tombstones === 0;
    });
  }

  async function keysAt(node: ClusterNode): Promise<string[]> {
    const keys: string[] = [];
    for await (const { k1, k2 } of new KvClient(node.url).scan()) keys.push(`${k1}/${k2}`);
    return keys;
  }

  it("goes on where a node was killed and started again in the middle of it", async () => {
    const [a, b, c] = await three();
    const client = new KvClient(a.url);
    for (let round = 0; round < 4; round++) {
      for (let at = 0; at < 31; at++) await client.put(`r${round}`, String(at), "x");
      const removes = Array.from({ length: 29 }, (_, at) => client.remove(`r${round}`, String(at)));
      const victim = round % 2 === 0 ? b : c;
      await removes[3 * round];
      await victim.kill();
      await Promise.all(removes);
      // The one that is away keeps tombstones from going; those before may have been there in time.
      await client.remove(`r${round}`, "30");
      expect((await storedAt(a)).tombstones).to.be.greaterThan(0);
      await victim.start();
    }
    const expected = ["r0/29", "r1/29", "r2/29", "r3/29"];
    for (const node of nodes) await clean(node, expected.length);
    for (const node of nodes) expect(await keysAt(node)).to.deep.equal(expected);
    for (const node of nodes) await node.kill();
    for (const node of nodes) await node.start();
    for (const node of nodes) expect(await keysAt(node)).to.deep.equal(expected);
  });

  it("gives memory back once enough has gone, and says how much waits for it", async () => {
    const node = new ClusterNode("a", ["--data", folder, "--gc-interval", "50"], ["kv", "serve"]);
    nodes.push(node);
    await node.start();
    const client = new KvClient(node.url);
    const replaced = async (count: number): Promise<number> => {
      for (let at = 0; at < count; at++) await client.put("key", "x", `${at}`.padEnd(500_000));
      await client.remove("key", "x");
      await clean(node, 0);
      expect(await metricOf(node, "calm_kept_facts")).to.equal(0);
      return metricOf(node, "calm_garbage_bytes");
    };
    expect(await replaced(3)).to.be.within(1_500_000, 1_600_000);
    // More than what is given back at once, so that some of it was.
    expect(await replaced(17)).to.be.below(4 << 20);
  });

  it("waits for nobody who is forgotten, and takes nothing in that they still hold", async () => {
    const [a, b, c] = await three();
    const client = new KvClient(a.url);
    await client.put("gone", "x", "1", { wait: "all" });
    await client.put("kept", "x", "1", { wait: "all" });
    await c.kill();
    await client.remove("gone", "x", { wait: 2 });
    await until("the tombstone is at both", deadlineMs, async () => {
      const [one, other] = [await storedAt(a), await storedAt(b)];
      return one.tombstones > 0 && other.tombstones > 0;
    });
    const answer = await fetch(`${a.url}/v1/forget`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "c" }),
    });
    expect(answer.status, await answer.text()).to.equal(200);
    for (const node of [a, b]) await clean(node, 1);
    // It comes back with the value, and is refused as one that is no member any more.
    await c.start();
    await until("c is refused", deadlineMs, async () => {
      const { peers } = (await (await fetch(`${c.url}/v1/status`)).json()) as {
        readonly peers: readonly { readonly lastEnd?: string }[];
      };
      return peers.every(({ lastEnd = "" }) => lastEnd.includes("no-member"));
    });
    for (const node of [a, b]) {
      expect(await keysAt(node)).to.deep.equal(["kept/x"]);
      expect(await storedAt(node)).to.include({ facts: 1, tombstones: 0 });
    }
    await client.put("gone", "x", "2", { wait: "all" });
    expect((await new KvClient(b.url).get("gone", "x"))?.text).to.equal("2");
  });
});
