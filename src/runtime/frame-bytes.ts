// Frames between nodes as bytes.
import type { Frame, Heard, Origin, VersionVector } from "../transducer/protocol.ts";
import {
  type BatchLimits,
  BatchReader,
  BatchWriter,
  readNumber,
  readOrigin,
} from "./batch-bytes.ts";
import { ByteSink, ByteSource, WireError } from "./bytes.ts";
import { factLimits, FactReader, type FactSchema, FactWriter } from "./fact-bytes.ts";
import { readGone, writeGone } from "./gone-bytes.ts";
import { readMembers, writeMembers } from "./member-bytes.ts";

/** The limits of frames. */
export type FrameLimits = BatchLimits & {
  /** Origins in a version vector: lives of nodes. */
  readonly originsMax: number;
};

/** The limits of frames unless others are given. */
export const frameLimits: FrameLimits = {
  ...factLimits,
  originBytesMax: 256,
  originsMax: 1 << 16,
  requestBytesMax: 256,
  // One of as many batches as are signed together.
  signatureBytesMax: 3 << 10,
};

const kinds = ["hello", "batch", "messages", "ack", "members", "gone"] as const;

/** Whether bytes are of a frame with a batch, if they are of any. */
export function isOfBatch(bytes: Uint8Array): boolean {
  return bytes[0] === kinds.indexOf("batch");
}

/** Turns the frames of one connection and direction into bytes. */
export class FrameWriter {
  private readonly facts: FactWriter;
  private readonly batches: BatchWriter;

  constructor(schema: FactSchema, limits: FrameLimits = frameLimits) {
    this.facts = new FactWriter(schema, limits);
    this.batches = new BatchWriter(this.facts);
  }

  write(frame: Frame): Uint8Array<ArrayBuffer> {
    const sink = new ByteSink();
    sink.byte(kinds.indexOf(frame.kind));
    switch (frame.kind) {
      case "hello":
        sink.text(frame.origin);
        sink.byte(frame.reply ? 1 : 0);
        writeState(frame, sink);
        break;
      case "ack":
        writeState(frame, sink);
        break;
      case "batch":
        this.batches.write(frame.batch, sink);
        break;
      case "messages":
        sink.text(frame.origin);
        sink.count(frame.from);
        this.facts.write(frame.facts, sink);
        break;
      case "members":
        sink.byte(frame.reply ? 1 : 0);
        writeMembers(frame.members, sink);
        break;
      case "gone":
        sink.text(frame.origin);
        sink.count(frame.number);
        writeGone(frame.gone, sink);
        break;
    }
    return sink.finish();
  }
}

/** Reads the frames of one connection and direction. After a `WireError` the connection cannot go
 * on: which symbols were told is not known. */
export class FrameReader {
  private readonly facts: FactReader;
  private readonly batches: BatchReader;
  private readonly limits: FrameLimits;

  constructor(schema: FactSchema, limits: FrameLimits = frameLimits) {
    this.facts = new FactReader(schema, limits);
    this.batches = new BatchReader(this.facts, limits);
    this.limits = limits;
  }

  read(bytes: Uint8Array): Frame {
    const source = new ByteSource(bytes);
    const frame = this.frame(source);
    source.end();
    return frame;
  }

  private frame(source: ByteSource): Frame {
    const kind = kinds[source.byte()];
    if (kind === undefined) throw new WireError("malformed", "a frame of no known kind");
    switch (kind) {
      case "hello": {
        const origin = readOrigin(source, this.limits);
        const reply = readFlag(source);
        return { kind, origin, reply, ...readState(source, this.limits) };
      }
      case "ack":
        return { kind, ...readState(source, this.limits) };
      case "batch":
        return { kind, batch: this.batches.read(source) };
      case "messages": {
        const origin = readOrigin(source, this.limits);
        const from = readNumber(source);
        return { kind, origin, from, facts: this.facts.read(source) };
      }
      case "members": {
        const reply = readFlag(source);
        return { kind, reply, members: readMembers(source) };
      }
      case "gone": {
        const origin = readOrigin(source, this.limits);
        const number = readNumber(source);
        return { kind, origin, number, gone: readGone(source) };
      }
    }
  }
}

type State = {
  readonly holds: VersionVector;
  readonly heard: Heard;
  readonly cleared?: Heard;
};

function writeState({ holds, heard, cleared }: State, sink: ByteSink): void {
  sink.count(holds.size);
  for (const [origin, count] of holds) {
    sink.text(origin);
    sink.count(count);
  }
  writeHeard(heard, sink);
  writeHeard(cleared, sink);
}

function writeHeard(heard: Heard, sink: ByteSink): void {
  sink.byte(heard === undefined ? 0 : 1);
  if (heard === undefined) return;
  sink.text(heard.origin);
  sink.count(heard.number);
}

function readState(source: ByteSource, limits: FrameLimits): State {
  const holds = new Map<Origin, number>();
  const count = source.count(limits.originsMax, "origins");
  for (let at = 0; at < count; at++) {
    const origin = readOrigin(source, limits);
    if (holds.has(origin)) throw new WireError("malformed", "an origin is told of twice");
    holds.set(origin, source.count(Number.MAX_SAFE_INTEGER, "facts of an origin"));
  }
  const heard = readHeard(source, limits);
  const cleared = readHeard(source, limits);
  return cleared === undefined ? { holds, heard } : { holds, heard, cleared };
}

function readHeard(source: ByteSource, limits: FrameLimits): Heard {
  if (!readFlag(source)) return undefined;
  const origin = readOrigin(source, limits);
  return { origin, number: source.count(Number.MAX_SAFE_INTEGER, "a number") };
}

function readFlag(source: ByteSource): boolean {
  const byte = source.byte();
  if (byte > 1) throw new WireError("malformed", "neither yes nor no");
  return byte === 1;
}
