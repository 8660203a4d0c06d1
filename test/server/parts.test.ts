// Programs in parts: any node takes facts and answers, and each has its share.
import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { NodeClient } from "../../src/client/node-client.ts";
import type { RunningNode } from "../../src/server/node-server.ts";
import { Owners } from "../../src/transducer/owners.ts";
import { closureOf } from "../support/closure.ts";
import { until } from "../support/cluster.ts";
import { ask, send, TestNodes } from "./nodes.ts";

const pairs = [
  [1, 2],
  [2, 3],
] as const;

const closure = `
  .decl edge(x: number, y: number) partition(x)
  .input edge
  .decl path(x: number, y: number) partition(y)
  path(x, y) :- edge(x, y).
  path(x, z) :- path(x, y), edge(y, z).
  .output path, edge`;

type Tuples = { readonly tuples: readonly (readonly unknown[])[]; readonly next?: string };

describe("nodes of a program in parts", () => {
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  function soon(what: string, happens: () => Promise<boolean>): Promise<void> {
    return until(what, Date.now() + 100_000, happens);
  }

  /** Three nodes with connections between all. */
  async function three(text: string): Promise<[RunningNode, RunningNode, RunningNode]> {
    const named = (...names: string[]) => names.map((name) => ({ name }));
    const a = await nodes.start(text, { name: "a", peers: named("b", "c") });
    const toA = { name: "a", url: a.url.replace("http", "ws") };
    const b = await nodes.start(text, { name: "b", peers: [toA, ...named("c")] });
    const toB = { name: "b", url: b.url.replace("http", "ws") };
    const c = await nodes.start(text, { name: "c", peers: [toA, toB] });
    return [a, b, c];
  }

  async function all(node: RunningNode, relation: string, query = ""): Promise<string[]> {
    const found: string[] = [];
    for (let cursor: string | undefined = ""; cursor !== undefined;) {
      const from: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const { status, body, text } = await ask(node, `/v1/relations/${relation}?${query}${from}`);
      expect(status, text).to.equal(200);
      const { tuples, next } = body as Tuples;
      for (const tuple of tuples) found.push(tuple.join("\t"));
      cursor = next;
    }
    return found.toSorted();
  }

  it("have together the answer of one machine, asked anywhere", async () => {
    const [a, b, c] = await three(closure);
    const from = random(3);
    const edges = Array.from({ length: 60 }, () => [from.below(25), from.below(25)] as const);
    for (const [at, node] of [a, b, c].entries()) {
      const share = edges.filter((_, of) => of % 3 === at);
      const { status, body, text } = await send(node, "edge", share);
      expect(status, text).to.equal(200);
      const { shares } = body as { shares: { origin: string; from: number; to: number }[] };
      const counted = shares.reduce((sum, of) => sum + of.to - of.from + 1, 0);
      expect(counted).to.equal(new Set(share.map(String)).size);
    }
    const expected = closureOf(edges).toSorted();
    for (const node of [a, b, c]) {
      await soon("all paths are there", async () => {
        return (await all(node, "path")).length === expected.length;
      });
      expect(await all(node, "path")).to.deep.equal(expected);
      expect(await all(node, "path", "limit=7")).to.deep.equal(expected);
      expect(await all(node, "edge")).to.have.length(new Set(edges.map(String)).size);
      const { body } = await ask(node, `/v1/query?goal=path(X,${edges[0]?.[1]})`);
      const ends = expected.filter((path) => path.endsWith(`\t${edges[0]?.[1]}`));
      expect((body as Tuples).tuples).to.have.length(ends.length);
    }
    const sizes = await Promise.all(
      [a, b, c].map(async (node) => {
        const { body } = await ask(node, "/v1/relations");
        const { relations } = body as { relations: { name: string; tuples: number }[] };
        return relations.find(({ name }) => name === "path")?.tuples ?? 0;
      }),
    );
    expect(sizes.reduce((sum, size) => sum + size)).to.equal(expected.length);
    for (const size of sizes) expect(size).to.be.lessThan(expected.length);
  });

  it("tell those who follow all there is and becomes, and go on where they were left", async () => {
    const [a, b, c] = await three(closure);
    await send(a, "edge", [
      [1, 2],
      [2, 3],
      [3, 4],
    ]);
    const told: string[] = [];
    const first = new AbortController();
    let position = "";
    for await (const change of new NodeClient(b.url).subscribe("path", first)) {
      if (change.kind === "added")
        told.push(...change.tuples.map((tuple) => tuple.map(String).join("\t")));
      if (change.kind === "current") ({ position } = change);
      if (position !== "" && told.length === 6) break;
    }
    expect(told.toSorted()).to.deep.equal(closureOf([...pairs, [3, 4]]).toSorted());
    await send(c, "edge", [[4, 5]]);
    const later = new Set<string>();
    const on = new NodeClient(b.url).subscribe("path", { from: position });
    for await (const change of on) {
      expect(change.kind).not.to.equal("reset");
      if (change.kind === "added")
        for (const tuple of change.tuples) later.add(tuple.map(String).join(" "));
      if (later.size === 4) break;
    }
    expect([...later].toSorted()).to.deep.equal(["1 5", "2 5", "3 5", "4 5"]);
    const elsewhere = new NodeClient(a.url).subscribe("path", { from: "of no use" });
    expect((await elsewhere.next()).value).to.deep.equal({ kind: "reset" });
    await elsewhere.return();
  });

  it("say so where an owner cannot be asked, and take nothing for done", async () => {
    const [a, b, c] = await three(closure);
    const edges = Array.from({ length: 30 }, (_, x) => [x, x + 100] as const);
    await send(a, "edge", edges);
    await soon("all paths are there", async () => (await all(b, "path")).length === 30);
    await nodes.stop(c);
    const incomplete = await ask(b, "/v1/query?goal=path(X,Y)");
    expect(incomplete.status).to.equal(503);
    expect(incomplete.body).to.include({ code: "incomplete" });
    expect(incomplete.text).to.include("node c");
    expect(incomplete.headers.get("retry-after")).to.equal("1");
    const partial = await ask(b, "/v1/query?goal=path(X,Y)&partial=true");
    const { tuples, missing } = partial.body as Tuples & { missing: string[] };
    expect(missing).to.deep.equal(["c"]);
    expect(tuples.length).to.be.greaterThan(0).and.lessThan(30);
    const found = await new NodeClient(a.url).query("path(X, Y)", { partial: true });
    expect([found.missing, found.tuples.length]).to.deep.equal([["c"], tuples.length]);
    // What one node alone can answer it answers.
    const owner = new Owners(["a", "b", "c"]);
    const known = edges.filter(([, y]) => owner.of([BigInt(y)]) !== "c");
    const [, y = 0] = known[0] ?? [];
    expect((await ask(a, `/v1/query?goal=path(X,${y})`)).body).to.include({ holds: true });
    const more = edges.map(([x]) => [x, 7]);
    const refused = await send(a, "edge", more, { "idempotency-key": "one" });
    expect(refused.status).to.equal(503);
    expect(refused.body).to.include({ code: "owner-away" });
  });

  it("answer what is absent once its key is sealed, and take no more of that key", async () => {
    const text = `
      .decl room(x: number) partition(x)
      .decl taken(x: number, guest: symbol) partition(x)
      .decl free(x: number) partition(x)
      .decl guests(x: number, n: number) partition(x)
      .decl closed(x: number)
      .input room, taken, closed
      free(x) :- room(x), !taken(x, _).
      guests(x, n) :- room(x), n = count : { taken(x, _) }.
      .seal taken(x) :- closed(x).
      .output free, guests`;
    const [a, b, c] = await three(text);
    await send(a, "room", [[1], [2], [3], [4]]);
    await send(b, "taken", [
      [2, "kay"],
      [2, "lou"],
    ]);
    expect(await all(c, "free")).to.deep.equal([]);
    const seal = (node: RunningNode, key: readonly unknown[]) =>
      ask(node, "/v1/seal", {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": "one" },
        body: JSON.stringify({ relations: [{ relation: "taken", key }] }),
      });
    const { body, text: said } = await seal(c, [1]);
    const owner = new Owners(["a", "b", "c"]).of([1n]);
    expect(body, said).to.deep.include({ keys: [{ relation: "taken", key: [1], owner }] });
    await seal(a, [2]);
    for (const node of [a, b, c]) {
      await soon("room 1 is free", async () => (await all(node, "free")).length === 1);
      expect(await all(node, "free")).to.deep.equal(["1"]);
      expect(await all(node, "guests")).to.deep.equal(["1\t0", "2\t2"]);
    }
    for (const node of [a, b, c]) {
      const refused = await send(node, "taken", [[1, "max"]]);
      expect(refused.status).to.equal(409);
      expect(refused.body).to.include({ code: "sealed" });
    }
    expect((await send(a, "taken", [[3, "max"]])).status).to.equal(200);
    // A rule seals the keys that it derives.
    await send(b, "closed", [[3], [4]]);
    await soon("4 is free", async () => (await all(a, "free")).length === 2);
    await soon("3 is counted", async () => (await all(a, "guests")).length === 4);
    expect(await all(b, "guests")).to.include("3\t1");
    expect((await send(c, "taken", [[4, "max"]])).status).to.equal(409);
    for (const [key, why] of [
      [[], "by key"],
      [["x"], "by key"],
      [[1, 2], "by key"],
    ] as const) {
      const refused = await seal(a, key);
      expect(refused.status).to.equal(400);
      expect(refused.text).to.include(why);
    }
  });
});
