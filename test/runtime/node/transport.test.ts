// What links between nodes do with each kind of stranger, frame and failure. It is long because it is
// the one list of these.
import { once } from "node:events";
import { request } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";
import { WebSocket, WebSocketServer } from "ws";

import { random } from "../../../src/base/random.ts";
import { FrameWriter } from "../../../src/runtime/frame-bytes.ts";
import type { FrameTags } from "../../../src/runtime/node/frame-tags.ts";
import { wireVersion } from "../../../src/runtime/node/handshake.ts";
import { endCodes, peerPath, type PeersOptions } from "../../../src/runtime/node/peer-network.ts";
import type { Fact } from "../../../src/transducer/fact.ts";
import type { Frame } from "../../../src/transducer/protocol.ts";
import { edge, smallSchema, word } from "../../support/logs.ts";
import { type Member, members, quick, stranger } from "../../support/members.ts";

const seed = Number(process.env["SEED"] ?? "1");

function messages(origin: string, from: number, facts: readonly Fact[]): Frame {
  return { kind: "messages", origin, from, facts };
}

/** What a stranger says, with its tag. */
function tagged(tags: FrameTags, said: string | Uint8Array): string | Buffer {
  const tag = tags.next(said);
  return typeof said === "string" ? tag.toString("base64") + said : Buffer.concat([said, tag]);
}

async function closeCode(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.on("close", resolve));
}

describe("connections between nodes", () => {
  const make = members();

  /** Two that are connected; both dial only where it is asked for. */
  async function pair(
    options: Partial<PeersOptions> = {},
    both = false,
  ): Promise<[Member, Member]> {
    const [a, b] = (await make("a", "b")) as [Member, Member];
    a.connect([{ name: "b", url: b.url }], options);
    b.connect([{ name: "a", ...(both && { url: a.url }) }], options);
    await a.until(() => a.connected.has("b"));
    await b.until(() => b.connected.has("a"));
    return [a, b];
  }

  it("carry frames both ways, in their order", async () => {
    const [a, b] = await pair();
    const sent = [1, 2, 3].map((from) => messages("a/1", from, [word("same"), edge(from, -1)]));
    for (const frame of sent) expect(a.network?.send("b", frame)).to.equal(true);
    const back: Frame = {
      ...{ kind: "hello", origin: "b/1", reply: false },
      ...{ holds: new Map([["a/1", 3]]), heard: undefined },
    };
    b.network?.send("a", back);
    await b.until(() => b.frames.length === 3);
    await a.until(() => a.frames.length === 1);
    expect(b.frames).to.deep.equal(sent.map((frame) => ({ from: "a", frame })));
    expect(a.frames).to.deep.equal([{ from: "b", frame: back }]);
    const [status] = a.network?.status() ?? [];
    expect(status).to.include({ name: "b", connected: true, framesOut: 3, framesIn: 1 });
    expect(status).to.include({ incarnation: 1, dropped: 0, unsigned: 0 });
  });

  it("come about where one of the two knows the other's address", async () => {
    for (const dials of ["a", "b"]) {
      const [a, b] = (await make("a", "b")) as [Member, Member];
      a.connect([{ name: "b", ...(dials === "a" && { url: b.url }) }]);
      b.connect([{ name: "a", ...(dials === "b" && { url: a.url }) }]);
      await a.until(() => a.connected.has("b"));
      await b.until(() => b.connected.has("a"));
    }
  });

  it("are one for each pair, also when both dial at once", async () => {
    for (let round = 0; round < 20; round++) {
      const [a, b] = await pair({ limits: { ...quick, deferMs: 0 } }, true);
      // Frames get through in both directions on what stays.
      for (let from = 1; a.frames.length < 3 || b.frames.length < 3; from++) {
        a.network?.send("b", messages("a/1", from, [edge(from, 0)]));
        b.network?.send("a", messages("b/1", from, [edge(from, 0)]));
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      const [ofA] = a.network?.status() ?? [];
      const [ofB] = b.network?.status() ?? [];
      expect(ofA?.connections, `round ${round}`).to.be.within(1, 2);
      expect(ofB?.connections, `round ${round}`).to.be.within(1, 2);
    }
  });

  it("come again after they were cut, and tell of it in turns", async () => {
    const told: string[] = [];
    const [a, b] = await pair({
      onConnected: (peer) => told.push(`+${peer}`),
      onDisconnected: (peer) => told.push(`-${peer}`),
    });
    for (let round = 1; round <= 5; round++) {
      a.cut();
      b.cut();
      await a.until(() => told.filter((one) => one === "+b").length > round);
      await b.until(() => told.filter((one) => one === "+a").length > round);
    }
    for (const name of ["a", "b"]) {
      const own = told.filter((one) => one.endsWith(name));
      own.forEach((one, at) => expect(one[0]).to.equal(at % 2 === 0 ? "+" : "-"));
    }
  });

  it("come again when a node begins a new life, which ends the earlier one", async () => {
    const [a, b] = await pair({}, true);
    const [again] = (await make("b")) as [Member];
    again.connect([{ name: "a", url: a.url }], { incarnation: 2 });
    await again.until(() => again.connected.has("a"));
    await b.until(() => b.events.some((event) => "reason" in event && event.reason === "old-life"));
    expect(a.network?.status()[0]?.incarnation).to.equal(2);
  });

  for (const [reason, ofA, ofB] of [
    ["other-cluster", {}, { cluster: "d" }],
    ["other-program", {}, { program: "q" }],
    ["wrong-token", {}, { token: "guess" }],
    ["wrong-token", {}, { token: "" }],
    ["same-name", {}, { name: "a" }],
    ["unknown-peer", {}, { name: "c" }],
  ] as const)
    it(`are refused, and both sides know why: ${reason}`, async () => {
      const [a, b] = (await make("a", "b")) as [Member, Member];
      // It is dialed as b, or dials as what it says.
      a.connect([{ name: "b" }], ofA);
      b.connect([{ name: reason === "same-name" ? "z" : "a", url: a.url }], ofB);
      // Both may find out at once.
      await Promise.race([a.end(false), b.end(false)]);
      await Promise.all([a, b].map((member) => member.until(() => member.events.length > 0)));
      const reasons = [...a.events, ...b.events].map((event) => "reason" in event && event.reason);
      expect(new Set(reasons)).to.deep.equal(new Set([reason]));
      expect(a.connected.size + b.connected.size).to.equal(0);
    });

  it("are refused to nodes of another version, whatever else these say", async () => {
    const [a] = (await make("a")) as [Member];
    a.connect([{ name: "x" }]);
    const socket = new WebSocket(a.url + peerPath);
    socket.on("open", () => socket.send(`{"version":${wireVersion + 1},"hello":"world"}`));
    expect(await closeCode(socket)).to.equal(endCodes["other-version"]);
  });

  it("end when frames are not what they should be", async () => {
    const write = (frame: Frame): Uint8Array => new FrameWriter(smallSchema).write(frame);
    for (const bytes of [
      new Uint8Array(),
      Uint8Array.of(9, 9, 9),
      "a text",
      write(messages("y/1", 1, [edge(1, 2)])),
      write(messages("x/2", 1, [edge(1, 2)])),
      write({ kind: "hello", origin: "a/1", reply: true, holds: new Map(), heard: undefined }),
    ]) {
      const [a] = (await make("a")) as [Member];
      a.connect([{ name: "x" }]);
      const { socket, tags } = await stranger(a);
      socket.send(tagged(tags, bytes));
      expect(await closeCode(socket)).to.equal(endCodes.malformed);
      await a.until(() => !a.connected.has("x"));
      expect(a.frames).to.deep.equal([]);
    }
  });

  it("end when frames, or texts, are not those that the other side has said", async () => {
    const frame = (from: number): Uint8Array =>
      new FrameWriter(smallSchema).write(messages("x/1", from, [edge(1, from)]));
    const met = async () => {
      const [a] = (await make("a")) as [Member];
      a.connect([{ name: "x" }], { onText: () => true });
      return { a, ...(await stranger(a)) };
    };
    const other = (await met()).tags;
    const forgeries: readonly ((tags: FrameTags) => readonly (string | Uint8Array)[])[] = [
      () => [frame(2)],
      () => ["a text"],
      () => [""],
      () => [tagged(other, frame(2))],
      // Said again, left out, in another order, as a text, with another end, or another tag.
      (tags) => Array<string | Uint8Array>(2).fill(tagged(tags, frame(2))),
      (tags) => [frame(2), frame(3)].map((bytes) => tagged(tags, bytes)).slice(1),
      (tags) => [frame(2), frame(3)].map((bytes) => tagged(tags, bytes)).toReversed(),
      (tags) => ["call", "another"].map((text) => tagged(tags, text)).toReversed(),
      (tags) => [Buffer.from(String(tagged(tags, "call")))],
      (tags) => [Buffer.concat([tags.next(frame(2)), frame(2)])],
      (tags) => {
        const tag = tags.next(frame(2));
        return [Buffer.concat([frame(3), tag])];
      },
    ];
    for (const forged of forgeries) {
      const { a, socket, tags } = await met();
      socket.send(tagged(tags, frame(1)));
      socket.send(tagged(tags, "a call"));
      await a.until(() => a.frames.length === 1);
      for (const said of forged(tags)) socket.send(said);
      expect(await closeCode(socket)).to.equal(endCodes.malformed);
      expect(a.frames.length).to.be.at.most(2);
    }
  });

  it(`end when a handshake is none (SEED=${seed})`, async () => {
    const from = random(seed);
    const [a] = (await make("a")) as [Member];
    a.connect([{ name: "x" }], { limits: { ...quick, handshakesMax: 1000 } });
    const version = `"version":${wireVersion}`;
    const right = `{${version},"cluster":"c","program":"p","node":"x","incarnation":1,"nonce":"`;
    const texts: (string | Uint8Array)[] = [
      ...["", "null", "[]", "{}", `{${version}}`, `${right}"}`, "x".repeat(5000)],
      ...[`${right}${"0".repeat(32)}","key":7}`, `${right}${"0".repeat(32)}","key":"AAAA"}`],
      Uint8Array.of(1, 2, 3),
    ];
    for (let round = 0; round < 100; round++) {
      const cut = right.slice(0, from.below(right.length));
      texts.push(cut + String.fromCharCode(...Array.from({ length: 9 }, () => from.below(128))));
    }
    await Promise.all(
      texts.map(async (text) => {
        const socket = new WebSocket(a.url + peerPath);
        socket.on("open", () => socket.send(text));
        expect(await closeCode(socket), String(text)).to.equal(endCodes.malformed);
      }),
    );
    // A proof has to hold.
    for (const proof of ["{}", '{"proof":7}', '{"proof":""}', `{"proof":"${"0".repeat(64)}"}`]) {
      const socket = new WebSocket(a.url + peerPath);
      socket.on("open", () => {
        socket.send(`${right}${"0".repeat(32)}"}`);
        socket.send(proof);
      });
      expect(await closeCode(socket)).to.be.oneOf([endCodes.malformed, endCodes["wrong-token"]]);
    }
    expect(a.connected.size).to.equal(0);
  });

  it("do not wait for strangers that say nothing, too much, or are too many", async () => {
    const [a] = (await make("a")) as [Member];
    a.connect([{ name: "x" }], { limits: { ...quick, handshakeMs: 20, handshakesMax: 2 } });
    const silent = new WebSocket(a.url + peerPath);
    expect(await closeCode(silent)).to.equal(endCodes["no-handshake"]);

    const [loud] = (await make("a")) as [Member];
    loud.connect([{ name: "x" }], { limits: { ...quick, handshakesMax: 2 } });
    const talker = new WebSocket(loud.url + peerPath);
    talker.on("error", () => undefined);
    talker.on("open", () => talker.send(new Uint8Array(1 << 20)));
    expect(await closeCode(talker)).to.be.oneOf([1006, endCodes.malformed]);

    const [busy] = (await make("a")) as [Member];
    busy.connect([{ name: "x" }], { limits: { ...quick, handshakesMax: 2 } });
    const answers = await Promise.all(
      [1, 2, 3].map(
        () =>
          new Promise<string>((resolve) => {
            const socket = new WebSocket(busy.url + peerPath);
            socket.on("open", () => resolve("open"));
            socket.on("error", (error) => resolve(error.message));
          }),
      ),
    );
    expect(answers.filter((answer) => answer.includes("503")).length).to.equal(1);
  });

  it("are made again soon where the other side neither goes on nor closes them", async () => {
    const [a] = (await make("a")) as [Member];
    const deaf = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    let [dialed, again]: [number, () => void] = [0, () => undefined];
    const twice = new Promise<void>((resolve) => (again = resolve));
    deaf.on("connection", (socket) => {
      socket.pause();
      if (++dialed === 2) again();
    });
    await once(deaf, "listening");
    const { port } = deaf.address() as AddressInfo;
    const limits = { ...quick, handshakeMs: 20, refusedMs: 20 };
    a.connect([{ name: "b", url: `ws://127.0.0.1:${port}` }], { limits });
    await twice;
    for (const socket of deaf.clients) socket.terminate();
    deaf.close();
  });

  it("are no pages' of browsers, and only on their path", async () => {
    const [a] = (await make("a")) as [Member];
    a.connect([{ name: "x" }]);
    const socket = new WebSocket(a.url + peerPath, { origin: "http://example.org" });
    const answer = await new Promise<string>((resolve) => {
      socket.on("error", (error) => resolve(error.message));
    });
    expect(answer).to.contain("403");
    const other = new WebSocket(`${a.url}/v1/other`);
    expect(
      await new Promise((resolve) => other.on("error", (error) => resolve(error.message))),
    ).to.contain("hang up");
    const asked = request(`${a.url.replace("ws:", "http:")}${peerPath}`, {
      headers: { connection: "upgrade", upgrade: "something" },
    });
    const status = new Promise<number | undefined>((resolve) =>
      asked.on("response", (response) => resolve(response.statusCode)),
    );
    asked.end();
    expect(await status).to.equal(400);
  });

  it("end when the other side lives no more", async () => {
    const [a] = (await make("a")) as [Member];
    a.connect([{ name: "x" }], { limits: { ...quick, heartbeatMs: 5, silentMs: 30 } });
    await stranger(a, {}, { autoPong: false });
    expect(await a.end(false)).to.equal("silent");
    const { socket: alive } = await stranger(a);
    let pings = 0;
    await new Promise<void>((resolve) => alive.on("ping", () => ++pings === 20 && resolve()));
    expect(a.connected.has("x")).to.equal(true);
  });

  it("end, with all that was sent, when the other side does not keep up", async () => {
    const [a] = (await make("a")) as [Member];
    let sending = false;
    a.connect([{ name: "x" }], {
      limits: { ...quick, bufferedBytesMax: 1 << 20 },
      onDisconnected: () => expect(sending, "told within send").to.equal(false),
    });
    const { socket } = await stranger(a);
    socket.pause();
    let count = 0;
    sending = true;
    const text = "x".repeat(1 << 16);
    while (a.network?.send("x", messages("a/1", count + 1, [word(`${count} ${text}`)])) === true)
      count++;
    sending = false;
    expect(a.network?.send("x", messages("a/1", count + 1, [edge(1, 2)]))).to.equal(false);
    expect(await a.end(false)).to.equal("slow");
    expect(a.network?.status()[0]).to.include({ connected: false, dropped: 2 });
    let heard = -1; // The proof comes first.
    socket.on("message", () => heard++);
    socket.resume();
    expect(await closeCode(socket)).to.equal(endCodes.slow);
    expect(heard).to.be.within(count - 1, count);
  });

  it("send messages that are too many for a frame in parts, and no batch that is", async () => {
    const limits = { ...quick, frameBytesMax: 4096 };
    const [a, b] = await pair({ limits });
    const facts = Array.from({ length: 50 }, (_, at) => word(`${at} ${"x".repeat(100)}`));
    expect(a.network?.send("b", messages("a/1", 7, facts))).to.equal(true);
    const got = (): Fact[] =>
      b.frames.flatMap(({ frame }) => ("facts" in frame ? frame.facts : []));
    await b.until(() => got().length === 50);
    expect(got()).to.deep.equal(facts);
    let next = 7;
    for (const { frame } of b.frames) {
      if (frame.kind !== "messages") continue;
      expect(frame.from).to.equal(next);
      next += frame.facts.length;
    }
    const batch = { origin: "a/1", from: 1, facts };
    expect(a.network?.send("b", { kind: "batch", batch })).to.equal(false);
    expect(a.events.at(-1)?.kind).to.equal("too-large");
    expect(a.connected.has("b")).to.equal(true);
  });

  it("are not read while the log has too much to write", async () => {
    const [a, b] = await pair();
    b.network?.pause();
    a.network?.send("b", messages("a/1", 1, [edge(1, 2)]));
    // What is sent the other way still goes.
    b.network?.send("a", messages("b/1", 1, [edge(1, 2)]));
    await a.until(() => a.frames.length === 1);
    expect(b.frames).to.deep.equal([]);
    b.network?.resume();
    await b.until(() => b.frames.length === 1);
  });

  it("follow the membership: peers are added, moved and removed", async () => {
    const [a, b, moved] = (await make("a", "b", "b")) as [Member, Member, Member];
    a.connect([]);
    b.connect([{ name: "a" }]);
    moved.connect([{ name: "a" }], { incarnation: 2 });
    a.network?.add({ name: "b", url: b.url });
    await b.until(() => b.connected.has("a"));
    await a.until(() => a.connected.has("b"));
    await b.network?.close();
    a.network?.add({ name: "b", url: moved.url });
    await moved.until(() => moved.connected.has("a"));
    await a.until(() => a.connected.has("b"));
    a.network?.remove("b", "b has left");
    expect(a.connected.size).to.equal(0);
    expect(a.network?.status()).to.deep.equal([]);
    expect(await moved.end(true)).to.equal("no-member");
  });

  it("end with a goodbye when a node shuts down, and it does not come back", async () => {
    const [a, b] = await pair();
    await a.network?.close();
    expect(await b.end(true)).to.equal("going-away");
    expect(a.connected.size).to.equal(0);
    expect(a.network?.send("b", messages("a/1", 1, [edge(1, 2)]))).to.equal(false);
  });
});
