// Questions that follow what a client has written and seen, at whatever node.
import { expect } from "chai";

import { NodeClient } from "../../src/client/node-client.ts";
import type { RunningNode } from "../../src/server/node-server.ts";
import { readSession } from "../../src/server/session.ts";
import { Proxy } from "../support/cluster.ts";
import { ask, closure, send, TestNodes } from "./nodes.ts";

describe("sessions", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  async function two(): Promise<RunningNode[]> {
    const a = await nodes.start(closure, { peers: [{ name: "b" }] });
    const toA = { name: "a", url: a.url.replace("http", "ws") };
    return [a, await nodes.start(closure, { name: "b", peers: [toA] })];
  }

  it("are followed at another node: what was written there, and what was seen", async () => {
    const [a, b] = await two();
    const writer = new NodeClient(a?.url ?? "").session();
    for (let x = 0; x < 20; x++) {
      await writer.insert("edge", [[x, x + 1]]);
      const reader = new NodeClient(b?.url ?? "").session(writer.current.text);
      const found = await reader.query(`path(0, ${x + 1})`);
      expect([found.holds, found.at, found.epoch]).to.deep.equal([true, "session", undefined]);
      // Who has read at one node goes on at the other one.
      const later = await new NodeClient(a?.url ?? "")
        .session(reader.current.text)
        .query("edge(_, _)");
      expect(later.holds).to.equal(true);
    }
    expect((await new NodeClient(b?.url ?? "").query("path(0, 20)")).at).to.equal("local");
  });

  it("wait at a node that has joined since: what all members hold is left out of them", async () => {
    let aPort = 0;
    // Who joins reaches the other one by a connection that is cut at first.
    const proxy = await Proxy.to(() => aPort);
    proxy.cut();
    try {
      const a = await nodes.start(closure, { advertise: `ws://127.0.0.1:${proxy.port}` });
      aPort = a.port;
      await send(a, "edge", [[1, 2]]);
      const reader = new NodeClient(a.url).session();
      expect((await reader.query("edge(_, _)")).holds).to.equal(true);
      expect(reader.current.text).to.equal("");
      const options = { name: "c", data: nodes.folder() };
      const c = await nodes.start(closure, { ...options, join: a.url });
      const asked = async (node: RunningNode, more: string) => {
        const headers = { "calm-session": reader.current.text };
        const { body } = await ask(node, `/v1/query?goal=edge(_,_)${more}`, { headers });
        const { code, holds } = body as { code?: string; holds?: boolean };
        return code ?? holds;
      };
      expect(await asked(c, "&timeout=1")).to.equal("behind");
      expect(await asked(c, "&at=local")).to.equal(false);
      await nodes.stop(c);
      const again = await nodes.start(closure, options);
      expect(await asked(again, "&timeout=1")).to.equal("behind");
      proxy.heal();
      expect(await asked(again, "&timeout=30000")).to.equal(true);
    } finally {
      proxy.close();
    }
  }).timeout(180_000);

  it("are refused where the node does not get what they have seen in time", async () => {
    const node = await nodes.start(closure);
    const { headers } = await send(node, "edge", [[1, 2]]);
    const written = headers.get("calm-session") ?? "";
    const asked = (at: string, session: string) =>
      ask(node, `/v1/query?goal=edge(_,_)&timeout=1&at=${at}`, {
        headers: { "calm-session": session },
      });
    for (const [session, status, code] of [
      [written, 200, undefined],
      [written.replace(/1$/, "2"), 503, "behind"],
      ["z/1:1", 503, "behind"],
      ["a/1", 400, "bad-request"],
      ["epoch:3", 400, "bad-request"],
    ] as const) {
      const answer = await asked("session", session);
      expect([session, answer.status, (answer.body as { code?: string }).code]).to.deep.equal([
        ...[session, status, code],
      ]);
    }
    // Without the ordered plane nobody can say what was acknowledged elsewhere.
    expect((await asked("strict", "")).status).to.equal(501);
    expect((await asked("7", "")).body).to.include({ code: "not-implemented" });
    expect((await asked("now", "")).status).to.equal(400);
  });

  it("are texts with the most that was seen of each origin", () => {
    const { facts, epoch } = readSession("a/1:3, epoch:4,b/2:1,a/1:2");
    expect([[...facts], epoch]).to.deep.equal([
      [
        ["a/1", 3],
        ["b/2", 1],
      ],
      4,
    ]);
  });
});
