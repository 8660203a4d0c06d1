// A node that was away while much was put, in values of all lengths.
import { expect } from "chai";

import type { RunningNode } from "../../../src/server/node-server.ts";
import { ask, TestNodes } from "../nodes.ts";
import { get, put, startStore } from "./stores.ts";

/** How many values of how many bytes: more in all than a connection lets wait. */
const lengths = [
  [2_000, 1_600],
  [200, 64 << 10],
  [8, 1 << 20],
] as const;

/** How many bytes a node has sent to its peers. */
async function bytesOut(node: RunningNode): Promise<number> {
  const { text } = await ask(node, "/metrics");
  return Number(/^calm_peer_sent_bytes_total\{[^}]*\} (\d+)/m.exec(text)?.[1] ?? 0);
}

describe("a node of a store that lags behind", function () {
  this.timeout(180_000);
  const nodes = new TestNodes();
  after(() => nodes.close());

  it("is sent what it lacks as it takes it, over one connection, and nothing twice", async () => {
    const a = await startStore(nodes, { fsync: "never", peers: [{ name: "b" }] });
    let total = 0;
    for (const [count, length] of lengths) {
      total += count * length;
      const together = Math.ceil(2 ** 22 / length);
      for (let at = 0; at < count; at += together) {
        const writes = Array.from({ length: Math.min(together, count - at) }, (_, one) => ({
          ...{ op: "put", k1: String(length), k2: String(at + one), text: "x".repeat(length) },
        }));
        const headers = { "content-type": "application/json" };
        const body = JSON.stringify(writes);
        expect((await ask(a, "/kv", { method: "POST", headers, body })).status).to.equal(200);
      }
    }
    const peers = [{ name: "a", url: a.url.replace("http", "ws") }];
    const b = await startStore(nodes, { name: "b", fsync: "never", peers });
    const { status } = await put(a, "last/one?wait=all&timeout=50000", "here");
    expect(status).to.equal(201);
    for (const [count, length] of lengths)
      expect((await get(b, `${length}/${count - 1}`)).text).to.have.length(length);
    const { body } = await ask(a, "/v1/status");
    const [peer] = (body as { peers: readonly object[] }).peers;
    expect(peer).to.include({ name: "b", connected: true, lacks: 0 });
    expect(peer).not.to.have.property("lastEnd");
    const { text } = await ask(a, "/metrics");
    const metric = (name: string): number =>
      Number(new RegExp(`^${name}\\{[^}]*\\} (\\d+)`, "m").exec(text)?.[1]);
    expect(metric("calm_peer_connections_total")).to.equal(1);
    expect(metric("calm_peer_sent_bytes_total")).to.be.within(total, 1.1 * total);
  });

  it("is sent once what it lacks, also where much of what was there is gone", async () => {
    const store = { gcIntervalMs: 20 };
    const a = await startStore(nodes, { fsync: "never", peers: [{ name: "b" }], store });
    const keys = 50;
    const writesOf = (round: number) =>
      Array.from({ length: keys }, (_, key) => {
        // Every third value stays, so that what is gone are many ranges.
        const k2 = key % 3 === 0 ? `${round}` : "always";
        return { op: "put", k1: String(key), k2, text: `${round} `.padEnd(1_000, "x") };
      });
    const headers = { "content-type": "application/json" };
    for (let round = 0; round < 30; round++) {
      const body = JSON.stringify(writesOf(round));
      expect((await ask(a, "/kv", { method: "POST", headers, body })).status).to.equal(200);
    }
    type Stored = { readonly gone: { readonly facts: number; readonly ranges: number } };
    const stored = async () => ((await ask(a, "/v1/store")).body as Stored).gone;
    while ((await stored()).facts < 29 * 2 * Math.floor(keys / 3))
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await stored()).ranges).to.be.greaterThan(100);
    const before = await bytesOut(a);
    const peers = [{ name: "a", url: a.url.replace("http", "ws") }];
    const b = await startStore(nodes, { name: "b", fsync: "never", peers });
    expect((await put(a, "last/one?wait=all&timeout=50000", "here")).status).to.equal(201);
    for (const key of [0, 1, 2])
      expect((await get(b, `${key}/${key === 0 ? 29 : "always"}`)).text).to.match(/^29 x/);
    // What stays, with its tombstones, and not again for each gap.
    expect((await bytesOut(a)) - before).to.be.below(2 * 30 * keys * 1_000);
  });
});
