// The whole network at one moment, as an immutable value: to go back to a step is to take an earlier
// one. Worlds share what they have in common.
import type { Map as ImmutableMap } from "immutable";
import { List, OrderedMap, Record, Set as ImmutableSet } from "immutable";
import type { Fact } from "../../../../src/transducer/fact.ts";
import type { FactMap, NodeState } from "../../../../src/transducer/model.ts";

/** A message on its way. */
export type Flight = {
  readonly id: number;
  readonly from: string;
  readonly to: string;
  readonly load: Load;
  readonly state: "moving" | "lost" | "held";
  /** The step at which it was sent, or lost. */
  readonly since: number;
};

/** What a message carries: a fact; that a node has told all that it has; or the fact that has an
 * epoch. */
export type Load =
  | { readonly kind: "fact"; readonly fact: Fact }
  | { readonly kind: "epoch"; readonly epoch: number; readonly fact: Fact }
  | { readonly kind: "seal"; readonly of: string; readonly facts: FactMap };

/** One node. What it has written down it still has after a crash: its state. */
export type NodeWorld = {
  readonly up: boolean;
  /** The part of the input that clients gave it. */
  readonly own: FactMap;
  /** Where nodes wait for each other: what it holds of the input so far. */
  readonly held: FactMap;
  /** Who has told all, and what that was. */
  readonly seals: ImmutableMap<string, FactMap>;
  /** Where one node puts facts in order: the epochs that have arrived, and up to which they have
   * been taken. */
  readonly epochs: ImmutableMap<number, Fact>;
  readonly epoch: number;
  /** Whether it computes: it is then a transducer in this state. */
  readonly state: NodeState | undefined;
  /** Memory has changed: it computes once more. */
  readonly again: boolean;
};

type WorldFields = {
  readonly step: number;
  readonly nodes: OrderedMap<string, NodeWorld>;
  readonly flights: OrderedMap<number, Flight>;
  readonly cuts: ImmutableSet<string>;
  readonly lastFlight: number;
  readonly log: List<string>;
};

/** All nodes, and all that is on its way. */
export type World = Record<WorldFields> & Readonly<WorldFields>;

/** A world of nothing. */
export const emptyWorld = Record<WorldFields>({
  step: 0,
  nodes: OrderedMap(),
  flights: OrderedMap(),
  cuts: ImmutableSet(),
  lastFlight: 0,
  log: List(),
});

/** The name of what is between two nodes, whichever is named first. */
export function linkOf(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}
