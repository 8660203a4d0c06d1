// Programs for simulations, each with random input.
import { readFileSync } from "node:fs";
import { assert } from "../../src/base/assert.ts";
import { monotonicity } from "../../src/analysis/monotone.ts";
import type { Random } from "../../src/base/random.ts";
import { simulatedOf } from "../../src/cli/sim-program.ts";
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
  /** Keys that are sealed. */
  readonly keys?: readonly Fact[];
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
  program: { floods: true, promise: "monotone" },
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
  program: { floods: true, promise: "monotone" },
  nodesMax: 4,
  input: { relation: "way", columns: [5, 5, 9], most: 10 },
});

/** Every node knows when it knows all: Lemma 5.1 of the paper. */
const multicast = simulated("multicast", {
  text: readFileSync(new URL("../../programs/multicast.dl", import.meta.url), "utf8"),
  program: { floods: false, promise: "consistent" },
  awaited: true,
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
    ...{ floods: false, promise: "consistent" },
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
  program: { floods: true, promise: "consistent", without: ["restore"] },
  awaited: true,
  nodesMax: 3,
  input: { relation: "edge", columns: [7, 7], most: 14 },
});

/** A closure whose facts and answers are at their owners, who send each other what they join. */
const partitionedClosure = inParts("closure in parts", {
  text: `
    .decl edge(x: number, y: number) partition(x)
    .input edge
    .decl path(x: number, y: number) partition(x) partition(y)
    path(x, y) :- edge(x, y).
    path(x, z) :- path(x, y), edge(y, z).
    .output path, edge`,
  nodesMax: 4,
  input: { edge: { columns: [5, 5], most: 5 } },
});

/** Lattice rows in parts. */
const partitionedDistances = inParts("distances in parts", {
  text: `
    .decl way(x: number, y: number, d: number) partition(x)
    .input way
    .decl distance(x: number, y: number, d: Min<>) partition(y)
    distance(x, y, d) :- way(x, y, d), d >= 0.
    distance(x, z, d + e) :- distance(x, y, d), way(y, z, e), e >= 0.
    .output distance`,
  nodesMax: 3,
  input: { way: { columns: [4, 4, 9], most: 4 } },
});

/** Level F1: what nobody has taken, and how many have, for keys that their owners have sealed. */
export const rooms = inParts("rooms in parts", {
  text: `
    .decl room(x: number, y: number) partition(y)
    .decl taken(x: number, by: number) partition(x)
    .input room, taken
    .decl free(x: number, y: number)
    free(x, y) :- room(x, y), !taken(x, _), !taken(y, _).
    .decl guests(x: number, n: number)
    guests(x, n) :- room(x, _), n = count : { taken(x, _) }.
    .output free, guests`,
  nodesMax: 3,
  input: {
    room: { columns: [5, 5], most: 5 },
    taken: { columns: [5, 3], most: 5 },
  },
  keys: 5,
});

/** Level F1, too: rules say when a key is sealed. */
const orders = inParts("orders in parts", {
  text: `
    .decl closed(x: number) partition(x)
    .decl order(x: number, item: number) partition(x)
    .input closed, order
    .seal order(x) :- closed(x).
    .decl size(x: number, n: number) partition(n)
    size(x, n) :- closed(x), n = count : { order(x, _) }.
    .output size`,
  nodesMax: 4,
  input: {
    closed: { columns: [6], most: 4 },
    order: { columns: [6, 4], most: 5 },
  },
});

/** All of them. */
export const simulatedPrograms: readonly Simulated[] = [
  reachability,
  distances,
  multicast,
  counting,
  sinks,
  partitionedClosure,
  partitionedDistances,
  rooms,
  orders,
];

/** How many tuples of a relation there are at most, and how many numbers for each column. */
type Drawn = { readonly columns: readonly number[]; readonly most: number };

type Written = {
  readonly text: string;
  readonly program: Omit<SimulatedProgram, "model">;
  /** Nodes wait until their input is sealed. */
  readonly awaited?: boolean;
  readonly nodesMax: number;
  readonly input: {
    readonly relation: string;
    /** How many numbers there are for each column. */
    readonly columns: readonly number[];
    readonly most: number;
  };
};

function simulated(name: string, parts: Written): Simulated {
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

/** `keys`: the numbers below are sealed, as keys of whatever is sealed. */
function inParts(
  name: string,
  written: {
    readonly text: string;
    readonly nodesMax: number;
    readonly input: Readonly<Record<string, Drawn>>;
    readonly keys?: number;
  },
): Simulated {
  const { simulated: program } = simulatedOf(programOf(written.text), { backend: interpreted });
  assert(program?.parts !== undefined, "the program can be evaluated in parts");
  const { seals } = program.parts;
  return {
    ...{ name, program, nodesMax: written.nodesMax },
    input: (from) =>
      Object.entries(written.input).flatMap(([relation, { columns, most }]) =>
        factsOf(
          program.model,
          relation,
          Array.from({ length: from.between(1, most) }, (): Value[] =>
            columns.map((below) => BigInt(from.below(below))),
          ),
        ),
      ),
    keys: [...new Set(seals.values())].flatMap((relation) =>
      Array.from({ length: written.keys ?? 0 }, (_, key) => ({ relation, values: [BigInt(key)] })),
    ),
  };
}
