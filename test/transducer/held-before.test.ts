// What a life of a node is given of the one before it, where owners change between them.
import { expect } from "chai";

import { compiled } from "../../src/codegen/backend.ts";
import { heldBefore } from "../../src/transducer/held-before.ts";
import { IncrementalTransducer } from "../../src/transducer/incremental.ts";
import { Node } from "../../src/transducer/node.ts";
import { Owners, ownerFunctors } from "../../src/transducer/owners.ts";
import type { LogRecord, NodeInput } from "../../src/transducer/protocol.ts";
import { distances, programOf } from "../server/nodes.ts";

const program = programOf(distances);

/** One life, whose records are durable as soon as they are written. */
class Life {
  readonly node: Node;
  readonly transducer: IncrementalTransducer;
  readonly records: LogRecord[];
  /** What it has sent each peer that is connected. */
  readonly sent: Extract<NodeInput, { kind: "frame" }>[] = [];
  private readonly name: string;
  private written = 0;

  constructor(name: string, life: number, members: readonly string[], records: LogRecord[] = []) {
    const { network, plan, grows, onDemand, question, floods } = program;
    const functors = ownerFunctors(plan.functors, new Owners(members));
    const how = { network, plan, grows, onDemand, question, backend: compiled, functors };
    this.name = name;
    this.transducer = new IncrementalTransducer(how, name, members);
    this.records = records;
    const peers = members.filter((member) => member !== name);
    const kept = network.roles.map((role) => role.kept);
    const limits = { frameFacts: 5 };
    const { transducer } = this;
    this.node = new Node(
      { name, incarnation: life, peers, transducer, kept, floods, limits },
      records,
    );
  }

  step(input: NodeInput): void {
    for (let next = input; ; next = { kind: "persisted", count: this.written }) {
      const { records, frames } = this.node.step(next);
      for (const { frame } of frames) this.sent.push({ kind: "frame", peer: this.name, frame });
      if (records.length === 0) return;
      this.records.push(...records);
      this.written += records.length;
    }
  }

  near(): readonly (readonly unknown[])[] {
    return this.transducer.tuples(near);
  }
}

const relation = (name: string): number =>
  program.program.relations.findIndex((of) => of.name === name);
const [edge, near] = [relation("edge"), relation("near")];
const size = 12n;
const ring = Array.from({ length: Number(size) }, (_, x) => ({
  relation: edge,
  values: [BigInt(x), (BigInt(x) + 1n) % size],
}));

/** Delivers what lives of two nodes send each other, as long as they do; but of what rules send
 * only what `passes`. */
function exchange(a: Life, b: Life, passes: (from: Life) => boolean): void {
  a.step({ kind: "connected", peer: "b" });
  b.step({ kind: "connected", peer: "a" });
  for (;;) {
    const sent = [a, b].map((from) => from.sent.splice(0));
    if (sent.every(({ length }) => length === 0)) return;
    for (const [at, [from, to]] of (
      [
        [a, b],
        [b, a],
      ] as const
    ).entries())
      for (const input of sent[at] ?? [])
        if (input.frame.kind !== "messages" || passes(from)) to.step(input);
  }
}

describe("a life that begins with what the one before it held", () => {
  const owners = new Owners(["a", "b"]);
  const told = (() => {
    const alone = new Life("a", 1, ["a"]);
    alone.step({ kind: "insert", request: "r", facts: ring });
    return alone;
  })();

  /** The next life of a, with another member. */
  function joined(): Life {
    const life = new Life("a", 2, ["a", "b"], [...told.records]);
    const facts = heldBefore(program.network, told.transducer, life.transducer);
    expect(facts).to.not.be.empty;
    life.step({ kind: "inherited", facts });
    return life;
  }

  const ownedBy = (name: string) =>
    told
      .near()
      .filter(([, y]) => owners.of([y as bigint]) === name)
      .map(String)
      .toSorted();

  it("sends each owner all that was told, before that has sent anything", () => {
    const [a, b] = [joined(), new Life("b", 1, ["a", "b"])];
    expect(ownedBy("a").length + ownedBy("b").length).to.equal(144);
    expect(ownedBy("b")).to.not.be.empty;
    exchange(a, b, (from) => from === a);
    expect(a.near().map(String)).to.include.members(ownedBy("a"));
    expect(b.near().map(String)).to.include.members(ownedBy("b"));
  });

  it("has it again after a crash, from its log alone", () => {
    const before = joined();
    const after = new Life("a", 3, ["a", "b"], before.records);
    expect(after.near().map(String)).to.include.members(ownedBy("a"));
    expect(heldBefore(program.network, before.transducer, after.transducer)).to.deep.equal([]);
    const b = new Life("b", 1, ["a", "b"]);
    exchange(after, b, (from) => from === after);
    expect(b.near().map(String)).to.include.members(ownedBy("b"));
  });

  it("writes down nothing where the log says it all", () => {
    const life = new Life("a", 2, ["a"], [...told.records]);
    expect(heldBefore(program.network, told.transducer, life.transducer)).to.deep.equal([]);
  });
});
