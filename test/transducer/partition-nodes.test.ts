// Programs in parts on real nodes, kept up between steps, over links that lose, repeat and reorder,
// where nodes crash and come back.
import { expect } from "chai";
import { assert } from "../../src/base/assert.ts";
import { random, type Random } from "../../src/base/random.ts";
import { growingRelations } from "../../src/plan/growing.ts";
import { type NetworkProgram, networkProgram } from "../../src/plan/network.ts";
import { partition } from "../../src/plan/partition.ts";
import { ownersOf } from "../../src/plan/partitioned-program.ts";
import { plan } from "../../src/plan/program.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { Fact } from "../../src/transducer/fact.ts";
import { IncrementalTransducer } from "../../src/transducer/incremental.ts";
import { Node } from "../../src/transducer/node.ts";
import { ownerFunctors, Owners } from "../../src/transducer/owners.ts";
import type { Accepted, Frame, LogRecord, NodeInput } from "../../src/transducer/protocol.ts";
import type { Implementations } from "../../src/value/user-functor.ts";
import { central, floodingModel, programOf, texts } from "../support/networks.ts";

const first = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["RUNS"] ?? 10);

const closure = (keys: string): string => `
  .decl edge(x: number, y: number) partition(x)
  .input edge
  .decl path(x: number, y: number) ${keys}
  path(x, y) :- edge(x, y).
  path(x, z) :- path(x, y), edge(y, z).
  .output path, edge`;

const distances = `
  .decl edge(x: number, y: number) partition(y)
  .input edge
  .decl distance(x: number, y: number, d: Min<>) partition(x)
  distance(x, y, 1) :- edge(x, y).
  distance(x, z, d + 1) :- distance(x, y, d), edge(y, z).
  .output distance, edge`;

type Options = {
  readonly network: NetworkProgram;
  readonly plan: Plan;
  readonly grows: (relation: number) => boolean;
  readonly functors: Implementations;
};

/** Nodes with disks that write at once, and what is on its way between them. */
class Nodes {
  readonly names: readonly string[];
  readonly accepted: Accepted[] = [];
  wire: { readonly from: string; readonly to: string; readonly frame: Frame }[] = [];
  private readonly options: Options;
  private readonly nodes = new Map<string, Node>();
  private readonly records = new Map<string, LogRecord[]>();
  private readonly lives = new Map<string, number>();

  constructor(options: Options, names: readonly string[]) {
    this.options = options;
    this.names = names;
    for (const name of names) this.start(name);
  }

  /** A node begins, or begins again with what it had written. */
  start(name: string): void {
    const life = (this.lives.get(name) ?? 0) + 1;
    this.lives.set(name, life);
    const peers = this.names.filter((other) => other !== name);
    const { network } = this.options;
    const transducer = new IncrementalTransducer(this.options, name, this.names);
    const kept = network.roles.map((role) => role.kept);
    const options = { name, incarnation: life, peers, transducer, kept, floods: false };
    const before = this.records.get(name) ?? [];
    this.nodes.set(name, new Node({ ...options, limits: { frameFacts: 4 } }, before));
    this.records.set(name, [...before]);
    this.wire = this.wire.filter(({ from, to }) => from !== name && to !== name);
    for (const peer of peers) {
      if (!this.nodes.has(peer)) continue;
      if (life > 1) this.step(peer, { kind: "disconnected", peer: name });
      this.step(peer, { kind: "connected", peer: name });
      this.step(name, { kind: "connected", peer });
    }
  }

  step(name: string, input: NodeInput): void {
    const node = this.node(name);
    const written = this.records.get(name) ?? [];
    const outputs = [node.step(input)];
    const fresh = outputs.flatMap(({ records }) => records);
    if (fresh.length > 0) {
      written.push(...fresh);
      this.counts.set(node, (this.counts.get(node) ?? 0) + fresh.length);
      outputs.push(node.step({ kind: "persisted", count: this.counts.get(node) ?? 0 }));
    }
    for (const { frames, accepted, undeliverable } of outputs) {
      expect(undeliverable).to.equal(0);
      for (const { to, frame } of frames) this.wire.push({ from: name, to, frame });
      this.accepted.push(...accepted);
    }
  }

  deliver(at: number, stays = false): void {
    const [sent] = stays ? [this.wire[at]] : this.wire.splice(at, 1);
    if (sent !== undefined)
      this.step(sent.to, { kind: "frame", peer: sent.from, frame: sent.frame });
  }

  node(name: string): Node {
    const node = this.nodes.get(name);
    assert(node !== undefined, `${name} is a node`);
    return node;
  }

  private readonly counts = new WeakMap<Node, number>();
}

/** Runs with faults while facts are inserted, and without until all is quiet. */
function run(from: Random, nodes: Nodes, inserts: readonly [string, Fact][]): void {
  let nowMs = 0;
  for (const [at, [name, fact]] of inserts.entries()) {
    nodes.step(name, { kind: "insert", request: `r${at}`, facts: [fact] });
    for (let events = from.below(12); events > 0; events--) {
      const what = from.below(20);
      const at = from.below(Math.max(1, nodes.wire.length));
      if (what === 0) nodes.start(from.pick(nodes.names));
      else if (what < 3) nodes.wire.splice(at, 1);
      else if (what < 6) nodes.deliver(at, true);
      else if (what < 8)
        nodes.step(from.pick(nodes.names), { kind: "tick", nowMs: (nowMs += 400) });
      else nodes.deliver(at);
    }
  }
  for (let rounds = 0; rounds < 12; rounds++) {
    nowMs += 2_000;
    for (const name of nodes.names) nodes.step(name, { kind: "tick", nowMs });
    while (nodes.wire.length > 0) nodes.deliver(0);
  }
}

describe(`nodes of a program in parts (SEED=${first} RUNS=${count})`, () => {
  for (const [title, text] of [
    ["a closure that copies", closure("partition(x)")],
    ["a closure that does not", closure("partition(y)")],
    ["a closure of which the text does not say where it is", closure("")],
    ["a closure at two owners", closure("partition(x) partition(y)")],
    ["distances", distances],
  ] as const)
    it(`have together the answer of one machine: ${title}`, () => {
      const program = programOf(text);
      const { partitioned } = partition(program);
      assert(partitioned !== undefined, "the program can be evaluated in parts");
      const network = networkProgram(partitioned.program);
      const grows = growingRelations(partitioned.program, network);
      const whole = floodingModel(text);
      const edge = program.relations.findIndex(({ name }) => name === "edge");
      const arrival = partitioned.arrivals.get(edge);
      assert(arrival !== undefined, "what is inserted elsewhere is sent to its owner");
      for (let seed = first; seed < first + count; seed++) {
        const from = random(seed);
        const names = Array.from({ length: from.between(1, 4) }, (_, at) => `n${at + 1}`);
        const owners = new Owners(names);
        const functors = ownerFunctors(partitioned.program.functors, owners);
        const options = { network, plan: plan(network.step), grows, functors };
        const nodes = new Nodes(options, names);
        const input = Array.from({ length: from.between(1, 12) }, (): Fact => ({
          relation: edge,
          values: [BigInt(from.below(6)), BigInt(from.below(6))],
        }));
        const inserts = input.map((fact): [string, Fact] => {
          const [owner = ""] = owners.ofTuple(ownersOf(partitioned, edge), fact.values);
          if (from.below(2) === 0) return [owner, fact];
          return [from.pick(names), { ...fact, relation: arrival }];
        });
        run(from, nodes, inserts);
        const shards = names.flatMap((name) =>
          network.roles.flatMap(({ output }, relation) =>
            output
              ? nodes
                  .node(name)
                  .tuples(relation)
                  .map((values) => ({ name, relation, values }))
              : [],
          ),
        );
        const answer = [...new Set(texts(whole, shards))];
        expect(answer, `SEED=${seed} RUNS=1`).to.deep.equal(central(whole, input));
        for (const { name, relation, values } of shards)
          expect(owners.ofTuple(ownersOf(partitioned, relation), values)).to.include(name);
        expect(new Set(nodes.accepted.map(({ request }) => request)).size).to.equal(input.length);
      }
    });
});
