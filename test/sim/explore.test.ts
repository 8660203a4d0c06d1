import { expect } from "chai";
import { assert } from "../../src/base/assert.ts";
import { partition } from "../../src/plan/partition.ts";
import { ownersOf, type PartitionedProgram } from "../../src/plan/partitioned-program.ts";
import { deliveryWitness, deliveryWitnessLines } from "../../src/sim/delivery-witness.ts";
import { explore } from "../../src/sim/explore.ts";
import { type Topology, TransducerNetwork } from "../../src/transducer/configuration.ts";
import { ownerFunctors, Owners } from "../../src/transducer/owners.ts";
import { central, factsOf, floodingModel, modelOf, programOf, texts } from "../support/networks.ts";

const closure = `
  .decl edge(x: number, y: number)
  .input edge
  .decl path(x: number, y: number)
  path(x, y) :- edge(x, y).
  path(x, z) :- path(x, y), edge(y, z).
  .output path`;

const events = `
  .decl l(x: number) event
  .decl r(x: number) event
  .input l, r`;

/** One side is kept, the other is there for one step. */
const halfGuard = `${events}
  .decl left(x: number) message
  .decl right(x: number) message event
  left(x) :~ l(x).
  right(x) :~ r(x).
  .decl out(x: number)
  out(x) :- left(x), right(x).
  .output out`;

const fullGuard = halfGuard.replace("right(x: number) message event", "right(x: number) message");

const two: Topology = new Map([
  ["a", ["b"]],
  ["b", ["a"]],
]);

const line: Topology = new Map([
  ["a", ["b"]],
  ["b", ["a", "c"]],
  ["c", ["b"]],
]);

describe("exploring all runs of a network", () => {
  it("finds one answer of a monotone program that floods", () => {
    const model = floodingModel(closure);
    const input = factsOf(model, "edge", [
      [1n, 2n],
      [2n, 3n],
    ]);
    for (const topology of [two, line]) {
      const network = new TransducerNetwork(model, topology);
      const start = network.start(
        new Map([
          ["a", input.slice(0, 1)],
          ["b", input.slice(1)],
        ]),
      );
      const { complete, finals, states } = explore(network, start, { statesMax: 20_000 });
      expect(complete).to.equal(true);
      expect(states).to.be.greaterThan(10);
      expect(finals).to.have.length(1);
      expect(texts(model, finals[0]?.output.values() ?? [])).to.deep.equal(central(model, input));
    }
  }).timeout(180_000);

  it("finds one answer also when input comes at any time", () => {
    const model = floodingModel(closure);
    const network = new TransducerNetwork(model, two);
    const facts = factsOf(model, "edge", [
      [1n, 2n],
      [2n, 1n],
    ]);
    const arrivals = facts.map((fact, at) => ({ node: at === 0 ? "a" : "b", facts: [fact] }));
    const { complete, finals } = explore(network, network.start(new Map()), {
      ...{ statesMax: 20_000, arrivals },
    });
    expect(complete).to.equal(true);
    expect(finals.map(({ output }) => texts(model, output.values()))).to.deep.equal([
      central(model, facts),
    ]);
  }).timeout(180_000);

  it("finds one answer of a closure in parts, wherever its facts come in", () => {
    const text = closure.replace("y: number)", "y: number) partition(x)");
    const { partitioned } = partition(programOf(text));
    assert(partitioned !== undefined, "the closure can be evaluated in parts");
    const owners = new Owners(two.keys());
    const functors = ownerFunctors(partitioned.program.functors, owners);
    const model = modelOf(partitioned.program, functors);
    const network = new TransducerNetwork(model, two);
    // The facts are at two nodes, and some answers need both.
    const keyOf = (node: string): bigint => {
      const key = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n].find((value) => owners.of([value]) === node);
      assert(key !== undefined, "a node owns one of some keys");
      return key;
    };
    const [x, y] = [keyOf("a"), keyOf("b")];
    const input = factsOf(model, "edge", [
      [x, y],
      [y, x],
      [y, 9n],
    ]);
    const arrivals = input.map(({ relation, values }, at) => {
      const [owner = ""] = owners.ofTuple(ownersOf(partitioned, relation), values);
      const elsewhere = owner === "a" ? "b" : "a";
      // One is inserted at its owner, the other sent there.
      return at === 0
        ? { node: owner, facts: [{ relation, values }] }
        : { node: elsewhere, facts: [{ relation: arrivalOf(partitioned, relation), values }] };
    });
    const { complete, finals, states } = explore(network, network.start(new Map()), {
      ...{ statesMax: 50_000, arrivals },
    });
    expect(complete).to.equal(true);
    expect(states).to.be.greaterThan(100);
    expect(finals.map(({ output }) => texts(model, output.values()))).to.deep.equal([
      central(floodingModel(text), input),
    ]);
  }).timeout(180_000);

  it("finds one answer of a negation in parts, wherever the seal comes between", () => {
    const text = `
      .decl room(x: number) partition(x)
      .decl taken(x: number) partition(x)
      .input room, taken
      .decl free(x: number)
      free(x) :- room(x), !taken(x).
      .output free`;
    const { partitioned } = partition(programOf(text));
    assert(partitioned !== undefined, "the program can be evaluated in parts");
    const owners = new Owners(two.keys());
    const model = modelOf(partitioned.program, ownerFunctors(partitioned.program.functors, owners));
    const network = new TransducerNetwork(model, two);
    const room = factsOf(model, "room", [[1n]]);
    const [seal] = factsOf(model, "#sealed taken", [[1n]]);
    assert(seal !== undefined, "there is a seal");
    const owner = owners.of([1n]);
    const arrivals = [room, [seal]].map((facts) => ({ node: owner, facts }));
    const explored = explore(network, network.start(new Map()), { statesMax: 50_000, arrivals });
    expect(explored.finals.map(({ output }) => texts(model, output.values()))).to.deep.equal([
      ["free(1)"],
    ]);
    // What is taken before the seal is not free, whatever comes in between.
    const taken = factsOf(model, "taken", [[1n]]);
    const start = network.insert(network.start(new Map()), owner, taken).configuration;
    const { complete, finals } = explore(network, start, { statesMax: 50_000, arrivals });
    expect(complete).to.equal(true);
    expect(finals.map(({ output }) => texts(model, output.values()))).to.deep.equal([[]]);
  }).timeout(180_000);

  it("says so when there is more than it may look at", () => {
    const model = floodingModel(closure);
    const network = new TransducerNetwork(model, two);
    const start = network.start(new Map([["a", factsOf(model, "edge", [[1n, 2n]])]]));
    const { complete, states } = explore(network, start, { statesMax: 3 });
    expect({ complete, states }).to.deep.equal({ complete: false, states: 3 });
  });
});

function arrivalOf({ arrivals }: PartitionedProgram, relation: number): number {
  const arrival = arrivals.get(relation);
  assert(arrival !== undefined, "what is in parts can arrive elsewhere");
  return arrival;
}

describe("the witness of two orders of delivery", () => {
  // HalfGuard of Marczak et al. (2012): of two channels one is guarded.
  it("is found where an event is joined with what is kept", () => {
    const model = modelOf(programOf(halfGuard));
    const witness = deliveryWitness(model);
    expect(witness && deliveryWitnessLines(model, witness)).to.deep.equal([
      "in one order:",
      "  l(1) is inserted at a",
      "  r(1) is inserted at a",
      "  left(1) is delivered to b",
      "  right(1) is delivered to b",
      "  put out: out(1)",
      "in another order:",
      "  l(1) is inserted at a",
      "  r(1) is inserted at a",
      "  right(1) is delivered to b",
      "  left(1) is delivered to b",
      "  put out: nothing",
    ]);
  });

  it("is found where an event is joined with what memory has of another", () => {
    const model = modelOf(
      programOf(`${events}
        .decl seen(x: number) memory
        seen(x) :+ l(x).
        .decl out(x: number)
        out(x) :- seen(x), r(x).
        .output out`),
    );
    const witness = deliveryWitness(model);
    expect(witness && deliveryWitnessLines(model, witness)).to.deep.equal([
      "in one order:",
      "  l(1) is inserted at a",
      "  r(1) is inserted at a",
      "  put out: out(1)",
      "in another order:",
      "  r(1) is inserted at a",
      "  l(1) is inserted at a",
      "  put out: nothing",
    ]);
  });

  it("is not there where both sides are kept", () => {
    expect(deliveryWitness(modelOf(programOf(fullGuard)), { statesMax: 2_000 })).to.equal(
      undefined,
    );
  }).timeout(180_000);

  it("is not there for a monotone program", () => {
    expect(deliveryWitness(floodingModel(closure), { statesMax: 2_000 })).to.equal(undefined);
  }).timeout(180_000);
});
