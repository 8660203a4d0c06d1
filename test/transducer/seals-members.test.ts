// What counts as sealed where members leave, or are forgotten, at whatever moment: the same at all.
import { expect } from "chai";
import { random, type Random } from "../../src/base/random.ts";
import { flooded, networkProgram, sealable } from "../../src/plan/network.ts";
import { plan } from "../../src/plan/program.ts";
import { IncrementalTransducer } from "../../src/transducer/incremental.ts";
import { declaredMembers, farewell } from "../../src/transducer/membership.ts";
import { Node } from "../../src/transducer/node.ts";
import type { Frame, LogRecord, NodeInput } from "../../src/transducer/protocol.ts";
import { central, factsOf, modelOf, programOf, texts } from "../support/networks.ts";

const seed = Number(process.env["SEED"] ?? "1");
const names = ["a", "b", "c", "d", "e"];
const text = programOf(`
  .decl edge(x: number, y: number)
  .input edge
  .decl last(y: number)
  last(y) :- edge(_, y), !edge(y, _).
  .output last`);
const { program, seals } = sealable(text);
const network = networkProgram(program);
const edge = 0;
const last = network.roles.findIndex(({ name }) => name === "last");
const model = modelOf(flooded(text));

/** Nodes of which some stop, and some pairs hear nothing of each other for a while. */
class Cluster {
  readonly nodes = new Map<string, Node>();
  readonly cut = new Set<string>();
  private readonly logs = new Map<string, LogRecord[]>();
  private readonly born = new Map<string, number>();
  private wires: { from: string; to: string; frame: Frame }[] = [];
  private requests = 0;

  start(name: string): void {
    const records = this.logs.get(name) ?? [];
    const life = (this.born.get(`${name} life`) ?? 0) + 1;
    this.born.set(`${name} life`, life).set(name, records.length);
    const members = declaredMembers(names);
    const kept = network.roles.map((role) => role.kept);
    const relations = network.roles.map((role) => role.name);
    const options = {
      ...{ name, incarnation: life, members, kept, floods: true },
      transducer: new IncrementalTransducer({ network, plan: plan(network.step) }, name, names),
      sealing: { relation: seals, names: relations, members, awaited: [edge] },
    };
    this.stop(name);
    this.nodes.set(name, new Node(options, [...records]));
    this.connect(name);
  }

  /** Connects a node with all that are there. */
  connect(name: string): void {
    for (const peer of this.nodes.keys()) {
      if (peer === name || this.cut.has([name, peer].toSorted().join())) continue;
      this.give(peer, { kind: "connected", peer: name });
      this.give(name, { kind: "connected", peer });
    }
  }

  stop(name: string): void {
    this.nodes.delete(name);
    this.wires = this.wires.filter(({ from, to }) => from !== name && to !== name);
    for (const peer of this.nodes.keys()) this.give(peer, { kind: "disconnected", peer: name });
  }

  insert(name: string, tuple: readonly bigint[]): void {
    const request = `r${++this.requests}`;
    this.give(name, { kind: "insert", request, facts: factsOf(model, "edge", [[...tuple]]) });
  }

  seal(name: string): void {
    this.give(name, { kind: "seal", request: `seal ${++this.requests}`, relations: [edge] });
  }

  /** An operator has `at` forget a member, or a member says at itself that it leaves. */
  tell(at: string, name: string, status: "left" | "forgotten"): void {
    const known = this.nodes.get(at)?.members ?? new Map();
    this.give(at, { kind: "members", members: farewell(known, name, status) });
  }

  give(name: string, input: NodeInput): void {
    const out = this.nodes.get(name)?.step(input);
    if (out === undefined) return;
    for (const { to, frame } of out.frames)
      if (this.nodes.has(to) && !this.cut.has([name, to].toSorted().join()))
        this.wires.push({ from: name, to, frame });
    const log = this.logs.get(name) ?? [];
    this.logs.set(name, log);
    log.push(...out.records);
    if (out.records.length === 0) return;
    this.give(name, { kind: "persisted", count: log.length - (this.born.get(name) ?? 0) });
  }

  /** Delivers some of what is on its way, or all there ever will be. */
  run(from: Random, most = Number.POSITIVE_INFINITY): void {
    const rounds = most === Number.POSITIVE_INFINITY ? 50 : 1;
    for (let round = 1; round <= rounds; round++) {
      for (let count = 0; count < most && this.wires.length > 0; count++) {
        const [wire] = this.wires.splice(from.below(this.wires.length), 1);
        if (wire === undefined) continue;
        this.give(wire.to, { kind: "frame", peer: wire.from, frame: wire.frame });
      }
      if (rounds > 1)
        for (const name of names) this.give(name, { kind: "tick", nowMs: (this.nowMs += 1000) });
    }
  }
  private nowMs = 0;

  answer(name: string): string[] | undefined {
    const node = this.nodes.get(name);
    if (node?.complete !== true) return undefined;
    return texts(
      model,
      node.tuples(last).map((values) => ({ relation: last, values })),
    );
  }

  missing(name: string): readonly string[] | undefined {
    return this.nodes.get(name)?.sealViews()[0]?.missing;
  }
}

function cluster(): Cluster {
  const all = new Cluster();
  for (const name of names) all.start(name);
  return all;
}

describe(`seals of members that come to be none (SEED=${seed})`, () => {
  it("are not waited for once the member is forgotten, and what others hold of it counts", () => {
    const from = random(seed);
    const all = cluster();
    all.run(from);
    // Only b hears of e's edge before e is gone.
    for (const name of ["a", "c", "d"]) all.cut.add([name, "e"].toSorted().join());
    all.cut.add("a,b").add("b,c").add("b,d");
    all.insert("e", [1n, 2n]);
    all.run(from);
    all.stop("e");
    for (const name of ["a", "b", "c", "d"]) all.seal(name);
    all.run(from);
    all.tell("a", "e", "forgotten");
    all.run(from);
    expect(all.answer("a"), "b has not said what it holds").to.equal(undefined);
    all.cut.clear();
    all.connect("b");
    all.run(from);
    for (const name of ["a", "b", "c", "d"])
      expect(all.answer(name)).to.deep.equal(central(model, factsOf(model, "edge", [[1n, 2n]])));
    all.start("a");
    expect(all.answer("a"), "after a restart").to.deep.equal(all.answer("b"));
  });

  it("of a member that has left are waited for", () => {
    const from = random(seed);
    const all = cluster();
    all.insert("e", [1n, 2n]);
    all.seal("e");
    all.run(from);
    all.tell("e", "e", "left");
    all.run(from);
    all.stop("e");
    for (const name of ["a", "b", "c"]) all.seal(name);
    all.run(from);
    expect(all.missing("a")).to.deep.equal(["d"]);
    expect(all.answer("a")).to.equal(undefined);
    all.seal("d");
    all.run(from);
    expect(all.answer("a")).to.deep.equal(all.answer("d")).and.to.have.length(1);
  });

  it("of another are nobody's to give", () => {
    const from = random(seed);
    const all = cluster();
    const values = ["b", "edge", "b/1", 0n];
    const facts = [{ relation: seals, values }];
    all.give("a", { kind: "insert", request: "forged", facts });
    all.run(from);
    expect(all.missing("c")).to.deep.equal(names);
  });

  it("are the same at all nodes, whenever members are forgotten, and nodes crash", () => {
    let early = 0;
    for (let round = 0; round < 100; round++) {
      const from = random(seed * 1000 + round);
      const all = cluster();
      all.run(from, from.below(40));
      for (const one of names)
        for (const other of names)
          if (one < other && from.chance(0.3)) all.cut.add(`${one},${other}`);
      const gone = from.shuffled(names).slice(0, from.between(1, 3));
      const stay = names.filter((name) => !gone.includes(name));
      const answers = new Map<string, string[]>();
      const look = (): void => {
        for (const name of stay) {
          const answer = all.answer(name);
          const before = answers.get(name);
          if (before !== undefined)
            expect(answer, `round ${round}: ${name} goes back on it`).to.deep.equal(before);
          if (answer !== undefined) answers.set(name, answer);
        }
      };
      const node = (): string => from.pick(names);
      const tuple = (): bigint[] => [BigInt(from.below(6)), BigInt(from.below(6))];
      for (let event = 0; event < 30; event++) {
        const kind = from.below(10);
        if (kind < 4) all.insert(node(), tuple());
        else if (kind < 7) all.seal(node());
        else if (kind === 7) {
          const name = from.pick(stay);
          all.start(name);
        } else if (kind === 8) {
          const name = from.pick(gone);
          all.stop(name);
          all.tell(from.pick(stay), name, "forgotten");
        } else all.cut.clear();
        all.run(from, from.below(30));
        look();
      }
      early += answers.size;
      for (const name of gone) {
        all.stop(name);
        all.tell(from.pick(stay), name, "forgotten");
      }
      all.cut.clear();
      for (const name of stay) {
        all.seal(name);
        all.connect(name);
      }
      all.run(from);
      look();
      const [one = ""] = stay;
      for (const name of stay) {
        expect(all.answer(name), `round ${round}: ${name}`).to.be.an("array");
        expect(answers.get(name), `round ${round}: ${name}`).to.deep.equal(answers.get(one));
      }
    }
    expect(early, "some answered before the end").to.be.greaterThan(10);
  });
});
