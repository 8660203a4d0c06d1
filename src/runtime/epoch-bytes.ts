// Records of the ordered log as bytes: the same on the disk, in etcd and on the way to a follower.
// The first byte is the number of the format.
import type { OrderedMember } from "../calvin/members.ts";
import type {
  BatchReference,
  EpochRecord,
  OrderedBatch,
  OrderedRequest,
} from "../calvin/record.ts";
import type { Footprint, Pattern } from "../calvin/transaction.ts";
import { ByteSink, ByteSource, WireError } from "./bytes.ts";
import { readFormat } from "./format.ts";
import { readValues, type ValueLimits, valueLimits, writeValues } from "./value-bytes.ts";

const format = 3;

/** The bytes of records that were read, or written before: what is logged is also hashed and sent,
 * and a record stays what it is. */
const known = new WeakMap<EpochRecord, Uint8Array>();

/** The limits of a record that is read. */
export type EpochLimits = ValueLimits & {
  /** A name: of a request, a transaction, a sequencer, an engine, or a hash. */
  readonly nameBytesMax: number;
  readonly epochBatchesMax: number;
  readonly batchRequestsMax: number;
  /** Origins of a frontier. */
  readonly originsMax: number;
  readonly membersMax: number;
  readonly columnsMax: number;
};

/** The limits of a record unless others are given. */
export const epochLimits: EpochLimits = {
  ...valueLimits,
  nameBytesMax: 4 << 10,
  epochBatchesMax: 1 << 16,
  batchRequestsMax: 1 << 20,
  originsMax: 1 << 16,
  membersMax: 1 << 12,
  columnsMax: 1 << 12,
};

/** Returns the bytes of a record, which nobody may change: the hash of a record is made of them. A
 * name that could not be read back is a `WireError`. */
export function epochBytes(record: EpochRecord): Uint8Array {
  const before = known.get(record);
  if (before !== undefined) return before;
  const bytes = written(record);
  known.set(record, bytes);
  return bytes;
}

function written(record: EpochRecord): Uint8Array<ArrayBuffer> {
  const sink = new ByteSink();
  sink.byte(format);
  sink.count(record.epoch);
  writeName(sink, record.previous, "a hash");
  sink.float(record.nowMs);
  sink.float(record.seed);
  writeName(sink, record.engine, "an engine");
  sink.count(record.frontier.size);
  for (const [origin, count] of [...record.frontier].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    writeName(sink, origin, "an origin");
    sink.count(count);
  }
  writeMembers(record.members, sink);
  sink.count(record.batches.length);
  for (const batch of record.batches) {
    sink.byte("hash" in batch ? 1 : 0);
    if ("hash" in batch) writeReference(batch, sink);
    else writeOrderedBatch(batch, sink);
  }
  return sink.finish();
}

/** Returns the record of bytes. What is none, or is above a limit, is a `WireError`. */
export function readEpoch(bytes: Uint8Array, limits: EpochLimits = epochLimits): EpochRecord {
  const record = readRecord(bytes, limits);
  known.set(record, bytes);
  return record;
}

/** Returns what a record is and what it follows; what it holds is not looked at. */
export function readEpochHead(
  bytes: Uint8Array,
  limits: EpochLimits = epochLimits,
): Pick<EpochRecord, "epoch" | "previous"> {
  return readHead(new ByteSource(bytes), limits);
}

function readHead(source: ByteSource, limits: EpochLimits) {
  readFormat(source, format, "a record");
  const epoch = readNumber(source, "an epoch");
  return { epoch, previous: source.text(limits.nameBytesMax, "a hash") };
}

function readRecord(bytes: Uint8Array, limits: EpochLimits): EpochRecord {
  const source = new ByteSource(bytes);
  const { epoch, previous } = readHead(source, limits);
  const nowMs = source.float();
  const seed = source.float();
  const engine = source.text(limits.nameBytesMax, "an engine");
  const frontier = new Map<string, number>();
  const origins = source.count(limits.originsMax, "origins");
  for (let at = 0; at < origins; at++) {
    const origin = source.text(limits.nameBytesMax, "an origin");
    if (frontier.has(origin)) throw new WireError("malformed", "an origin is told of twice");
    frontier.set(origin, source.count(Number.MAX_SAFE_INTEGER, "facts of an origin"));
  }
  const members = readMembers(source, limits);
  const count = source.count(limits.epochBatchesMax, "batches");
  const batches = Array.from({ length: count }, () =>
    readFlag(source, "a batch") ? readReference(source, limits) : readOrderedBatch(source, limits),
  );
  source.end();
  const read = { epoch, previous, nowMs, seed, batches, frontier, engine };
  return members === undefined ? read : { ...read, members };
}

const encoder = new TextEncoder();

/** Writes a name. One that could not be read back is a `WireError`. */
export function writeName(sink: ByteSink, name: string, what: string): void {
  const { nameBytesMax } = epochLimits;
  // A unit of UTF-16 has at most three bytes.
  if (name.length * 3 > nameBytesMax && encoder.encode(name).length > nameBytesMax)
    throw new WireError("too-large", `${what}: at most ${nameBytesMax} bytes`);
  sink.text(name);
}

/** Writes members, or that there are none named. */
export function writeMembers(members: readonly OrderedMember[] | undefined, sink: ByteSink): void {
  sink.byte(members === undefined ? 0 : 1);
  if (members === undefined) return;
  sink.count(members.length);
  for (const { name, replica, partition } of members) {
    writeName(sink, name, "a member");
    sink.count(replica);
    sink.count(partition);
  }
}

/** Reads what `writeMembers` wrote. */
export function readMembers(source: ByteSource, limits: EpochLimits): OrderedMember[] | undefined {
  if (!readFlag(source, "members")) return undefined;
  const count = source.count(limits.membersMax, "members");
  return Array.from({ length: count }, () => ({
    name: source.text(limits.nameBytesMax, "a member"),
    replica: source.count(limits.membersMax, "a replica"),
    partition: source.count(limits.membersMax, "a partition"),
  }));
}

function writeReference({ sequencer, number, hash }: BatchReference, sink: ByteSink): void {
  writeName(sink, sequencer, "a sequencer");
  sink.count(number);
  writeName(sink, hash, "a hash");
}

function readReference(source: ByteSource, limits: EpochLimits): BatchReference {
  const sequencer = source.text(limits.nameBytesMax, "a sequencer");
  const number = readNumber(source, "a batch's number");
  return { sequencer, number, hash: source.text(limits.nameBytesMax, "a hash") };
}

/** Writes a batch of requests: part of a record, or on its way between sequencers. */
export function writeOrderedBatch(batch: OrderedBatch, sink: ByteSink): void {
  writeName(sink, batch.sequencer, "a sequencer");
  sink.count(batch.number);
  sink.count(batch.requests.length);
  for (const { id, transaction, args, footprint, attempt } of batch.requests) {
    writeName(sink, id, "a request");
    writeName(sink, transaction, "a transaction");
    writeValues(args, sink);
    sink.count(attempt);
    sink.byte(footprint === undefined ? 0 : 1);
    if (footprint === undefined) continue;
    writePatterns(footprint.reads, sink);
    writePatterns(footprint.writes, sink);
  }
}

/** Reads a batch of requests. */
export function readOrderedBatch(
  source: ByteSource,
  limits: EpochLimits = epochLimits,
): OrderedBatch {
  const sequencer = source.text(limits.nameBytesMax, "a sequencer");
  const number = readNumber(source, "a batch's number");
  const count = source.count(limits.batchRequestsMax, "requests");
  const requests: OrderedRequest[] = [];
  for (let at = 0; at < count; at++) requests.push(readRequest(source, limits));
  return { sequencer, number, requests };
}

function readRequest(source: ByteSource, limits: EpochLimits): OrderedRequest {
  const id = source.text(limits.nameBytesMax, "a request");
  const transaction = source.text(limits.nameBytesMax, "a transaction");
  const args = readValues(source, limits);
  const attempt = source.count(Number.MAX_SAFE_INTEGER, "attempts");
  if (!readFlag(source, "a footprint")) return { id, transaction, args, attempt };
  const footprint: Footprint = {
    reads: readPatterns(source, limits),
    writes: readPatterns(source, limits),
  };
  return { id, transaction, args, footprint, attempt };
}

/** Writes patterns, with their number. */
export function writePatterns(patterns: readonly Pattern[], sink: ByteSink): void {
  sink.count(patterns.length);
  for (const { relation, columns, values } of patterns) {
    sink.count(relation);
    sink.count(columns.length);
    for (const column of columns) sink.count(column);
    writeValues(values, sink);
  }
}

/** Reads patterns. */
export function readPatterns(source: ByteSource, limits: EpochLimits): Pattern[] {
  // A pattern has at least three bytes.
  const count = source.count(source.left, "patterns");
  return Array.from({ length: count }, () => {
    const relation = source.count(limits.columnsMax ** 2, "a relation");
    const length = source.count(limits.columnsMax, "columns");
    const columns = Array.from({ length }, () => source.count(limits.columnsMax, "a column"));
    const values = readValues(source, limits);
    if (values.length !== length)
      throw new WireError("malformed", "a pattern has not one value for each of its columns");
    return { relation, columns, values };
  });
}

/** Whether something is there. */
function readFlag(source: ByteSource, what: string): boolean {
  const flag = source.byte();
  if (flag > 1) throw new WireError("malformed", `${what}: neither there nor absent`);
  return flag === 1;
}

function readNumber(source: ByteSource, what: string): number {
  const number = source.count(Number.MAX_SAFE_INTEGER, what);
  if (number === 0) throw new WireError("malformed", "numbers begin at 1");
  return number;
}
