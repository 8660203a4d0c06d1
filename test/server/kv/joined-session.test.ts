// Sessions at nodes that have joined after them: what they have seen is there, or gone for good.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { KvClient } from "../../../src/client/kv-client.ts";
import { ClusterNode, until } from "../../support/cluster.ts";

describe("a session at a node that has joined after it", function () {
  this.timeout(240_000);
  let folder = "";
  const nodes: ClusterNode[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "calm-kv-session-"));
  });
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  async function started(name: string, ...more: string[]): Promise<ClusterNode> {
    const settings = ["--data", join(folder, name), "--gc-interval", "50", ...more];
    const node = new ClusterNode(name, settings, ["kv", "serve"]);
    nodes.push(node);
    await node.start();
    return node;
  }

  /** Returns when a node has so many facts, and no tombstone. */
  async function clean(node: ClusterNode, facts: number): Promise<void> {
    await until(`${node.name} is cleaned up`, Date.now() + 100_000, async () => {
      const response = await fetch(`${node.url}/v1/store`).catch(() => undefined);
      const stored = (await response?.json()) as Record<string, number> | undefined;
      return stored?.["facts"] === facts && stored["tombstones"] === 0;
    });
  }

  it("is followed, also where all that it has written is gone, and by whose life is over", async () => {
    const a = await started("a", "--peer", "b");
    const b = await started("b", "--peer", `a=ws://127.0.0.1:${a.listens}`);
    const at = (node: ClusterNode, text: string) => new KvClient(node.url).session(text);
    // Written in a life of a that is over, and all of it removed but one.
    const writer = at(a, "");
    await writer.put("kept", "x", "1");
    for (let number = 0; number < 10; number++) await writer.put("gone", "x", String(number));
    await writer.remove("gone", "x");
    const early = writer.current.text;
    await clean(a, 1);
    await clean(b, 1);
    await a.kill();
    await a.start();
    // What is of the new life, and not all of it is cleaned up.
    const later = at(a, early);
    await later.put("kept", "y", "2");
    await later.put("gone", "y", "3");
    await later.remove("gone", "y");
    const c = await started("c", "--join", b.url);
    for (const session of [early, later.current.text]) {
      const reader = at(c, session);
      expect((await reader.get("kept", "x"))?.text).to.equal("1");
      expect(await reader.get("gone", "x")).to.equal(undefined);
    }
    const reader = at(c, later.current.text);
    expect((await reader.get("kept", "y"))?.text).to.equal("2");
    expect(await reader.get("gone", "y")).to.equal(undefined);
    await clean(c, 2);
    // A node that was there goes, and what was written there is followed at the one that came.
    await a.kill();
    expect((await at(c, later.current.text).get("kept", "y"))?.text).to.equal("2");
  });
});
