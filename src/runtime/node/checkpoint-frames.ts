// A checkpoint as a file, piece by piece: eight bytes that name the format, then frames. Numbers of
// a frame have 32 bits, the low byte first.
//
//     length | checksum | kind | payload …
//
// The first frame says in JSON what the checkpoint is of; then comes what the partition knows
// besides its rows, then rows, then how many there are. The checksum (CRC-32) covers the number of
// the frame, its kind and its payload. A file that a crash has cut short has no last frame.
import { crc32 } from "node:zlib";

import type { Checkpoint } from "../../calvin/checkpoint.ts";
import type { ReplicaState } from "../../calvin/replica.ts";
import type { Position, Version } from "../../calvin/storage.ts";
import { ByteSink, ByteSource, WireError } from "../bytes.ts";
import {
  readReplicaState,
  readVersion,
  replicaStateBytes,
  writeVersion,
} from "../checkpoint-bytes.ts";
import { otherFormat, readMagic } from "../format.ts";
import { OrderedLogError } from "../ordered-log-error.ts";

/** What a checkpoint is of. */
export type CheckpointOf = {
  /** The program's hash: the numbers of relations are its. */
  readonly program: string;
  readonly partition: number;
  readonly partitions: number;
  /** The hash of the log's record of the epoch: what follows it is carried out next. */
  readonly record: string;
};

/** What a checkpoint says of itself. */
export type CheckpointManifest = CheckpointOf & {
  readonly epoch: number;
  /** Of the state after that epoch. */
  readonly hash: number;
  /** Who reads before this place, or a later one, finds all there was. */
  readonly horizon: Position;
  /** How many rows are present, and how many are past. */
  readonly rows: number;
  readonly past: number;
};

/** A checkpoint that was read. */
export type LoadedCheckpoint = {
  readonly manifest: CheckpointManifest;
  readonly state: ReplicaState;
  readonly versions: readonly Version[];
};

const format = 1;
const prefix = new TextEncoder().encode("calmckp");
const magic = new TextEncoder().encode(`calmckp${format}`);
const headBytes = 9;
const frameBytes = 64 << 10;
/** A frame ends after the row that fills it; no row is longer. */
const frameBytesMax = 64 << 20;

type Kind = "manifest" | "state" | "rows" | "end";
const kinds: readonly Kind[] = ["manifest", "state", "rows", "end"];

/** Yields the bytes of a checkpoint; returns what it says of itself. */
export function* checkpointFrames(
  of: CheckpointOf,
  { state, horizon, versions }: Checkpoint,
): Generator<Uint8Array, CheckpointManifest> {
  let number = 0;
  const frame = (kind: Kind, payload: Uint8Array): Uint8Array => frameOf(kind, payload, number++);
  const { epoch, hash } = state;
  const said = { ...of, epoch, hash, horizon };
  yield Buffer.concat([magic, frame("manifest", jsonBytes({ format, ...said }))]);
  const known = replicaStateBytes(state);
  for (let at = 0; at < known.length; at += frameBytes)
    yield frame("state", known.subarray(at, at + frameBytes));
  const counts = { rows: 0, past: 0 };
  let sink = new ByteSink();
  for (const version of versions) {
    counts[version.to === Infinity ? "rows" : "past"]++;
    writeVersion(version, sink);
    if (sink.size < frameBytes) continue;
    yield frame("rows", sink.finish());
    sink = new ByteSink();
  }
  if (sink.size > 0) yield frame("rows", sink.finish());
  yield frame("end", jsonBytes(counts));
  return { ...said, ...counts };
}

/** Reads the bytes of a checkpoint as they come. Throws an `OrderedLogError`: `damaged` where they
 * are not what was written, `unknown-format` where a later version wrote them. */
export class CheckpointReader {
  private rest: Uint8Array = new Uint8Array(0);
  private named = false;
  private number = 0;
  private manifest: Omit<CheckpointManifest, "rows" | "past"> | undefined;
  private readonly known: Uint8Array[] = [];
  private readonly versions: Version[] = [];
  private counts: { readonly rows: number; readonly past: number } | undefined;

  /** Takes the next bytes. */
  push(bytes: Uint8Array): void {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    if (!this.named) {
      if (this.rest.length < magic.length) return;
      this.name();
    }
    for (;;) {
      const { rest } = this;
      if (rest.length < headBytes) return;
      const view = new DataView(rest.buffer, rest.byteOffset, headBytes);
      const length = view.getUint32(0, true);
      if (length > frameBytesMax) throw damaged("a frame is too long");
      if (rest.length < headBytes + length) return;
      const payload = rest.subarray(headBytes, headBytes + length);
      const kind = view.getUint8(8);
      if (view.getUint32(4, true) !== checksum(kind, payload, this.number))
        throw damaged(`frame ${this.number} is not what was written`);
      this.number++;
      this.take(kinds[kind], payload);
      this.rest = rest.subarray(headBytes + length);
    }
  }

  /** What was read, once all bytes were pushed. */
  finish(): LoadedCheckpoint {
    const { manifest, counts, versions } = this;
    if (manifest === undefined || counts === undefined || this.rest.length > 0)
      throw damaged("it was not written to its end");
    const past = versions.filter(({ to }) => to !== Infinity).length;
    if (past !== counts.past || versions.length - past !== counts.rows)
      throw damaged("it has not as many rows as it says");
    const state = wired(() => readReplicaState(Buffer.concat(this.known)));
    if (state.epoch !== manifest.epoch || state.hash !== manifest.hash)
      throw damaged("it is not of the epoch that it says");
    return { manifest: { ...manifest, ...counts }, state, versions };
  }

  private name(): void {
    const found = this.rest.subarray(0, magic.length);
    const named = wired(() => readMagic(found, prefix, format, "a checkpoint"));
    if (!named) throw damaged("it does not begin as one");
    this.rest = this.rest.subarray(magic.length);
    this.named = true;
  }

  private take(kind: Kind | undefined, payload: Uint8Array): void {
    if (this.counts !== undefined) throw damaged("something follows its end");
    if ((kind === "manifest") !== (this.number === 1)) throw damaged("its frames are in no order");
    switch (kind) {
      case "manifest":
        this.manifest = manifestOf(jsonOf(payload));
        break;
      case "state":
        this.known.push(Uint8Array.from(payload));
        break;
      case "rows":
        this.takeRows(payload);
        break;
      case "end":
        this.counts = countsOf(jsonOf(payload));
        break;
      case undefined:
        throw damaged("a frame is of no kind");
    }
  }

  private takeRows(payload: Uint8Array): void {
    const source = new ByteSource(payload);
    while (source.left > 0) this.versions.push(wired(() => readVersion(source)));
  }
}

function frameOf(kind: Kind, payload: Uint8Array, number: number): Uint8Array {
  const head = Buffer.alloc(headBytes);
  const at = kinds.indexOf(kind);
  head.writeUInt32LE(payload.length, 0);
  head.writeUInt32LE(checksum(at, payload, number), 4);
  head.writeUInt8(at, 8);
  return Buffer.concat([head, payload]);
}

function checksum(kind: number, payload: Uint8Array, number: number): number {
  const place = Buffer.alloc(5);
  place.writeUInt32LE(number % 2 ** 32, 0);
  place.writeUInt8(kind, 4);
  return crc32(payload, crc32(place));
}

function manifestOf(said: Readonly<Record<string, unknown>>) {
  if (said["format"] !== format)
    throw new OrderedLogError(
      "unknown-format",
      otherFormat("a checkpoint", said["format"], format),
    );
  const { program, partition, partitions, record, epoch, hash, horizon } = said;
  if (typeof program !== "string" || typeof record !== "string")
    throw damaged("it does not say what it is of");
  if (!counts(partition) || !counts(partitions) || !counts(epoch) || !counts(hash))
    throw damaged("it does not say what it is of");
  if (!counts(horizon)) throw damaged("it does not say what it is of");
  return { program, partition, partitions, record, epoch, hash, horizon };
}

function countsOf({ rows, past }: Readonly<Record<string, unknown>>) {
  if (!counts(rows) || !counts(past)) throw damaged("it does not say how many rows it has");
  return { rows, past };
}

function counts(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function jsonBytes(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function jsonOf(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const said: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof said === "object" && said !== null) return said as Readonly<Record<string, unknown>>;
  } catch {
    // What is no JSON is refused as what is no object.
  }
  throw damaged("what it says of itself cannot be read");
}

function wired<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    if (error.code !== "unknown-format") throw damaged(error.message);
    throw new OrderedLogError(error.code, `a checkpoint: ${error.message}`, error);
  }
}

function damaged(why: string): OrderedLogError {
  return new OrderedLogError("damaged", `a checkpoint is damaged: ${why}`);
}
