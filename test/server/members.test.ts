// Members of a network that come, go, and are forgotten while it runs.
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

import type { RunningNode } from "../../src/server/node-server.ts";
import type { NodeServerOptions } from "../../src/server/node-server-options.ts";
import { ask, closure, send, TestNodes } from "./nodes.ts";

describe("the members of a network", () => {
  const nodes = new TestNodes();

  afterEach(() => nodes.close());

  type Status = {
    readonly members: Readonly<Record<string, { epoch: number; status: string; url?: string }>>;
    readonly peers: readonly { name: string; ready: boolean; lacks: number }[];
    readonly origin: string;
  };

  const statusOf = async (node: RunningNode): Promise<Status> =>
    (await ask(node, "/v1/status")).body as Status;

  const post = (node: RunningNode, path: string, body?: object) =>
    ask(node, path, { method: "POST", ...(body && { body: JSON.stringify(body) }) });

  async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 100_000;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`in time: ${what}\n${nodes.logged.join("")}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function has(node: RunningNode, relation: string, count: number): Promise<void> {
    await until(`${count} tuples of ${relation}`, async () => {
      const { body } = await ask(node, `/v1/relations/${relation}`);
      return (body as { tuples: unknown[] }).tuples.length === count;
    });
  }

  const standing = async (node: RunningNode): Promise<Record<string, string>> =>
    Object.fromEntries(
      Object.entries((await statusOf(node)).members).map(([name, { epoch, status }]) => [
        name,
        `${epoch} ${status}`,
      ]),
    );

  /** Why a node does not start. */
  const refused = (options: Partial<NodeServerOptions>, text = closure): Promise<string> =>
    nodes.start(text, options).then(
      () => "it starts",
      (error: unknown) => (error instanceof Error ? error.message : ""),
    );

  it("grow while the network runs: one who joins gets all facts, and all hear of it", async () => {
    const a = await nodes.start(closure, { name: "a", peers: [{ name: "b" }] });
    const aPeer = { name: "a", url: a.url.replace("http", "ws") };
    const b = await nodes.start(closure, { name: "b", peers: [aPeer] });
    await send(a, "edge", [[1, 2]]);
    await has(b, "path", 1);
    const data = nodes.folder();
    const c = await nodes.start(closure, { name: "c", join: b.url, data });
    await has(c, "path", 1);
    await send(c, "edge", [[2, 3]]);
    await Promise.all([a, b, c].map((node) => has(node, "path", 3)));
    const all = { a: "0 member", b: "0 member", c: "1 member" };
    for (const node of [a, b, c]) expect(await standing(node)).to.deep.equal(all);
    // It comes back by what it has written down, and is not asked to join again.
    await nodes.stop(c);
    await send(a, "edge", [[3, 4]]);
    const again = await nodes.start(closure, { name: "c", data });
    await has(again, "path", 6);
    expect(await standing(again)).to.deep.equal(all);
  });

  it("are told from others by their keys, and from strangers by the program", async () => {
    const a = await nodes.start(closure, { name: "a" });
    const c = await nodes.start(closure, { name: "c", join: a.url });
    expect(await refused({ name: "c", join: a.url })).to.include("the name of another node");
    expect(await refused({ name: "a", join: c.url })).to.include("the name of another node");
    expect(await refused({ name: "d", join: a.url, cluster: "x" })).to.include('cluster "test"');
    const other = `${closure} path(x, x) :- edge(x, _).`;
    expect(await refused({ name: "d", join: a.url }, other)).to.include("another program");
    const forged = { name: "d", cluster: "test", life: 1, key: "AA==", signature: "AA==" };
    const program = ((await ask(a, "/version")).body as { program: string }).program;
    expect((await post(a, "/v1/join", { ...forged, program })).status).to.equal(403);
    expect((await post(a, "/v1/join", { name: "d" })).status).to.equal(400);
  });

  it("leave once others have what they hold, and join anew", async () => {
    const a = await nodes.start(closure, { name: "a" });
    const data = nodes.folder();
    const c = await nodes.start(closure, { name: "c", join: a.url, data });
    await send(c, "edge", [[1, 2]]);
    const { body } = await post(c, "/v1/leave?wait=20");
    expect(body).to.deep.equal({ left: true });
    expect((await c.failed).kind).to.equal("left");
    await nodes.stop(c);
    await has(a, "path", 1);
    expect(await standing(a)).to.deep.equal({ a: "0 member", c: "1 left" });
    expect((await statusOf(a)).peers).to.deep.equal([]);
    expect(await refused({ name: "c", data })).to.include("has left the network");
    const again = await nodes.start(closure, { name: "c", join: a.url, data });
    await send(again, "edge", [[2, 3]]);
    await has(a, "path", 3);
    expect(await standing(a)).to.deep.equal({ a: "0 member", c: "2 member" });
    expect((await post(a, "/v1/forget", { name: "a" })).status).to.equal(409);
  });

  it("are forgotten by an operator, refused when they come back, and join anew", async () => {
    const a = await nodes.start(closure, { name: "a" });
    const data = nodes.folder();
    const c = await nodes.start(closure, { name: "c", join: a.url, data });
    const b = await nodes.start(closure, { name: "b", join: a.url });
    await send(c, "edge", [[1, 2]]);
    await has(a, "path", 1);
    await nodes.stop(c);
    expect((await post(b, "/v1/forget", { name: "nobody" })).status).to.equal(404);
    expect((await post(b, "/v1/forget", { name: "c" })).status).to.equal(200);
    expect((await post(b, "/v1/forget", { name: "c" })).status).to.equal(200);
    await until("a knows", async () => (await standing(a))["c"] === "1 forgotten");
    await has(b, "path", 1);
    nodes.logged.length = 0;
    const back = await nodes.start(closure, { name: "c", data });
    await until("it is refused", async () =>
      Promise.resolve(nodes.logged.some((line) => line.includes("c was forgotten (epoch 1)"))),
    );
    await send(back, "edge", [[2, 3]]);
    await nodes.stop(back);
    // What it took in meanwhile it brings along.
    const again = await nodes.start(closure, { name: "c", join: b.url, data });
    await Promise.all([a, b, again].map((node) => has(node, "path", 3)));
    expect(await standing(a)).to.include({ c: "2 member" });
  });

  const gossip = `
    .decl word(x: number)
    .input word
    .decl heard(x: number) message
    heard(x)@n :~ word(x), All(n).
    heard(x)@n :~ heard(x), All(n).
    .output heard`;

  it("have what rules send, whenever they come", async () => {
    const a = await nodes.start(gossip, { name: "a" });
    await send(a, "word", [[1]]);
    await has(a, "heard", 1);
    const before = (await statusOf(a)).origin;
    const c = await nodes.start(gossip, { name: "c", join: a.url });
    await has(c, "heard", 1);
    expect((await statusOf(a)).origin).not.to.equal(before);
    await Promise.all([send(c, "word", [[2]]), send(a, "word", [[3]])]);
    await Promise.all([a, c].map((node) => has(node, "heard", 3)));
    expect((await post(c, "/v1/leave?wait=20")).body).to.deep.equal({ left: true });
    await send(a, "word", [[4]]);
    await has(a, "heard", 4);
    // Nothing is addressed to one who has left.
    const { text } = await ask(a, "/metrics");
    expect(text).to.include("calm_undeliverable_total 0\n");
  });

  it("hear again what rules had sent when they have lost the end of their log", async () => {
    const a = await nodes.start(gossip, { name: "a", peers: [{ name: "b" }] });
    const data = nodes.folder();
    const peers = [{ name: "a", url: a.url.replace("http", "ws") }];
    const start = () => nodes.start(gossip, { name: "b", peers, data });
    const first = await start();
    await send(a, "word", [[1]]);
    await has(first, "heard", 1);
    await nodes.stop(first);
    const copy = join(nodes.folder(), "copy");
    cpSync(data, copy, { recursive: true });
    const second = await start();
    await send(a, "word", [[2]]);
    await has(second, "heard", 2);
    await nodes.stop(second);
    rmSync(data, { recursive: true });
    cpSync(copy, data, { recursive: true });
    const third = await start();
    await has(third, "heard", 2);
    expect(nodes.logged.join("")).to.include("begins a new life: messages are to be sent again");
  });

  it("do what clients cannot where these have a secret of their own", async () => {
    const secrets = { token: "ours", clientToken: "theirs" };
    const a = await nodes.start(closure, { name: "a", ...secrets });
    const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
    expect((await ask(a, "/v1/status", as("theirs"))).status).to.equal(200);
    expect((await ask(a, "/v1/status", as("ours"))).status).to.equal(200);
    expect((await ask(a, "/v1/status", as("others"))).status).to.equal(401);
    const drain = (token: string) => ask(a, "/v1/drain", { method: "POST", ...as(token) });
    expect((await drain("theirs")).status).to.equal(403);
    expect(await refused({ name: "b", join: a.url, token: "theirs" })).to.include("operators");
    const b = await nodes.start(closure, { name: "b", join: a.url, ...secrets });
    expect((await ask(b, "/v1/status", as("ours"))).status).to.equal(200);
    expect((await drain("ours")).status).to.equal(200);
  });
});
