// Several nodes in this process: secrets, signatures, drains, programs that say where facts go.
import { expect } from "chai";

import type { RunningNode } from "../../src/server/node-server.ts";
import { until } from "../support/cluster.ts";
import { ask, closure, send, TestNodes } from "./nodes.ts";

type Peers = { readonly peers: readonly { readonly name: string; readonly connected: boolean }[] };

describe("nodes with peers", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  const token = "secret";
  const headers = { authorization: `Bearer ${token}` };

  function wsOf({ url }: RunningNode): string {
    return url.replace("http", "ws");
  }

  async function holds(node: RunningNode, goal: string): Promise<boolean> {
    const { body } = await ask(node, `/v1/query?goal=${goal}`, { headers });
    return (body as { holds: boolean }).holds;
  }

  function soon(what: string, happens: () => Promise<boolean>): Promise<void> {
    return until(what, Date.now() + 100_000, happens);
  }

  it("pass on what they accept to those that have the secret, and to no others", async () => {
    const a = await nodes.start(closure, { token, peers: [{ name: "b" }, { name: "c" }] });
    const toA = { name: "a", url: wsOf(a) };
    const b = await nodes.start(closure, { token, name: "b", peers: [toA] });
    const c = await nodes.start(closure, { token: "other", name: "c", peers: [toA] });
    await send(a, "edge", [[1, 2]], headers);
    await send(b, "edge", [[2, 3]], headers);
    await soon("b has the answer", () => holds(b, "path(1,3)"));
    await soon("a has the answer", () => holds(a, "path(1,3)"));
    const { body } = await ask(a, "/v1/status", { headers });
    const connected = (body as Peers).peers.map((peer) => [peer.name, peer.connected]);
    expect(connected).to.deep.equal([
      ["b", true],
      ["c", false],
    ]);
    const other = { authorization: "Bearer other" };
    const asked = await ask(c, "/v1/query?goal=edge(_,_)", { headers: other });
    expect(asked.body).to.include({ holds: false });
    const { text } = await ask(a, "/metrics", { headers });
    expect(text).to.include('calm_peer_connected{peer="b"} 1\n');
    expect(text).to.match(/calm_peer_sent_bytes_total\{peer="b"\} [1-9]/);
  });

  it("do not connect when they run other programs", async () => {
    const a = await nodes.start(closure, { peers: [{ name: "b" }] });
    await nodes.start(`${closure}\n.output edge`, {
      ...{ name: "b", peers: [{ name: "a", url: wsOf(a) }] },
    });
    await soon("the other program is told of", () =>
      Promise.resolve(nodes.logged.some((line) => line.includes("other-program"))),
    );
  });

  it("hand on what they hold before they are stopped", async () => {
    const a = await nodes.start(closure, { peers: [{ name: "b" }] });
    await send(a, "edge", [[1, 2]]);
    const alone = await ask(a, "/v1/drain?wait=0", { method: "POST" });
    expect(alone.body).to.include({ drained: false });
    const b = await nodes.start(closure, { name: "b", peers: [{ name: "a", url: wsOf(a) }] });
    const drained = await ask(a, "/v1/drain?wait=20", { method: "POST" });
    expect(drained.body).to.include({ drained: true });
    expect(await holds(b, "path(1,2)")).to.equal(true);
  });

  it("send what the rules of a program address, and keep it", async () => {
    const program = `
      .decl letter(to: symbol, text: symbol)
      .input letter
      .decl mail(text: symbol)
      mail(text)@to :~ letter(to, text).
      .output mail`;
    const a = await nodes.start(program, { peers: [{ name: "b" }] });
    const data = nodes.folder();
    const toA = { name: "a", url: wsOf(a) };
    const b = await nodes.start(program, { data, name: "b", peers: [toA] });
    await send(a, "letter", [
      ["b", "hello"],
      ["nobody", "lost"],
    ]);
    await soon("b has its mail", () => holds(b, 'mail("hello")'));
    expect(await holds(b, "letter(_,_)"), "inputs stay where they are").to.equal(false);
    const { text } = await ask(a, "/metrics");
    expect(text).to.include("calm_undeliverable_total 1\n");
    await nodes.stop(b);
    const again = await nodes.start(program, { data, name: "b" });
    expect(await holds(again, 'mail("hello")')).to.equal(true);
  });
});
