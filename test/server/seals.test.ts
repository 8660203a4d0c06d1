// Nodes whose inputs are sealed: what they refuse, what they wait for, and what they say of it.
import { expect } from "chai";

import { NodeClient } from "../../src/client/node-client.ts";
import { NodeError } from "../../src/client/node-error.ts";
import { SealedInput } from "../../src/server/node-driver.ts";
import type { RunningNode } from "../../src/server/node-server.ts";
import type { NodeServerOptions } from "../../src/server/node-server-options.ts";
import { until } from "../support/cluster.ts";
import { type Answer, ask, closure, programOf, send, TestNodes } from "./nodes.ts";

const sinks = `
  .decl edge(x: number, y: number)
  .decl vertex(x: number)
  .input edge, vertex
  .decl path(x: number, y: number)
  path(x, y) :- edge(x, y).
  path(x, z) :- path(x, y), edge(y, z).
  .decl sink(x: number)
  sink(x) :- vertex(x), !edge(x, _).
  .decl size(n: number)
  size(n) :- n = count : { path(_, _) }.
  .output sink, size`;

const shop = `
  .decl sale(item: number)
  .decl closed()
  .input sale, closed
  .seal sale() :- closed().
  .decl sold(item: number)
  sold(i) :- sale(i).
  .output sold`;

/** Coordinates by itself, and counts its own share. */
const counting = `
  .calm coordinating "every node tells all how much it has"
  .decl mine(x: number)
  .input mine
  .decl asked(r: number) event
  .input asked
  .decl share(by: symbol, n: number)
  share(v, n)@w :~ Id(v), n = count : { mine(_) }, All(w).
  .decl waits()
  waits() :- All(v), !share(v, _).
  .decl total(n: number)
  total(n) :- n = sum s : { share(_, s) }, !waits().
  .output total`;

describe("a node whose input is sealed", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  const seal = (node: RunningNode, body: unknown, type = "application/json"): Promise<Answer> =>
    ask(node, "/v1/seal", {
      method: "POST",
      headers: { "content-type": type },
      body: JSON.stringify(body),
    });
  const waiting = (text: string, options: Partial<NodeServerOptions> = {}): Promise<RunningNode> =>
    nodes.start(text, { program: programOf(text, { awaitReady: true }), ...options });

  it("takes no more of it, also in its next life, but for requests that it had taken", async () => {
    const data = nodes.folder();
    const key = { "idempotency-key": "k1" };
    const node = await nodes.start(closure, { data });
    const first = await send(node, "edge", [[1, 2]], key);
    const sealed = await seal(node, { relations: ["edge"] });
    expect(sealed.body).to.deep.equal({
      node: "a",
      relations: [{ relation: "edge", awaited: false, sealed: ["a"], missing: [], complete: true }],
    });
    expect((await seal(node, { relations: ["edge"] })).body).to.deep.equal(sealed.body);
    const refused = async (of: RunningNode): Promise<void> => {
      const { status, body } = await send(of, "edge", [[2, 3]]);
      expect(status).to.equal(409);
      expect(body).to.include({
        code: "sealed",
        detail: 'relation "edge" is sealed at this node',
      });
      expect((await send(of, "edge", [[1, 2]], key)).body).to.deep.equal(first.body);
      expect((await ask(of, "/v1/query?goal=edge(2,3)")).body).to.include({ holds: false });
    };
    await refused(node);
    await nodes.stop(node);
    await refused(await nodes.start(closure, { data }));
  });

  it("refuses all who wait for the same request", async () => {
    const node = await nodes.start(closure);
    const key = { "idempotency-key": "k" };
    const answers = await Promise.all([
      seal(node, { relations: ["edge"] }),
      ...[1, 2, 3].map(() => send(node, "edge", [[2, 3]], key)),
    ]);
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 409, 409, 409]);
  });

  it("is sealed by the rules of the text, at each node that derives it", async () => {
    const a = await nodes.start(shop, { peers: [{ name: "b" }] });
    const url = a.url.replace("http", "ws");
    const b = await nodes.start(shop, { name: "b", peers: [{ name: "a", url }] });
    expect((await send(b, "sale", [[1]])).status).to.equal(200);
    expect((await send(a, "closed", [[]])).status).to.equal(200);
    expect((await send(a, "sale", [[2]])).body).to.include({ code: "sealed" });
    await until("b learns that it is closed", Date.now() + 100_000, async () => {
      const { status } = await send(b, "sale", [[1]]);
      return status === 409;
    });
    const { body } = await ask(a, "/v1/status");
    expect((body as { seals: object[] }).seals).to.have.length(1);
  });

  it("inserts its share once, and does not start with more than it has sealed", async () => {
    const data = nodes.folder();
    const share = (x: bigint) => ({
      ...{ request: `share ${x}` },
      facts: [{ relation: 0, values: [x, x] }],
    });
    const node = await nodes.start(closure, { data, shares: [share(1n)], sealsShares: true });
    await nodes.stop(node);
    const again = await nodes.start(closure, { data, shares: [share(1n)], sealsShares: true });
    expect((await ask(again, "/v1/relations/edge")).body).to.deep.include({ tuples: [[1, 1]] });
    await nodes.stop(again);
    const more = await nodes
      .start(closure, { data, shares: [share(1n), share(2n)] })
      .catch((error: unknown) => error);
    expect(more).to.be.instanceOf(SealedInput);
  });

  it("does not run the same where it holds all of what others have in parts", () => {
    const parted = sinks.replace("edge(x: number, y: number)", "$& partition(x)");
    const monotone = closure.replace("edge(x: number, y: number)", "$& partition(x)");
    expect(programOf(parted, { awaitReady: true }).floods).to.equal(true);
    const hashes = [{}, { awaitReady: true }].map((how) => programOf(monotone, how).hash);
    expect(hashes[0]).not.to.equal(hashes[1]);
    expect(programOf(closure, { awaitReady: true }).hash).to.equal(programOf(closure).hash);
  });

  it("says why something cannot be sealed", async () => {
    const node = await nodes.start(closure);
    const code = async (body: unknown, type?: string): Promise<unknown> => {
      const { status, body: said } = await seal(node, body, type);
      return [status, (said as { code: string }).code];
    };
    expect(await code({ relations: ["edgy"] })).to.deep.equal([404, "unknown-relation"]);
    expect(await code({ relations: ["#seals"] })).to.deep.equal([404, "unknown-relation"]);
    expect(await code({ relations: ["path"] })).to.deep.equal([409, "not-an-input"]);
    expect(await code({ relations: [] })).to.deep.equal([400, "bad-request"]);
    expect(await code({})).to.deep.equal([400, "bad-request"]);
    expect(await code("edge")).to.deep.equal([400, "bad-request"]);
    const keyed = { relations: [{ relation: "edge", key: [1] }] };
    expect(await code(keyed)).to.deep.equal([400, "bad-request"]);
    expect(await code({ relations: ["edge"] }, "text/plain")).to.deep.equal([
      415,
      "unsupported-type",
    ]);
    expect((await ask(node, "/v1/relations/%23seals")).status).to.equal(404);
    expect((await send(node, "#seals", [["a", "edge", "a/1", 1]])).status).to.equal(404);
  });

  it("answers nothing that it awaits before it is sealed, and says what is missing", async () => {
    const node = await waiting(sinks);
    await send(node, "edge", [[1, 2]]);
    const early = await ask(node, "/v1/query?goal=sink(X)");
    expect([early.status, early.headers.get("retry-after")]).to.deep.equal([503, "1"]);
    expect(early.body).to.deep.include({
      code: "not-ready",
      errors: [
        { relation: "edge", missing: ["a"] },
        { relation: "vertex", missing: ["a"] },
      ],
    });
    expect((await ask(node, "/v1/relations/edge")).status).to.equal(503);
    const ready = await ask(node, "/readyz?verbose");
    expect(ready.status).to.equal(200);
    expect(ready.text).to.contain('[ ]answers: relation "edge" is not sealed by a\n');
    expect((await ask(node, "/v1/status")).body).to.include({ state: "running", ready: false });
    const metrics = async (): Promise<string> => (await ask(node, "/metrics")).text;
    expect(await metrics()).to.contain("\ncalm_ready 0\n");
    await seal(node, { relations: ["edge"] });
    expect(await metrics()).to.contain('\ncalm_sealed{relation="edge",member="a"} 1\n');
    await send(node, "vertex", [[2], [3]]);
    expect((await ask(node, "/v1/query?goal=sink(X)")).status).to.equal(503);
    await seal(node, { relations: "all" });
    const answer = await ask(node, "/v1/query?goal=sink(X)");
    expect(answer.body).to.deep.include({ level: "F2", final: true, tuples: [[2], [3]] });
    expect(await metrics()).to.contain("\ncalm_ready 1\n");
  });

  it("waits for who leaves to seal first, and not for who is forgotten", async () => {
    const url = (node: RunningNode): string => node.url.replace("http", "ws");
    const post = (node: RunningNode, path: string, body?: object): Promise<Answer> =>
      ask(node, path, { method: "POST", ...(body && { body: JSON.stringify(body) }) });
    const data = nodes.folder();
    const a = await waiting(sinks, { data, peers: [{ name: "b" }, { name: "c" }] });
    const toA = { name: "a", url: url(a) };
    const b = await waiting(sinks, { name: "b", peers: [toA, { name: "c" }] });
    const toB = { name: "b", url: url(b) };
    const c = await waiting(sinks, { name: "c", peers: [toA, toB] });
    await send(a, "vertex", [[1]]);
    await send(b, "vertex", [[2]]);
    await send(c, "vertex", [[3]]);
    const early = await post(b, "/v1/leave");
    expect(early.status).to.equal(409);
    expect(early.body).to.include({
      code: "not-sealed",
      hint: "seal first: `calm node seal edge vertex`",
    });
    expect((await send(b, "vertex", [[4]])).status, "it goes on").to.equal(200);
    await seal(b, { relations: "all" });
    expect((await post(b, "/v1/leave")).body).to.deep.equal({ left: true });
    await nodes.stop(b);
    await until("a has what c inserted", Date.now() + 100_000, async () => {
      const { body } = await ask(a, "/v1/status");
      const { holds } = body as { readonly holds: Readonly<Record<string, number>> };
      return Object.keys(holds).some((origin) => origin.startsWith("c/"));
    });
    await nodes.stop(c);
    await seal(a, { relations: "all" });
    expect((await ask(a, "/v1/query?goal=sink(X)")).body).to.include({ code: "not-ready" });
    await post(a, "/v1/forget", { name: "c" });
    const answered = async (node: RunningNode): Promise<void> => {
      await until("a answers", Date.now() + 100_000, async () => {
        const { body } = await ask(node, "/v1/query?goal=sink(X)");
        return (body as { tuples?: unknown[] }).tuples?.length === 4;
      });
    };
    await answered(a);
    await nodes.stop(a);
    await answered(await waiting(sinks, { data }));
  });

  it("begins live queries when all input is there, with all that there is", async () => {
    const node = await waiting(sinks);
    const client = new NodeClient(node.url, { retry: { attemptsMax: 1 } });
    await client.insert("vertex", [[1]]);
    const changes = client.subscribe("sink")[Symbol.asyncIterator]();
    const first = changes.next();
    const early = await client.query("sink(X)").catch((error: unknown) => error);
    expect(early).to.be.instanceOf(NodeError).and.to.include({ code: "not-ready", status: 503 });
    const states = await client.seal(["edge", "vertex"]);
    expect(states.map(({ complete }) => complete)).to.deep.equal([true, true]);
    expect((await first).value).to.deep.equal({ kind: "reset" });
    const { value } = await changes.next();
    expect(value).to.deep.equal({ kind: "added", final: true, tuples: [[1]] });
    const late = await client.insert("vertex", [[4]]).catch((error: unknown) => error);
    expect(late).to.be.instanceOf(NodeError).and.to.include({ code: "sealed", status: 409 });
    await changes.return(undefined);
  });

  it("begins with its whole share where the program coordinates by itself", async () => {
    const a = await nodes.start(counting, { peers: [{ name: "b" }] });
    const url = a.url.replace("http", "ws");
    const shares = [
      { request: "share", facts: [5n, 6n].map((x) => ({ relation: 0, values: [x] })) },
    ];
    const peers = [{ name: "a", url }];
    const b = await nodes.start(counting, { name: "b", peers, shares, sealsShares: true });
    await send(a, "mine", [[1]]);
    await send(a, "asked", [[1]]);
    await send(a, "mine", [[2]]);
    expect((await ask(a, "/v1/query?goal=total(N)")).body).to.include({ code: "not-ready" });
    await seal(a, { relations: "all" });
    for (const node of [a, b]) {
      await until("the node counts all", Date.now() + 100_000, async () => {
        const { body } = await ask(node, "/v1/query?goal=total(N)");
        return (body as { holds?: boolean }).holds === true;
      });
      const { body } = await ask(node, "/v1/query?goal=total(N)");
      expect(body).to.deep.include({ tuples: [[4]] });
    }
    expect((await send(a, "mine", [[3]])).body).to.include({ code: "sealed" });
    expect((await send(a, "asked", [[3]])).status, "requests go on").to.equal(200);
  });
});
