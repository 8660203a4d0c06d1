import { connect } from "node:net";

import { expect } from "chai";

import { ask, closure, send, TestNodes } from "./nodes.ts";

describe("a node on its port", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  it("takes facts, says their dots when they are durable, and answers goals", async () => {
    const node = await nodes.start(closure);
    const first = await send(node, "edge", [
      [1, 2],
      [2, 3],
    ]);
    expect(first.status).to.equal(200);
    expect(first.body).to.include({ relation: "edge", facts: 2, from: 1, to: 2 });
    const second = await send(node, "edge", [{ y: 4, x: 3 }]);
    expect(second.body).to.include({ facts: 1, from: 3, to: 3 });
    const answer = await ask(node, "/v1/query?goal=path(1,%20X)");
    expect(answer.body).to.deep.equal({
      goal: "path(1, X)",
      level: "M",
      final: true,
      holds: true,
      columns: [{ name: "X", type: "number", kind: "number" }],
      tuples: [[2], [3], [4]],
      more: false,
      at: "local",
      session: "",
    });
    const ground = await ask(node, "/v1/query?goal=path(4,1)");
    expect(ground.body).to.include({ holds: false });
    const loop = await ask(node, "/v1/query?goal=path(X,X).");
    expect(loop.body).to.include({ holds: false });
  });

  it("inserts the same facts under the same key once, also in its next life", async () => {
    const data = nodes.folder();
    const key = { "idempotency-key": "k1" };
    const node = await nodes.start(closure, { data });
    const first = await send(node, "edge", [[1, 2]], key);
    const again = await send(node, "edge", [[1, 2]], key);
    expect(again.body).to.deep.equal(first.body);
    const other = await send(node, "edge", [[2, 3]], key);
    expect(other.body, "the same key with other facts").to.include({ from: 2, to: 2 });
    await nodes.stop(node);
    const later = await nodes.start(closure, { data });
    expect((await send(later, "edge", [[1, 2]], key)).body).to.deep.equal(first.body);
    expect((await ask(later, "/v1/query?goal=path(1,X)")).body).to.deep.include({
      tuples: [[2], [3]],
    });
  });

  it("says all that is wrong with facts, and inserts none of them", async () => {
    const node = await nodes.start(closure);
    const wrong = await send(node, "edge", [[1, 2], ["x", 2], [1]]);
    expect(wrong.status).to.equal(400);
    expect(wrong.headers.get("content-type")).to.equal("application/problem+json");
    const { code, errors } = wrong.body as { code: string; errors: { line: number }[] };
    expect(code).to.equal("bad-facts");
    expect(errors).to.have.length(2);
    expect((await ask(node, "/v1/query?goal=edge(_,_)")).body).to.include({ holds: false });
  });

  it("takes CSV with and without names, and tab-separated values", async () => {
    const node = await nodes.start(closure);
    const post = (type: string, body: string) =>
      ask(node, "/v1/facts/edge", { method: "POST", headers: { "content-type": type }, body });
    expect((await post("text/csv", "1,2\n2,3\n")).status).to.equal(200);
    expect((await post("text/csv; header=present", "y,x\n4,3\n")).status).to.equal(200);
    expect((await post("text/tab-separated-values", "4\t5\n")).status).to.equal(200);
    const unnamed = await post("text/csv; header=present", "a,x\n4,3\n");
    expect(unnamed.status).to.equal(400);
    const { body } = await ask(node, "/v1/query?goal=path(1,X)");
    expect(body).to.deep.include({ tuples: [[2], [3], [4], [5]] });
  });

  it("answers who sends too much, and goes on with the connection", async () => {
    const node = await nodes.start(closure, { limits: { bodyBytesMax: 1_000 } });
    const long = Buffer.alloc(4 << 20, " ");
    const head =
      "POST /v1/facts/edge HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json";
    const lengths = [
      [`content-length: ${long.length}\r\n\r\n`, ""],
      [`transfer-encoding: chunked\r\n\r\n${long.length.toString(16)}\r\n`, "\r\n0\r\n\r\n"],
    ] as const;
    for (const [begin, end] of lengths) {
      const socket = connect(node.port, "127.0.0.1");
      try {
        socket.write(`${head}\r\n${begin}`);
        socket.write(long);
        socket.write(`${end}GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
        let heard = "";
        for await (const data of socket) {
          heard += String(data);
          if (heard.includes("HTTP/1.1 200")) break;
        }
        expect(heard).to.match(/^HTTP\/1\.1 413 [^]*too-large[^]*HTTP\/1\.1 200 /);
      } finally {
        socket.destroy();
      }
    }
  });

  it("refuses what it cannot take, each with its status", async () => {
    const node = await nodes.start(closure, { limits: { bodyBytesMax: 100, requestFactsMax: 3 } });
    const status = async (path: string, init?: RequestInit) => (await ask(node, path, init)).status;
    expect((await send(node, "edg", [[1, 2]])).body).to.include({
      status: 404,
      code: "unknown-relation",
      hint: 'did you mean "edge"?',
    });
    expect((await send(node, "path", [[1, 2]])).body).to.include({ code: "not-an-input" });
    expect((await send(node, "edge", new Array(50).fill([1, 2]))).status).to.equal(413);
    const four = [...[1, 2, 3, 4].keys()].map((x) => [x, x]);
    expect((await send(node, "edge", four)).status).to.equal(413);
    expect(await status("/v1/facts/edge", { method: "POST", body: "1" })).to.equal(415);
    expect(await status("/v1/facts/edge")).to.equal(405);
    expect(await status("/v1/nothing")).to.equal(404);
    expect(await status("/v1/query")).to.equal(400);
    expect(await status("/v1/query?goal=path(1")).to.equal(400);
    expect(await status("/v1/query?goal=path(1)")).to.equal(400);
    expect(await status('/v1/query?goal=path("a",X)')).to.equal(400);
    expect(await status("/v1/query?goal=paths(1,X)")).to.equal(404);
    expect(await status("/v1/relations/path?limit=0")).to.equal(400);
    expect(await status("/v1/relations/path?limit=1&cursor=1-1")).to.equal(410);
    expect((await send(node, "edge", [], { "idempotency-key": "a b" })).status).to.equal(400);
  });

  it("lists relations, and gives tuples page by page and in three formats", async () => {
    const node = await nodes.start(closure);
    await send(node, "edge", [
      [1, 2],
      [2, 3],
      [3, 4],
    ]);
    const { body } = await ask(node, "/v1/relations");
    const { relations } = body as { relations: object[] };
    expect(relations).to.deep.include({
      name: "path",
      columns: [
        { name: "x", type: "number", kind: "number" },
        { name: "y", type: "number", kind: "number" },
      ],
      ...{ input: false, output: true, level: "M", final: true, tuples: 6 },
    });
    type Page = { tuples: number[][]; next?: string };
    const seen: number[][] = [];
    for (let cursor: string | undefined = ""; cursor !== undefined;) {
      const from: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const page = (await ask(node, `/v1/relations/path?limit=4${from}`)).body as Page;
      seen.push(...page.tuples);
      cursor = page.next;
    }
    expect(seen).to.have.length(6);
    expect(new Set(seen.map(String)).size).to.equal(6);
    const csv = await ask(node, "/v1/relations/edge?format=csv");
    expect(csv.text).to.equal("x,y\n1,2\n2,3\n3,4\n");
    const lines = await ask(node, "/v1/relations/edge", {
      headers: { accept: "application/x-ndjson" },
    });
    expect(lines.text).to.equal('{"x":1,"y":2}\n{"x":2,"y":3}\n{"x":3,"y":4}\n');
  });

  it("keeps integers and floats that JSON has not, as strings", async () => {
    const node = await nodes.start(`
      .decl r(n: number, u: unsigned, f: float, s: symbol)
      .input r`);
    const rows = [["9007199254740993", "18446744073709551615", "inf", "ä\n"]];
    expect((await send(node, "r", rows)).status).to.equal(200);
    const { body } = await ask(node, "/v1/relations/r");
    expect((body as { tuples: unknown }).tuples).to.deep.equal(rows);
  });

  it("says whether it lives, is ready, and what it does", async () => {
    const node = await nodes.start(closure);
    await send(node, "edge", [[1, 2]]);
    expect((await ask(node, "/livez")).text).to.equal("ok\n");
    expect((await ask(node, "/readyz?verbose")).text).to.include("[+]log\n");
    expect((await ask(node, "/version")).body).to.include({ version: "0.0.0-test" });
    const { text } = await ask(node, "/metrics");
    expect(text).to.include("calm_facts 1\n").and.include('calm_tuples{relation="path"} 1\n');
    // One record of the facts, and one of where the node is reached.
    expect(text).to.include('calm_commit_seconds_bucket{le="+Inf"} 2\n');
    const { body } = await ask(node, "/v1/status");
    expect(body).to.include({ name: "a", state: "running", unpersisted: 0 });
    const head = await ask(node, "/v1/status", { method: "HEAD" });
    expect([head.status, head.text]).to.deep.equal([200, ""]);
  });

  it("takes no facts once it drains", async () => {
    const node = await nodes.start(closure);
    expect((await ask(node, "/v1/drain", { method: "POST" })).body).to.deep.equal({
      drained: true,
      peers: [],
    });
    expect((await send(node, "edge", [[1, 2]])).body).to.include({ status: 503, code: "draining" });
    expect((await ask(node, "/readyz")).status).to.equal(503);
    expect((await ask(node, "/livez")).status).to.equal(200);
  });

  it("wants its token, and lets no pages of others ask", async () => {
    const node = await nodes.start(closure, { token: "secret", origins: ["https://a.example"] });
    const status = async (headers: Record<string, string>) =>
      (await ask(node, "/v1/status", { headers })).status;
    expect(await status({})).to.equal(401);
    expect(await status({ authorization: "Bearer wrong" })).to.equal(401);
    expect(await status({ authorization: "Bearer secret" })).to.equal(200);
    const page = { authorization: "Bearer secret", origin: "https://a.example" };
    expect(await status(page)).to.equal(200);
    expect(await status({ ...page, origin: "https://b.example" })).to.equal(403);
    expect((await ask(node, "/livez")).status).to.equal(200);
  });

  it("lets its own page ask, and pages of other ports and schemes not", async () => {
    const node = await nodes.start(closure);
    const { host, port } = new URL(node.url);
    const status = async (origin: string) =>
      (await send(node, "edge", [[1, 2]], { origin })).status;
    expect(await status(`http://${host}`)).to.equal(200);
    expect(await status(`https://${host}`)).to.equal(403);
    expect(await status(`http://127.0.0.1:${Number(port) - 1}`)).to.equal(403);
    expect(await status(`http://localhost:${port}`)).to.equal(403);
    expect(await status("null")).to.equal(403);
  });

  it("asks to wait while the disk does not keep up", async () => {
    const node = await nodes.start(closure, { limits: { waitingRequestsMax: 0 } });
    const refused = await send(node, "edge", [[1, 2]]);
    expect(refused.body).to.include({ status: 429, code: "overloaded" });
    expect(refused.headers.get("retry-after")).to.equal("1");
  });

  it("inserts its share of the input once", async () => {
    const data = nodes.folder();
    const shares = [{ request: "facts 1", facts: [{ relation: 0, values: [1n, 2n] }] }];
    await nodes.stop(await nodes.start(closure, { data, shares }));
    const node = await nodes.start(closure, { data, shares });
    const { body } = await ask(node, "/v1/status");
    expect(Object.values((body as { holds: object }).holds)).to.deep.equal([1]);
  });
});
