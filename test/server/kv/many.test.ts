// Many pairs, many writes, many nodes.
import { expect } from "chai";
import { WebSocket } from "ws";

import type { RunningNode } from "../../../src/server/node-server.ts";
import { ask, TestNodes } from "../nodes.ts";
import { get, put, remove, startStore, storeText } from "./stores.ts";

type Page = { readonly cells: readonly Record<string, unknown>[]; readonly next?: string };

describe("a store of many pairs", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  const keysOf = ({ cells }: Page) => cells.map(({ k1, k2 }) => `${String(k1)}/${String(k2)}`);

  async function openSocket(node: RunningNode): Promise<WebSocket> {
    const socket = new WebSocket(`${node.url.replace("http", "ws")}/v1/kv`);
    await new Promise((resolve) => socket.once("open", resolve));
    return socket;
  }

  /** Sends requests whose ids are 0, 1 … at once; returns their answers in this order. */
  async function asked(socket: WebSocket, requests: readonly object[]) {
    const answers: Record<string, unknown>[] = [];
    let count = 0;
    return new Promise<typeof answers>((resolve) => {
      socket.on("message", (data: Buffer) => {
        const answer = JSON.parse(data.toString()) as Record<string, unknown>;
        answers[Number(answer["id"])] = answer;
        if (++count === requests.length) resolve(answers);
      });
      for (const request of requests) socket.send(JSON.stringify(request));
    });
  }

  it("does many writes in one request, or none", async () => {
    const node = await startStore(nodes);
    const bulk = (body: unknown) =>
      ask(node, "/kv", { method: "POST", body: JSON.stringify(body) });
    const done = await bulk([
      { op: "put", k1: "a", k2: "1", text: "one" },
      { op: "put", k1: "a", k2: "2", json: { x: [1] } },
      { op: "put", k1: "..", k2: "/", base64: "AP8=" },
      { op: "remove", k1: "a", k2: "1" },
    ]);
    expect(done.status).to.equal(200);
    expect((done.body as { results: unknown[] }).results).to.have.length(4);
    expect((await get(node, "a/1")).status).to.equal(404);
    expect((await get(node, "a/2?format=json")).body).to.deep.include({ json: { x: [1] } });
    for (const wrong of [
      { op: "put", k1: "b", k2: "b" },
      { op: "put", k1: "", k2: "b", text: "" },
    ]) {
      const refused = await bulk([{ op: "put", k1: "b", k2: "a", text: "1" }, wrong]);
      expect(refused.status).to.equal(400);
    }
    expect((await get(node, "b/a")).status).to.equal(404);
  });

  it("lists pairs by either key, in pages and lines", async () => {
    const node = await startStore(nodes);
    for (const path of ["b/y", "a/y", "a/x", "%2A/x", "c%2Fd/x"]) await put(node, path, path);
    const page = async (path: string) => (await ask(node, path)).body as Page;
    expect(keysOf(await page("/kv"))).to.deep.equal(["*/x", "a/x", "a/y", "b/y", "c/d/x"]);
    expect(keysOf(await page("/kv/a"))).to.deep.equal(["a/x", "a/y"]);
    expect(keysOf(await page("/kv/*/y"))).to.deep.equal(["a/y", "b/y"]);
    expect(keysOf(await page("/kv/%2A"))).to.deep.equal(["*/x"]);
    expect(keysOf(await page("/kv/nobody"))).to.deep.equal([]);
    const first = await page("/kv?limit=2&values=false");
    expect(first.cells[0]).to.have.keys(["k1", "k2", "etag", "dot", "type"]);
    const rest = await page(`/kv?cursor=${first.next ?? ""}`);
    expect([...keysOf(first), ...keysOf(rest)]).to.deep.equal(keysOf(await page("/kv")));
    const lines = (await ask(node, "/kv?format=ndjson")).text.trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { text: string }).text)).to.include("a/x");
    expect((await ask(node, "/kv/*/y", { method: "POST", body: "1" })).status).to.equal(405);
    expect((await ask(node, "/kv?cursor=x")).status).to.equal(400);
  });

  it("counts in its metrics what it keeps, and not what it derives for each question", async () => {
    const node = await startStore(nodes);
    await put(node, "a/b", "1");
    const { text } = await ask(node, "/metrics");
    expect(text).to.include('calm_tuples{relation="cell"} 1\n');
    expect(text).not.to.include('relation="winner"');
  });

  it("answers requests on a WebSocket, many at a time", async () => {
    const node = await startStore(nodes);
    const socket = await openSocket(node);
    const answers = new Map<unknown, Record<string, unknown>>();
    const all = new Promise<void>((resolve) => {
      socket.on("message", (data: Buffer) => {
        const answer = JSON.parse(data.toString()) as Record<string, unknown>;
        answers.set(answer["id"], answer);
        if (answers.size === 205) resolve();
      });
    });
    const send = (request: object): void => {
      socket.send(JSON.stringify(request));
    };
    for (let id = 0; id < 200; id++)
      send({ id, op: "put", k1: "k", k2: String(id % 10), text: String(id) });
    send({ id: "got", op: "get", k1: "k", k2: "3" });
    send({ id: "none", op: "get", k1: "k", k2: "x" });
    send({ id: "gone", op: "remove", k1: "k", k2: "4" });
    send({ id: "wrong", op: "put", k1: "k" });
    socket.send("{");
    await all;
    socket.close();
    expect(answers.get(199)).to.include({ status: 201, k1: "k", k2: "9" });
    expect(answers.get("got")).to.include({ status: 200, text: "193" });
    expect(answers.get("none")).to.include({ status: 404 });
    expect(answers.get("gone")).to.include({ status: 200 });
    expect(answers.get("wrong")).to.include({ status: 400 });
    expect(answers.get(null)).to.include({ status: 400 });
    expect((await get(node, "k/4")).status).to.equal(404);
  });

  it("refuses of writes at once the one alone that cannot be evaluated", async () => {
    const text = `${storeText}
      .decl boom(x: number)
      boom(range(0, 1000)) :- put("boom", _, _, _, _).`;
    for (const ephemeral of [false, true]) {
      const node = await startStore(nodes, { text, ephemeral, evaluation: { maxTuples: 200 } });
      const socket = await openSocket(node);
      const keys = ["a", "b", "boom", "c", "a", "d"];
      const write = (id: number): object => ({ id, op: "put", k1: keys[id], k2: "x", text: "1" });
      const answers = await asked(socket, [...keys.keys()].map(write));
      socket.close();
      expect(answers.map(({ status }) => status)).to.deep.equal([201, 201, 422, 201, 201, 201]);
      const [first, , , , second] = answers;
      expect(second?.["replaced"]).to.deep.equal([first?.["dot"]]);
      // Dots are of the life that took the writes in: what is put again is replaced.
      await put(node, "d/x", "2");
      expect((await get(node, "d/x?format=json")).body).to.not.have.property("siblings");
      const { cells } = (await ask(node, "/kv?values=false")).body as Page;
      expect(keysOf({ cells })).to.deep.equal(["a/x", "b/x", "c/x", "d/x"]);
      expect((await ask(node, "/v1/store")).body).to.deep.include({ facts: 8 });
    }
  });

  it("tells watchers what is there and what changes, also those who come back", async () => {
    const node = await startStore(nodes);
    await put(node, "a/1", "one");
    await put(node, "b/1", "other");
    const follow = async (query: string, wanted: number, then: () => Promise<unknown>) => {
      const stop = new AbortController();
      const answer = await fetch(`${node.url}/watch?k1=a${query}`, { signal: stop.signal });
      const events: Record<string, unknown>[] = [];
      let text = "";
      let begun = false;
      const decoder = new TextDecoder();
      for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
        text += decoder.decode(chunk, { stream: true });
        const found = [...text.matchAll(/^data: (.*)\n/gm)].map(([, data]) => data ?? "{}");
        events.splice(0, events.length, ...found.map((one) => JSON.parse(one) as never));
        if (!begun && events.some(({ kind }) => kind === "current")) {
          begun = true;
          await then();
        }
        if (events.length >= wanted) break;
      }
      stop.abort();
      return events;
    };
    const seen = await follow("", 6, async () => {
      await put(node, "a/2", "two");
      await put(node, "b/2", "not this");
      await remove(node, "a/1");
      await put(node, "a/2", "zwei");
    });
    expect(seen[0]).to.include({ kind: "start", reset: true });
    expect(seen.map(({ kind }) => kind).slice(0, 5)).to.deep.equal([
      ...["start", "put", "current", "put", "removed"],
    ]);
    expect(seen[1]).to.include({ k1: "a", k2: "1", text: "one" });
    expect(seen[3]).to.include({ k2: "2", text: "two" });
    const again = await follow(`&from=${String(seen[3]?.["id"])}`, 4, () => Promise.resolve());
    expect(again[0]).to.include({ kind: "start", reset: false });
    const told = again.filter(({ kind }) => kind === "put" || kind === "removed");
    expect(told.map(({ kind, k2 }) => `${String(kind)} ${String(k2)}`)).to.have.members([
      ...["removed 1", "put 2"],
    ]);
  });

  describe("on three nodes", () => {
    const cluster = async (options: { readonly gcIntervalMs?: number } = {}) => {
      const names = ["a", "b", "c"];
      const started: RunningNode[] = [];
      for (const name of names) {
        const peers = names
          .filter((peer) => peer !== name)
          .map((peer) => {
            const known = started[names.indexOf(peer)];
            return known === undefined
              ? { name: peer }
              : { name: peer, url: known.url.replace("http", "ws") };
          });
        started.push(await startStore(nodes, { name, peers, store: options }));
      }
      return started as [RunningNode, RunningNode, RunningNode];
    };

    it("has a write at as many nodes as are wanted, and reads follow sessions", async () => {
      const [a, b, c] = await cluster();
      const done = await put(a, "k/v?wait=all&timeout=20000", "1");
      expect(done.status).to.equal(201);
      expect((done.body as { nodes: number }).nodes).to.equal(3);
      expect((await get(c, "k/v")).text).to.equal("1");
      for (let turn = 0; turn < 20; turn++) {
        const written = await put(a, "k/v", String(turn));
        const session = written.headers.get("calm-session") ?? "";
        const read = await get(b, "k/v", { headers: { "calm-session": session } });
        expect(read.text).to.equal(String(turn));
      }
      const many = await put(a, "k/v?wait=9&timeout=1", "1");
      expect(many.status).to.equal(202);
    });

    it("keeps what was put at once, and cleans up what was replaced", async () => {
      const [a, b, c] = await cluster({ gcIntervalMs: 50 });
      await Promise.all([a, b, c].map((node, at) => put(node, "k/v?replaces=none", String(at))));
      await Promise.all([a, b, c].map((node) => put(node, "x/x?wait=all&timeout=20000", "x")));
      await put(a, "k/v?wait=all&timeout=20000", "merged");
      await put(b, "x/x?wait=all&timeout=20000", "y");
      for (const node of [a, b, c]) expect((await get(node, "k/v")).text).to.equal("merged");
      const clean = async (node: RunningNode): Promise<boolean> => {
        const { body } = await ask(node, "/v1/store");
        return (body as { facts: number }).facts === 2;
      };
      const until = Date.now() + 100_000;
      for (const node of [a, b, c])
        while (!(await clean(node))) {
          expect(Date.now(), "clean in time").to.be.lessThan(until);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      for (const node of [a, b, c]) expect((await get(node, "x/x")).text).to.equal("y");
    });
  });
});
