// Records of the log as bytes.
import type { LogRecord } from "../../transducer/protocol.ts";
import { BatchReader, BatchWriter } from "../batch-bytes.ts";
import { ByteSink, ByteSource, WireError } from "../bytes.ts";
import { factLimits, FactReader, type FactSchema, FactWriter } from "../fact-bytes.ts";
import { type FrameLimits, frameLimits } from "../frame-bytes.ts";
import { readGone, writeGone } from "../gone-bytes.ts";
import { readMembers, writeMembers } from "../member-bytes.ts";
import type { LogLimits } from "./limits.ts";
import type { SegmentFormat } from "./segment.ts";

const kinds = ["batch", "messages", "members", "gone"] as const;

/** How deep records are in records on the disk. */
const depthMax = 1 << 12;

/** The format of the segments of a node's log. */
export type LogFormat = SegmentFormat<LogRecord> & { readonly limits: LogLimits };

/** Returns the format of the log of a program's node. */
export function logFormat(program: string, schema: FactSchema, limits: LogLimits): LogFormat {
  return {
    ...{ program, limits, recordBytesMax: limits.recordBytesMax },
    writer: () => new RecordWriter(schema),
    reader: () => new RecordReader(schema, limits),
  };
}

/** Turns the records of one segment into bytes. */
export class RecordWriter {
  private readonly facts: FactWriter;
  private readonly batches: BatchWriter;
  private readonly sink = new ByteSink();

  constructor(schema: FactSchema) {
    this.facts = new FactWriter(schema);
    this.batches = new BatchWriter(this.facts);
  }

  /** Returns the bytes of a record, until the next one is written. */
  write(record: LogRecord): Uint8Array {
    const { sink } = this;
    sink.clear();
    sink.byte(kinds.indexOf(record.kind));
    switch (record.kind) {
      case "batch":
        this.batches.write(record.batch, sink);
        break;
      case "messages":
        sink.text(record.peer);
        sink.text(record.origin);
        sink.count(record.from);
        this.facts.write(record.facts, sink);
        break;
      case "members":
        writeMembers(record.members, sink);
        break;
      case "gone":
        writeGone(record.gone, sink);
        break;
    }
    return sink.written;
  }
}

/** Reads the records of one segment. What is no record is a `WireError`. */
export class RecordReader {
  private readonly facts: FactReader;
  private readonly batches: BatchReader;
  private readonly limits: FrameLimits;

  constructor(schema: FactSchema, { recordBytesMax, recordFactsMax }: LogLimits) {
    // What the node has taken was within the limits of its rim; here they only keep damaged bytes
    // from asking for too much.
    this.limits = {
      ...frameLimits,
      ...{ factsMax: recordFactsMax, symbolsMax: factLimits.symbolsMax, depthMax },
      ...{ symbolBytesMax: recordBytesMax, requestBytesMax: recordBytesMax },
    };
    this.facts = new FactReader(schema, this.limits);
    this.batches = new BatchReader(this.facts, this.limits);
  }

  read(bytes: Uint8Array): LogRecord {
    const source = new ByteSource(bytes);
    const record = this.record(source);
    source.end();
    return record;
  }

  private record(source: ByteSource): LogRecord {
    const kind = kinds[source.byte()];
    if (kind === undefined) throw new WireError("malformed", "a record of no known kind");
    switch (kind) {
      case "batch":
        return { kind, batch: this.batches.read(source) };
      case "messages": {
        const peer = source.text(this.limits.originBytesMax, "a peer");
        const origin = source.text(this.limits.originBytesMax, "an origin");
        const from = source.count(Number.MAX_SAFE_INTEGER, "a number");
        return { kind, peer, origin, from, facts: this.facts.read(source) };
      }
      case "members":
        return { kind, members: readMembers(source) };
      case "gone":
        return { kind, gone: readGone(source) };
    }
  }
}
