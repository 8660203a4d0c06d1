// All runs of three nodes of the store, with clean-up at any time.
import { readFileSync } from "node:fs";
import { expect } from "chai";

import { assert } from "../../src/base/assert.ts";
import { nodeProgram } from "../../src/server/node-program.ts";
import { type Begun, exploreNodes, type NodesExplored } from "../../src/sim/explore-nodes.ts";
import { Node } from "../../src/transducer/node.ts";
import type { NodeInput } from "../../src/transducer/protocol.ts";
import { type Remembered, RememberedTransducer } from "../support/remembered-transducer.ts";

const text = readFileSync(new URL("../../programs/kv.dl", import.meta.url), "utf8");
const { program: store } = nodeProgram(text, {});
assert(store !== undefined, "the store is a program");
const kept = store.network.roles.map((role) => role.kept);
const relations = store.program.relations;
const at = (name: string): number => relations.findIndex((relation) => relation.name === name);
const [put, remove] = [at("put"), at("remove")];
const cleaning = { spent: at("spent"), names: at("names") };

const names = ["a", "b", "c"];
const remembered: Remembered = { options: store, members: names, known: new Map() };

function begin(name: string): Begun {
  const transducer = new RememberedTransducer(remembered, name);
  const peers = names.filter((other) => other !== name);
  const node = new Node({
    ...{ name, incarnation: 1, peers, transducer, floods: true, kept, cleaning },
    limits: { garbageMin: 0 },
  });
  return { node, derived: () => [put, remove].map((of) => new Set(node.tuples(of))) };
}

/** A node, and the dots that it shows. */
type View = { readonly node: Node; readonly live: readonly string[] };

function view({ node }: Begun): View {
  const dots = (of: number): string[] => node.tuples(of).map(([, , dot]) => dot as string);
  const removed = dots(remove);
  return { node, live: dots(put).filter((dot) => !removed.includes(dot)) };
}

/** `a` puts, `b` removes that once it has heard of it, or `replaces` it, and what `others` put
 * stays. */
function explored(others: readonly string[], statesMax: number, replaces = false): NodesExplored {
  const removed = "a/1:1";
  const putters = ["a", ...others];
  return exploreNodes<View>({
    ...{ names, begin, view, statesMax },
    asked: (name, { node, live }) => {
      const inputs: NodeInput[] = [{ kind: "collect" }];
      if (node.nextNumber > 1) return inputs;
      if (replaces && name === "b") {
        const facts = [
          { relation: put, values: ["k", "l", "b/1:1", "text/plain", "w"] },
          { relation: remove, values: ["k", "l", removed, "b/1:2"] },
        ];
        if (live.includes(removed))
          inputs.push({ kind: "insert", request: "b/1:1", facts, split: 1, once: true });
        return inputs;
      }
      const dot = `${node.origin}:1`;
      const insert = (relation: number, values: readonly string[]): void => {
        inputs.push({ kind: "insert", request: dot, facts: [{ relation, values }], once: true });
      };
      if (putters.includes(name)) insert(put, ["k", "l", dot, "text/plain", "v"]);
      if (name === "b" && live.includes(removed)) insert(remove, ["k", "l", removed, dot]);
      return inputs;
    },
    wrongAt: (name, { node, live }) => {
      const told = (node.holds.get("b/1") ?? 0) > 0;
      if (replaces && live.includes("b/1:1") !== told)
        return `${name} shows what replaces without what went, or the other way round`;
      return told && live.includes(removed) ? `${name} shows what it knows is removed` : undefined;
    },
    wrong: (views) => {
      const done = [...views].filter(([, { node }]) => node.nextNumber > 1).map(([name]) => name);
      const expected = [...putters, ...(replaces ? ["b"] : [])]
        .filter((name) => done.includes(name) && !(name === "a" && done.includes("b")))
        .map((name) => `${name}/1:1`)
        .join();
      for (const [name, { node, live }] of views) {
        const { facts, tombstones } = node.stored;
        const shown = live.toSorted().join();
        if (shown !== expected) return `${name} shows ${shown} instead of ${expected}`;
        if (facts !== live.length || tombstones > 0) return `${name} keeps what nobody needs`;
      }
      return undefined;
    },
  });
}

describe("all runs of three nodes that are cleaned up at any time", function () {
  this.timeout(300_000);

  it("bring nothing back: a value that is removed", function () {
    const { states, complete, violation } = explored([], 200_000);
    expect(violation?.what, violation?.run.join("\n")).to.equal(undefined);
    expect(complete).to.equal(true);
    expect(states).to.be.greaterThan(10_000);
    assert(this.test !== undefined, "this is a test");
    this.test.title += ` (all ${states} states)`;
  });

  it("bring nothing back, and show all or nothing: one value replaces the other", function () {
    // As far as there is time for: not all that can be reached.
    const { states, violation } = explored([], 20_000, true);
    expect(violation?.what, violation?.run.join("\n")).to.equal(undefined);
    expect(states).to.be.greaterThan(10_000);
    assert(this.test !== undefined, "this is a test");
    this.test.title += ` (the first ${states} states)`;
  });

  it("bring nothing back, and lose nothing: one value is removed, one stays", function () {
    // As far as there is time for: not all that can be reached.
    const { states, violation } = explored(["c"], 60_000);
    expect(violation?.what, violation?.run.join("\n")).to.equal(undefined);
    assert(this.test !== undefined, "this is a test");
    this.test.title += ` (the first ${states} states)`;
  });
});
