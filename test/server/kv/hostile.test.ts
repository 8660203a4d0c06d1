// Hostile input over real sockets: each gets its 4xx, and the store goes on. The cases that are
// known by name, those that a fuzzer has found (test/corpus/kv), the fuzzer itself (SEED, ROUNDS),
// and clients that are slow or do not go.
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { expect } from "chai";
import { WebSocket } from "ws";

import { random } from "../../../src/base/random.ts";
import type { RunningNode } from "../../../src/server/node-server.ts";
import {
  hostileFrames,
  hostileRequest,
  hostileText,
  request,
} from "../../support/hostile-requests.ts";
import { TestNodes } from "../nodes.ts";
import { get, put, startStore } from "./stores.ts";

const seed = Number(process.env["SEED"] ?? "1");
const rounds = Number(process.env["ROUNDS"] ?? "400");

const corpus = new URL("../../corpus/kv/", import.meta.url);

/** Sends bytes as they are, ends the sending half unless the request is `whole`, and returns all
 * that comes back; of what does not end by itself the beginning. */
async function raw(node: RunningNode, bytes: string, whole = false): Promise<string> {
  const socket = connect(node.port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    if (text.includes("text/event-stream") && bytes.startsWith("GET")) socket.destroy();
  });
  socket.on("error", () => undefined);
  socket.write(Buffer.from(bytes, "latin1"));
  if (!whole) socket.end();
  await closed(socket);
  return text;
}

/** Resolves when a connection has ended, well or not. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on("close", () => {
      resolve();
    });
  });
}

/** How many connections there are, of both ends. */
function connections(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;
}

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? NaN);
}

function upgrade(path: string): string {
  return request(`GET ${path}`, [
    ...["upgrade: websocket", "connection: upgrade", "sec-websocket-version: 13"],
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
  ]).replace("connection: close\r\n", "");
}

const long = "k".repeat(2_000);

/** What is sent, and the status that it gets. */
const cases: Readonly<Record<string, readonly [bytes: string, status: number]>> = {
  "JSON that ends early": [request("POST /", [], '{"oper":"INS'), 400],
  "JSON that is no object": [request("POST /", [], "[1,2]"), 400],
  "a deep JSON": [request("POST /", [], "[".repeat(100_000)), 400],
  "a string that does not end": [request("POST /", [], `"${"x".repeat(1_000_000)}`), 400],
  "a body that is too long": [request("POST /", [], "x".repeat((1 << 20) + 1)), 400],
  "a bulk that is no array": [request("POST /kv", ["content-type: application/json"], "1"), 400],
  "a path out of the store": [request("GET /kv/../../etc/passwd", []), 404],
  "a path out of it, escaped": [request("GET /kv/a/%2e%2e/%2e%2e/b", []), 404],
  "an escape that is none": [request("GET /kv/a/%zz", []), 400],
  "bad UTF-8 in a path": [request("GET /kv/a/%ff%fe", []), 400],
  "an empty key": [request("GET /kv/a/", []), 400],
  "a key that is too long": [request(`GET /kv/a/${long}`, []), 400],
  "an unknown method": [request("PATCH /kv/a/b", [], "x"), 405],
  "a length and chunks at once": [
    request("POST /kv/a/b", ["transfer-encoding: chunked"], "0\r\n\r\n"),
    400,
  ],
  "a header with a line in it": [request("GET /kv/a/b", ["x: a\nb: c"]), 400],
  // Node 20 counts their bytes only at the end, and so finds none.
  "headers without an end": [
    `GET / HTTP/1.1\r\n${"x: y\r\n".repeat(5_000)}`,
    process.version.startsWith("v20.") ? 400 : 431,
  ],
  "headers that are too long": [request("GET /kv/a/b", [`x: ${"y".repeat(20_000)}`]), 431],
  "no HTTP at all": ["\x16\x03\x01\x02\x00\x01\x00\x01", 400],
  "a content type with a line in it": [
    request("POST /kv/a/b", ["content-type: text/plain\u0001"], "x"),
    400,
  ],
  "a compressed body": [request("POST /kv/a/b", ["content-encoding: gzip"], "x"), 415],
  "a value that is too long": [
    request("POST /kv/a/b", [`content-length: ${(8 << 20) + 1}`]) + "x",
    413,
  ],
  "a session that is none": [request("GET /kv/a/b", ["calm-session: ;;;"]), 400],
  "dots that are none": [request("DELETE /kv/a/b?dots=../x", []), 400],
  "the name of another host": [
    request("GET /kv/a/b", []).replace("host: 127.0.0.1", "host: evil.example"),
    403,
  ],
  "a page of another site": [request("GET /kv/a/b", ["origin: https://evil.example"]), 403],
};

describe("a store under hostile input", function () {
  this.timeout(120_000);
  const nodes = new TestNodes();
  const watching = new AbortController();
  let node: RunningNode;
  before(async () => {
    node = await startStore(nodes, { fsync: "never" });
    await put(node, "kept/here", "1");
    // What is put is told to somebody.
    const { body } = await fetch(`${node.url}/watch`, { signal: watching.signal });
    body?.pipeTo(new WritableStream()).catch(() => undefined);
  });
  afterEach(async () => {
    expect((await get(node, "kept/here")).text, "the store goes on").to.equal("1");
    const mistakes = nodes.logged.filter((line) => line.includes("mistake"));
    expect(mistakes, `SEED=${seed}`).to.deep.equal([]);
  });
  after(async () => {
    watching.abort();
    await nodes.close();
  });

  for (const [name, [bytes, status]] of Object.entries(cases))
    it(`answers ${name} with ${status}`, async () => {
      expect(statusOf(await raw(node, bytes))).to.equal(status);
    });

  // A value before it is read.
  for (const file of readdirSync(corpus).toSorted().toReversed()) {
    const text = readFileSync(new URL(file, corpus), "utf8");
    const { sent, status } = JSON.parse(text) as { sent: string; status: number };
    it(`answers ${file} of the corpus with ${status}`, async () => {
      expect(statusOf(await raw(node, sent, true))).to.equal(status);
    });
  }

  it("says 401 to wrong secrets, of all lengths", async () => {
    const guarded = await startStore(nodes, { name: "g", token: "secret" });
    for (const token of ["", "x", "secreT", "secret ", "s".repeat(7_000)]) {
      const headers = { authorization: `Bearer ${token}x` };
      for (const path of ["a/b", "a", "../watch", "../v1/store", "../v1/query?goal=put(A,B,C,D,E)"])
        expect((await get(guarded, path, { headers })).status, path).to.equal(401);
    }
    for (const path of ["/v1/kv", "/watch", "/v1/live/cell"]) {
      const socket = new WebSocket(`ws://127.0.0.1:${guarded.port}${path}`, ["bearer.wrong"]);
      const [error] = (await once(socket, "error")) as [Error];
      expect(error.message, path).to.contain("401");
    }
  });

  it("gives its private key to nobody on a network that it wants no secret of", async () => {
    const listen = { host: "0.0.0.0", port: 0 };
    const open = await startStore(nodes, { name: "open", listen });
    expect((await get(open, "../v1/store/backup")).status).to.equal(403);
    expect((await get(node, "../v1/store/backup", { method: "HEAD" })).status).to.equal(200);
  });

  it("answers what is wrong on a WebSocket, and takes what is right after it", async () => {
    const from = random(seed);
    const socket = new WebSocket(`ws://127.0.0.1:${node.port}/v1/kv`);
    await once(socket, "open");
    const answers: { id: unknown; status: number }[] = [];
    socket.on("message", (data: Buffer) => {
      answers.push(JSON.parse(data.toString()) as (typeof answers)[number]);
    });
    const wrong = ["", "{", "null", "[]", '{"id":1}', '{"id":{},"op":"get"}', '{"op":"drop"}'];
    for (const text of wrong) socket.send(text);
    socket.send(Buffer.from([0, 255]));
    for (let at = 0; at < rounds; at++) socket.send(hostileText(from));
    socket.send(JSON.stringify({ id: "last", op: "get", k1: "kept", k2: "here" }));
    while (answers.length < wrong.length + rounds + 2) await once(socket, "message");
    const last = answers.find(({ id }) => id === "last");
    expect(last?.status, `SEED=${seed}`).to.equal(200);
    for (const { status } of answers) expect(status, `SEED=${seed}`).to.be.below(500);
    for (const { status } of answers.slice(0, wrong.length + 1)) expect(status).to.equal(400);
    socket.close();
    await once(socket, "close");
  });

  it("answers requests and frames that are made at random, and never with 500", async () => {
    for (let round = 0; round < rounds; round++) {
      const from = random(seed + round);
      const path = from.pick(["/v1/kv", "/v1/kv", "/watch", "/v1/live/cell", "/kv", "/v1/peer"]);
      const bytes = from.chance(0.3) ? upgrade(path) + hostileFrames(from) : hostileRequest(from);
      const answer = await raw(node, bytes);
      const said = `SEED=${seed + round} ROUNDS=1; keep it in test/corpus/kv: ${JSON.stringify(bytes)}`;
      expect(statusOf(answer), said).not.to.equal(500);
      expect(answer, said).not.to.match(/"status":500/);
    }
  });

  it("outlives connections that are left half open", async () => {
    const sockets = Array.from({ length: 50 }, () => connect(node.port, "127.0.0.1"));
    for (const socket of sockets)
      socket.on("error", () => undefined).write("POST /kv/a/b HTTP/1.1\r\n");
    expect((await get(node, "kept/here")).status).to.equal(200);
    for (const socket of sockets) socket.destroy();
  });

  it("keeps nothing of what it refuses: no connection, no handle, no memory", async () => {
    const refused = Object.values(cases).filter(([bytes]) => bytes.length < 5_000);
    const flood = async (times: number): Promise<number> => {
      for (let round = 0; round < times; round++)
        await Promise.all(refused.map(([bytes]) => raw(node, bytes)));
      return usedBytes();
    };
    await flood(20);
    const before = connections();
    const start = await flood(1);
    const end = await flood(40);
    while (connections() > before) await new Promise((resolve) => setImmediate(resolve));
    const each = (end - start) / (40 * refused.length);
    expect(each, "bytes kept of each").to.be.below(1_000);
  });
});

describe("a store with clients that are slow", function () {
  this.timeout(180_000);
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  /** Connects, says something, and reads or not. */
  function said(node: RunningNode, text: string, reads = true): Socket {
    const socket = connect(node.port, "127.0.0.1");
    socket.on("error", () => undefined).write(text);
    if (reads) socket.resume();
    return socket;
  }

  it("cuts off who sends its request too slowly, with 408", async () => {
    const limits = { headersMs: 100, requestMs: 200 };
    const node = await startStore(nodes, { limits });
    const head = said(node, "GET /kv/a/b HTTP/1.1\r\nho", false);
    const body = said(node, request("POST /kv/a/b", ["content-length: 10"]) + "x", false);
    for (const socket of [head, body]) {
      const [answer] = (await once(socket, "data")) as [Buffer];
      expect(statusOf(answer.toString())).to.equal(408);
      socket.resume();
      await closed(socket);
    }
  });

  it("cuts off who does not take its answer", async () => {
    const node = await startStore(nodes, { fsync: "never", limits: { stalledMs: 100 } });
    for (const k2 of ["a", "b", "c", "d"])
      await raw(node, request(`POST /kv/big/${k2}`, [], "x".repeat(8 << 20)), true);
    const before = connections();
    const socket = said(node, request("GET /kv/big?format=ndjson", []), false);
    await once(socket, "readable");
    // The node's end goes, and the client's stays.
    while (connections() > before + 1) await new Promise((resolve) => setImmediate(resolve));
    // What the kernel has taken for the client is there; the rest never comes.
    let bytes = 0;
    socket.on("data", (chunk: Buffer) => (bytes += chunk.length));
    await closed(socket);
    expect(bytes).to.be.below(32 << 20);
  });

  it("takes so many connections and no more", async () => {
    const node = await startStore(nodes, { limits: { connectionsMax: 3 } });
    const sockets = [1, 2, 3].map(() => said(node, "GET / HTTP/1.1\r\n"));
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    const more = said(node, request("GET /kv/a/b", []));
    await closed(more);
    expect(more.bytesRead).to.equal(0);
    for (const socket of sockets) socket.destroy();
    await Promise.all(sockets.map(closed));
    let answer = await get(node, "a/b").catch(() => undefined);
    while (answer === undefined) answer = await get(node, "a/b").catch(() => undefined);
    expect(answer.status).to.equal(404);
  });

  it("ends WebSockets whose other end has gone without a word, and upgrades it refuses", async () => {
    const node = await startStore(nodes, { limits: { heartbeatMs: 50, headersMs: 100 } });
    const silent = ["/v1/kv", "/watch"].map((path) => said(node, upgrade(path)));
    const refused = said(node, upgrade("/nowhere"));
    await Promise.all([...silent, refused].map((socket) => once(socket, "end")));
    for (const socket of [...silent, refused]) socket.destroy();
  });
});

/** Bytes of the heap that are in use, once all that can go has gone. */
function usedBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
