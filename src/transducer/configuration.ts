// A network of transducers as the paper has it: what every node knows, and what is on its way. The
// transitions are values; who chooses them decides the run.
// Ameloot, Neven, Van den Bussche, "Relational transducers for declarative networking" (PODS 2011),
// section 3.
import { Map as ImmutableMap, Record } from "immutable";
import { assert } from "../base/assert.ts";
import { type Fact, keyOf, type Sent } from "./fact.ts";
import { type FactMap, type Model, type NodeState, type Transition } from "./model.ts";

/** A connected undirected graph of nodes, by their names. */
export type Topology = ReadonlyMap<string, readonly string[]>;

/** The facts on their way to a node, by their keys: a multiset. */
export type Buffer = ImmutableMap<string, Buffered>;

type Buffered = Record<BufferedFields> & Readonly<BufferedFields>;
type BufferedFields = { readonly fact: Fact; readonly count: number };

/** What all nodes know, and what is on its way to them. Configurations are equal where their facts
 * are. */
export type Configuration = Record<ConfigurationFields> & Readonly<ConfigurationFields>;

type ConfigurationFields = {
  readonly nodes: ImmutableMap<string, NodeState>;
  readonly buffers: ImmutableMap<string, Buffer>;
};

const bufferedOf = Record<BufferedFields>({ fact: { relation: 0, values: [] }, count: 0 });

const emptyConfiguration = Record<ConfigurationFields>({
  nodes: ImmutableMap(),
  buffers: ImmutableMap(),
});

/** A configuration, and what led to it put out for the first time at its node. */
export type Reached = {
  readonly configuration: Configuration;
  readonly output: Transition["output"];
};

/** The runs of one program on one network. */
export class TransducerNetwork {
  readonly model: Model;
  readonly topology: Topology;
  /** The names of all nodes, in the order of the topology. */
  readonly names: readonly string[];

  constructor(model: Model, topology: Topology) {
    this.model = model;
    this.topology = topology;
    this.names = [...topology.keys()];
    for (const [name, neighbours] of topology)
      for (const other of neighbours)
        assert(topology.get(other)?.includes(name) === true, "neighbours are so mutually");
  }

  /** The configuration before the first transition: each node has its part of the input. */
  start(partition: ReadonlyMap<string, readonly Fact[]>): Configuration {
    const { names, model } = this;
    return emptyConfiguration({
      nodes: ImmutableMap(
        names.map((name) => [name, model.start(name, names, partition.get(name) ?? [])]),
      ),
      buffers: ImmutableMap(names.map((name): [string, Buffer] => [name, ImmutableMap()])),
    });
  }

  /** A heartbeat: the node computes, and receives nothing. */
  heartbeat(configuration: Configuration, name: string): Reached {
    return this.transition(configuration, name, []);
  }

  /** The delivery of one fact of a node's buffer, by its key. */
  deliver(configuration: Configuration, name: string, key: string): Reached {
    const buffer = this.buffer(configuration, name);
    const buffered = buffer.get(key);
    assert(buffered !== undefined, `${key} is on its way to ${name}`);
    const { fact, count } = buffered;
    const left =
      count === 1 ? buffer.delete(key) : buffer.set(key, bufferedOf({ fact, count: count - 1 }));
    const taken = configuration.setIn(["buffers", name], left);
    return this.transition(taken, name, [fact]);
  }

  /** The arrival of input at a node. */
  insert(configuration: Configuration, name: string, facts: readonly Fact[]): Reached {
    return this.transition(configuration, name, facts);
  }

  /** What is on its way to a node. */
  buffer(configuration: Configuration, name: string): Buffer {
    const buffer = configuration.buffers.get(name);
    assert(buffer !== undefined, `${name} is a node`);
    return buffer;
  }

  /** What a node knows. */
  node(configuration: Configuration, name: string): NodeState {
    const state = configuration.nodes.get(name);
    assert(state !== undefined, `${name} is a node`);
    return state;
  }

  /** The output of all nodes so far. */
  output(configuration: Configuration): FactMap {
    return this.names.reduce<FactMap>(
      (all, name) => all.merge(this.node(configuration, name).output),
      ImmutableMap(),
    );
  }

  /** Whether nothing is on its way, and no heartbeat changes anything. */
  quiet(configuration: Configuration): boolean {
    return (
      configuration.buffers.every((buffer) => buffer.isEmpty()) &&
      this.names.every((name) =>
        this.heartbeat(configuration, name).configuration.equals(configuration),
      )
    );
  }

  private transition(
    configuration: Configuration,
    name: string,
    received: readonly Fact[],
  ): Reached {
    const { state, sent, output } = this.model.step(this.node(configuration, name), received);
    let { buffers } = configuration;
    for (const message of sent)
      for (const to of this.destinations(name, message))
        buffers = buffers.update(to, ImmutableMap(), (buffer) =>
          put(buffer, this.model.interned(message)),
        );
    const nodes = configuration.nodes.set(name, state);
    return { configuration: configuration.merge({ nodes, buffers }), output };
  }

  /** A message to a node that is not there is lost. */
  private destinations(name: string, { to }: Sent): readonly string[] {
    if (to === undefined) return this.topology.get(name) ?? [];
    return this.topology.has(to) ? [to] : [];
  }
}

function put(buffer: Buffer, fact: Fact): Buffer {
  const before = buffer.get(keyOf(fact));
  return buffer.set(keyOf(fact), bufferedOf({ fact, count: (before?.count ?? 0) + 1 }));
}
