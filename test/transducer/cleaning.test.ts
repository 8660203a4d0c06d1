// Cleaning up: nothing that was removed comes back, whatever is lost, repeated, late or forgotten.
import { readFileSync } from "node:fs";
import { expect } from "chai";

import { assert } from "../../src/base/assert.ts";
import { type Random, random as randomOf } from "../../src/base/random.ts";
import { compacted } from "../../src/runtime/node/compaction.ts";
import { nodeProgram } from "../../src/server/node-program.ts";
import { IncrementalTransducer } from "../../src/transducer/incremental.ts";
import { Node } from "../../src/transducer/node.ts";
import type { Frame, LogRecord, NodeInput } from "../../src/transducer/protocol.ts";

const { program } = nodeProgram(
  readFileSync(new URL("../../programs/kv.dl", import.meta.url), "utf8"),
  {},
);
assert(program !== undefined, "the store is a program");
const store = program;
const at = (name: string): number =>
  store.program.relations.findIndex((relation) => relation.name === name);
const keptRelations = store.network.roles.map(({ kept }) => kept);
const [put, remove, live, spent, names] = ["put", "remove", "live", "spent", "names"].map(at);

type Machine = {
  node: Node;
  transducer: IncrementalTransducer;
  incarnation: number;
  records: LogRecord[];
  /** How many records the node was given, and how many are durable. */
  given: number;
  durable: number;
};

type Travelling = { readonly from: string; readonly to: string; readonly frame: Frame };

/** Three nodes, their disks, and all frames that may still arrive. */
class Nodes {
  readonly names: readonly string[];
  readonly machines = new Map<string, Machine>();
  pool: Travelling[] = [];
  private now = 0;
  private readonly uselessMax: number;

  constructor(names: readonly string[] = ["a", "b", "c"], uselessMax = 1 << 12) {
    this.names = names;
    this.uselessMax = uselessMax;
    for (const name of names) this.machines.set(name, this.machine(name, 1, []));
    for (const name of names) this.connect(name);
  }

  of(name: string): Machine {
    const machine = this.machines.get(name);
    assert(machine !== undefined, "a node of that name");
    return machine;
  }

  /** The dots that a node shows. */
  live(name: string): string[] {
    const found = this.of(name).transducer.tuples(live ?? 0);
    return found.map(([, , dot]) => dot as string).toSorted();
  }

  put(name: string): string {
    const { node } = this.of(name);
    const dot = `${node.origin}:${node.nextNumber}`;
    const facts = [{ relation: put ?? 0, values: ["k", "l", dot, "text/plain", "v"] }];
    this.step(name, { kind: "insert", request: dot, facts, once: true });
    return dot;
  }

  /** A put with the tombstones of what it replaces: all that the node shows. Returns its dot, and
   * what it names. */
  replace(name: string): { readonly dot: string; readonly dots: readonly string[] } {
    const { node } = this.of(name);
    const dots = this.live(name);
    const number = node.nextNumber;
    const [dot, by] = [`${node.origin}:${number}`, `${node.origin}:${number + 1}`];
    const facts = [{ relation: put ?? 0, values: ["k", "l", dot, "text/plain", "v"] }];
    for (const one of dots) facts.push({ relation: remove ?? 0, values: ["k", "l", one, by] });
    const split = dots.length === 0 ? {} : { split: 1 };
    this.step(name, { kind: "insert", request: dot, facts, once: true, ...split });
    return { dot, dots };
  }

  /** Expects that no node shows a value beside what it replaced, or has the tombstones of what a
   * value replaced and not the value: unless that was replaced or removed, too. */
  expectWhole(
    replaced: ReadonlyMap<string, readonly string[]>,
    removed: ReadonlySet<string>,
    where: string,
  ): void {
    for (const name of this.names) {
      const { transducer } = this.of(name);
      const shown = new Set(this.live(name));
      const puts = new Set(transducer.tuples(put ?? 0).map(([, , dot]) => dot as string));
      const by = new Set(transducer.tuples(remove ?? 0).map((row) => row[3] as string));
      for (const [dot, dots] of replaced) {
        const both = shown.has(dot) ? dots.filter((one) => shown.has(one)) : [];
        expect(both, `${where}: ${name} shows ${dot} beside what it replaced`).to.deep.equal([]);
        const [origin = "", number = ""] = dot.split(":");
        if (!by.has(`${origin}:${Number(number) + 1}`) || removed.has(dot)) continue;
        expect(puts, `${where}: ${name} has tombstones without ${dot}`).to.include(dot);
      }
    }
  }

  remove(name: string, dots: readonly string[]): void {
    const { node } = this.of(name);
    const by = `${node.origin}:${node.nextNumber}`;
    const facts = dots.map((dot) => ({ relation: remove ?? 0, values: ["k", "l", dot, by] }));
    this.step(name, { kind: "insert", request: by, facts, once: true });
  }

  step(name: string, input: NodeInput): void {
    const machine = this.of(name);
    const { records, frames } = machine.node.step(input);
    machine.records.push(...records);
    for (const { to, frame } of frames) this.pool.push({ from: name, to, frame });
  }

  /** Makes durable what a node has written. */
  persist(name: string): void {
    const machine = this.of(name);
    machine.durable = machine.records.length;
    this.step(name, { kind: "persisted", count: machine.durable - machine.given });
  }

  deliver({ from, to, frame }: Travelling): void {
    this.step(to, { kind: "frame", peer: from, frame });
  }

  /** A node begins a new life with so many of its records, or with what these are compacted to. */
  restart(name: string, kept: number, compacts = false): void {
    const { records, incarnation } = this.of(name);
    const all = records.slice(0, kept);
    const left = compacts ? [...compacted(all, keptRelations)] : all;
    this.machines.set(name, this.machine(name, incarnation + 1, left));
    for (const other of this.names)
      if (other !== name) this.step(other, { kind: "disconnected", peer: name });
    this.connect(name);
  }

  tick(name: string): void {
    this.now += 600;
    this.step(name, { kind: "tick", nowMs: this.now });
  }

  /** Lets everything arrive that is on its way, and time go on, until nothing more happens. */
  settle(): void {
    for (let round = 0; round < 200; round++) {
      for (const name of this.names) {
        this.persist(name);
        if (round % 5 === 0) this.step(name, { kind: "collect" });
        this.tick(name);
      }
      const frames = this.pool.splice(0);
      for (const one of frames) this.deliver(one);
      const quiet = this.names.every((name) => {
        const { node, records, durable } = this.of(name);
        return (
          durable === records.length &&
          node.peers().every(({ ready, lacks }) => ready && lacks === 0)
        );
      });
      if (quiet && round > 40) return;
    }
  }

  private connect(name: string): void {
    for (const other of this.names) {
      if (other === name) continue;
      this.step(name, { kind: "connected", peer: other });
      this.step(other, { kind: "connected", peer: name });
    }
  }

  private machine(name: string, incarnation: number, records: readonly LogRecord[]): Machine {
    const transducer = new IncrementalTransducer(store, name, this.names);
    const peers = this.names.filter((other) => other !== name);
    const options = {
      ...{ name, incarnation, peers, transducer, floods: true },
      kept: keptRelations,
      cleaning: { spent: spent ?? 0, names: names ?? 0 },
      limits: { garbageMin: 500, uselessMax: this.uselessMax },
    };
    const node = new Node(options, records);
    const count = records.length;
    return { node, transducer, incarnation, records: [...records], given: count, durable: count };
  }
}

/** One thing that happens, by chance. */
function happen(
  nodes: Nodes,
  random: Random,
  removed: Set<string>,
  forgets: boolean,
  replaced = new Map<string, readonly string[]>(),
): void {
  const name = random.pick(nodes.names);
  const chance = random.below(100);
  if (chance < 4) nodes.put(name);
  else if (chance < 8) {
    const { dot, dots } = nodes.replace(name);
    replaced.set(dot, dots);
    nodes.persist(name);
    for (const one of dots) removed.add(one);
  } else if (chance < 14) {
    const dots = nodes.live(name).filter(() => random.chance(0.7));
    if (dots.length > 0) {
      nodes.remove(name, dots);
      nodes.persist(name);
      for (const dot of dots) removed.add(dot);
    }
  } else if (chance < 20) nodes.step(name, { kind: "collect" });
  else if (chance < 30) nodes.persist(name);
  else if (chance < 34) nodes.tick(name);
  else if (chance < 36) nodes.restart(name, nodes.of(name).durable, chance === 35);
  else if (chance < 37 && forgets) nodes.restart(name, random.below(nodes.of(name).durable + 1));
  else if (nodes.pool.length > 0) {
    const place = random.below(nodes.pool.length);
    const one = nodes.pool[place];
    // One in four is repeated later, one in ten is lost.
    if (!random.chance(0.25)) nodes.pool.splice(place, 1);
    if (one !== undefined && !random.chance(0.1)) nodes.deliver(one);
  }
}

/** Nodes of which every other seed has some that clean up in small parts by themselves. */
function nodesOf(seed: number): Nodes {
  return seed % 2 === 0 ? new Nodes() : new Nodes(["a", "b", "c"], 3);
}

const seeds = Number(process.env["SEEDS"] ?? 40);
const first = Number(process.env["SEED"] ?? 1);

describe(`cleaning up (SEED=${first} SEEDS=${seeds})`, () => {
  it("brings nothing back that was removed, and loses nothing that was not", () => {
    for (let seed = first; seed < first + seeds; seed++) {
      const nodes = nodesOf(seed);
      const random = randomOf(seed);
      const removed = new Set<string>();
      for (let step = 0; step < 400; step++) happen(nodes, random, removed, false);
      nodes.settle();
      const [shown, ...others] = nodes.names.map((name) => nodes.live(name));
      for (const other of others) expect(other, `seed ${seed}`).to.deep.equal(shown);
      expect(
        shown?.filter((dot) => removed.has(dot)),
        `seed ${seed}`,
      ).to.deep.equal([]);
      for (const name of nodes.names) {
        const { node } = nodes.of(name);
        // What is left is what lives.
        expect(node.stored.facts, `seed ${seed}, ${name}`).to.equal(shown?.length);
        expect(node.stored.tombstones).to.equal(0);
      }
    }
  });

  it("shows no value beside what it replaced, nor that this went and not the value", () => {
    for (let seed = first; seed < first + seeds; seed++) {
      const nodes = nodesOf(seed);
      const random = randomOf(seed);
      const removed = new Set<string>();
      const replaced = new Map<string, readonly string[]>();
      for (let step = 0; step < 250; step++) {
        happen(nodes, random, removed, false, replaced);
        if (step % 5 === 0) nodes.expectWhole(replaced, removed, `seed ${seed}, step ${step}`);
      }
      expect(replaced.size, `seed ${seed}`).to.be.greaterThan(0);
    }
  });

  it("has all agree though nodes forget the ends of their logs", () => {
    for (let seed = first; seed < first + seeds; seed++) {
      const nodes = nodesOf(seed);
      const random = randomOf(seed);
      const removed = new Set<string>();
      for (let step = 0; step < 400; step++) happen(nodes, random, removed, true);
      nodes.settle();
      const [shown, ...others] = nodes.names.map((name) => nodes.live(name));
      for (const other of others) expect(other, `seed ${seed}`).to.deep.equal(shown);
    }
  });

  it("keeps a tombstone until every member has it and what it names", () => {
    const nodes = new Nodes();
    const dot = nodes.put("a");
    nodes.persist("a");
    const late = nodes.pool.filter(({ to, from }) => to === "c" || from === "c");
    nodes.pool = nodes.pool.filter((one) => !late.includes(one));
    const exchange = (): void => {
      for (let round = 0; round < 20; round++) {
        for (const name of ["a", "b"]) nodes.persist(name);
        const frames = nodes.pool.splice(0);
        for (const one of frames) {
          if (one.to === "c" || one.from === "c") late.push(one);
          else nodes.deliver(one);
        }
      }
    };
    exchange();
    nodes.remove("b", [dot]);
    exchange();
    nodes.step("b", { kind: "collect" });
    exchange();
    expect(nodes.of("b").node.stored).to.deep.include({ facts: 1, tombstones: 1 });
    for (const one of late) nodes.deliver(one);
    nodes.settle();
    expect(nodes.of("b").node.stored).to.deep.include({ facts: 0, tombstones: 0 });
    expect(nodes.names.map((name) => nodes.live(name))).to.deep.equal([[], [], []]);
  });

  it("lets go what is of no use without being asked, a part at a time, once it is enough", () => {
    const nodes = new Nodes(["a"], 10);
    const { node } = nodes.of("a");
    for (let turn = 0; turn < 35; turn++) nodes.remove("a", [nodes.put("a")]);
    const left = [node.stored.facts];
    for (let turn = 0; turn < 5; turn++) {
      nodes.persist("a");
      left.push(node.stored.facts);
    }
    // Of the last five somebody has to ask.
    expect(left).to.deep.equal([70, 50, 30, 10, 10, 10]);
    nodes.step("a", { kind: "collect" });
    expect(node.stored.facts).to.equal(0);
    for (let turn = 0; turn < 35; turn++) nodes.remove("a", [nodes.put("a")]);
    nodes.step("a", { kind: "collect" });
    for (let turn = 0; turn < 5; turn++) nodes.persist("a");
    // Who is asked before there is anything to look at has done what was asked.
    expect(node.stored.facts).to.equal(10);
    nodes.step("a", { kind: "collect" });
    nodes.persist("a");
    expect(node.stored).to.deep.include({ facts: 0, tombstones: 0 });
  });

  it("goes on until it has looked at all once it is asked", () => {
    const nodes = new Nodes(["a"], 10);
    const { node } = nodes.of("a");
    for (let turn = 0; turn < 35; turn++) nodes.remove("a", [nodes.put("a")]);
    nodes.persist("a");
    nodes.step("a", { kind: "collect" });
    const left = [node.stored.facts];
    for (let turn = 0; turn < 2; turn++) {
      nodes.persist("a");
      left.push(node.stored.facts);
    }
    expect(left).to.deep.equal([30, 10, 0]);
  });

  it("looks again at what had to stay once it is asked", () => {
    const nodes = new Nodes(["a", "b"], 10);
    const { node } = nodes.of("a");
    for (let turn = 0; turn < 35; turn++) nodes.remove("a", [nodes.put("a")]);
    nodes.persist("a");
    nodes.persist("a");
    nodes.persist("a");
    // The tombstones wait for b.
    expect(node.stored).to.deep.include({ facts: 40, tombstones: 35 });
    nodes.settle();
    expect(node.stored).to.deep.include({ facts: 0, tombstones: 0 });
  });

  it("remembers what is gone as ranges, after a start, too", () => {
    const nodes = new Nodes(["a"]);
    for (let turn = 0; turn < 50; turn++) {
      const dot = nodes.put("a");
      nodes.persist("a");
      nodes.remove("a", [dot]);
      nodes.persist("a");
    }
    const kept = nodes.put("a");
    nodes.persist("a");
    nodes.step("a", { kind: "collect" });
    nodes.persist("a");
    const { stored } = nodes.of("a").node;
    expect(stored).to.deep.equal({ facts: 1, tombstones: 0, gone: { facts: 100, ranges: 1 } });
    for (const compacts of [false, true]) {
      nodes.restart("a", nodes.of("a").durable, compacts);
      expect(nodes.of("a").node.stored).to.deep.equal(stored);
      expect(nodes.live("a")).to.deep.equal([kept]);
    }
  });
});
