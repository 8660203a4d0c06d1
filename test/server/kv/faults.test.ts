// Rules of a user's program that fail on what is put: whoever asks for it is told, and the store
// goes on.
import { once } from "node:events";

import { expect } from "chai";
import { WebSocket } from "ws";

import { KvClient } from "../../../src/client/kv-client.ts";
import type { RunningNode } from "../../../src/server/node-server.ts";
import { type Answer, ask, TestNodes } from "../nodes.ts";
import { get, legacy, put, remove, startStore, storeText } from "./stores.ts";

/** The store, with a rule that is evaluated when a value is put: at first keys "n" it fails on what
 * is no number. */
const eager = `#define MORE_RULES\n${storeText}
.decl parsed(k2: symbol, n: number)
parsed(k2, to_number(data)) :- put("n", k2, _, _, data).`;

/** The store, where reads of what is at a first key "odd" fail on what is no number. */
const lazy = storeText.replace(
  "live(k1, k2, dot, type, data) :- put(k1, k2, dot, type, data), cell(k1, k2, dot, 1).",
  `live(k1, k2, dot, type, data) :-
    put(k1, k2, dot, type, data), cell(k1, k2, dot, 1),
    (k1 != "odd" ; k1 = "odd", to_number(data) >= 0).`,
);

describe("rules that fail", function () {
  this.timeout(180_000);
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  it("refuse the put that they fail on, with 422, and keep what it was to replace", async () => {
    const node = await startStore(nodes, { text: eager });
    expect((await put(node, "n/x", "7")).status).to.equal(201);
    expectFailed(await put(node, "n/x", "seven"));
    expect((await read(node, "n/x")).text).to.equal("7");
    expect((await settled(() => put(node, "n/x", "8"))).status).to.equal(201);
    expect((await get(node, "n/x")).text).to.equal("8");
    expectFailed(await settled(() => legacy(node, insert("n", "y", "nine"))));
    expect((await settled(() => legacy(node, insert("n", "y", "9")))).status).to.equal(201);
    const writes = [
      { op: "put", k1: "other", k2: "z", text: "kept or not" },
      { op: "put", k1: "n", k2: "z", text: "ten" },
    ];
    for (const some of [writes, writes.toReversed()])
      expect((await bulk(node, some)).status).to.be.oneOf([422, 503]);
    expectFailed(await settled(() => bulk(node, writes)));
    expect((await settled(() => bulk(node, writes.slice(0, 1)))).status).to.equal(200);
    expect((await read(node, "n/z")).status).to.equal(404);
  });

  it("refuse the reads that they fail on, with 422, and no others", async () => {
    const node = await startStore(nodes, { text: lazy });
    await put(node, "even/x", "fine");
    const { dot } = (await put(node, "odd/x", "wrong")).body as { dot: string };
    for (const path of ["/kv/odd/x", "/kv/odd", "/kv", "/kv/*/x", "/watch?k2=x"])
      expectFailed(await ask(node, path));
    expectFailed(await ask(node, '/v1/query?goal=winner("odd",K,D)'));
    expectFailed(await legacy(node, { oper: "SELECT" }));
    expectFailed(await put(node, "odd/x", "1"));
    for (const path of ["/kv/even/x", "/kv/even", '/v1/query?goal=winner("even",K,D)'])
      expect((await ask(node, path)).status, path).to.equal(200);
    expect((await remove(node, `odd/x?dots=${dot}`)).status).to.equal(200);
    expect((await ask(node, "/kv")).status).to.equal(200);
    expect((await put(node, "odd/x", "1")).status).to.equal(201);
    expect((await get(node, "odd/x")).text).to.equal("1");
  });

  it("are told over WebSockets as over HTTP", async () => {
    const node = await startStore(nodes, { text: lazy });
    await put(node, "odd/x", "wrong");
    const watch = new WebSocket(`ws://127.0.0.1:${node.port}/watch?k2=x`);
    const [code] = (await once(watch, "close")) as [number];
    expect(code).to.equal(1011);
    const socket = new WebSocket(`ws://127.0.0.1:${node.port}/v1/kv`);
    await once(socket, "open");
    socket.send(JSON.stringify({ id: 1, op: "get", k1: "odd", k2: "x" }));
    const [data] = (await once(socket, "message")) as [Buffer];
    expect(JSON.parse(data.toString())).to.include({ id: 1, status: 422 });
    socket.close();
    await once(socket, "close");
  });

  it("are told to those who watch, who hear of other pairs as before", async () => {
    const node = await startStore(nodes, { text: lazy });
    await put(node, "odd/before", "wrong");
    const told: string[] = [];
    for await (const change of new KvClient(node.url).watch()) {
      told.push("k1" in change ? `${change.kind} ${change.k1}` : change.kind);
      if (change.kind === "current") await put(node, "odd/x", "wrong");
      if (change.kind === "failed" && change.id !== undefined) await put(node, "even/x", "fine");
      if (change.kind === "put") break;
    }
    expect(told).to.deep.equal(["start", "failed odd", "current", "failed odd", "put even"]);
  });
});

function expectFailed({ status, body, text }: Answer): void {
  expect(status, text).to.equal(422);
  expect(body).to.include({ code: "evaluation-failed" });
}

/** What is answered once the node, which begins anew after a fault, answers at all. */
async function settled(request: () => Promise<Answer>): Promise<Answer> {
  let answer = await request();
  while (answer.status === 503) answer = await request();
  return answer;
}

function read(node: RunningNode, path: string): Promise<Answer> {
  return settled(() => get(node, path));
}

function insert(k1: string, k2: string, data: string): object {
  return { oper: "INSERT", k1, k2, data };
}

function bulk(node: RunningNode, writes: readonly object[]): Promise<Answer> {
  const headers = { "content-type": "application/json" };
  return ask(node, "/kv", { method: "POST", headers, body: JSON.stringify(writes) });
}
