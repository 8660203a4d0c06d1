// What the ordered benchmarks ask for, and on which rows: Calvin's microbenchmark and TPC-C's
// New-Order. Drawn by a seed, and with the partitions in mind: how many requests take part in two
// of them is a parameter.
import { readFileSync } from "node:fs";

import type { Program } from "../src/analysis/program.ts";
import { random } from "../src/base/random.ts";
import type { Partitions } from "../src/calvin/partitions.ts";
import type { Row } from "../src/calvin/transaction.ts";
import { understand } from "../src/understand.ts";
import { keyHash } from "../src/transducer/owners.ts";
import type { Value } from "../src/value/schema.ts";

/** What is measured. */
export type Workload = {
  readonly name: "micro" | "newOrder";
  /** The microbenchmark's contention index: one record of each partition that takes part is of a
   * hot set of 1 / contention records. */
  readonly contention: number;
  /** How many of the requests take part in two partitions, from 0 to 1. */
  readonly remote: number;
  /** Records of each partition, or stock of each warehouse. */
  readonly records: number;
};

/** A request that is to be named and sent. */
export type Asked = { readonly transaction: string; readonly args: readonly Value[] };

const warehousesPerPartition = 10;
const [districts, customers] = [10, 100];

/** Returns the program of a workload. Items are part of it: they are the same at every node. */
export function programOf({ name, records }: Workload): Program {
  const file = name === "micro" ? "programs/ordered-micro.dl" : "../programs/tpcc.dl";
  const text = readFileSync(new URL(file, import.meta.url), "utf8");
  const items: string[] = [];
  if (name === "newOrder")
    for (let item = 5; item <= records; item++)
      items.push(`item(${item}, ${100 + ((item * 7919) % 9900)}).`);
  const { program, diagnostics } = understand(`${text}\n${items.join("\n")}\n`);
  if (program === undefined) throw new Error(diagnostics.map((of) => of.message).join("\n"));
  return program;
}

/** Yields the rows that one partition begins with. */
export function* rowsOf(
  workload: Workload,
  program: Program,
  partitions: Partitions,
  partition: number,
): Generator<Row> {
  const row = (name: string, ...values: readonly (number | string)[]): Row => ({
    relation: program.relations.findIndex((of) => of.name === name),
    values: values.map((value) => (typeof value === "number" ? BigInt(value) : value)),
  });
  const own = ownKeys(workload, partitions)[partition] ?? [];
  if (workload.name === "micro") {
    for (const key of own) yield row("record", key, 0);
    return;
  }
  for (const w of own) {
    yield row("warehouse", w, 1000, 0);
    for (let d = 1; d <= districts; d++) {
      yield row("district", w, d, 500, 0, 3001);
      for (let c = 1; c <= customers; c++)
        yield row("customer", w, d, c, `LAST${c}`, "FIRST", "GC", 100, -1000, 1000, 1);
    }
    for (let i = 1; i <= workload.records; i++) yield row("stock", w, i, 50, 0, 0, 0);
  }
}

/** Returns what draws the requests that one partition's clients make. */
export function requestsOf(
  workload: Workload,
  partitions: Partitions,
  partition: number,
  seed: number,
): () => Asked {
  const chance = random(seed);
  const keys = ownKeys(workload, partitions);
  const other = (): number => {
    const others = chance.below(partitions.count - 1);
    return others < partition ? others : others + 1;
  };
  const remote = (): boolean => partitions.count > 1 && chance.chance(workload.remote);
  if (workload.name === "newOrder") {
    const [home = []] = [keys[partition]];
    return () => {
      const w = chance.pick(home);
      const away = remote() ? chance.pick(keys[other()] ?? home) : undefined;
      const lines = chance.between(5, 15);
      let list: Value = null;
      for (let line = 0; line < lines; line++) {
        const supply = line === 0 && away !== undefined ? away : w;
        const item = chance.between(1, workload.records);
        list = [BigInt(item), BigInt(supply), BigInt(chance.between(1, 10)), list];
      }
      const [d, c] = [chance.between(1, districts), chance.between(1, customers)];
      return { transaction: "placeOrder", args: [BigInt(w), BigInt(d), BigInt(c), list] };
    };
  }
  const hot = Math.max(1, Math.round(1 / workload.contention));
  return () => {
    const sides = remote() ? [partition, other()] : [partition];
    const picked = new Set<number>();
    for (const side of sides) {
      const of = keys[side] ?? [];
      picked.add(of[chance.below(hot)] ?? 0);
      const size = picked.size + 10 / sides.length - 1;
      while (picked.size < size) picked.add(of[hot + chance.below(of.length - hot)] ?? 0);
    }
    return { transaction: "touch", args: [...picked].map(BigInt) };
  };
}

/** The keys by which data is partitioned, of each partition: records, or warehouses. */
function ownKeys({ name, records }: Workload, partitions: Partitions): number[][] {
  const wanted = name === "micro" ? records : warehousesPerPartition;
  const keys = Array.from({ length: partitions.count }, (): number[] => []);
  for (let key = 1; keys.some((of) => of.length < wanted); key++) {
    const of = keys[keyHash([BigInt(key)]) % partitions.count];
    if (of !== undefined && of.length < wanted) of.push(key);
  }
  return keys;
}
