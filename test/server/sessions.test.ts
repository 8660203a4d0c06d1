// Questions that follow what a client has written and seen, at whatever node.
import { expect } from "chai";

import { NodeClient } from "../../src/client/node-client.ts";
import type { RunningNode } from "../../src/server/node-server.ts";
import { readSession } from "../../src/server/session.ts";
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
