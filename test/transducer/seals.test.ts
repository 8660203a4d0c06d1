// Queries that are not monotone, on input that every member has sealed. [A] is Ameloot, Neven, Van
// den Bussche, "Relational transducers for declarative networking" (PODS 2011).
import { expect } from "chai";
import { random } from "../../src/base/random.ts";
import { flooded, networkProgram, sealable } from "../../src/plan/network.ts";
import { plan } from "../../src/plan/program.ts";
import type { Fact } from "../../src/transducer/fact.ts";
import { IncrementalTransducer } from "../../src/transducer/incremental.ts";
import { declaredMembers } from "../../src/transducer/membership.ts";
import { Node } from "../../src/transducer/node.ts";
import type { Change, Frame, LogRecord, NodeInput } from "../../src/transducer/protocol.ts";
import { Seals } from "../../src/transducer/seals.ts";
import { central, factsOf, modelOf, programOf, texts } from "../support/networks.ts";

const seed = Number(process.env["SEED"] ?? "1");
const members = ["a", "b", "c"];

const text = programOf(`
  .decl edge(x: number, y: number)
  .input edge
  .decl path(x: number, y: number)
  path(x, y) :- edge(x, y).
  path(x, z) :- path(x, y), edge(y, z).
  .decl sink(x: number)
  sink(y) :- path(_, y), !edge(y, _).
  .output sink`);
const { program, seals } = sealable(text);
const network = networkProgram(program);
const edge = 0;
const model = modelOf(flooded(text));

/** Nodes whose frames arrive, in random order. */
class Cluster {
  readonly nodes = new Map<string, Node>();
  readonly logs = new Map(members.map((name) => [name, [] as LogRecord[]]));
  readonly changes: Change[] = [];
  readonly refused: string[] = [];
  private wires: { from: string; to: string; frame: Frame }[] = [];
  private readonly born = new Map<string, number>();
  private life = 0;

  start(name: string): void {
    this.life++;
    const records = this.logs.get(name) ?? [];
    this.born.set(name, records.length);
    const node = new Node(
      {
        name,
        incarnation: this.life,
        peers: members.filter((other) => other !== name),
        transducer: new IncrementalTransducer({ network, plan: plan(network.step) }, name, members),
        kept: network.roles.map(({ kept }) => kept),
        floods: true,
        sealing: {
          relation: seals,
          names: network.roles.map((role) => role.name),
          members: declaredMembers(members),
          awaited: [edge],
        },
      },
      records,
    );
    this.nodes.set(name, node);
    for (const peer of members) {
      if (peer === name || !this.nodes.has(peer)) continue;
      this.give(peer, { kind: "connected", peer: name });
      this.give(name, { kind: "connected", peer });
    }
  }

  give(name: string, input: NodeInput): void {
    const out = this.nodes.get(name)?.step(input);
    if (out === undefined) return;
    this.wires.push(...out.frames.map(({ to, frame }) => ({ from: name, to, frame })));
    this.changes.push(...out.changes);
    this.refused.push(...out.refused.map(({ request }) => request));
    if (out.records.length === 0) return;
    const log = this.logs.get(name) ?? [];
    log.push(...out.records);
    this.give(name, { kind: "persisted", count: log.length - (this.born.get(name) ?? 0) });
  }

  settle(below: (bound: number) => number): void {
    for (let nowMs = 1; nowMs < 50; nowMs++) {
      while (this.wires.length > 0) {
        const [wire] = this.wires.splice(below(this.wires.length), 1);
        if (wire !== undefined)
          this.give(wire.to, { kind: "frame", peer: wire.from, frame: wire.frame });
      }
      for (const name of members) this.give(name, { kind: "tick", nowMs: nowMs * 1000 });
      if (this.wires.length === 0) return;
    }
  }

  output(name: string): string[] {
    const sink = network.roles.findIndex((role) => role.name === "sink");
    const tuples = this.nodes.get(name)?.tuples(sink) ?? [];
    return texts(
      model,
      tuples.map((values) => ({ relation: sink, values })),
    );
  }
}

describe(`nodes that wait for seals (SEED=${seed})`, () => {
  it("put nothing out before all is there, then what one machine does ([A] Theorem 6.1)", () => {
    for (let round = 0; round < 20; round++) {
      const from = random(seed * 100 + round);
      const cluster = new Cluster();
      for (const name of members) cluster.start(name);
      const input: Fact[] = [];
      for (let at = 0; at < 6; at++) {
        const facts = factsOf(model, "edge", [[BigInt(from.below(4)), BigInt(from.below(4))]]);
        input.push(...facts);
        cluster.give(from.pick(members), { kind: "insert", request: `r${at}`, facts });
      }
      for (const name of from.shuffled(members)) {
        cluster.settle(from.below);
        expect(cluster.changes).to.deep.equal([]);
        // A node that crashes before it seals, or after, seals all its lives.
        if (from.chance(0.3)) cluster.start(name);
        cluster.give(name, { kind: "seal", request: `seal ${name}`, relations: [edge] });
        if (from.chance(0.3)) cluster.start(name);
      }
      cluster.settle(from.below);
      for (const name of members)
        expect(cluster.output(name), `round ${round}`).to.deep.equal(central(model, input));
    }
  });

  it("take in no more of what they have sealed, also after a crash", () => {
    const { below } = random(seed);
    const cluster = new Cluster();
    for (const name of members) cluster.start(name);
    const facts = factsOf(model, "edge", [[1n, 2n]]);
    cluster.give("a", { kind: "seal", request: "s", relations: [edge] });
    cluster.give("a", { kind: "insert", request: "late", facts });
    cluster.start("a");
    cluster.give("a", { kind: "insert", request: "later", facts });
    cluster.give("b", { kind: "insert", request: "elsewhere", facts });
    cluster.settle(below);
    expect(cluster.refused).to.deep.equal(["late", "later"]);
    expect(cluster.nodes.get("a")?.hasSealed(edge)).to.equal(true);
    expect(cluster.nodes.get("b")?.hasSealed(edge)).to.equal(false);
    expect(cluster.nodes.get("b")?.complete).to.equal(false);
  });

  it("are there once the node holds all that they count, of each life of their members", () => {
    const view = new Seals({ relation: seals, names: ["edge"], members: declaredMembers(["a"]) });
    const facts = view.facts("a", [edge], new Map([["a/1", 3] as const, ["a/2", 1] as const]));
    const holding = (...holds: [string, number][]): boolean => view.complete(edge, new Map(holds));
    expect(holding(["a/1", 3], ["a/2", 2])).to.equal(false);
    for (const fact of facts) view.note(fact, "a");
    expect(holding(["a/2", 2]), "nothing of the life before").to.equal(false);
    expect(holding(["a/1", 2], ["a/2", 2]), "not all of it").to.equal(false);
    expect(holding(["a/1", 3], ["a/2", 2])).to.equal(true);
  });
});
