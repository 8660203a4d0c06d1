// Why something holds at a node: proofs down to the dots of inputs, and the messages of peers.
import { expect } from "chai";

import type { Explanation } from "../../src/client/explanation.ts";
import { outlineText } from "../../src/provenance/outline-text.ts";
import { outlineOfNodes } from "../../src/provenance/proof-json.ts";
import type { RunningNode } from "../../src/server/node-server.ts";
import { calm } from "../programs/calm.ts";
import { until } from "../support/cluster.ts";
import { type Answer, ask, closure, send, TestNodes } from "./nodes.ts";

describe("why something holds at a node", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  function why(node: RunningNode, body: unknown, type = "application/json"): Promise<Answer> {
    const headers = { "content-type": type };
    return ask(node, "/v1/why", { method: "POST", headers, body: JSON.stringify(body) });
  }

  async function explained(node: RunningNode, goal: string): Promise<Explanation> {
    const { body, status } = await why(node, { goal, absence: true });
    expect(status).to.equal(200);
    return body as Explanation;
  }

  /** A proof as text, without the lives of nodes and the places of rules. */
  function shown({ proofs }: Explanation): string {
    return proofs
      .map(({ nodes: of, root }) => outlineText(outlineOfNodes(of, root), (_, text) => text))
      .join("\n")
      .replace(/\/\d+/g, "/1")
      .replace(/ {2,}\S*:\d+$/gm, "  rule");
  }

  function soon(node: RunningNode, goal: string): Promise<void> {
    return until(`${node.url} has ${goal}`, Date.now() + 100_000, async () => {
      const { body } = await ask(node, `/v1/query?goal=${encodeURIComponent(goal)}`);
      return (body as { readonly holds: boolean }).holds;
    });
  }

  async function pair(program: string): Promise<readonly [RunningNode, RunningNode]> {
    const a = await nodes.start(program, { peers: [{ name: "b" }] });
    const toA = { name: "a", url: a.url.replace("http", "ws") };
    return [a, await nodes.start(program, { name: "b", peers: [toA] })];
  }

  it("is said down to the node that accepted each fact", async () => {
    const [a, b] = await pair(closure);
    await send(a, "edge", [
      [7, 8],
      [1, 2],
    ]);
    await send(b, "edge", [[2, 3]]);
    await soon(a, "path(1, 3)");
    await soon(b, "path(1, 3)");
    const proof = `path(1, 3)  rule
├─ path(1, 2)  rule
│  └─ edge(1, 2)  fact 2 of a/1
└─ edge(2, 3)     fact 1 of b/1
`;
    for (const node of [a, b]) expect(shown(await explained(node, "path(1, 3)"))).to.equal(proof);
    const { proofs } = await explained(a, "edge(X, 3)");
    const [found] = proofs[0]?.nodes ?? [];
    expect(found?.source).to.deep.include({ kind: "fact", number: 1 });
    expect(found?.source?.origin).to.match(/^b\/\d+$/);
  });

  it("is said again of what has come since, and of what does not hold", async () => {
    const a = await nodes.start(closure);
    await send(a, "edge", [[1, 2]]);
    const before = await explained(a, "path(1, 3)");
    expect(before.holds).to.equal(false);
    expect(before.absence?.shown).to.contain("fails  edge(2, 3)");
    await send(a, "edge", [[2, 3]]);
    expect((await explained(a, "path(1, 3)")).holds).to.equal(true);
    await send(a, "edge", [[3, 1]]);
    expect(shown(await explained(a, "path(3, 3)"))).to.contain("edge(3, 1)");
    const { body } = await ask(a, "/v1/query?goal=path(X,Y)");
    expect((body as { readonly tuples: readonly unknown[] }).tuples).to.have.length(9);
  });

  it("is said with the peer whose message brought it, also after a restart", async () => {
    const program = `
      .decl letter(to: symbol, text: symbol)
      .input letter
      .decl mail(text: symbol) message
      mail(text)@to :~ letter(to, text).
      .decl loud(text: symbol)
      loud(to_upper) :- mail(text), to_upper = cat(text, "!").
      .output loud`;
    const a = await nodes.start(program, { peers: [{ name: "b" }] });
    const data = nodes.folder();
    const toA = { name: "a", url: a.url.replace("http", "ws") };
    const b = await nodes.start(program, { data, name: "b", peers: [toA] });
    await send(a, "letter", [
      ["b", "first"],
      ["b", "hello"],
    ]);
    const goal = 'loud("hello!")';
    await soon(b, goal);
    const [proof] = (await explained(b, goal)).proofs;
    const mail = proof?.nodes.find(({ text }) => text.startsWith("mail"));
    expect(mail?.source).to.deep.include({ kind: "message" });
    expect(mail?.source?.origin).to.match(/^a\/\d+$/);
    await nodes.stop(b);
    const again = await nodes.start(program, { data, name: "b", peers: [toA] });
    const [later] = (await explained(again, goal)).proofs;
    expect(later?.nodes.find(({ text }) => text.startsWith("mail"))?.source).to.deep.equal(
      mail?.source,
    );
  });

  it("is asked by calm why --url, and calm whynot --url", async () => {
    const { url } = await nodes.start(closure);
    const asked = (...line: readonly string[]) => calm([...line, "--url", url]);
    await calm(["node", "status", "--url", url]);
    const none = await asked("why", "path(1, 2)");
    expect([none.code, none.stderr]).to.deep.equal([
      1,
      "calm: no tuple fits path(1, 2)\n  `calm whynot` says why\n",
    ]);
    const absent = await asked("whynot", "path(1, 2)");
    expect([absent.code, absent.stdout.split("\n")[0]]).to.deep.equal([
      0,
      "path(1, 2) does not hold",
    ]);
    await fetch(`${url}/v1/facts/edge`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "[[1, 2]]",
    });
    const there = await asked("why", "path(1, X)");
    expect([there.code, there.stderr]).to.deep.equal([0, ""]);
    expect(there.stdout).to.match(/└─ edge\(1, 2\) {2}fact 1 of a\/\d+\n/);
    expect((await asked("why", "path(1, X)", "--format", "dot")).stdout).to.match(/^digraph/);
    expect((await asked("whynot", "path(1, 2)")).code).to.equal(1);
    expect((await asked("why", "paht(1, X)")).stderr).to.contain('did you mean "path"');
    expect((await calm(["why", "path(1, X)"])).code).to.equal(2);
  });

  it("is not said of what depends on more than a node explains", async () => {
    const node = await nodes.start(closure, { limits: { whyTuplesMax: 3 } });
    await send(node, "edge", [
      [1, 2],
      [2, 3],
    ]);
    const { status, body } = await why(node, { goal: "path(1, 3)" });
    expect([status, (body as { readonly code: string }).code]).to.deep.equal([422, "too-large"]);
    expect((await explained(node, "edge(1, X)")).holds).to.equal(true);
  });

  it("is refused where the request is none", async () => {
    const node = await nodes.start(closure);
    const statuses = [
      await why(node, { goal: "path(" }),
      await why(node, { goal: "nothing(1)" }),
      await why(node, { goal: "path(1, 2)", depth: -1 }),
      await why(node, 7),
      await why(node, { goal: "path(1, 2)" }, "text/plain"),
    ].map(({ status }) => status);
    expect(statuses).to.deep.equal([400, 404, 400, 400, 415]);
  });
});
