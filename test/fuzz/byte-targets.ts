// What reads bytes of other nodes, and what is on the disk.
import { expect } from "chai";

import { batchBytes } from "../../src/runtime/ordered-bytes.ts";
import * as ordered from "../../src/runtime/ordered-bytes.ts";
import { ByteSink, ByteSource, WireError } from "../../src/runtime/bytes.ts";
import { readReplicaState, replicaStateBytes } from "../../src/runtime/checkpoint-bytes.ts";
import { epochBytes, readEpoch } from "../../src/runtime/epoch-bytes.ts";
import { FrameReader, FrameWriter } from "../../src/runtime/frame-bytes.ts";
import { checkpointFrames, CheckpointReader } from "../../src/runtime/node/checkpoint-frames.ts";
import { LogError } from "../../src/runtime/node/durable-log.ts";
import { parseIntroduction, parseProof, wireVersion } from "../../src/runtime/node/handshake.ts";
import { logLimits } from "../../src/runtime/node/limits.ts";
import { openFileLog } from "../../src/runtime/node/open-file-log.ts";
import { RecordReader, RecordWriter } from "../../src/runtime/node/record-bytes.ts";
import { readTar, TarError, tarOf } from "../../src/runtime/node/tar.ts";
import { OrderedLogError } from "../../src/runtime/ordered-log-error.ts";
import { fetchedBytes, readFetched } from "../../src/runtime/termed-bytes.ts";
import type { Frame, LogRecord } from "../../src/transducer/protocol.ts";
import { chainOf, randomRecord } from "../support/epochs.ts";
import { randomCheckpoint } from "../support/checkpoints.ts";
import {
  checkpoint,
  checkpointOf,
  factsSchema,
  frames,
  logParts,
  longBatch,
} from "../support/format-files.ts";
import { batchOf, edge, openWatched, word } from "../support/logs.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";
import type { FuzzTarget } from "./fuzzer.ts";

type ErrorKind = abstract new (...parts: never[]) => Error;

/** Calls `read`; returns undefined where it throws one of the errors that it may throw. */
function readOr<T>(errors: readonly ErrorKind[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (errors.some((kind) => error instanceof kind)) return undefined;
    throw error;
  }
}

/** Pieces with their lengths before them: several frames as one input. */
function packed(pieces: readonly Uint8Array[]): Uint8Array {
  const sink = new ByteSink();
  for (const piece of pieces) {
    sink.count(piece.length);
    for (const byte of piece) sink.byte(byte);
  }
  return sink.finish();
}

function unpacked(input: Uint8Array): Uint8Array[] {
  const source = new ByteSource(input);
  const pieces: Uint8Array[] = [];
  for (let at = 0; source.left > 0;) {
    const length = readOr([WireError], () => source.count(source.left, "bytes"));
    at = input.length - source.left;
    if (length === undefined || length > source.left) {
      pieces.push(input.subarray(at));
      break;
    }
    pieces.push(input.subarray(at, at + length));
    for (let skipped = 0; skipped < length; skipped++) source.byte();
  }
  return pieces;
}

const wire: FuzzTarget = {
  name: "frames",
  promise: "reads frames, or throws a WireError; what it has read it reads again",
  model(chance) {
    const writer = new FrameWriter(factsSchema);
    return packed(chance.shuffled(frames).map((frame) => writer.write(frame)));
  },
  check(input) {
    const reader = new FrameReader(factsSchema);
    const read: Frame[] = [];
    for (const piece of unpacked(input)) {
      const frame = readOr([WireError], () => reader.read(piece));
      if (frame === undefined) break;
      read.push(frame);
    }
    const [writer, again] = [new FrameWriter(factsSchema), new FrameReader(factsSchema)];
    for (const frame of read) expect(again.read(writer.write(frame))).to.deep.equal(frame);
  },
};

const records: FuzzTarget = {
  name: "records",
  promise: "reads records of the log, or throws a WireError; what it has read it reads again",
  model(chance) {
    const writer = new RecordWriter(factsSchema);
    return packed(chance.shuffled(logParts.flat()).map((record) => writer.write(record).slice()));
  },
  check(input) {
    const reader = new RecordReader(factsSchema, logLimits);
    const read: LogRecord[] = [];
    for (const piece of unpacked(input)) {
      const record = readOr([WireError], () => reader.read(piece));
      if (record === undefined) break;
      read.push(record);
    }
    const writer = new RecordWriter(factsSchema);
    const again = new RecordReader(factsSchema, logLimits);
    for (const record of read) expect(again.read(writer.write(record))).to.deep.equal(record);
  },
};

const handshake: FuzzTarget = {
  name: "handshake",
  promise: "never throws",
  model: (chance) =>
    Buffer.from(
      JSON.stringify({
        ...{
          version: wireVersion,
          cluster: "c",
          program: "p",
          node: "n",
          incarnation: chance.below(9),
        },
        ...{ nonce: "0".repeat(32), key: "A".repeat(43) + "=", proof: "00", signature: "" },
      }),
    ),
  words: ['"__proto__":', "null", "1e999", "-1", "{", "[", '"', "\\ud800", "[".repeat(9_000)],
  check(input) {
    const text = Buffer.from(input).toString();
    parseIntroduction(text);
    parseProof(text);
  },
};

const epoch: FuzzTarget = {
  name: "epochs",
  promise: "reads a record of the ordered log, or throws a WireError; what it read it reads again",
  model: (chance) => epochBytes(randomRecord(chance.below(2 ** 31))),
  check(input) {
    const record = readOr([WireError], () => readEpoch(Uint8Array.from(input)));
    // What was read is a record of its own, so that it is written anew.
    if (record !== undefined) expect(readEpoch(epochBytes({ ...record }))).to.deep.equal(record);
  },
};

const fetched: FuzzTarget = {
  name: "fetched",
  promise: "reads what a leader answers, or throws a WireError",
  model(chance) {
    const taken = chainOf(chance.below(4), "a").map((record) => ({ term: 1, record }));
    const base = { epoch: 0, hash: "" };
    return fetchedBytes({ term: 1, tail: 9, base, records: taken }, 1 << 20);
  },
  check(input) {
    readOr([WireError], () => readFetched(input));
  },
};

const members: FuzzTarget = {
  name: "members",
  promise: "reads what members of the ordered plane say, or throws a WireError",
  model(chance) {
    const { values } = longBatch.requests[0]?.footprint?.reads[0] ?? { values: [] };
    const pattern = { relation: 1, columns: [0, 1], values };
    const reads = [{ position: 7, found: [] }];
    return chance.pick([
      () => batchBytes(longBatch),
      () => ordered.patternBytes([pattern, pattern]),
      () => ordered.tupleBytes([longBatch.requests[0]?.args ?? []]),
      () => ordered.readsBytes(reads),
    ])();
  },
  check(input) {
    const batch = readOr([WireError], () => ordered.readBatch(input));
    if (batch !== undefined) expect(ordered.readBatch(batchBytes(batch))).to.deep.equal(batch);
    for (const read of [ordered.readPatternBytes, ordered.readTupleBytes, ordered.readReads])
      readOr([WireError], () => read(input));
    readOr([WireError], () => ordered.readAnswers(input));
  },
};

const state: FuzzTarget = {
  name: "states",
  promise: "reads what a partition knows, or throws; what it has read it reads again",
  model: (chance) => replicaStateBytes(randomCheckpoint(chance.below(2 ** 31)).state),
  check(input) {
    const read = readOr([WireError, OrderedLogError], () => readReplicaState(input));
    if (read !== undefined) expect(readReplicaState(replicaStateBytes(read))).to.deep.equal(read);
  },
};

const checkpointFile = Buffer.concat([...checkpointFrames(checkpointOf, checkpoint)]);

const checkpoints: FuzzTarget = {
  name: "checkpoints",
  promise: "reads the checkpoint that was written, or throws an OrderedLogError",
  model: () => checkpointFile,
  check(input) {
    const read = readOr([OrderedLogError], () => {
      const reader = new CheckpointReader();
      for (let at = 0; at < input.length; at += 100) reader.push(input.subarray(at, at + 100));
      return reader.finish();
    });
    if (read === undefined) return;
    expect(read.state).to.deep.equal(checkpoint.state);
    expect(read.versions).to.deep.equal(checkpoint.versions);
  },
};

const tarFile = await (async () => {
  const content = (text: string) => ({
    ...{ name: `tail-${text.length}`, bytes: text.length, secret: false },
    // eslint-disable-next-line @typescript-eslint/require-await -- as what is read from a disk
    async *content() {
      yield Buffer.from(text);
    },
  });
  const parts: Uint8Array[] = [];
  for await (const part of tarOf([content("a".repeat(700)), content("")])) parts.push(part);
  return Buffer.concat(parts);
})();

const tar: FuzzTarget = {
  name: "backups",
  promise: "reads an archive, or throws a TarError",
  model: () => tarFile,
  words: ["../", "/etc/passwd", "7777777", "\0", "ustar", "-1"],
  async check(input) {
    // eslint-disable-next-line @typescript-eslint/require-await -- as what comes from a network
    const pieces = async function* () {
      for (let at = 0; at < input.length; at += 300) yield input.subarray(at, at + 300);
    };
    const nothing = (): Promise<void> => Promise.resolve();
    try {
      await readTar(pieces(), () => Promise.resolve({ write: nothing, end: nothing }));
    } catch (error) {
      if (!(error instanceof TarError)) throw error;
    }
  },
};

const appended = [1, 2, 3, 4, 5, 6].map((number) =>
  batchOf("n/1", number, [number % 2 === 0 ? word(`w${number}`) : edge(number, 1)]),
);

const logDisk = new SimulatedDisk();
const written = await openWatched("n", { files: logDisk.machine() });
await written.flushed(written.log.append(appended));
await written.log.close();
const logFile = (await logDisk.machine().read("n/tail-1")) ?? new Uint8Array();
const putLogBack = logDisk.copyAll();

const log: FuzzTarget = {
  name: "logs",
  promise: "opens the log of a node with a beginning of what was written, or throws a LogError",
  model: () => logFile,
  async check(input) {
    putLogBack();
    logDisk.damage("n/tail-1", () => input);
    try {
      const { log: opened } = await openWatched("n", { files: logDisk.machine() });
      await opened.close();
      expect(opened.records).to.deep.equal(appended.slice(0, opened.records.length));
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
    }
  },
};

const chain = chainOf(6, "a");
const orderedDisk = new SimulatedDisk();
const orderedLog = await openFileLog("l", { program: "p1", files: orderedDisk.machine() });
for (const record of chain) await orderedLog.append(record);
await orderedLog.close();
const orderedFile = (await orderedDisk.machine().read("l/epochs-1")) ?? new Uint8Array();
const putOrderedBack = orderedDisk.copyAll();

const orderedLogs: FuzzTarget = {
  name: "ordered-logs",
  promise: "opens an ordered log with a beginning of what was written, or throws an error of it",
  model: () => orderedFile,
  async check(input) {
    putOrderedBack();
    orderedDisk.damage("l/epochs-1", () => input);
    try {
      const opened = await openFileLog("l", { program: "p1", files: orderedDisk.machine() });
      const read = await opened.read(1, 100);
      await opened.close();
      expect(read).to.deep.equal(chain.slice(0, read.length));
    } catch (error) {
      if (!(error instanceof OrderedLogError)) throw error;
    }
  },
};

/** What reads bytes of other nodes, and what is on the disk. */
export const byteTargets: readonly FuzzTarget[] = [
  ...[wire, records, handshake, epoch, fetched, members],
  ...[state, checkpoints, tar, log, orderedLogs],
];
