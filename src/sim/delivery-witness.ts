// Two orders in which the same things arrive, with different answers.
import { type Topology, TransducerNetwork } from "../transducer/configuration.ts";
import { type Fact, keyOf } from "../transducer/fact.ts";
import type { FactMap, Model } from "../transducer/model.ts";
import type { Value, ValueKind } from "../value/schema.ts";
import { type Arrival, explore, type Final, type Move } from "./explore.ts";

/** The same input, and two runs of the network with different answers when nothing happens any
 * more. */
export type DeliveryWitness = {
  readonly arrivals: readonly Arrival[];
  readonly runs: readonly [Final, Final];
};

/** How far a search for a witness goes. */
export type DeliveryOptions = {
  /** All explorations together. */
  readonly statesMax?: number;
  /** Whether to go on; asked before each exploration. */
  readonly goOn?: () => boolean;
  /** The values that facts are made of. */
  readonly valuesOf?: (kind: ValueKind) => readonly Value[];
};

const statesMaxDefault = 20_000;
const statesOfOneMax = 3_000;
const arrivalsMax = 3;

/** The networks that are tried: one node, and two neighbours. */
const topologies: readonly Topology[] = [
  new Map([["a", []]]),
  new Map([
    ["a", ["b"]],
    ["b", ["a"]],
  ]),
];

/** Looks for a witness among small inputs on small networks, all runs of each; undefined where
 * there is none within the bounds. */
export function deliveryWitness(
  model: Model,
  { statesMax = statesMaxDefault, goOn = () => true, valuesOf = smallValues }: DeliveryOptions = {},
): DeliveryWitness | undefined {
  const facts = inputFacts(model, valuesOf);
  let states = 0;
  for (let size = 1; size <= arrivalsMax; size++)
    for (const topology of topologies) {
      const network = new TransducerNetwork(model, topology);
      for (const input of subsets(facts, size))
        for (const arrivals of placements(input, network.names)) {
          if (states >= statesMax || !goOn()) return undefined;
          const exploration = explore(network, network.start(new Map()), {
            ...{ arrivals, finalsMax: 2 },
            statesMax: Math.min(statesOfOneMax, statesMax - states),
          });
          states += exploration.states;
          const [one, other] = exploration.finals;
          if (one !== undefined && other !== undefined) return { arrivals, runs: [one, other] };
        }
    }
  return undefined;
}

/** Returns a witness as lines: for each of the two runs what happens, and what the answer is. */
export function deliveryWitnessLines(model: Model, { runs }: DeliveryWitness): string[] {
  const text = (fact: Fact): string => {
    const name = model.network.roles[fact.relation]?.name ?? "";
    return keyOf(fact).replace(/^\d+/, () => name);
  };
  const list = (output: FactMap): string =>
    output.isEmpty() ? "nothing" : [...output.values()].map(text).toSorted().join(" ");
  return runs.flatMap(({ output, run }, at) => [
    ...[at === 0 ? "in one order:" : "in another order:"],
    ...run.map((move) => `  ${moveText(move, text)}`),
    `  put out: ${list(output)}`,
  ]);
}

function moveText(move: Move, text: (fact: Fact) => string): string {
  if (move.kind === "heartbeat") return `${move.node} computes`;
  const facts = move.facts.map(text).join(" ");
  return move.kind === "arrival"
    ? `${facts} is inserted at ${move.node}`
    : `${facts} is delivered to ${move.node}`;
}

/** Facts of the inputs, from a few values. */
function inputFacts(
  { network }: Model,
  valuesOf: (kind: ValueKind) => readonly Value[],
): readonly Fact[] {
  return network.roles.flatMap(({ input }, relation) => {
    const attributes = network.step.relations[relation]?.attributes ?? [];
    const tuples = attributes.reduce<Value[][]>(
      (some, { kind }) =>
        some.flatMap((values) => valuesOf(kind).map((value) => [...values, value])),
      [[]],
    );
    return input ? tuples.map((values) => ({ relation, values })) : [];
  });
}

/** Two values of a kind; none of structures. */
function smallValues(kind: ValueKind): readonly Value[] {
  if (kind === "number" || kind === "unsigned") return [1n, 2n];
  if (kind === "float") return [1, 2];
  return kind === "symbol" ? ["x", "y"] : [];
}

function* subsets<T>(items: readonly T[], size: number, from = 0): Generator<T[]> {
  if (size === 0) yield [];
  else
    for (let at = from; at < items.length; at++) {
      const item = items[at];
      if (item === undefined) return;
      for (const others of subsets(items, size - 1, at + 1)) yield [item, ...others];
    }
}

/** All ways to have facts arrive at nodes. */
function* placements(facts: readonly Fact[], names: readonly string[]): Generator<Arrival[]> {
  const [fact, ...others] = facts;
  if (fact === undefined) yield [];
  else
    for (const rest of placements(others, names))
      for (const node of names) yield [{ node, facts: [fact] }, ...rest];
}
