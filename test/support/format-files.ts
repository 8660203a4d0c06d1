// Files of every format that calmdb writes, with contents that are known: what a version wrote is
// kept in test/fixtures, and is read by all later ones. The contents are written out here, so that
// nothing else changes what is expected of a file that is years old.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Checkpoint } from "../../src/calvin/checkpoint.ts";
import { batchText, type EpochRecord, type OrderedBatch } from "../../src/calvin/record.ts";
import { startOf, type Version } from "../../src/calvin/storage.ts";
import type { FactSchema } from "../../src/runtime/fact-bytes.ts";
import { FrameWriter } from "../../src/runtime/frame-bytes.ts";
import { archiveOf } from "../../src/runtime/node/archived-folder.ts";
import { writeCheckpoint } from "../../src/runtime/node/checkpoint-files.ts";
import { type DurableLog } from "../../src/runtime/node/durable-log.ts";
import { wireVersion } from "../../src/runtime/node/handshake.ts";
import { logLimits } from "../../src/runtime/node/limits.ts";
import { LmdbStorage } from "../../src/runtime/node/lmdb-storage.ts";
import { openFileLog } from "../../src/runtime/node/open-file-log.ts";
import { openLog } from "../../src/runtime/node/open-log.ts";
import { recordHash, textHash } from "../../src/runtime/node/record-hash.ts";
import { BatchFolder } from "../../src/server/ordered/batch-folder.ts";
import type { Fact } from "../../src/transducer/fact.ts";
import type { Frame, LogRecord } from "../../src/transducer/protocol.ts";
import type { Value } from "../../src/value/schema.ts";
import { programOf } from "./networks.ts";

const program = programOf(`
  .type Tree = Leaf {} | Node {left: Tree, value: number, right: Tree}
  .type Pair = [a: symbol, b: unsigned]
  .decl edge(x: number, y: number)
  .decl word(s: symbol, u: unsigned, f: float)
  .decl tree(t: Tree, p: Pair)
  .decl flag()
  .input edge, word, tree, flag`);

/** The schema of the facts. */
export const factsSchema: FactSchema = {
  domain: 64,
  structures: program.structures,
  relations: program.relations,
  accepted: new Set([0, 1, 2, 3]),
};

const leaf: Value = { branch: "Leaf", fields: [] };
const facts: readonly Fact[] = [
  { relation: 0, values: [1n, -(2n ** 63n)] },
  { relation: 1, values: ["ä€😀\t", 2n ** 64n - 1n, -1e300] },
  { relation: 1, values: ["", 0n, Infinity] },
  { relation: 2, values: [{ branch: "Node", fields: [leaf, -3n, leaf] }, ["x", 7n]] },
  { relation: 2, values: [leaf, null] },
  { relation: 3, values: [] },
];
const [edge, word] = facts as readonly [Fact, Fact];

/** What the log of the node holds: the first part is compacted. */
export const logParts: readonly (readonly LogRecord[])[] = [
  [
    { kind: "batch", batch: { origin: "n/1", from: 1, facts, request: "r-1", signature: "c2ln" } },
    { kind: "batch", batch: { origin: "m/7", from: 1, facts: [edge], signature: "c2ln" } },
    { kind: "members", members: new Map([["m", { epoch: 2, status: "member", key: "c2ln" }]]) },
  ],
  [
    { kind: "messages", peer: "m", origin: "m/7", from: 1, facts: [word] },
    { kind: "gone", gone: new Map([["m/7", [1, 1]]]) },
    { kind: "batch", batch: { origin: "n/2", from: 1, facts: [word] } },
  ],
];

/** A frame of each kind. */
export const frames: readonly Frame[] = [
  {
    ...{ kind: "hello", origin: "n/2", reply: true, holds: new Map([["m/7", 2 ** 40]]) },
    ...{ heard: { origin: "m/7", number: 3 }, cleared: { origin: "m/7", number: 300 } },
  },
  { kind: "batch", batch: { origin: "n/2", from: 1, facts, request: "r-2", signature: "c2ln" } },
  { kind: "batch", batch: { origin: "n/2", from: 7, facts: [edge, word, word], split: 1 } },
  { kind: "messages", origin: "n/2", from: 9, facts: [word] },
  { kind: "ack", holds: new Map(), heard: undefined },
  {
    ...{ kind: "members", reply: false },
    members: new Map([["m", { epoch: 2, status: "left", url: "wss://m:7411", life: 2 ** 50 }]]),
  },
  { kind: "gone", origin: "n/2", number: 5, gone: new Map([["m/7", [1, 4, 9, 9]]]) },
];

/** A batch as it stands in a record, and as a file. */
export const longBatch: OrderedBatch = {
  ...{ sequencer: "n/1", number: 1 },
  requests: [
    {
      ...{ id: "r 1", transaction: "put", attempt: 1, args: facts.flatMap(({ values }) => values) },
      footprint: {
        reads: [{ relation: 2, columns: [0, 1], values: [1n, "a"] }],
        writes: [{ relation: 1, columns: [], values: [] }],
      },
    },
  ],
};

/** The records of the ordered log. */
export const epochs: readonly EpochRecord[] = chained([
  { batches: [longBatch], frontier: new Map([["n/1", 3]]) },
  { batches: [], frontier: new Map(), members: [{ name: "n", replica: 0, partition: 1 }] },
  { batches: [{ sequencer: "m/1", number: 2, hash: textHash("m") }], frontier: new Map() },
]);

function chained(parts: readonly Pick<EpochRecord, "batches" | "frontier" | "members">[]) {
  const records: EpochRecord[] = [];
  for (const [at, part] of parts.entries()) {
    const before = records.at(-1);
    const previous = before === undefined ? "" : recordHash(before);
    const made = { epoch: at + 1, previous, nowMs: 1_700_000_000_000 + at, seed: 7 + at };
    records.push({ ...made, engine: "e1", ...part });
  }
  return records;
}

/** What the checkpoint is of. */
export const checkpointOf = { program: "p1", partition: 0, partitions: 2, record: "abc" };

/** The rows of the checkpoint, and those on disk. */
export const versions: readonly Version[] = [
  { row: word, from: startOf(1), to: startOf(3) },
  ...facts.filter((fact) => fact !== word).map((row) => ({ row, from: startOf(2), to: Infinity })),
];

/** The checkpoint. */
export const checkpoint: Checkpoint = {
  state: {
    ...{ epoch: 3, hash: 2 ** 40 + 1, batches: [["n/1", 4]], frontier: new Map([["n/1", 3]]) },
    requests: [
      ["r 1", { position: startOf(3), home: 1, result: { kind: "aborted", reason: "ä" } }],
      ["r 2", { position: startOf(3) + 1, home: 0, result: { kind: "restart" } }],
      ["r 3", { position: startOf(3) + 2, home: 0 }],
    ],
    members: [{ name: "n", replica: 0, partition: 1 }],
  },
  horizon: startOf(2),
  versions,
};

/** The keys of the rows on disk, and the note beside them. */
export const rowsKeys = [[0], [0], [], []];
export const rowsNote = new TextEncoder().encode("a note");

/** Opens the log of the node in a folder. */
export function openNodeLog(folder: string, segmentsMax = logLimits.segmentsMax) {
  return openLog(folder, {
    ...{ name: "n", program: "p1", schema: factsSchema, kept: [true, true, true, true] },
    ...{ onFlushed: () => undefined, onFailed: () => undefined },
    limits: { ...logLimits, segmentsMax },
  });
}

/** Writes a file of each format into a folder. */
export async function writeFormats(folder: string): Promise<void> {
  const node = join(folder, "node");
  await mkdir(node, { recursive: true });
  for (const records of logParts) {
    const log: DurableLog = await openNodeLog(node, 0);
    log.append(records);
    await log.close();
  }
  const backup: Uint8Array[] = [];
  for await (const bytes of (await archiveOf(node)).content()) backup.push(bytes);
  await writeFile(join(folder, "backup.tar"), Buffer.concat(backup));

  const ordered = await openFileLog(join(folder, "ordered"), { program: "p1" });
  for (const record of epochs) await ordered.append(record);
  await ordered.close();
  await writeCheckpoint(join(folder, "checkpoints"), checkpointOf, checkpoint);
  const rows = new LmdbStorage(join(folder, "rows"), { keys: rowsKeys });
  rows.write(() => {
    const places = [...new Set(versions.flatMap(({ from, to }) => [from, to]))];
    for (const at of places.filter(Number.isFinite).toSorted((a, b) => a - b)) {
      const of = (which: "from" | "to") =>
        versions.filter((one) => one[which] === at).map(({ row }) => row);
      rows.apply(at, { inserted: of("from"), removed: of("to") });
    }
    return { before: startOf(4), note: rowsNote };
  });
  await rows.close();
  await rm(join(folder, "rows", "lock.mdb"));
  const batches = await BatchFolder.open(join(folder, "batches"));
  await batches.keep(longBatch, textHash(batchText(longBatch)));

  const writer = new FrameWriter(factsSchema);
  const lines = frames.map((frame) => Buffer.from(writer.write(frame)).toString("hex"));
  await writeFile(join(folder, "frames.txt"), `${[wireVersion, ...lines].join("\n")}\n`);
}
