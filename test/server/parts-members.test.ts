// A program in parts while members come and go: nothing that was told is ever missing, and all
// together have the answer of one machine.
import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { NodeClient } from "../../src/client/node-client.ts";
import type { RunningNode } from "../../src/server/node-server.ts";
import { closureOf } from "../support/closure.ts";
import { until } from "../support/cluster.ts";
import { ask, distances, TestNodes } from "./nodes.ts";

const seed = Number(process.env["SEED"] ?? "1");

const closure = `
  .decl edge(x: number, y: number) partition(x)
  .input edge
  .decl path(x: number, y: number) partition(y)
  path(x, y) :- edge(x, y).
  path(x, z) :- path(x, y), edge(y, z).
  .output path, edge`;

const rooms = `
  .decl room(x: number) partition(x)
  .decl taken(x: number, y: number) partition(x)
  .decl free(x: number) partition(x)
  .input room, taken
  free(x) :- room(x), !taken(x, _).
  .output free`;

describe(`members of a network with a program in parts (SEED=${seed})`, () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  function soon(what: string, holds: () => Promise<boolean>): Promise<void> {
    return until(what, Date.now() + 100_000, holds);
  }

  async function lines(node: RunningNode, relation: string): Promise<Set<string> | undefined> {
    const { status, text } = await ask(node, `/v1/relations/${relation}?format=csv`);
    if (status === 503) return undefined;
    expect(status, text).to.equal(200);
    return new Set(
      text
        .split(/\r?\n/)
        .slice(1)
        .filter((line) => line !== ""),
    );
  }

  const settled = (node: RunningNode): Promise<void> =>
    soon("all is at its owners", async () =>
      (await ask(node, "/readyz?verbose")).text.includes("[+]at-owners"),
    );

  it("join and leave under load, and lose and double no answer", async () => {
    const from = random(seed);
    const a = await nodes.start(closure, { name: "a" });
    const b = await nodes.start(closure, { name: "b", join: a.url });
    const edges = Array.from({ length: 120 }, () => [from.below(45), from.below(45)] as const);
    const sending: Promise<unknown>[] = [];
    const load = (part: number): void => {
      for (let at = part * 40; at < part * 40 + 40; at += 4) {
        const client = new NodeClient(from.pick([a, b]).url);
        sending.push(client.insert("edge", edges.slice(at, at + 4)));
      }
    };
    load(0);
    const watch = { on: true, answers: 0 };
    const told = new Set<string>();
    const watching = (async () => {
      while (watch.on) {
        const found = await lines(a, "path");
        if (found === undefined) continue;
        expect(
          [...told].filter((line) => !found.has(line)),
          "what was told",
        ).to.deep.equal([]);
        for (const line of found) told.add(line);
        watch.answers++;
      }
    })();
    // What fails there is told when it is awaited.
    watching.catch(() => undefined);
    const c = await nodes.start(closure, { name: "c", join: a.url });
    load(1);
    const d = await nodes.start(closure, { name: "d", join: b.url });
    await Promise.all(sending);
    for (const node of [a, b, c, d]) await settled(node);
    const count = watch.answers;
    await soon("it is answered", () => Promise.resolve(watch.answers > count));
    load(2);
    const { body } = await ask(d, "/v1/leave?wait=30", { method: "POST" });
    expect(body).to.deep.equal({ left: true });
    await nodes.stop(d);
    await Promise.all(sending);
    const expected = closureOf(edges).map((path) => path.replace("\t", ","));
    for (const node of [a, b, c]) {
      await soon("all paths are there", async () => {
        return (await lines(node, "path"))?.size === expected.length;
      });
      await settled(node);
      expect([...((await lines(node, "path")) ?? [])].toSorted()).to.deep.equal(
        expected.toSorted(),
      );
      expect((await lines(node, "edge"))?.size).to.equal(new Set(edges.map(String)).size);
    }
    watch.on = false;
    await watching;
    expect(told.size).to.be.greaterThan(0);
  });

  it("seal keys when their owners have all there is", async () => {
    const a = await nodes.start(rooms, { name: "a" });
    const client = new NodeClient(a.url);
    const keys = Array.from({ length: 60 }, (_, x) => [x]);
    await client.insert("room", keys);
    await client.insert(
      "taken",
      keys.filter(([x = 0]) => x % 3 === 0).map(([x]) => [x, 7]),
    );
    await client.seal(keys.slice(0, 30).map((key) => ({ relation: "taken", key })));
    const b = await nodes.start(rooms, { name: "b", join: a.url });
    const c = await nodes.start(rooms, { name: "c", join: a.url });
    const other = new NodeClient(c.url);
    await other.insert("taken", [[31, 8]]);
    await other.seal(keys.slice(30).map((key) => ({ relation: "taken", key })));
    const free = keys.map(([x = 0]) => x).filter((x) => x % 3 !== 0 && x !== 31);
    for (const node of [a, b, c]) {
      await settled(node);
      await soon("all that is free is known", async () => {
        return (await lines(node, "free"))?.size === free.length;
      });
      expect(await lines(node, "free")).to.deep.equal(new Set(free.map(String)));
      const refused = await ask(node, "/v1/facts/taken", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "[[2, 9]]",
      });
      expect(refused.status).to.equal(409);
    }
  });

  it("join, and tell each distance once, never a longer one than before", async () => {
    const a = await nodes.start(distances, { name: "a" });
    const client = new NodeClient(a.url);
    const ring = Array.from({ length: 12 }, (_, x) => [x, (x + 1) % 12]);
    await client.insert("edge", ring);
    const told = new Map<string, number>();
    const look = async (): Promise<void> => {
      const { tuples } = await client.query("near(X, Y, D)");
      const found = new Map(
        tuples.map((row) => [row.slice(0, 2).map(String).join(" "), Number(row[2])]),
      );
      expect(found.size).to.equal(tuples.length);
      for (const [key, d] of told) expect(found.get(key)).to.be.at.most(d);
      for (const [key, d] of found) told.set(key, d);
    };
    await look();
    const b = await nodes.start(distances, { name: "b", join: a.url });
    await client.insert("edge", [[0, 6]]);
    for (let looks = 0; looks < 5; looks++) await look();
    await settled(b);
    await settled(a);
    await soon("the way is shorter", async () => {
      await look();
      return told.get("0 7") === 2 && told.get("11 6") === 2 && told.size === 144;
    });
  });
});
