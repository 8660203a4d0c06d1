// Live queries: what those who follow an output are told, and where they can go on.
import { expect } from "chai";
import { WebSocket } from "ws";

import type { RunningNode } from "../../src/server/node-server.ts";
import { ask, closure, send, TestNodes } from "./nodes.ts";

type Message = { readonly kind: string; readonly position?: string; readonly tuples?: unknown[] };

/** Follows an output by server-sent events. */
async function* events(
  node: RunningNode,
  path: string,
  signal: AbortSignal,
  headers: Record<string, string> = {},
): AsyncGenerator<Message> {
  const response = await fetch(`${node.url}${path}`, { signal, headers });
  expect(response.headers.get("content-type")).to.include("text/event-stream");
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const [, data] = /^data: (.*)$/m.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      if (data !== undefined) yield JSON.parse(data) as Message;
    }
  }
}

/** Takes messages up to the first that is `last`. */
async function upTo(messages: AsyncGenerator<Message>, last: (of: Message) => boolean) {
  const taken: Message[] = [];
  for (;;) {
    const next = await messages.next();
    if (next.done === true) return taken;
    taken.push(next.value);
    if (last(next.value)) return taken;
  }
}

const current = ({ kind }: Message): boolean => kind === "current";

describe("live queries", () => {
  const nodes = new TestNodes();
  let abort = new AbortController();
  beforeEach(() => (abort = new AbortController()));
  afterEach(async () => {
    abort.abort();
    await nodes.close();
  });

  it("begin with all there is, and go on with what is added, final", async () => {
    const node = await nodes.start(closure);
    await send(node, "edge", [[1, 2]]);
    const messages = events(node, "/v1/live/path", abort.signal);
    const [start, first] = await upTo(messages, current);
    expect(start).to.include({ kind: "start", relation: "path", mode: "additions", reset: true });
    expect(first).to.deep.equal({ kind: "added", final: true, tuples: [[1, 2]] });
    await send(node, "edge", [[2, 3]]);
    const [next] = await upTo(messages, () => true);
    expect(next).to.include({ kind: "added", final: true });
    expect(next?.tuples).to.have.deep.members([
      [2, 3],
      [1, 3],
    ]);
  });

  it("go on where they were left, without telling anything twice", async () => {
    const node = await nodes.start(closure);
    const first = events(node, "/v1/live/path", abort.signal);
    const { position = "" } = (await upTo(first, current)).at(-1) ?? {};
    await send(node, "edge", [[1, 2]]);
    const [one] = await upTo(first, () => true);
    await send(node, "edge", [[5, 6]]);
    const again = events(node, "/v1/live/path", abort.signal, { "last-event-id": position });
    const told = await upTo(again, ({ tuples }) => String(tuples) === "5,6");
    expect(told[0]).to.include({ kind: "start", reset: false });
    expect(told.flatMap(({ tuples = [] }) => tuples)).to.deep.equal([
      [1, 2],
      [5, 6],
    ]);
    const later = events(node, `/v1/live/path?from=${one?.position ?? ""}`, abort.signal);
    const rest = await upTo(later, ({ tuples }) => String(tuples) === "5,6");
    expect(rest.flatMap(({ tuples = [] }) => tuples)).to.deep.equal([[5, 6]]);
  });

  it("begin anew where the position is of another life, or no position", async () => {
    const node = await nodes.start(closure);
    for (const from of ["1-1", "x"]) {
      const messages = events(node, `/v1/live/path?from=${from}`, abort.signal);
      expect((await upTo(messages, current))[0]).to.include({ kind: "start", reset: true });
    }
  });

  it("tell of rows with lattices the key, the old and the new value", async () => {
    const node = await nodes.start(`
      .decl score(who: symbol, points: number)
      .input score
      .decl best(who: symbol, points: Max<>)
      best(who, points) :- score(who, points).
      .output best`);
    await send(node, "score", [["ann", 3]]);
    const messages = events(node, "/v1/live/best", abort.signal);
    expect((await upTo(messages, current))[1]).to.deep.equal({
      kind: "changed",
      final: false,
      rows: [{ key: ["ann"], new: [3], old: null }],
    });
    await send(node, "score", [
      ["ann", 5],
      ["bob", 1],
    ]);
    const [next] = await upTo(messages, () => true);
    expect((next as unknown as { rows: unknown[] }).rows).to.have.deep.members([
      { key: ["ann"], old: [3], new: [5] },
      { key: ["bob"], old: null, new: [1] },
    ]);
  });

  it("tell of snapshots what comes and goes", async () => {
    const node = await nodes.start(`
      .decl edge(x: number, y: number)
      .input edge
      .decl sink(y: number) snapshot
      sink(y) :- edge(_, y), !edge(y, _).
      .output sink`);
    await send(node, "edge", [[1, 2]]);
    const messages = events(node, "/v1/live/sink", abort.signal);
    expect((await upTo(messages, current))[1]).to.include({ kind: "viewed", final: false });
    await send(node, "edge", [[2, 3]]);
    const [next] = await upTo(messages, () => true);
    expect(next).to.deep.include({ kind: "viewed", tuples: [[3]], removed: [[2]], final: false });
  });

  it("are the same over WebSockets", async () => {
    const node = await nodes.start(closure, { token: "secret" });
    const socket = new WebSocket(`${node.url.replace("http", "ws")}/v1/live/path`, [
      "calm.live.v1",
      "bearer.secret",
    ]);
    const kinds: string[] = [];
    const done = new Promise<void>((resolve, reject) => {
      socket.on("error", reject);
      socket.on("message", (data: Buffer) => {
        const { kind } = JSON.parse(data.toString()) as Message;
        kinds.push(kind);
        if (kind === "current")
          void send(node, "edge", [[1, 2]], { authorization: "Bearer secret" });
        if (kind === "added") resolve();
      });
    });
    await done;
    expect(socket.protocol).to.equal("calm.live.v1");
    const ended = new Promise((resolve) => socket.on("close", resolve));
    await nodes.stop(node);
    expect(await ended, "the node says that it goes away").to.equal(1001);
    expect(kinds).to.deep.equal(["start", "current", "added"]);
  });

  it("are refused for what is no output, without the token, and on other paths", async () => {
    const node = await nodes.start(closure, { token: "secret" });
    const headers = { authorization: "Bearer secret" };
    expect((await ask(node, "/v1/live/edge", { headers })).body).to.include({ status: 409 });
    const refused = (path: string, protocols: string[]) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${node.url.replace("http", "ws")}${path}`, protocols);
        socket.on("unexpected-response", (_, { statusCode }) => resolve(statusCode));
        socket.on("error", () => undefined);
      });
    expect(await refused("/v1/live/path", [])).to.equal(401);
    expect(await refused("/v1/live/edge", ["bearer.secret"])).to.equal(409);
    expect(await refused("/v1/status", ["bearer.secret"])).to.equal(400);
    expect(await refused("/nothing", [])).to.equal(404);
  });
});
