// The facts of the programs in bench/programs/souffle: for each workload a function of its seed.
// An identifier is given as a number from 0 and written in one of several forms, so that the same
// graph can be had with identifiers that are dense, that are 64 random bits, or that are text.
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

/** How identifiers are written: as they are, as numbers of 64 random bits, or as text. */
export const identifierForms = ["dense", "wide", "text"] as const;
export type IdentifierForm = (typeof identifierForms)[number];

/** A program with its facts, and how many times faster than Soufflé it is asked to be. */
export type Workload = {
  readonly name: string;
  /** The file in bench/programs/souffle, without its extension. */
  readonly program: string;
  readonly target: number;
  /** The forms that make a difference: some have no identifiers, or are about text. */
  readonly forms: readonly IdentifierForm[];
  readonly facts: Facts;
};

/** Writes the facts: `open` makes the file of a relation, and returns what writes a row of it. */
type Facts = (open: (relation: string) => Row) => void;

/** Writes a row: numbers are identifiers, text is written as it is. */
type Row = (...columns: (number | string)[]) => void;

const all = identifierForms;
const number: readonly IdentifierForm[] = ["dense", "wide"];

/** The workloads, in the order of the table. */
export const workloads: readonly Workload[] = [
  { name: "tc_rand", program: "tc", target: 5, forms: all, facts: distinctEdges(1, 2000, 6000) },
  { name: "tc_chain", program: "tc", target: 5, forms: all, facts: chain(3000) },
  { name: "tc_grid", program: "tc", target: 5, forms: all, facts: grid(70) },
  {
    name: "tc_sparse",
    ...{ program: "tc", target: 2.5, forms: all },
    facts: distinctEdges(11, 400_000, 352_000),
  },
  { name: "sg", program: "sg", target: 3, forms: all, facts: tree(2048) },
  {
    name: "sg_rand",
    ...{ program: "sg", target: 3, forms: all },
    facts: distinctEdges(2, 1500, 2600, "parent"),
  },
  { name: "andersen", program: "andersen", target: 2.5, forms: all, facts: pointers },
  { name: "cspa", program: "cspa", target: 4, forms: all, facts: functions },
  { name: "doop", program: "doop", target: 1.5, forms: all, facts: classes },
  { name: "tri", program: "tri", target: 20, forms: all, facts: skewed(5, 60_000, 600_000, 2.5) },
  { name: "cyc4", program: "cyc4", target: 8, forms: all, facts: skewed(55, 20_000, 80_000, 2) },
  { name: "reach", program: "reach", target: 4, forms: all, facts: largeGraph },
  { name: "sp", program: "sp", target: 1.4, forms: ["dense"], facts: roads },
  { name: "load_int", program: "load_int", target: 5, forms: number, facts: pairs },
  { name: "load_sym", program: "load_sym", target: 2, forms: number, facts: members },
];

/** Writes the facts of a workload to `folder`, with identifiers in the given form. */
export function writeFacts({ facts }: Workload, form: IdentifierForm, folder: string): void {
  const written = writerOf(form);
  const ends: (() => void)[] = [];
  facts((relation) => {
    const file = openSync(join(folder, `${relation}.facts`), "w");
    let lines: string[] = [];
    const flush = (): void => {
      writeSync(file, lines.join(""));
      lines = [];
    };
    ends.push(() => {
      flush();
      closeSync(file);
    });
    return (...columns) => {
      const cells = columns.map((cell) => (typeof cell === "string" ? cell : written(cell)));
      if (lines.push(`${cells.join("\t")}\n`) === 50_000) flush();
    };
  });
  for (const end of ends) end();
}

/** Returns the text of an identifier, as a function of its number. */
function writerOf(form: IdentifierForm): (id: number) => string {
  switch (form) {
    case "dense":
      return String;
    case "text":
      return (id) => `id_${mixed(id ^ 0x3c6ef372).toString(36)}`;
    case "wide": {
      const words = new Int32Array(2);
      const whole = new BigInt64Array(words.buffer);
      return (id) => {
        words[0] = mixed(id ^ 0x5bd1e995);
        words[1] = mixed(id + 0x1b873593);
        return String(whole[0]);
      };
    }
  }
}

/** A bijection of 32 bits whose results look random: the end of MurmurHash3. */
function mixed(id: number): number {
  let hash = id ^ (id >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A source of numbers in [0, 1): mulberry32, which the sizes in the table were found with. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let hash = Math.imul(state ^ (state >>> 15), state | 1);
    hash = (hash + Math.imul(hash ^ (hash >>> 7), hash | 61)) ^ hash;
    return ((hash ^ (hash >>> 14)) >>> 0) / 0x100000000;
  };
}

/** Integers in [0, bound), from a seed. */
function integers(seed: number): (bound: number) => number {
  const next = uniform(seed);
  return (bound) => Math.floor(next() * bound);
}

function distinctEdges(seed: number, vertices: number, edges: number, relation = "edge"): Facts {
  return (open) => {
    const below = integers(seed);
    writeDistinct(open(relation), vertices, edges, () => below(vertices));
  };
}

/** A random graph where some vertices have far more edges than others. */
function skewed(seed: number, vertices: number, edges: number, exponent: number): Facts {
  return (open) => {
    const next = uniform(seed);
    const vertex = (): number => Math.floor(vertices * next() ** exponent);
    writeDistinct(open("edge"), vertices, edges, vertex);
  };
}

function writeDistinct(row: Row, vertices: number, edges: number, vertex: () => number): void {
  const seen = new Set<number>();
  while (seen.size < edges) {
    const [from, to] = [vertex(), vertex()];
    const size = seen.size;
    if (from !== to && seen.add(from * vertices + to).size > size) row(from, to);
  }
}

function chain(edges: number): Facts {
  return (open) => {
    const edge = open("edge");
    for (let at = 0; at < edges; at++) edge(at, at + 1);
  };
}

/** A square of vertices, each with an edge to the right and one down. */
function grid(side: number): Facts {
  return (open) => {
    const edge = open("edge");
    for (let at = 0; at < side * side; at++) {
      if (at < side * (side - 1)) edge(at, at + side);
      if (at % side < side - 1) edge(at, at + 1);
    }
  };
}

function tree(inner: number): Facts {
  return (open) => {
    const parent = open("parent");
    for (let at = 1; at < inner; at++) {
      parent(at, 2 * at);
      parent(at, 2 * at + 1);
    }
  };
}

/** Variables that are assigned mostly from variables near them. */
function pointers(open: (relation: string) => Row): void {
  const below = integers(3);
  const [variables, objects] = [60_000, 12_000];
  const near = (variable: number): number => {
    if (below(10) === 9) return below(variables);
    return Math.min(Math.max(variable + below(40) - 20, 0), variables - 1);
  };
  const addressOf = open("addressOf");
  for (let at = 0; at < 20_000; at++) addressOf(below(variables), variables + below(objects));
  for (const [relation, rows] of Object.entries({ assign: 36_000, load: 9_000, store: 5_000 })) {
    const row = open(relation);
    for (let at = 0; at < rows; at++) {
      const variable = below(variables);
      row(variable, near(variable));
    }
  }
}

/** Assignments mostly within functions of forty variables. */
function functions(open: (relation: string) => Row): void {
  const next = uniform(4);
  const variables = 14_000;
  const below = (bound: number): number => Math.floor(next() * bound);
  const near = (variable: number): number =>
    Math.min(variables - 1, variable - (variable % 40) + below(40));
  const assign = open("assign");
  for (let at = 0; at < 8_100; at++) {
    const variable = below(variables);
    assign(variable, next() < 0.93 ? near(variable) : below(variables));
  }
  const dereference = open("dereference");
  for (let at = 0; at < 3_500; at++) {
    const variable = below(variables);
    dereference(variable, near(variable));
  }
}

/** Classes, methods of ten variables, allocations, and calls that are virtual or not. */
function classes(open: (relation: string) => Row): void {
  const next = uniform(8);
  const below = (bound: number): number => Math.floor(next() * bound);
  const [types, methods, variables, objects] = [600, 6_000, 60_000, 12_000];
  const [fields, statics, signatures] = [2_600, 300, 3_000];
  const [virtualCalls, staticCalls] = [20_000, 9_000];
  const methodOf = (variable: number): number => Math.floor(variable / 10);
  const near = (variable: number): number => methodOf(variable) * 10 + below(10);
  const rows = (relation: string, count: number, make: (at: number) => Parameters<Row>): void => {
    const row = open(relation);
    for (let at = 0; at < count; at++) row(...make(at));
  };
  const superOf = Array.from({ length: types - 1 }, (_, at) =>
    below(Math.min(at + 1, 1 + ((at + 1) >> 1))),
  );
  rows("directSuper", types - 1, (at) => [at + 1, superOf[at] ?? 0]);
  rows("classType", types, (at) => [at]);
  rows("methodDecl", methods, (at) => {
    const type = below(types);
    return [below(signatures), type, at];
  });
  rows("varMeth", variables, (at) => [at, methodOf(at)]);
  rows("varType", variables, (at) => [at, below(types)]);
  rows("thisVar", methods, (at) => [at, at * 10]);
  rows("formal", 2 * methods, (at) => [at % 2, at >> 1, (at >> 1) * 10 + 1 + (at % 2)]);
  rows("retVar", methods, (at) => [at, at * 10 + 9]);
  rows("alloc", objects, (at) => {
    const variable = below(variables);
    return [variable, at, methodOf(variable)];
  });
  rows("heapType", objects, (at) => [at, below(types)]);
  rows("move", 64_000, () => {
    const variable = below(variables);
    return [variable, near(variable)];
  });
  rows("cast", 5_000, () => {
    const variable = below(variables);
    return [below(40), variable, near(variable)];
  });
  const access = (): Parameters<Row> => {
    const variable = below(variables);
    return [near(variable), below(fields), variable];
  };
  rows("loadF", 10_000, access);
  rows("storeF", 5_500, access);
  rows("loadS", 1_200, () => [below(statics), below(variables)]);
  rows("storeS", 600, () => [below(statics), below(variables)]);
  const element = (): Parameters<Row> => {
    const variable = below(variables);
    return [near(variable), variable];
  };
  rows("loadA", 1_500, element);
  rows("storeA", 1_000, element);
  const receivers: number[] = [];
  rows("virtCall", virtualCalls, (at) => {
    const variable = below(variables);
    receivers.push(variable);
    return [variable, below(signatures), at, methodOf(variable)];
  });
  rows("statCall", staticCalls, (at) => {
    const variable = below(variables);
    return [below(methods), virtualCalls + at, methodOf(variable)];
  });
  const actual = open("actual");
  for (const [at, receiver] of receivers.entries()) {
    actual(0, at, near(receiver));
    actual(1, at, near(receiver));
  }
  for (let at = 0; at < staticCalls; at++) actual(0, virtualCalls + at, below(variables));
  const retTo = open("retTo");
  for (const [at, receiver] of receivers.entries()) if (next() < 0.7) retTo(at, near(receiver));
  rows("entry", 40, () => [below(methods)]);
}

function largeGraph(open: (relation: string) => Row): void {
  const below = integers(6);
  const edge = open("edge");
  for (let at = 0; at < 5_000_000; at++) edge(below(1e6), below(1e6));
  const src = open("src");
  for (const vertex of [0, 1, 2]) src(vertex);
}

function roads(open: (relation: string) => Row): void {
  const below = integers(7);
  const edge = open("edge");
  for (let at = 0; at < 4_800; at++)
    edge(`node_${below(1_200)}`, `node_${below(1_200)}`, `${1 + below(20)}`);
  const src = open("src");
  for (let at = 0; at < 40; at++) src(`node_${at}`);
}

function pairs(open: (relation: string) => Row): void {
  const below = integers(9);
  const big = open("big");
  for (let at = 0; at < 7_000_000; at++) big(below(1e7), below(1e6));
}

function members(open: (relation: string) => Row): void {
  const below = integers(10);
  const big = open("big");
  for (let at = 0; at < 2_400_000; at++)
    big(`Lcom/acme/pkg${below(200)}/C${below(3_000)}`, `var_${below(300_000)}`, below(1e6));
}
