// What the view of the simulated network and its worker say to each other.
import type { Project } from "./protocol.ts";

/** How nodes come to their answers. `free`: each shares its input with all, and answers from what
 * it has so far (flooding). `wait`: the same, but each says when it has told all, and none answers
 * before it has heard that of all (Lemma 5 of the transducer paper). `order`: each hands its input
 * to one node, the sequencer, which gives every fact an epoch; all take the epochs in their order,
 * and answer from those that they have. `written`: as the program's own rules send. */
export type NetworkMode = "free" | "wait" | "order" | "written";

/** With what a simulation begins. */
export type NetworkSetup = {
  readonly project: Project;
  readonly nodes: number;
  readonly mode: NetworkMode;
  readonly seed: number;
  /** Which node has an input fact at first, by the fact's text; dealt in turn unless given. */
  readonly dealt: Readonly<Record<string, string>>;
};

/** The least and the most nodes that are simulated, and the most facts that are dealt out. */
export const networkLimits = { nodesMin: 2, nodesMax: 5, factsMax: 60, stepsMax: 2000 } as const;

/** Something that happens. */
export type NetworkAction =
  /** Chance chooses: a delivery, a heartbeat, a message sent again; faults at these rates. */
  | { readonly kind: "step"; readonly loss: number; readonly duplication: number }
  | { readonly kind: "deliver" | "drop" | "duplicate" | "hold"; readonly flight: number }
  | { readonly kind: "cut" | "heal"; readonly between: readonly [string, string] }
  | { readonly kind: "crash" | "restart"; readonly node: string }
  | { readonly kind: "insert"; readonly node: string; readonly fact: string };

/** A fact as it is shown. `wrong`: it is not in the answer of one machine that has all input, and
 * was told nevertheless. `earlier`: it is not either, but holds as of the epoch that it is told of. */
export type ShownFact = {
  readonly text: string;
  readonly relation: string;
  readonly state: "right" | "wrong" | "earlier";
};

/** A node as it is shown. */
export type ShownNode = {
  readonly name: string;
  readonly up: boolean;
  /** Its share of the input. */
  readonly own: readonly string[];
  /** How many facts of the input it holds, of all that there are. */
  readonly held: number;
  readonly output: readonly ShownFact[];
  /** How many facts of the answer it has not put out yet. */
  readonly missing: number;
  /** Whom it waits for, before it answers. */
  readonly awaits: readonly string[];
  /** Where facts are put in one order: up to which epoch it has taken them. */
  readonly epoch?: number;
};

/** A message on its way. `lost`: it will not arrive, and is sent again as no acknowledgement
 * comes. `held`: it is kept back until somebody lets it go. */
export type ShownFlight = {
  readonly id: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly kind: "fact" | "seal" | "epoch";
  readonly state: "moving" | "lost" | "held" | "blocked";
};

/** What all nodes have come to. `converged`: nothing is on its way, and all have the answer.
 * `running`: nothing wrong was told yet. `wrong`: somebody has told what is not in the answer.
 * `stuck`: nothing can happen any more, and the answer is not there. */
export type NetworkVerdict = "converged" | "running" | "wrong" | "stuck";

/** A simulation at one of its steps. */
export type NetworkView = {
  readonly at: number;
  readonly steps: number;
  readonly nodes: readonly ShownNode[];
  readonly flights: readonly ShownFlight[];
  readonly cuts: readonly (readonly [string, string])[];
  /** What happened, up to this step. */
  readonly log: readonly string[];
  readonly verdict: NetworkVerdict;
  /** What is on no node's way: facts that can still be inserted. */
  readonly left: readonly string[];
  /** Whether no output of the program is ever taken back. */
  readonly monotone: boolean;
  /** How many facts of the answer there are. */
  readonly answer: number;
  /** Who puts facts in order, and the last epoch there is. */
  readonly sequencer?: { readonly name: string; readonly epochs: number };
  /** Which modes the program can be run in. */
  readonly modes: readonly NetworkMode[];
  readonly inputs: readonly string[];
};

/** Why a program is not simulated. */
export type NetworkRefusal = { readonly refused: string };
