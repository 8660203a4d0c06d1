// `node --import tsx bench/ordered-replay.ts [--transactions N] [--records N] [--rounds N]`: what a
// transaction of the ordered microbenchmark takes of the processor when the log is carried out
// again, layer by layer: from ten look-ups and changes of rows in a bare loop, which is what cannot
// be gone below, to records that are read from their bytes. It is the least of all rounds, in turn.
//
// Beside it stands what the same transaction takes when it is carried out for the first time, and by
// that how many times faster than that recovery is, and could be: the first time it is carried out,
// too, so that recovery is faster by no more than what it leaves out.

import { assert } from "../src/base/assert.ts";
import { KeyedRows } from "../src/calvin/keyed-rows.ts";
import { MemoryStorage } from "../src/calvin/memory-storage.ts";
import { Partitions } from "../src/calvin/partitions.ts";
import { PlannedTransaction } from "../src/calvin/planned-transaction.ts";
import { type EpochRecord, type OrderedRequest, spelledOut } from "../src/calvin/record.ts";
import { Replica } from "../src/calvin/replica.ts";
import { startOf } from "../src/calvin/storage.ts";
import type { Part } from "../src/engine/keyed-parts.ts";
import { keyColumns, transactionPlan } from "../src/plan/transaction.ts";
import { Sequencer } from "../src/calvin/sequencer.ts";
import { epochBytes, readEpoch } from "../src/runtime/epoch-bytes.ts";
import { answerBytes } from "../src/runtime/ordered-bytes.ts";
import { recordHash, textHash } from "../src/runtime/node/record-hash.ts";
import { programOf, requestsOf, rowsOf, type Workload } from "./ordered-load.ts";
import { scriptOptions } from "../scripts/script-options.mjs";

const { values: options } = scriptOptions({
  options: {
    transactions: { type: "string", default: "200000" },
    records: { type: "string", default: "100000" },
    rounds: { type: "string", default: "5" },
  },
});
const [transactions, records] = [Number(options.transactions), Number(options.records)];
const workload: Workload = { name: "micro", contention: 1e-4, remote: 0, records };
const requestsPerEpoch = 1000;
const bound = 1_000_000_000;

const program = programOf(workload);
const keys = program.relations.map((_, at) => keyColumns(program, at));
const record = program.relations.findIndex(({ name }) => name === "record");
const partitions = new Partitions(1, keys);
const stated = [...rowsOf(workload, program, partitions, 0)];
const codes = new Map(
  program.transactions.map((of) => [of.name, new PlannedTransaction(transactionPlan(program, of))]),
);
const next = requestsOf(workload, partitions, 0, 17);
const requests = Array.from({ length: transactions }, (_, at): OrderedRequest => {
  return { id: `0.${at}`, ...next(), attempt: 0 };
});
const lookups = requests[0]?.args.length ?? 0;
const asked = Float64Array.from(requests.flatMap(({ args }) => args.map(Number)));
/** Nobody reads what was before it: nothing of the past is kept. */
const horizon = startOf(transactions);

/** How many epochs of the past are kept where transactions are carried out for the first time. */
const epochsKept = 50;

/** What is measured: `ready` makes what it begins with, and returns what is timed. */
type Layer = { readonly name: string; readonly ready: () => () => void };

const layers: readonly Layer[] = [
  { name: "a bare loop over a hash table and two columns", ready: bare },
  { name: "the same over rows with versions", ready: overRows },
  { name: "rules, and the hash of what they change", ready: carriedOut },
  { name: "records: requests known, answers, hashes of epochs", ready: applied },
  { name: "records read from their bytes, whose hashes are checked", ready: replayed },
  { name: "first time: requests to the bytes of records, with their hashes", ready: logged },
  { name: "first time: carried out, with 50 epochs of the past kept", ready: live },
  { name: "first time: answers to their bytes", ready: answered },
];

const least = layers.map(() => Infinity);
for (let round = 0; round < Number(options.rounds); round++)
  for (const [at, { ready }] of layers.entries()) {
    const run = ready();
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    least[at] = Math.min(least[at] ?? Infinity, (user + system) / transactions);
  }
for (const [at, { name }] of layers.entries())
  console.log(`${(least[at] ?? NaN).toFixed(2).padStart(6)} µs  ${name}`);
bounds();

/** Tells how many times faster recovery is than the first time, and could be. The log, the network
 * and clients are left out: they are the machine's. */
function bounds(): void {
  const [bareLoop = NaN, , carried = NaN, , fromBytes = NaN, toLog = NaN, first = NaN, told = NaN] =
    least;
  const reading = fromBytes - (least[3] ?? NaN);
  const ratio = (before: number, after: number): string => (before / after).toFixed(2);
  const own = toLog + first + told;
  console.log(`${ratio(own, fromBytes)}  recovery / first time, without log, network and clients`);
  console.log(`${ratio(own, carried + reading)}  were requests and answers noted for nothing`);
  console.log(
    `${ratio(own - first + bareLoop, bareLoop + reading)}  ` +
      "were rows changed by the bare loop, in both",
  );
  console.log(
    `${(5 * fromBytes).toFixed(2)} µs  is what the first time would have to take, for a ratio of 5`,
  );
}

function bare(): () => void {
  const size = 2 ** Math.ceil(Math.log2(records * 2));
  const heads = new Int32Array(size).fill(-1);
  const [names, counts] = [new Float64Array(records), new Float64Array(records)];
  const place = (key: number): number => {
    let at = Math.imul(key, 0x9e3779b1) & (size - 1);
    for (;;) {
      const row = heads[at] ?? -1;
      if (row < 0 || names[row] === key) return at;
      at = (at + 1) & (size - 1);
    }
  };
  const rowOf = (at: number): number => heads[place(asked[at] ?? 0)] ?? 0;
  for (const [row, { values }] of stated.entries()) {
    names[row] = Number(values[0]);
    heads[place(Number(values[0]))] = row;
  }
  return () => {
    for (let at = 0; at < asked.length; at += lookups) {
      let isFull = false;
      for (let of = at; of < at + lookups; of++)
        if ((counts[rowOf(of)] ?? 0) >= bound) isFull = true;
      if (isFull) continue;
      for (let of = at; of < at + lookups; of++) {
        const row = rowOf(of);
        counts[row] = (counts[row] ?? 0) + 1;
      }
    }
  };
}

function overRows(): () => void {
  const rows = new KeyedRows(record, keys[record] ?? []);
  for (const { values } of stated) rows.insert(values, 0, Infinity);
  rows.forget(horizon);
  const found = Array.from({ length: lookups }, () => -1);
  const key: Part[] = [0];
  const parts: Part[] = [0, 0];
  return () => {
    for (let at = 0; at < asked.length; at += lookups) {
      for (let of = 0; of < lookups; of++) {
        key[0] = asked[at + of] ?? 0;
        found[of] = rows.find(key);
      }
      for (const row of found) {
        rows.read(row, parts, 0);
        parts[1] = Number(parts[1]) + 1;
        rows.replace(row, parts, at + 1);
      }
    }
  };
}

function carriedOut(): () => void {
  const storage = stored();
  return () => {
    for (const [at, { transaction, args }] of requests.entries()) {
      const outcome = codes.get(transaction)?.direct?.carryOut(storage, args, at + 1, false);
      assert(outcome?.kind === "done", "a transaction of the benchmark is carried out in place");
    }
  };
}

function applied(): () => void {
  const replica = fresh();
  const read = made().map((bytes) => readEpoch(bytes));
  return () => {
    for (const one of read) replica.apply(spelledOut(one), []);
  };
}

function replayed(): () => void {
  const replica = fresh();
  const bytes = made();
  return () => {
    for (const one of bytes) {
      const read = readEpoch(one);
      recordHash(read);
      replica.apply(spelledOut(read), []);
    }
  };
}

function logged(): () => void {
  const origin = "p0/1";
  const limits = { batchRequests: requestsPerEpoch };
  const sequencer = new Sequencer({ origin, engine: "bench", hash: textHash, recordHash, limits });
  return () => {
    for (let from = 0; from < requests.length; from += requestsPerEpoch) {
      for (const one of requests.slice(from, from + requestsPerEpoch)) sequencer.submit(one, from);
      sequencer.close(from);
      const plan = { nowMs: from, seed: 0, acknowledged: new Map() };
      const proposed = sequencer.propose(plan);
      assert(proposed !== undefined, "there are requests for a record");
      sequencer.appended(proposed);
    }
  };
}

function live(): () => void {
  const storage = stored(0);
  const replica = fresh(storage);
  const read = made().map((bytes) => readEpoch(bytes));
  return () => {
    for (const one of read) {
      replica.apply(spelledOut(one), []);
      const { epoch } = replica.completed;
      if (epoch > epochsKept) storage.forget(startOf(epoch - epochsKept));
    }
  };
}

function answered(): () => void {
  const replica = fresh();
  const answers = made().map((bytes) => replica.apply(spelledOut(readEpoch(bytes)), []).answers);
  return () => {
    for (const those of answers) answerBytes(those);
  };
}

function stored(seenFrom: number = horizon): MemoryStorage {
  const versions = stated.map((row) => ({ row, from: 0, to: Infinity }));
  const storage = new MemoryStorage(versions, keys);
  storage.forget(seenFrom);
  return storage;
}

function fresh(storage: MemoryStorage = stored()): Replica {
  const remembered = { rememberedEpochs: epochsKept };
  return new Replica({ ...{ partition: 0, partitions, keys, codes, storage, remembered } });
}

/** The bytes of a log with all requests. */
function made(): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let from = 0; from < requests.length; from += requestsPerEpoch) {
    const number = all.length + 1;
    const one: EpochRecord = {
      ...{ epoch: number, previous: "", nowMs: 0, seed: 0, engine: "bench", frontier: new Map() },
      batches: [
        { sequencer: "p0/1", number, requests: requests.slice(from, from + requestsPerEpoch) },
      ],
    };
    all.push(epochBytes(one));
  }
  return all;
}
