// Seals that rules derive, seals of one node's own share, and what waits meanwhile, input by input.
import { expect } from "chai";
import { networkProgram, saysNetwork, sealable } from "../../src/plan/network.ts";
import { plan } from "../../src/plan/program.ts";
import { partFor, sealRules } from "../../src/plan/seal-rules.ts";
import type { Fact } from "../../src/transducer/fact.ts";
import { IncrementalTransducer } from "../../src/transducer/incremental.ts";
import { declaredMembers } from "../../src/transducer/membership.ts";
import { Node } from "../../src/transducer/node.ts";
import type { LogRecord, NodeInput, NodeOutput } from "../../src/transducer/protocol.ts";
import type { Early } from "../../src/transducer/seals.ts";
import { printValue } from "../../src/value/print-value.ts";
import { programOf } from "../support/networks.ts";

/** A node `a` beside `b`, whose records are durable at once. */
class Alone {
  readonly node: Node;
  readonly records: LogRecord[];
  readonly changes: string[] = [];
  private readonly names: readonly string[];
  private count = 0;

  constructor(text: string, awaits: boolean, before?: Alone, lost = 0) {
    const written = programOf(text);
    const { program, seals } = sealable(written);
    const network = networkProgram(program);
    const transducer = (of: typeof network): IncrementalTransducer =>
      new IncrementalTransducer({ network: of, plan: plan(of.step) }, "a", ["a", "b"]);
    const rules = sealRules(program);
    const kept = network.roles.map((role) => role.kept);
    const part = partFor(
      network,
      rules.map(({ of }) => of),
    );
    const early: Early = { transducer: transducer(part.network), reads: part.relations };
    this.names = network.roles.map(({ name }) => name);
    this.records =
      before === undefined ? [] : before.records.slice(0, before.records.length - lost);
    this.node = new Node(
      {
        ...{ name: "a", incarnation: this.records.length + 1, peers: ["b"], kept },
        ...{ transducer: transducer(network), floods: !saysNetwork(written) },
        sealing: {
          ...{ relation: seals, names: this.names, members: declaredMembers(["a", "b"]), rules },
          ...(awaits && {
            awaited: network.roles.flatMap(({ input }, at) =>
              input && at !== seals && kept[at] === true ? [at] : [],
            ),
            early,
          }),
        },
      },
      this.records,
    );
  }

  facts(name: string, ...tuples: (readonly (bigint | string)[])[]): Fact[] {
    return tuples.map((values) => ({ relation: this.at(name), values }));
  }

  at(name: string): number {
    return this.names.indexOf(name);
  }

  give(input: NodeInput): NodeOutput {
    const out = this.node.step(input);
    this.records.push(...out.records);
    this.count += out.records.length;
    if (out.records.length === 0) return out;
    const durable = this.node.step({ kind: "persisted", count: this.count });
    for (const { relation, tuples } of durable.changes)
      for (const tuple of tuples)
        this.changes.push(`${this.names[relation]}(${tuple.map(printValue).join(", ")})`);
    return { ...durable, refused: [...out.refused, ...durable.refused] };
  }

  insert(name: string, ...tuples: (readonly (bigint | string)[])[]): NodeOutput {
    const request = `${this.records.length}`;
    return this.give({ kind: "insert", request, facts: this.facts(name, ...tuples) });
  }

  seal(...names: string[]): NodeOutput {
    const relations = names.map((name) => this.at(name));
    return this.give({ kind: "seal", request: `seal ${this.records.length}`, relations });
  }

  tuples(name: string): readonly unknown[] {
    return this.node.tuples(this.at(name));
  }
}

const shop = `
  .decl sale(item: number)
  .decl closed()
  .input sale, closed
  .seal sale() :- closed().
  .decl sold(item: number)
  sold(i) :- sale(i).
  .output sold`;

const counting = `
  .decl sale(item: number)
  .decl closed()
  .input sale, closed
  .seal sale() :- closed().
  .seal closed() :- closed().
  .decl total(n: number)
  total(n) :- n = count : { sale(_) }.
  .output total`;

/** Counts its own share and what comes from others, and is asked about both. */
const asking = `
  .decl mine(x: number)
  .decl ask(n: number) event
  .input mine, ask
  .decl told(by: symbol, x: number)
  told(v, x) :~ Id(v), mine(x).
  .decl size(n: number)
  size(n) :- n = count : { mine(_) }.
  .decl asked(n: number, m: number, others: number)
  asked(n, m, k) :- ask(n), size(m), Id(v), k = count : { told(w, _), w != v }.
  .output asked, size`;

describe("a node that rules have seal", () => {
  it("takes in no more once it derives the seal, also in its next life", () => {
    const shopping = new Alone(shop, false);
    shopping.insert("sale", [1n]);
    expect(shopping.node.hasSealed(shopping.at("sale"))).to.equal(false);
    shopping.insert("closed", []);
    expect(shopping.node.hasSealed(shopping.at("sale"))).to.equal(true);
    expect(shopping.insert("sale", [2n]).refused).to.have.length(1);
    expect(shopping.insert("closed", []).refused).to.deep.equal([]);
    const later = new Alone(shop, false, shopping);
    expect(later.insert("sale", [2n]).refused).to.have.length(1);
    expect(later.tuples("sold")).to.deep.equal([[1n]]);
  });

  it("seals also where it lost the seal, and not what that follows from, with the power", () => {
    const shopping = new Alone(shop, false);
    shopping.insert("sale", [1n]);
    shopping.insert("closed", []);
    const later = new Alone(shop, false, shopping, 1);
    expect(later.node.hasSealed(later.at("sale"))).to.equal(false);
    later.give({ kind: "tick", nowMs: 1 });
    expect(later.node.hasSealed(later.at("sale"))).to.equal(true);
  });

  it("evaluates the rules that seal while all else waits, and begins when all have sealed", () => {
    const shopping = new Alone(counting, true);
    shopping.insert("sale", [1n], [2n]);
    shopping.insert("closed", []);
    expect(shopping.node.hasSealed(shopping.at("sale"))).to.equal(true);
    expect(shopping.node.complete).to.equal(false);
    expect(shopping.tuples("total")).to.deep.equal([]);
    const [view] = shopping.node.sealViews();
    expect(view).to.deep.equal({
      ...{ relation: shopping.at("sale"), awaited: true, sealed: ["a"], missing: ["b"] },
      complete: false,
    });
    shopping.give({ kind: "connected", peer: "b" });
    const seal = (name: string) => ["b", name, "b/1", 1n] as const;
    const batch = {
      ...{ origin: "b/1", from: 1 },
      facts: [
        ...shopping.facts("sale", [3n]),
        ...shopping.facts("#seals", seal("sale"), seal("closed")),
      ],
    };
    shopping.give({ kind: "frame", peer: "b", frame: { kind: "batch", batch } });
    expect(shopping.node.complete).to.equal(true);
    expect(shopping.changes).to.deep.equal(["total(3)"]);
  });
});

describe("a node that waits for seals", () => {
  it("counts nothing that the seal of its member does not", () => {
    const shopping = new Alone(counting, true);
    shopping.seal("sale", "closed");
    shopping.give({ kind: "connected", peer: "b" });
    const frame = (from: number, facts: readonly Fact[]): void => {
      const batch = { origin: "b/1", from, facts };
      shopping.give({ kind: "frame", peer: "b", frame: { kind: "batch", batch } });
    };
    frame(1, shopping.facts("sale", [1n]));
    // Two facts that the member accepted though it had sealed: before this node knows, and after.
    frame(2, shopping.facts("sale", [2n]));
    frame(3, shopping.facts("#seals", ["b", "sale", "b/1", 1n], ["b", "closed", "b/1", 1n]));
    frame(5, shopping.facts("sale", [3n]));
    expect(shopping.tuples("total")).to.deep.equal([[1n]]);
    expect(shopping.changes).to.deep.equal(["total(1)"]);
  });

  it("waits for its own seals alone where inputs are not shared; events and messages wait too", () => {
    const asked = new Alone(asking, true);
    asked.insert("ask", [7n]);
    asked.insert("mine", [1n]);
    asked.give({ kind: "connected", peer: "b" });
    const facts = asked.facts("told", ["b", 5n]);
    const messages = { kind: "messages", origin: "b/1", from: 1, facts } as const;
    asked.give({ kind: "frame", peer: "b", frame: messages });
    asked.insert("ask", [8n]);
    asked.insert("mine", [2n]);
    expect(asked.changes).to.deep.equal([]);
    asked.seal("mine");
    const expected = ["size(2)", "asked(7, 2, 0)", "asked(8, 2, 1)"];
    expect(asked.changes).to.deep.equal(expected);
    expect(asked.insert("mine", [3n]).refused).to.have.length(1);
    asked.insert("ask", [9n]);
    expect(asked.changes).to.deep.equal([...expected, "asked(9, 2, 1)"]);
    // The same in its next life, from its records.
    const later = new Alone(asking, true, asked);
    expect(later.tuples("asked")).to.deep.equal(asked.tuples("asked"));
  });

  it("answers a repeated seal without another record, and a refusal once the seal is durable", () => {
    const shopping = new Alone(shop, false);
    const relations = [shopping.at("sale")];
    const { node } = shopping;
    node.step({ kind: "seal", request: "s", relations });
    const facts = shopping.facts("sale", [1n]);
    expect(node.step({ kind: "insert", request: "i", facts }).refused).to.deep.equal([]);
    const again = node.step({ kind: "seal", request: "t", relations });
    expect([again.records, again.accepted]).to.deep.equal([[], []]);
    const durable = node.step({ kind: "persisted", count: 1 });
    expect(durable.accepted).to.deep.equal([
      { request: "s", origin: "a/1", from: 1, to: 1 },
      { request: "t", origin: "a/1", from: 2, to: 1 },
    ]);
    expect(durable.refused).to.deep.equal([{ request: "i", sealed: relations[0] }]);
  });
});
