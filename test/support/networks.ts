// Networks of transducers for tests: from a text to what its nodes run, random connected graphs,
// random parts of the input, random fair runs.
import type { Program } from "../../src/analysis/program.ts";
import { assert } from "../../src/base/assert.ts";
import type { Random } from "../../src/base/random.ts";
import { interpreted } from "../../src/codegen/backend.ts";
import { understand } from "../../src/understand.ts";
import { flooded, networkProgram } from "../../src/plan/network.ts";
import { plan } from "../../src/plan/program.ts";
import {
  type Configuration,
  type Topology,
  TransducerNetwork,
} from "../../src/transducer/configuration.ts";
import { type Fact, keyOf } from "../../src/transducer/fact.ts";
import { Model } from "../../src/transducer/model.ts";
import type { Implementations } from "../../src/value/user-functor.ts";
import type { Value } from "../../src/value/schema.ts";

/** Returns the program of a text, which has no mistakes. */
export function programOf(text: string): Program {
  const { program, diagnostics } = understand(text);
  assert(program !== undefined, diagnostics.map(({ message }) => message).join("; "));
  return program;
}

/** Returns the model of nodes that run a program. */
export function modelOf(program: Program, functors: Implementations = {}): Model {
  const network = networkProgram(program);
  return new Model({ network, plan: plan(network.step), backend: interpreted, functors });
}

/** Returns the model of nodes that flood their inputs and evaluate the program on what they know. */
export function floodingModel(text: string): Model {
  return modelOf(flooded(programOf(text)));
}

/** Returns facts of a relation of numbers and symbols. */
export function factsOf(model: Model, name: string, tuples: readonly (readonly Value[])[]): Fact[] {
  const relation = model.network.roles.findIndex((role) => role.name === name);
  assert(relation >= 0, `there is a relation ${name}`);
  return tuples.map((values) => ({ relation, values }));
}

/** Returns the keys of a node's, or a network's, output, sorted. */
export function texts(model: Model, facts: Iterable<Fact>): string[] {
  return Array.from(facts, ({ relation, values }) => {
    const name = model.network.roles[relation]?.name ?? "";
    return keyOf({ relation, values }).replace(/^\d+/, name);
  }).toSorted();
}

/** Returns the output of one machine that has all input. */
export function central(model: Model, input: readonly Fact[]): string[] {
  const alone = new TransducerNetwork(model, new Map([["a", []]]));
  let configuration = alone.start(new Map([["a", input]]));
  for (;;) {
    const next = alone.heartbeat(configuration, "a").configuration;
    if (next.equals(configuration)) break;
    configuration = next;
  }
  return texts(model, alone.output(configuration).values());
}

/** Returns a random connected graph of so many nodes. */
export function randomTopology(random: Random, size: number): Topology {
  const names = Array.from({ length: size }, (_, at) => `n${at + 1}`);
  const edges = new Map(names.map((name) => [name, new Set<string>()]));
  const join = (a: string, b: string): void => {
    edges.get(a)?.add(b);
    edges.get(b)?.add(a);
  };
  for (const [at, name] of names.entries()) {
    if (at > 0) join(name, names[random.below(at)] ?? name);
    for (const other of names.slice(at + 1)) if (random.below(4) === 0) join(name, other);
  }
  return new Map([...edges].map(([name, others]) => [name, [...others].toSorted()]));
}

/** Returns a random horizontal partition: each fact is at one node or at several. */
export function randomPartition(
  random: Random,
  names: readonly string[],
  input: readonly Fact[],
): Map<string, Fact[]> {
  const parts = new Map(names.map((name) => [name, [] as Fact[]]));
  for (const fact of input) {
    const home = random.below(names.length);
    for (const [at, name] of names.entries())
      if (at === home || random.below(4) === 0) parts.get(name)?.push(fact);
  }
  return parts;
}

/** Runs transitions in random order until nothing happens any more: a fair run. `see` is shown each
 * configuration. */
export function fairRun(
  random: Random,
  network: TransducerNetwork,
  start: Configuration,
  see: (configuration: Configuration) => void = () => undefined,
): Configuration {
  let configuration = start;
  for (let steps = 0; steps < 20_000; steps++) {
    const name = network.names[random.below(network.names.length)] ?? "";
    const keys = [...network.buffer(configuration, name).keys()];
    const before = configuration;
    configuration =
      keys.length === 0 || random.below(4) === 0
        ? network.heartbeat(configuration, name).configuration
        : network.deliver(configuration, name, keys[random.below(keys.length)] ?? "").configuration;
    see(configuration);
    if (configuration.equals(before) && network.quiet(configuration)) return configuration;
  }
  throw new Error("the run does not become quiet");
}
