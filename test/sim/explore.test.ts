import { expect } from "chai";
import { deliveryWitness, deliveryWitnessLines } from "../../src/sim/delivery-witness.ts";
import { explore } from "../../src/sim/explore.ts";
import { type Topology, TransducerNetwork } from "../../src/transducer/configuration.ts";
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
  }).timeout(20_000);

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
  }).timeout(20_000);

  it("says so when there is more than it may look at", () => {
    const model = floodingModel(closure);
    const network = new TransducerNetwork(model, two);
    const start = network.start(new Map([["a", factsOf(model, "edge", [[1n, 2n]])]]));
    const { complete, states } = explore(network, start, { statesMax: 3 });
    expect({ complete, states }).to.deep.equal({ complete: false, states: 3 });
  });
});

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
  }).timeout(20_000);

  it("is not there for a monotone program", () => {
    expect(deliveryWitness(floodingModel(closure), { statesMax: 2_000 })).to.equal(undefined);
  }).timeout(20_000);
});
