// Hostile input over real sockets: each gets its 4xx, and the store goes on. A seeded fuzzer, and
// the cases that are known by name.
import { connect } from "node:net";
import { once } from "node:events";

import { expect } from "chai";
import { WebSocket } from "ws";

import { type Random, random } from "../../../src/base/random.ts";
import type { RunningNode } from "../../../src/server/node-server.ts";
import { TestNodes } from "../nodes.ts";
import { get, put, startStore } from "./stores.ts";

const seed = Number(process.env["SEED"] ?? "1");

/** Sends bytes as they are, ends the sending half, and returns all that comes back. */
async function raw(node: RunningNode, bytes: string | Uint8Array): Promise<string> {
  const socket = connect(node.port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  socket.end(bytes);
  await once(socket, "close");
  return text;
}

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? NaN);
}

function request(line: string, headers: readonly string[], body = ""): string {
  const all = ["host: 127.0.0.1", "connection: close", ...headers];
  if (body !== "") all.push(`content-length: ${Buffer.byteLength(body)}`);
  return `${line} HTTP/1.1\r\n${all.join("\r\n")}\r\n\r\n${body}`;
}

const long = "k".repeat(2_000);

/** What is sent, and the status that it gets. */
const cases: Readonly<Record<string, readonly [bytes: string, status: number]>> = {
  "JSON that ends early": [request("POST /", [], '{"oper":"INS'), 400],
  "JSON that is no object": [request("POST /", [], "[1,2]"), 400],
  "a deep JSON": [request("POST /", [], "[".repeat(100_000)), 400],
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
  "headers without an end": [`GET / HTTP/1.1\r\n${"x: y\r\n".repeat(5_000)}`, 400],
  "no HTTP at all": ["\x16\x03\x01\x02\x00\x01\x00\x01", 400],
  "a content type with a line in it": [
    request("POST /kv/a/b", ["content-type: text/plain\u0001"], "x"),
    400,
  ],
  "a compressed body": [request("POST /kv/a/b", ["content-encoding: gzip"], "x"), 415],
  "a session that is none": [request("GET /kv/a/b", ["calm-session: ;;;"]), 400],
  "dots that are none": [request("DELETE /kv/a/b?dots=../x", []), 400],
};

describe("a store under hostile input", function () {
  this.timeout(60_000);
  const nodes = new TestNodes();
  let node: RunningNode;
  before(async () => {
    node = await startStore(nodes);
    await put(node, "kept/here", "1");
  });
  afterEach(async () => {
    expect((await get(node, "kept/here")).text, "the store goes on").to.equal("1");
  });
  after(() => nodes.close());

  for (const [name, [bytes, status]] of Object.entries(cases))
    it(`answers ${name} with ${status}`, async () => {
      expect(statusOf(await raw(node, bytes))).to.equal(status);
    });

  it("says 401 to wrong secrets, of all lengths", async () => {
    const guarded = await startStore(nodes, { name: "g", token: "secret" });
    for (const token of ["", "x", "secreT", "secret ", "s".repeat(7_000)]) {
      const headers = { authorization: `Bearer ${token}x` };
      expect((await get(guarded, "a/b", { headers })).status).to.equal(401);
    }
    const socket = new WebSocket(`ws://127.0.0.1:${guarded.port}/v1/kv`, ["bearer.wrong"]);
    const [error] = (await once(socket, "error")) as [Error];
    expect(error.message).to.contain("401");
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
    for (let at = 0; at < 200; at++)
      wrong.push(mangled('{"id":7,"op":"get","k1":"","k2":1}', from));
    for (const text of wrong) socket.send(text);
    socket.send(Buffer.from([0, 255]));
    socket.send(JSON.stringify({ id: "last", op: "get", k1: "kept", k2: "here" }));
    while (answers.length < wrong.length + 2) await once(socket, "message");
    const last = answers.find(({ id }) => id === "last");
    expect(last?.status, `SEED=${seed}`).to.equal(200);
    for (const { id, status } of answers)
      if (id !== "last") expect(status, `SEED=${seed}`).to.equal(400);
    socket.close();
    await once(socket, "close");
  });

  it("outlives requests that are mangled at random, and connections that are left", async () => {
    const from = random(seed);
    const models = Object.values(cases).map(([bytes]) => bytes.slice(0, 2_000));
    models.push(request("POST /kv/fuzz/x", ["content-type: text/plain"], "value"));
    const left = Array.from({ length: 50 }, () => connect(node.port, "127.0.0.1"));
    for (const socket of left)
      socket.on("error", () => undefined).write("POST /kv/a/b HTTP/1.1\r\n");
    for (let round = 0; round < 30; round++) {
      const sent = Array.from({ length: 10 }, () => mangled(from.pick(models), from));
      const answers = await Promise.all(sent.map((bytes) => raw(node, bytes)));
      for (const [at, answer] of answers.entries())
        expect(statusOf(answer), `SEED=${seed}: ${JSON.stringify(sent[at])}`).not.to.equal(500);
    }
    for (const socket of left) socket.destroy();
  });
});

/** A text with a few places changed, doubled, or cut out. */
function mangled(text: string, from: Random): string {
  let result = text;
  for (let times = 1 + from.below(4); times > 0; times--) {
    const at = from.below(result.length + 1);
    const [before, after] = [result.slice(0, at), result.slice(at)];
    const how = from.below(3);
    if (how === 0) result = before + String.fromCharCode(from.below(256)) + after;
    else if (how === 1) result = before + after.slice(1 + from.below(8));
    else result = before + before.slice(-from.below(20) - 1) + after;
  }
  return result;
}
