import { once } from "node:events";

import { expect } from "chai";
import { WebSocket } from "ws";

import { type Answer, type Begun, Pipeline } from "../../../src/server/kv/pipeline.ts";
import { TestNodes } from "../nodes.ts";
import { put, startStore } from "./stores.ts";

describe("the requests of one connection", () => {
  /** A pipeline whose answers wait for `done`, and what goes on in it. */
  function pipeline() {
    const told = new Map<string, (answer: Answer) => void>();
    const state = { made: [] as string[], written: [] as string[][], room: [] as boolean[] };
    let bytes = 0;
    const limits = { pipelinedMax: 6, readsTogetherMax: 2, sentBytesMax: 10 };
    const requests = new Pipeline(limits, {
      bytes: () => bytes,
      write: (texts) => {
        state.written.push([...texts]);
        bytes += texts.join("").length;
      },
      onRoom: (room) => state.room.push(room),
    });
    const request = (name: string, reads: boolean): Begun => ({
      reads,
      run: (done) => told.set(name, done),
    });
    return {
      ...{ requests, state },
      begun: () => [...told.keys()],
      read: (name: string) => requests.add(request(name, true)),
      write: (name: string) => requests.add(request(name, false)),
      done: async (...names: readonly string[]) => {
        for (const name of names)
          told.get(name)?.(() => {
            state.made.push(name);
            return name.padEnd(8, ".");
          });
        await new Promise((resolve) => setImmediate(resolve));
      },
      sent: () => {
        bytes = 0;
        requests.flush();
      },
    };
  }

  it("are begun in order, few reads at a time, and what comes after them waits too", async () => {
    const { begun, read, write, done, sent } = pipeline();
    write("w1");
    for (const name of ["r1", "r2", "r3"]) read(name);
    write("w2");
    expect(begun()).to.deep.equal(["w1", "r1", "r2"]);
    await done("w1");
    expect(begun()).to.deep.equal(["w1", "r1", "r2"]);
    await done("r2");
    sent();
    expect(begun()).to.deep.equal(["w1", "r1", "r2", "r3", "w2"]);
  });

  it("have their answers made when there is room, and those that are ready sent at once", async () => {
    const { state, read, write, done, sent } = pipeline();
    for (const name of ["w1", "w2", "w3"]) write(name);
    read("r1");
    await done("w3", "r1", "w1", "w2");
    // Above the limit by one answer at most.
    expect(state.made).to.deep.equal(["w3", "r1"]);
    expect(state.written).to.deep.equal([["w3......", "r1......"]]);
    sent();
    expect(state.written.slice(1)).to.deep.equal([["w1......", "w2......"]]);
    sent();
    expect(state.written).to.have.length(2);
  });

  it("say when there are too many, and when more can come", async () => {
    const { state, write, done } = pipeline();
    for (const name of ["a", "b", "c", "d", "e"]) write(name);
    expect(state.room).to.deep.equal([]);
    write("f");
    expect(state.room).to.deep.equal([false]);
    await done("a");
    expect(state.room).to.deep.equal([false, true]);
  });
});

describe("reads of large values over one WebSocket", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  it("wait for a client that takes nothing, and are answered when it does", async () => {
    const node = await startStore(nodes);
    const bytes = 1 << 20;
    await put(node, "a/b", "x".repeat(bytes));
    const socket = new WebSocket(`ws://127.0.0.1:${node.port}/v1/kv`);
    await once(socket, "open");
    socket.pause();
    const asked = 70;
    for (let id = 0; id < asked; id++)
      socket.send(JSON.stringify({ id, op: "get", k1: "a", k2: "b" }));
    // Another client is served meanwhile; it was asked after them.
    expect((await put(node, "c/d", "y")).status).to.equal(201);
    const ids: number[] = [];
    const all = new Promise<void>((resolve) =>
      socket.on("message", (data: Buffer) => {
        const { id, text } = JSON.parse(data.toString()) as { id: number; text: string };
        expect(text.length).to.equal(bytes);
        if (ids.push(id) === asked) resolve();
      }),
    );
    socket.resume();
    await all;
    expect(ids.toSorted((a, b) => a - b)).to.deep.equal(
      Array.from({ length: asked }, (_, at) => at),
    );
    socket.close();
    await once(socket, "close");
  });
});
