// All runs of a small network: every order of heartbeats, deliveries and arrivals of input.
import { Map as ImmutableMap, Record } from "immutable";
import type { Configuration, TransducerNetwork } from "../transducer/configuration.ts";
import type { Fact } from "../transducer/fact.ts";
import type { FactMap } from "../transducer/model.ts";

/** Input that comes to a node at some time. */
export type Arrival = { readonly node: string; readonly facts: readonly Fact[] };

/** One transition of a network. */
export type Move =
  | { readonly kind: "heartbeat"; readonly node: string }
  | ({ readonly kind: "delivery" | "arrival" } & Arrival);

/** What a network has put out when nothing happens any more, and a shortest run to there. */
export type Final = { readonly output: FactMap; readonly run: readonly Move[] };

/** What came of an exploration. */
export type Exploration = {
  /** How many states were reached. */
  readonly states: number;
  /** Whether these are all that can be reached. */
  readonly complete: boolean;
  /** Different outputs at the end of runs, those of shorter runs first. */
  readonly finals: readonly Final[];
};

/** How far an exploration goes. */
export type ExploreOptions = {
  readonly statesMax: number;
  /** What comes in, in any order, at any time. */
  readonly arrivals?: readonly Arrival[];
  /** Ends at so many different outputs. */
  readonly finalsMax?: number;
};

/** A configuration, and which arrivals are still to come, as bits. */
type State = Record<StateFields> & Readonly<StateFields>;
type StateFields = { readonly configuration: Configuration | undefined; readonly left: number };

type Reached = {
  readonly configuration: Configuration;
  readonly left: number;
  readonly from?: { readonly reached: Reached; readonly move: Move };
};

const stateOf = Record<StateFields>({ configuration: undefined, left: 0 });

/** Explores all runs from a configuration, breadth first. States are equal if their facts are. */
export function explore(
  network: TransducerNetwork,
  start: Configuration,
  { statesMax, arrivals = [], finalsMax = Infinity }: ExploreOptions,
): Exploration {
  const first: Reached = { configuration: start, left: 2 ** arrivals.length - 1 };
  const seen = ImmutableMap<State, true>().asMutable();
  const finals: Final[] = [];
  const queue: Reached[] = [first];
  seen.set(stateOf({ configuration: start, left: first.left }), true);
  for (let at = 0; at < queue.length; at++) {
    const reached = queue[at];
    if (reached === undefined) break;
    const { configuration, left } = reached;
    let quiet = true;
    for (const { move, ...next } of transitions(network, reached, arrivals)) {
      // Sending again what is on its way already changes the state, too.
      if (next.left === left && next.configuration.equals(configuration)) continue;
      quiet = false;
      const state = stateOf(next);
      if (seen.has(state)) continue;
      if (seen.size >= statesMax) return { states: seen.size, complete: false, finals };
      seen.set(state, true);
      queue.push({ ...next, from: { reached, move } });
    }
    if (!quiet) continue;
    const output = network.output(configuration);
    if (finals.some((final) => final.output.equals(output))) continue;
    finals.push({ output, run: runTo(reached) });
    if (finals.length >= finalsMax) return { states: seen.size, complete: false, finals };
  }
  return { states: seen.size, complete: true, finals };
}

function* transitions(
  network: TransducerNetwork,
  { configuration, left }: Reached,
  arrivals: readonly Arrival[],
): Generator<{ configuration: Configuration; left: number; move: Move }> {
  for (const [at, { node, facts }] of arrivals.entries()) {
    if ((left & (1 << at)) === 0) continue;
    const next = network.insert(configuration, node, facts).configuration;
    yield {
      ...{ configuration: next, left: left & ~(1 << at) },
      move: { kind: "arrival", node, facts },
    };
  }
  for (const node of network.names) {
    for (const [key, { fact }] of network.buffer(configuration, node)) {
      const next = network.deliver(configuration, node, key).configuration;
      yield { configuration: next, left, move: { kind: "delivery", node, facts: [fact] } };
    }
    const next = network.heartbeat(configuration, node).configuration;
    yield { configuration: next, left, move: { kind: "heartbeat", node } };
  }
}

function runTo(reached: Reached): Move[] {
  const moves: Move[] = [];
  for (let at = reached; at.from !== undefined; at = at.from.reached) moves.unshift(at.from.move);
  return moves;
}
