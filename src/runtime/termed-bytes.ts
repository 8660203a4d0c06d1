// Records of the ordered log with the terms of the leaders that took them, as bytes: on the disk,
// and as what a leader answers to those who follow it, read from it, or append to it.
import type { EpochRecord } from "../calvin/record.ts";
import { ByteSink, ByteSource, WireError } from "./bytes.ts";
import { epochBytes, readEpoch, readEpochHead } from "./epoch-bytes.ts";
import { readFormat } from "./format.ts";
import type { Link } from "./record-chain.ts";

/** A record, and the term of the leader that took it. */
export type TermedRecord = { readonly term: number; readonly record: EpochRecord };

/** What a leader answers to a fetch. */
export type Fetched = {
  readonly term: number;
  /** The last epoch that the leader has on the disk: how far the follower is behind. */
  readonly tail: number;
  /** What the first record follows that the leader has: who lacks it goes on there. */
  readonly base: Link;
  readonly records: readonly TermedRecord[];
};

const format = 2;
const hashBytesMax = 256;

/** Returns the bytes of a record with its term. */
export function termedBytes({ term, record }: TermedRecord): Uint8Array<ArrayBuffer> {
  const sink = new ByteSink();
  sink.count(term);
  return joined([sink.finish(), epochBytes(record)]);
}

/** Reads what `termedBytes` wrote; what is not that is a `WireError`. */
export function readTermed(bytes: Uint8Array): TermedRecord {
  const source = new ByteSource(bytes);
  const term = source.count(Number.MAX_SAFE_INTEGER, "a term");
  return { term, record: readEpoch(bytes.subarray(bytes.length - source.left)) };
}

/** A record as bytes, of which no more is read than its place in the log. */
export type TermedHead = {
  readonly term: number;
  readonly head: Pick<EpochRecord, "epoch" | "previous">;
  readonly bytes: Uint8Array;
};

/** Reads no more of what `termedBytes` wrote than where it belongs. */
export function readTermedHead(termed: Uint8Array): TermedHead {
  const source = new ByteSource(termed);
  const term = source.count(Number.MAX_SAFE_INTEGER, "a term");
  const bytes = termed.subarray(termed.length - source.left);
  return { term, head: readEpochHead(bytes), bytes };
}

/** Returns the bytes of what a leader answers, with as many of the records as are in `bytesMax`
 * together, and the first in any case. */
export function fetchedBytes({ term, tail, base, records }: Fetched, bytesMax: number): Uint8Array {
  const taken: Uint8Array[] = [];
  let length = 0;
  for (const termed of records) {
    const bytes = termedBytes(termed);
    length += bytes.length;
    if (taken.length > 0 && length > bytesMax) break;
    taken.push(bytes);
  }
  const head = new ByteSink();
  head.byte(format);
  for (const count of [term, tail, base.epoch]) head.count(count);
  head.text(base.hash);
  for (const count of [taken.length, ...taken.map((bytes) => bytes.length)]) head.count(count);
  return joined([head.finish(), ...taken]);
}

/** Reads what `fetchedBytes` wrote; what is not that is a `WireError`. */
export function readFetched(bytes: Uint8Array): Fetched {
  const source = new ByteSource(bytes);
  readFormat(source, format, "an answer");
  const term = source.count(Number.MAX_SAFE_INTEGER, "a term");
  const tail = source.count(Number.MAX_SAFE_INTEGER, "an epoch");
  const base = {
    epoch: source.count(Number.MAX_SAFE_INTEGER, "an epoch"),
    hash: source.text(hashBytesMax, "a hash"),
  };
  // Each record has a length, and a byte.
  const count = source.count(source.left, "records");
  const lengths = Array.from({ length: count }, () => source.count(bytes.length, "a length"));
  let at = bytes.length - source.left;
  const records = lengths.map((length) => {
    const end = at + length;
    if (end > bytes.length) throw new WireError("truncated", "the bytes end within a record");
    const termed = readTermed(bytes.subarray(at, end));
    at = end;
    return termed;
  });
  if (at < bytes.length) throw new WireError("trailing", "bytes follow the last record");
  return { term, tail, base, records };
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
