// What the theory states of transducers, on random networks, partitions and runs.
// [A] Ameloot, Neven, Van den Bussche, "Relational transducers for declarative networking" (PODS
// 2011); numbers of statements are those of arXiv 1012.2858.
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { random, type Random } from "../../src/base/random.ts";
import { TransducerNetwork } from "../../src/transducer/configuration.ts";
import type { Fact } from "../../src/transducer/fact.ts";
import type { Model } from "../../src/transducer/model.ts";
import {
  central,
  factsOf,
  fairRun,
  floodingModel,
  modelOf,
  programOf,
  randomPartition,
  randomTopology,
  texts,
} from "../support/networks.ts";

const seed = Number(process.env["SEED"] ?? "1");
const runs = 12;

const closure = `
  .decl edge(x: number, y: number)
  .input edge
  .decl path(x: number, y: number)
  path(x, y) :- edge(x, y).
  path(x, z) :- path(x, y), edge(y, z).
  .output path`;

const multicast = readFileSync(new URL("../../programs/multicast.dl", import.meta.url), "utf8");

function randomEdges(from: Random, model: Model): Fact[] {
  const count = from.between(1, 5);
  const pairs = Array.from({ length: count }, () => [
    BigInt(from.between(1, 4)),
    BigInt(from.between(1, 4)),
  ]);
  return factsOf(model, "edge", pairs);
}

describe(`transducer networks (SEED=${seed})`, () => {
  it("give one answer over all fair runs, partitions and topologies, when they flood ([A] Theorem 6.2)", () => {
    const from = random(seed);
    const model = floodingModel(closure);
    for (let run = 0; run < runs; run++) {
      const input = randomEdges(from, model);
      const network = new TransducerNetwork(model, randomTopology(from, from.between(1, 4)));
      const start = network.start(randomPartition(from, network.names, input));
      const end = fairRun(from, network, start);
      for (const name of network.names)
        expect(texts(model, network.node(end, name).output.values())).to.deep.equal(
          central(model, input),
        );
    }
  });

  it("never put out what one machine does not ([A] Theorem 12: coordination-free is monotone)", () => {
    const from = random(seed + 1);
    const model = floodingModel(closure);
    for (let run = 0; run < runs; run++) {
      const input = randomEdges(from, model);
      const answer = new Set(central(model, input));
      const network = new TransducerNetwork(model, randomTopology(from, 3));
      const start = network.start(randomPartition(from, network.names, input));
      fairRun(from, network, start, (configuration) => {
        const wrong = texts(model, network.output(configuration).values()).filter(
          (fact) => !answer.has(fact),
        );
        expect(wrong).to.deep.equal([]);
      });
    }
  });

  it("need no message where every node has all input, if they are oblivious ([A] Proposition 11)", () => {
    const from = random(seed + 2);
    const model = floodingModel(closure);
    for (let run = 0; run < runs; run++) {
      const input = randomEdges(from, model);
      const network = new TransducerNetwork(model, randomTopology(from, from.between(1, 4)));
      let configuration = network.start(new Map(network.names.map((name) => [name, input])));
      for (const name of network.names)
        configuration = network.heartbeat(configuration, name).configuration;
      for (const name of network.names)
        expect(texts(model, network.node(configuration, name).output.values())).to.deep.equal(
          central(model, input),
        );
    }
  });

  it("do with rules that do not recurse what recursive ones do in one step ([A] Theorem 6.4)", () => {
    const from = random(seed + 3);
    const steps = modelOf(
      programOf(`
        .decl edge(x: number, y: number)
        .input edge
        .decl known(x: number, y: number) message memory
        known(x, y) :+ edge(x, y).
        known(x, y) :~ edge(x, y).
        known(x, y) :~ known(x, y).
        .decl path(x: number, y: number)
        path(x, y) :+ known(x, y).
        path(x, z) :+ path(x, y), known(y, z).
        .output path`),
    );
    const recursive = floodingModel(closure);
    for (let run = 0; run < runs; run++) {
      const input = randomEdges(from, steps);
      const network = new TransducerNetwork(steps, randomTopology(from, from.between(1, 3)));
      const start = network.start(randomPartition(from, network.names, input));
      const end = fairRun(from, network, start);
      for (const name of network.names)
        expect(texts(steps, network.node(end, name).output.values())).to.deep.equal(
          central(recursive, input),
        );
    }
  });

  it("wait for each other by heartbeats in vain where a program asks who is there ([A] Example 15)", () => {
    // The identity, put out only by a node that is alone or has heard of another.
    const model = modelOf(
      programOf(`
        .decl s(x: number)
        .input s
        .decl heard(n: symbol)
        heard(n) :~ Id(n).
        .decl others()
        others() :- Id(v), All(w), v != w.
        .decl out(x: number)
        out(x) :- s(x), !others().
        out(x) :- s(x), heard(_).
        .output out`),
    );
    const network = new TransducerNetwork(
      model,
      new Map([
        ["a", ["b"]],
        ["b", ["a"]],
      ]),
    );
    const input = factsOf(model, "s", [[1n], [2n]]);
    let configuration = network.start(new Map(network.names.map((name) => [name, input])));
    for (const name of [...network.names, ...network.names])
      configuration = network.heartbeat(configuration, name).configuration;
    expect(texts(model, network.output(configuration).values())).to.deep.equal([]);
    const end = fairRun(random(seed), network, configuration);
    expect(texts(model, network.output(end).values())).to.deep.equal(["out(1)", "out(2)"]);
  });
});

describe(`programs/multicast.dl (SEED=${seed})`, () => {
  const model = modelOf(programOf(multicast));
  const relation = (name: string): number =>
    model.network.roles.findIndex((role) => role.name === name);
  const ready = relation("ready");

  it("is ready at every node in the end, at none before it has all input ([A] Lemma 5.1)", () => {
    const from = random(seed + 4);
    for (let run = 0; run < 5; run++) {
      const input = randomEdges(from, model).slice(0, 3);
      const network = new TransducerNetwork(model, randomTopology(from, from.between(1, 3)));
      const partition = randomPartition(from, network.names, input);
      const wanted = new Set([...partition.values()].flat().map((fact) => texts(model, [fact])[0]));
      const end = fairRun(from, network, network.start(partition), (configuration) => {
        for (const name of network.names) {
          const state = network.node(configuration, name);
          if (model.factsOf(state.kept, ready).length === 0) continue;
          const [told, edge] = [relation("told"), relation("edge")];
          const has = new Set(
            [...model.factsOf(state.kept, told), ...model.factsOf(state.kept, edge)].map(
              (fact) =>
                texts(model, [
                  { relation: edge, values: fact.values.slice(fact.relation === told ? 1 : 0) },
                ])[0],
            ),
          );
          expect([...wanted].filter((fact) => !has.has(fact))).to.deep.equal([]);
        }
      });
      for (const name of network.names)
        expect(model.factsOf(network.node(end, name).kept, ready)).to.have.length(1);
      expect(texts(model, network.output(end).values())).to.deep.equal(central(model, input));
    }
  });

  it("is never ready by heartbeats alone where there is another node", () => {
    const input = factsOf(model, "edge", [[1n, 2n]]);
    const network = new TransducerNetwork(
      model,
      new Map([
        ["a", ["b"]],
        ["b", ["a"]],
      ]),
    );
    let configuration = network.start(new Map(network.names.map((name) => [name, input])));
    for (let round = 0; round < 6; round++)
      for (const name of network.names)
        configuration = network.heartbeat(configuration, name).configuration;
    for (const name of network.names)
      expect(model.factsOf(network.node(configuration, name).kept, ready)).to.deep.equal([]);
  });
});
