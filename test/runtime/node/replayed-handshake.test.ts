// A man in the middle who has recorded how two nodes came to know each other: what they said is of
// no use to him on any other connection.
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { expect } from "chai";
import { WebSocket, WebSocketServer } from "ws";

import { endCodes, peerPath } from "../../../src/runtime/node/peer-network.ts";
import { type Member, members } from "../../support/members.ts";

/** What both sides said before there were frames. */
type Recorded = { readonly dialer: string[]; readonly dialed: string[] };

describe("a handshake that somebody has recorded", () => {
  const make = members();
  const servers: WebSocketServer[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** Listens; `meet` is given each connection. Returns where. */
  async function listening(meet: (socket: WebSocket) => void): Promise<string> {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    servers.push(server);
    server.on("connection", (socket) => {
      socket.on("error", () => undefined);
      meet(socket);
    });
    await once(server, "listening");
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Two nodes that have met through somebody who passes on, and keeps, what they say; he is gone
   * when it returns. */
  async function recorded(): Promise<readonly [Member, Recorded]> {
    const [a, b] = (await make("a", "b")) as [Member, Member];
    const said: Recorded = { dialer: [], dialed: [] };
    const between = await listening((fromB) => {
      const toA = new WebSocket(a.url + peerPath);
      const waiting: string[] = [];
      toA.on("open", () => {
        for (const text of waiting.splice(0)) toA.send(text);
      });
      fromB.on("message", (data: Buffer) => {
        said.dialer.push(data.toString());
        if (toA.readyState === toA.OPEN) toA.send(data.toString());
        else waiting.push(data.toString());
      });
      toA.on("message", (data: Buffer) => {
        said.dialed.push(data.toString());
        fromB.send(data.toString());
      });
      toA.on("close", () => {
        fromB.close();
      });
      fromB.on("close", () => {
        toA.close();
      });
    });
    a.connect([{ name: "b" }]);
    b.connect([{ name: "a", url: between }]);
    await a.until(() => a.connected.has("b"));
    await b.until(() => b.connected.has("a"));
    expect([said.dialer.length, said.dialed.length]).to.deep.equal([2, 2]);
    await b.close();
    await a.until(() => !a.connected.has("b"));
    return [a, said];
  }

  /** Says something to a member as soon as there is a connection; returns how it ends that. */
  async function saidTo(member: Member, texts: readonly string[]): Promise<number> {
    const socket = new WebSocket(member.url + peerPath);
    socket.on("open", () => {
      for (const text of texts) socket.send(text);
    });
    const [code] = (await once(socket, "close")) as [number];
    return code;
  }

  it("is of no use to who dials: the proof is of other random bytes", async () => {
    const [a, { dialer }] = await recorded();
    expect(await saidTo(a, dialer)).to.equal(endCodes["wrong-token"]);
    expect(a.connected.has("b")).to.equal(false);
    // Nor what was said to him, turned back with another name.
    const [introduction = "", proof = ""] = dialer;
    const again = introduction.replace(/"nonce":"../, '"nonce":"00');
    expect(await saidTo(a, [again, proof])).to.equal(endCodes["wrong-token"]);
  });

  it("is of no use to who is dialed", async () => {
    const [, { dialed }] = await recorded();
    const there = await listening((socket) => {
      for (const text of dialed) socket.send(text);
    });
    const [b] = (await make("b")) as [Member];
    b.connect([{ name: "a", url: there }]);
    expect(await b.end(false)).to.equal("wrong-token");
    expect(b.connected.size).to.equal(0);
  });

  it("cannot be turned back at who says it", async () => {
    const [a] = await recorded();
    // What a says is said to it again, in its own name and in another one.
    for (const [name, reason] of [
      ["a", "same-name"],
      ["b", "wrong-token"],
    ] as const) {
      const socket = new WebSocket(a.url + peerPath);
      socket.on("message", (data: Buffer) => {
        socket.send(data.toString().replace('"node":"a"', `"node":"${name}"`));
      });
      const [code] = (await once(socket, "close")) as [number];
      expect(code).to.equal(endCodes[reason]);
    }
    expect(a.connected.has("b")).to.equal(false);
  });
});
