// The programs over the store that are shipped, asked over HTTP: goals, and live queries that follow
// what is put and removed.
import { readFileSync } from "node:fs";

import { expect } from "chai";

import { NodeClient } from "../../../src/client/node-client.ts";
import type { RunningNode } from "../../../src/server/node-server.ts";
import { ask, programOf, send, TestNodes } from "../nodes.ts";
import { put, remove, startStore } from "./stores.ts";

const folder = new URL("../../../programs/", import.meta.url);

function textOf(name: string): string {
  return readFileSync(new URL(name, folder), "utf8");
}

/** The text of a program with what it includes. */
function whole(name: string): string {
  return textOf(name).replace('#include "kv.dl"', () => textOf("kv.dl"));
}

async function answersOf(node: RunningNode, goal: string): Promise<unknown[]> {
  const { status, text, body } = await ask(node, `/v1/query?goal=${encodeURIComponent(goal)}`);
  expect(status, text).to.equal(200);
  return (body as { tuples: unknown[] }).tuples;
}

describe("programs over the store", function () {
  this.timeout(180_000);
  const nodes = new TestNodes();
  afterEach(() => nodes.close());

  /** Follows a snapshot; returns what is asked for the next state of it that `holds`. */
  function followed(node: RunningNode, relation: string, stop: AbortSignal) {
    const changes = new NodeClient(node.url).subscribe(relation, { signal: stop });
    const rows = new Map<string, unknown>();
    return async (holds: (tuples: readonly unknown[]) => boolean): Promise<readonly unknown[]> => {
      while (!holds([...rows.values()])) {
        const { value: change, done } = await changes.next();
        if (done === true) throw new Error("the live query has ended");
        if (change.kind === "reset") rows.clear();
        if (change.kind === "added")
          for (const tuple of change.tuples) rows.set(JSON.stringify(tuple), tuple);
        if (change.kind !== "viewed") continue;
        for (const tuple of change.removed) rows.delete(JSON.stringify(tuple));
        for (const tuple of change.tuples) rows.set(JSON.stringify(tuple), tuple);
      }
      return [...rows.values()];
    };
  }

  it("kv-cart: totals follow what is put into carts and taken out", async () => {
    const text = whole("kv-cart.dl");
    const node = await startStore(nodes, { text, program: programOf(text) });
    const prices = [
      ["tea", 400],
      ["bread", 150],
    ];
    expect((await send(node, "price", prices)).status).to.equal(200);
    const stop = new AbortController();
    const total = followed(node, "total", stop.signal);
    await put(node, "cart:ada/tea", "2");
    const is = (cents: number) => (tuples: readonly unknown[]) =>
      JSON.stringify(tuples) === JSON.stringify([["cart:ada", cents]]);
    await total(is(800));
    // Two devices at the same time: the larger count.
    await put(node, "cart:ada/bread?replaces=none", "1");
    await put(node, "cart:ada/bread?replaces=none", "3");
    await total(is(1_250));
    expect(await answersOf(node, 'total("cart:ada", Sum)')).to.deep.equal([[1_250]]);
    expect(await answersOf(node, 'inCart("cart:ada", Item, Amount)')).to.have.length(2);
    await put(node, "cart:ada/bread", "many");
    await total(is(800));
    await remove(node, "cart:ada/tea");
    await total((tuples) => tuples.length === 0);
    stop.abort();
  });

  it("kv-followers: suggestions follow who follows whom", async () => {
    const text = whole("kv-followers.dl");
    const node = await startStore(nodes, { text, program: programOf(text) });
    const stop = new AbortController();
    const suggested = followed(node, "suggested", stop.signal);
    await put(node, "user:ada/user:bob", "2026");
    await put(node, "user:bob/user:eve", "2026");
    await suggested((tuples) => JSON.stringify(tuples) === '[["user:ada","user:eve"]]');
    expect(await answersOf(node, 'reaches("user:ada", Whom)')).to.deep.equal([
      ["user:bob"],
      ["user:eve"],
    ]);
    await put(node, "user:ada/user:eve", "2026");
    await suggested((tuples) => tuples.length === 0);
    await remove(node, "user:ada/user:eve");
    await suggested((tuples) => tuples.length === 1);
    stop.abort();
  });
});
