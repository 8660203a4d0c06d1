// Programs for simulations, each with random input.
import { readFileSync } from "node:fs";
import { monotonicity } from "../../src/analysis/monotone.ts";
import type { Random } from "../../src/base/random.ts";
import { interpreted } from "../../src/codegen/backend.ts";
import { networkProgram, sealable } from "../../src/plan/network.ts";
import { plan } from "../../src/plan/program.ts";
import type { SimulatedProgram } from "../../src/sim/program.ts";
import type { Fact } from "../../src/transducer/fact.ts";
import { IncrementalTransducer } from "../../src/transducer/incremental.ts";
import { Model } from "../../src/transducer/model.ts";
import type { Value } from "../../src/value/schema.ts";
import { factsOf, programOf } from "./networks.ts";

/** A program, its input, and how many nodes it is for. */
export type Simulated = {
  readonly name: string;
  readonly program: SimulatedProgram;
  readonly nodesMax: number;
  readonly input: (from: Random) => readonly Fact[];
};

/** Where one can get to. */
export const reachability = simulated("reachability", {
  text: `
    .decl edge(x: number, y: number)
    .input edge
    .decl path(x: number, y: number)
    path(x, y) :- edge(x, y).
    path(x, z) :- path(x, y), edge(y, z).
    .output path`,
  program: { floods: true, sealed: false, promise: "monotone" },
  nodesMax: 4,
  input: { relation: "edge", columns: [5, 5], most: 10 },
});

/** How far it is: lattice rows, which fall. */
const distances = simulated("distances", {
  text: `
    .decl way(x: number, y: number, d: number)
    .input way
    .decl distance(x: number, d: Min<>)
    distance(0, 0).
    distance(y, d + e) :- distance(x, d), way(x, y, e), e >= 0.
    .output distance`,
  program: { floods: true, sealed: false, promise: "monotone" },
  nodesMax: 4,
  input: { relation: "way", columns: [5, 5, 9], most: 10 },
});

/** Every node knows when it knows all: Lemma 5.1 of the paper. */
const multicast = simulated("multicast", {
  text: readFileSync(new URL("../../programs/multicast.dl", import.meta.url), "utf8"),
  program: { floods: false, sealed: true, promise: "consistent" },
  nodesMax: 3,
  input: { relation: "edge", columns: [3, 3], most: 3 },
});

/** Every node counts what all insert: each message arrives exactly once, as long as nobody stops. */
const counting = simulated("counting", {
  text: `
    .decl item(x: number) event
    .input item
    .decl ping(x: number) message event
    ping(x)@n :~ item(x), All(n).
    .decl counted(n: number) memory
    counted(0).
    counted(n + 1) :+ ping(_), counted(n).
    -counted(n) :+ ping(_), counted(n).
    .decl total(n: number)
    total(n) :- counted(n).
    .output total`,
  program: {
    ...{ floods: false, sealed: false, promise: "consistent" },
    without: ["crash", "torn", "restore"],
  },
  nodesMax: 3,
  input: { relation: "item", columns: [1_000_000], most: 6 },
});

/** Where ways end, once all nodes have said that there are no more: negation on sealed input. */
const sinks = simulated("sinks", {
  text: `
    .decl edge(x: number, y: number)
    .input edge
    .decl path(x: number, y: number)
    path(x, y) :- edge(x, y).
    path(x, z) :- path(x, y), edge(y, z).
    .decl sink(x: number)
    sink(y) :- path(_, y), !edge(y, _).
    .output sink`,
  program: { floods: true, sealed: false, promise: "consistent", without: ["restore"] },
  awaited: true,
  nodesMax: 3,
  input: { relation: "edge", columns: [7, 7], most: 14 },
});

/** All of them. */
export const simulatedPrograms: readonly Simulated[] = [
  reachability,
  distances,
  multicast,
  counting,
  sinks,
];

type Parts = {
  readonly text: string;
  readonly program: Omit<SimulatedProgram, "model">;
  /** Nodes wait until all have sealed their input. */
  readonly awaited?: boolean;
  readonly nodesMax: number;
  readonly input: {
    readonly relation: string;
    /** How many numbers there are for each column. */
    readonly columns: readonly number[];
    readonly most: number;
  };
};

function simulated(name: string, parts: Parts): Simulated {
  const { text, program, nodesMax, input, awaited = false } = parts;
  const written = programOf(text);
  const { program: understood, seals } = awaited
    ? sealable(written)
    : { program: written, seals: -1 };
  const network = networkProgram(understood);
  const options = { network, plan: plan(network.step), backend: interpreted };
  const model = new Model(options);
  const levels = monotonicity(understood).relations;
  const grows = (relation: number): boolean => levels[relation]?.level === "M";
  return {
    ...{ name, nodesMax },
    program: {
      ...{ model, ...program },
      ...(awaited && {
        sealing: {
          relation: seals,
          awaited: network.roles.flatMap((role, at) => (role.input && at !== seals ? [at] : [])),
        },
      }),
      transducer: (node, members) =>
        new IncrementalTransducer({ ...options, grows }, node, members),
    },
    input: (from) =>
      factsOf(
        model,
        input.relation,
        Array.from({ length: from.between(1, input.most) }, (): Value[] =>
          input.columns.map((below) => BigInt(from.below(below))),
        ),
      ),
  };
}
