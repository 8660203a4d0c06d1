// Rows on disk that are not in memory: how fast a log is carried out whose transactions' pages are
// fetched while their epochs are ahead, and how fast without. Before each run the system drops what
// it has of the file. `npm run bench:ordered-cold -- --records 400000 --rounds 3`
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";

import { random } from "../src/base/random.ts";
import { Partitions } from "../src/calvin/partitions.ts";
import type { WholeRecord } from "../src/calvin/record.ts";
import { Replica } from "../src/calvin/replica.ts";
import { startOf } from "../src/calvin/storage.ts";
import type { Pattern, Row, TransactionCode } from "../src/calvin/transaction.ts";
import { LmdbStorage } from "../src/runtime/node/lmdb-storage.ts";
import { orderedLimits } from "../src/server/ordered/limits.ts";
import { ReadAhead } from "../src/server/ordered/read-ahead.ts";
import { median } from "./measure.ts";
import { scriptOptions } from "../scripts/script-options.mjs";

const { values: options } = scriptOptions({
  options: {
    records: { type: "string", default: "400000" },
    epochs: { type: "string", default: "60" },
    rounds: { type: "string", default: "3" },
    run: { type: "string" },
    folder: { type: "string", default: "" },
  },
});
const [records, epochs, rounds] = [options.records, options.epochs, options.rounds].map(Number) as [
  number,
  number,
  number,
];
const keys = [[0]];
const requestsPerEpoch = 20;
const recordsPerRequest = 10;
const pad = "x".repeat(1000);
type Way = "ahead" | "asked";
/** What a run took: in all, and while transactions had their locks. */
type Took = {
  readonly seconds: number;
  readonly heldMs: number;
  readonly faults: number;
  readonly hash: number;
};

/** Counts ten records up, as Calvin's microbenchmark does. */
const count: TransactionCode = {
  ...{ name: "count", parameters: [], relations: { reads: [0], writes: [0] } },
  footprint: (args) => {
    const of = args.map((key): Pattern => ({ relation: 0, columns: [0], values: [key] }));
    return { reads: of, writes: of };
  },
  run(view, args) {
    const pattern = (key: Row["values"][number]): Pattern => ({
      ...{ relation: 0, columns: [0], values: [key] },
    });
    const removed = args.flatMap((key) =>
      [...view.tuples(pattern(key))].map((values): Row => ({ relation: 0, values })),
    );
    const inserted = removed.map(({ values: [key = null, of] }): Row => {
      return { relation: 0, values: [key, BigInt(Number(of)) + 1n, pad] };
    });
    return { kind: "done", removed, inserted };
  },
};

function* logOf(): Generator<WholeRecord> {
  const chance = random(1);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const requests = Array.from({ length: requestsPerEpoch }, (_, at) => {
      const drawn = Array.from({ length: recordsPerRequest }, () => chance.below(records));
      const args = [...new Set(drawn)].map(BigInt);
      return { id: `${epoch} ${at}`, transaction: "count", args, attempt: 0 };
    });
    const batches = [{ sequencer: "s/1", number: epoch, requests }];
    yield {
      ...{ epoch, previous: "", nowMs: 0, seed: 0, engine: "", frontier: new Map(), batches },
    };
  }
}

async function fill(folder: string): Promise<void> {
  const storage = new LmdbStorage(folder, { keys });
  for (let from = 0; from < records; from += 10_000)
    storage.write(() => {
      const length = Math.min(10_000, records - from);
      const inserted = Array.from({ length }, (_, at): Row => {
        return { relation: 0, values: [BigInt(from + at), 0n, pad] };
      });
      storage.apply(0, { removed: [], inserted });
      return { before: startOf(1), note: new Uint8Array(0) };
    });
  await storage.flush();
  await storage.close();
}

/** Carries the log out; prints what that took, and the hash that it led to. */
async function run(way: Way, folder: string): Promise<void> {
  const storage = new LmdbStorage(folder, { keys });
  const partitions = new Partitions(1, keys);
  const codes = new Map([["count", count]]);
  const replica = new Replica({ partition: 0, partitions, keys, codes, storage });
  const { aheadMax, fetchingMax } = orderedLimits;
  let heldMs = 0;
  const faults = ownFaults();
  const ahead = new ReadAhead<WholeRecord>({
    ...{ aheadMax, fetchingMax },
    fetch: (record) =>
      way === "ahead" ? storage.prefetch(replica.touchedBy(record)) : Promise.resolve(),
    carryOut: (record) => {
      const sinceMs = performance.now();
      storage.write(() => {
        replica.apply(record, []);
        return undefined;
      });
      heldMs += performance.now() - sinceMs;
      return Promise.resolve();
    },
  });
  const begun = performance.now();
  for (const record of logOf()) await ahead.take(record);
  await ahead.end();
  const seconds = (performance.now() - begun) / 1000;
  const took = { seconds, heldMs, faults: ownFaults() - faults };
  console.log(JSON.stringify({ ...took, hash: replica.completed.hash }));
  // What was changed is lost: the next run begins with the same rows.
  process.kill(process.pid, "SIGKILL");
}

/** How often this thread has waited for a page from the disk, as Linux counts it. */
function ownFaults(): number {
  const stat = readFileSync(`/proc/self/task/${process.pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[9]);
}

function measure(): void {
  const folder = mkdtempSync(join(tmpdir(), "calm-cold-"));
  const filled = join(folder, "filled");
  const self = ["--import", "tsx", fileURLToPath(import.meta.url)];
  const argv = (way: string, rows: string): string[] => [
    ...[...self, "--run", way, "--folder", rows, "--records", String(records)],
    ...["--epochs", String(epochs)],
  ];
  try {
    execFileSync(process.execPath, argv("fill", filled));
    const bytes = statSync(join(filled, "data.mdb")).size;
    console.log(`${records} records, ${Math.round(bytes / 2 ** 20)} MiB`);
    const runs = { ahead: [] as Took[], asked: [] as Took[] };
    const hashes = new Set<number>();
    for (let round = 0; round < rounds; round++)
      for (const way of ["ahead", "asked"] as const) {
        const rows = join(folder, "rows");
        execFileSync("cp", ["-r", filled, rows]);
        execFileSync("sync", ["-f", rows]);
        // Nothing is copied: it says that the file is not needed in memory.
        const file = join(rows, "data.mdb");
        execFileSync("dd", [`if=${file}`, "iflag=nocache", "count=0", "status=none"]);
        const took = oneRun(argv(way, rows));
        runs[way].push(took);
        hashes.add(took.hash);
        rmSync(rows, { recursive: true });
      }
    for (const way of ["ahead", "asked"] as const) {
      const requests = epochs * requestsPerEpoch;
      const said = [
        ["a second", ({ seconds }: Took) => requests / seconds],
        ["ms in which an epoch is carried out", ({ heldMs }: Took) => heldMs / epochs],
        ["waits of that thread for pages", ({ faults }: Took) => faults],
      ] as const;
      for (const [name, of] of said) {
        const each = runs[way].map(of);
        const [least, most] = [Math.min(...each), Math.max(...each)].map(Math.round);
        console.log(`${way}: ${Math.round(median(each))} ${name} (${least} to ${most})`);
      }
    }
    if (hashes.size !== 1) throw new Error("both ways lead to the same state");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function oneRun(argv: readonly string[]): Took {
  let text = "";
  try {
    text = execFileSync(process.execPath, argv, { encoding: "utf8" });
  } catch (error) {
    // It kills itself once it has said so.
    if (error instanceof Error && "stdout" in error) text = String(error.stdout);
  }
  return JSON.parse(text) as Took;
}

if (options.run === "fill") await fill(options.folder);
else if (options.run !== undefined)
  await run(options.run === "ahead" ? "ahead" : "asked", options.folder);
else measure();
