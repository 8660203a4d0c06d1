// What the members of the ordered plane send each other, as bytes.
import type { Found, PositionedReads } from "../calvin/gathered.ts";
import type { OrderedBatch } from "../calvin/record.ts";
import type { Ending } from "../calvin/ending.ts";
import type { Answer } from "../calvin/replica.ts";
import type { Pattern, Row } from "../calvin/transaction.ts";
import type { Value } from "../value/schema.ts";
import { ByteSink, ByteSource, WireError } from "./bytes.ts";
import {
  epochLimits,
  readOrderedBatch,
  readPatterns,
  writeName,
  writeOrderedBatch,
  writePatterns,
} from "./epoch-bytes.ts";
import { readPart, readValues, valueLimits, writePart, writeValues } from "./value-bytes.ts";

const countMax = Number.MAX_SAFE_INTEGER;

/** Returns the bytes of a batch. */
export function batchBytes(batch: OrderedBatch): Uint8Array {
  return written((sink) => {
    writeOrderedBatch(batch, sink);
  });
}

/** Returns the batch of bytes. What is none is a `WireError`. */
export function readBatch(bytes: Uint8Array): OrderedBatch {
  return read(bytes, (source) => readOrderedBatch(source));
}

/** Returns the bytes of patterns. */
export function patternBytes(patterns: readonly Pattern[]): Uint8Array {
  return written((sink) => {
    writePatterns(patterns, sink);
  });
}

/** Returns the patterns of bytes. What are none is a `WireError`. */
export function readPatternBytes(bytes: Uint8Array): Pattern[] {
  return read(bytes, (source) => readPatterns(source, epochLimits));
}

/** Returns the bytes of tuples. */
export function tupleBytes(tuples: readonly (readonly Value[])[]): Uint8Array {
  return written((sink) => {
    writeTuples(sink, tuples);
  });
}

/** Returns the tuples of bytes. What are none is a `WireError`. */
export function readTupleBytes(bytes: Uint8Array): Value[][] {
  return read(bytes, readTuples);
}

/** Returns the bytes of what was read for transactions. */
export function readsBytes(reads: readonly PositionedReads[]): Uint8Array {
  return written((sink) => {
    sink.count(reads.length);
    for (const { position, found } of reads) {
      sink.count(position);
      sink.byte("rows" in found ? 1 : 0);
      if (!("rows" in found)) {
        writeFound(sink, found);
        continue;
      }
      sink.count(found.rows.length);
      for (const part of found.rows) writePart(part, sink);
    }
  });
}

function writeFound(sink: ByteSink, found: readonly Found[]): void {
  writePatterns(
    found.map(({ pattern }) => pattern),
    sink,
  );
  for (const { tuples } of found) writeTuples(sink, tuples);
}

/** Returns what was read for transactions, of bytes. What is none is a `WireError`. */
export function readReads(bytes: Uint8Array): PositionedReads[] {
  return read(bytes, (source) => {
    const count = source.count(source.left, "reads");
    return Array.from({ length: count }, () => {
      const position = source.count(countMax, "a position");
      const kind = source.byte();
      if (kind > 1) throw new WireError("malformed", "reads of no known kind");
      return { position, found: kind === 1 ? readRowParts(source) : readFound(source) };
    });
  });
}

function readFound(source: ByteSource): Found[] {
  const patterns = readPatterns(source, epochLimits);
  return patterns.map((pattern) => ({ pattern, tuples: readTuples(source) }));
}

function readRowParts(source: ByteSource): { readonly rows: readonly Value[] } {
  const count = source.count(source.left, "columns");
  const rows: Value[] = [];
  for (let at = 0; at < count; at++) rows.push(readPart(source));
  return { rows };
}

/** Returns the bytes of answers. */
export function answerBytes(answers: readonly Answer[]): Uint8Array {
  return written((sink) => {
    sink.count(answers.length);
    for (const { id, attempt, position, result } of answers) {
      writeName(sink, id, "a request");
      sink.count(attempt);
      sink.count(position);
      writeResult(sink, result);
    }
  });
}

/** Returns the answers of bytes. What are none is a `WireError`. */
export function readAnswers(bytes: Uint8Array): Answer[] {
  return read(bytes, (source) => {
    const count = source.count(source.left, "answers");
    return Array.from({ length: count }, () => ({
      id: source.text(epochLimits.nameBytesMax, "a request"),
      attempt: source.count(countMax, "attempts"),
      position: source.count(countMax, "a position"),
      result: readResult(source),
    }));
  });
}

/** A kind's byte is its place here. */
const kinds: readonly Ending["kind"][] = ["done", "aborted", "restart", "failed"];

function writeResult(sink: ByteSink, result: Ending): void {
  sink.byte(kinds.indexOf(result.kind));
  switch (result.kind) {
    case "done":
      sink.count(result.removed);
      sink.count(result.inserted);
      writeRows(sink, result.told);
      break;
    case "aborted":
    case "failed":
      sink.text(result.reason);
      break;
    case "restart":
      break;
  }
}

function readResult(source: ByteSource): Ending {
  const kind = kinds[source.byte()];
  if (kind === undefined) throw new WireError("malformed", "a result of no known kind");
  switch (kind) {
    case "done":
      return {
        kind,
        removed: source.count(countMax, "rows"),
        inserted: source.count(countMax, "rows"),
        told: readRows(source),
      };
    case "aborted":
    case "failed":
      return { kind, reason: source.text(valueLimits.symbolBytesMax, "a reason") };
    case "restart":
      return { kind };
  }
}

function writeRows(sink: ByteSink, rows: readonly Row[]): void {
  sink.count(rows.length);
  for (const { relation, values } of rows) {
    sink.count(relation);
    writeValues(values, sink);
  }
}

function readRows(source: ByteSource): Row[] {
  const count = source.count(source.left, "rows");
  return Array.from({ length: count }, () => ({
    relation: source.count(epochLimits.columnsMax ** 2, "a relation"),
    values: readValues(source),
  }));
}

function writeTuples(sink: ByteSink, tuples: readonly (readonly Value[])[]): void {
  sink.count(tuples.length);
  for (const tuple of tuples) writeValues(tuple, sink);
}

function readTuples(source: ByteSource): Value[][] {
  const count = source.count(source.left, "tuples");
  return Array.from({ length: count }, () => readValues(source));
}

function written(write: (sink: ByteSink) => void): Uint8Array {
  const sink = new ByteSink();
  write(sink);
  return sink.finish();
}

function read<T>(bytes: Uint8Array, take: (source: ByteSource) => T): T {
  const source = new ByteSource(bytes);
  const taken = take(source);
  source.end();
  return taken;
}
