// Watching over real sockets, by readers that take their time.
import { on, once } from "node:events";
import { connect } from "node:net";

import { expect } from "chai";
import { WebSocket } from "ws";

import { KvClient } from "../../../src/client/kv-client.ts";
import type { RunningNode } from "../../../src/server/node-server.ts";
import { ask, TestNodes } from "../nodes.ts";
import { get, put, startStore } from "./stores.ts";

/** More in all than is kept for one who does not read, and than the sockets on the way take. */
const count = 600;
const text = "0123456789abcdef".repeat(4 << 10);

describe("watching a store of many bytes", function () {
  this.timeout(180_000);
  const nodes = new TestNodes();
  let node: RunningNode;
  before(async () => {
    node = await startStore(nodes, { fsync: "never" });
    await putAll(
      node,
      Array.from({ length: count }, (_, at) => String(at)),
      text,
    );
  });
  after(() => nodes.close());

  it("tells all there is to who reads late, and answers others meanwhile", async () => {
    const socket = connect(node.port, "127.0.0.1");
    await once(socket, "connect");
    socket.pause();
    socket.write("GET /watch HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
    await put(node, "b/meanwhile", "here");
    expect((await get(node, "b/meanwhile")).text).to.equal("here");
    let [puts, rest] = [0, ""];
    for await (const chunk of socket) {
      rest += String(chunk);
      puts += rest.split("event: put\n").length - 1;
      if (rest.includes("event: current\n")) break;
      // What may be the beginning of the name of another event.
      rest = rest.slice(-20).replaceAll("event: put\n", "");
    }
    socket.destroy();
    expect(puts).to.be.at.least(count + 1);
  });

  it("does so over a WebSocket", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${node.port}/watch?k1=a`);
    await once(socket, "open");
    socket.pause();
    await put(node, "a/meanwhile", "here");
    const messages = on(socket, "message") as AsyncIterable<[Buffer]>;
    socket.resume();
    const told = new Map<string, string>();
    for await (const [data] of messages) {
      const event = JSON.parse(data.toString()) as { kind: string; k2: string; text: string };
      if (event.kind === "put") told.set(event.k2, event.text);
      if (event.kind === "current") break;
    }
    socket.close();
    expect(told.size).to.equal(count + 1);
    expect(told.get("meanwhile")).to.equal("here");
  });

  it("goes on from an event while much has changed", async () => {
    const kv = new KvClient(node.url);
    const end = new AbortController();
    let from = "";
    for await (const change of kv.watch({}, { signal: end.signal, values: false }))
      if (change.kind === "current") {
        from = change.id;
        break;
      }
    const changed = Array.from({ length: 300 }, (_, at) => `new ${at}`);
    await putAll(node, changed, "1");
    const told: string[] = [];
    for await (const change of kv.watch({}, { from })) {
      if (change.kind === "start") expect(change.reset).to.equal(false);
      if (change.kind === "put") told.push(change.k2);
      if (change.kind === "current") break;
    }
    expect(told).to.deep.equal(changed);
  });
});

/** Puts a text at many second keys. */
async function putAll(node: RunningNode, keys: readonly string[], value: string): Promise<void> {
  for (let at = 0; at < keys.length; at += 100) {
    const writes = keys.slice(at, at + 100).map((k2) => ({ op: "put", k1: "a", k2, text: value }));
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(writes) };
    expect((await ask(node, "/kv", init)).status).to.equal(200);
  }
}
