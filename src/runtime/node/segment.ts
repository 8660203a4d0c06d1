// A file of the log: eight bytes that name the format, then frames. Numbers have 32 bits, the low
// byte first.
//
//     marker | length | durable | checksum | payload …
//
// The first frame's payload says in JSON of which program the records are and which file this is;
// every other one is a record, or empty: a mark, that only says what is durable. `durable` is how
// far the file was known to be on the disk when the frame was written. The checksum (CRC-32) covers
// the name of the file, the place in it, the two numbers and the payload, so that bytes that were
// left over, or put elsewhere, are no frames.
//
// Where a frame is broken at the end of the last file, either a write did not come to its end, or
// the disk has lost something. It was the disk when a later frame says that the place was durable.
// What has the right checksum was written to its end: it is not cut off, whatever it holds.
import { crc32 } from "node:zlib";

import { assert } from "../../base/assert.ts";
import { WireError } from "../bytes.ts";
import { readMagic } from "../format.ts";

const format = 2;
const prefix = new TextEncoder().encode("calmlog");
const magic = new TextEncoder().encode(`calmlog${format}`);
const marker = 0xcaf15eed;
const headBytes = 16;

/** What all segments of a folder have in common. Their records are of one type. */
export type SegmentFormat<R> = ReadFormat<R> & {
  /** Makes what writes the records of one segment. What it returns is of use until the next. */
  writer(): { write(record: R): Uint8Array };
};

/** As much of a format as it takes to read segments. */
export type ReadFormat<R> = {
  readonly program: string;
  readonly recordBytesMax: number;
  /** Makes what reads the records of one segment; it throws a `WireError`. */
  reader(): { read(bytes: Uint8Array): R };
};

/** The bytes of a segment, as they are written one after the other. */
export class SegmentWriter<R> {
  readonly file: string;
  private readonly format: SegmentFormat<R>;
  private readonly records: { write(record: R): Uint8Array };
  private readonly checksums: Checksums;
  private written = 0;

  constructor(file: string, format: SegmentFormat<R>) {
    this.file = file;
    this.format = format;
    this.records = format.writer();
    this.checksums = new Checksums(file);
  }

  /** How many bytes were made. */
  get bytes(): number {
    return this.written;
  }

  /** The bytes that a segment begins with. */
  begin(): Uint8Array {
    assert(this.written === 0, "a segment begins once");
    this.written = magic.length;
    const { file } = this;
    const said = JSON.stringify({ file, program: this.format.program });
    return Buffer.concat([magic, this.frame(new TextEncoder().encode(said), 0)]);
  }

  /** The bytes of a record. `durable`: how far the file is on the disk. */
  record(record: R, durable: number): Uint8Array {
    const payload = this.records.write(record);
    assert(payload.length <= this.format.recordBytesMax, "a record is within its limit");
    return this.frame(payload, durable);
  }

  /** The bytes that say that all before them is on the disk. */
  mark(): Uint8Array {
    return this.frame(new Uint8Array(), this.written);
  }

  private frame(payload: Uint8Array, durable: number): Uint8Array {
    const bytes = frameOf(this.checksums, this.written, payload, durable);
    this.written += bytes.length;
    return bytes;
  }
}

/** Returns the mark that says of a file that all before `offset` is on the disk, where it ends. */
export function markAt(file: string, offset: number): Uint8Array {
  return frameOf(new Checksums(file), offset, new Uint8Array(), offset);
}

function frameOf(
  checksums: Checksums,
  offset: number,
  payload: Uint8Array,
  durable: number,
): Uint8Array {
  // Most frames are small, and lie in memory that Node has got for many.
  const bytes = Buffer.allocUnsafe(headBytes + payload.length);
  bytes.writeUInt32LE(marker, 0);
  bytes.writeUInt32LE(payload.length, 4);
  bytes.writeUInt32LE(durable, 8);
  bytes.writeUInt32LE(checksums.of(offset, payload, durable), 12);
  bytes.set(payload, headBytes);
  return bytes;
}

/** Where a segment is broken. */
export type Break = {
  readonly offset: number;
  readonly reason: string;
  /** Whether what is broken had been durable, as later frames say, or its own checksum. */
  readonly durable: boolean;
};

/** Reads a segment, record by record. */
export class SegmentReader<R> {
  readonly file: string;
  private readonly format: ReadFormat<R>;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly records: { read(bytes: Uint8Array): R };
  private readonly checksums: Checksums;
  private at = 0;
  private found: Break | undefined;
  private isMarked = false;

  constructor(file: string, bytes: Uint8Array, format: ReadFormat<R>) {
    this.file = file;
    this.format = format;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.records = format.reader();
    this.checksums = new Checksums(file);
  }

  /** How many bytes were read and are whole. */
  get offset(): number {
    return this.at;
  }

  /** Whether what was read ends with a mark: all of it was on the disk. */
  get marked(): boolean {
    return this.isMarked;
  }

  /** Where the segment is broken, once that was met. */
  get broken(): Break | undefined {
    return this.found;
  }

  /** Returns the next record; undefined at the end, or where the segment is broken. What another
   * version of calmdb has written is not broken: it is a `WireError`, `unknown-format`. */
  next(): R | undefined {
    if (this.found !== undefined) return undefined;
    if (this.at === 0 && !this.head()) return undefined;
    while (this.at < this.bytes.length) {
      const payload = this.frameAt(this.at);
      if (typeof payload === "string") {
        this.breakOff(payload);
        break;
      }
      try {
        const record = payload.length > 0 ? this.records.read(payload) : undefined;
        this.at += headBytes + payload.length;
        this.isMarked = payload.length === 0;
        if (record !== undefined) return record;
      } catch (error) {
        if (!(error instanceof WireError) || error.code === "unknown-format") throw error;
        this.found = { offset: this.at, reason: error.message, durable: true };
        break;
      }
    }
    return undefined;
  }

  private head(): boolean {
    const named = readMagic(this.bytes, prefix, format, this.file);
    const payload = named ? this.frameAt(magic.length) : "the file is no segment of a log";
    if (typeof payload === "string") {
      this.breakOff(payload);
      return false;
    }
    const said = new TextDecoder().decode(payload);
    if (said !== JSON.stringify({ file: this.file, program: this.format.program })) {
      this.breakOff("the segment is of another log");
      return false;
    }
    this.at = magic.length + headBytes + payload.length;
    return true;
  }

  /** The payload of the frame at `at`, or why there is none. */
  private frameAt(at: number): Uint8Array | string {
    const left = this.bytes.length - at;
    if (left < headBytes) return "the file ends within a frame";
    if (this.view.getUint32(at, true) !== marker) return "no frame begins here";
    const length = this.view.getUint32(at + 4, true);
    if (length > this.format.recordBytesMax) return "a frame is too long";
    if (length > left - headBytes) return "the file ends within a frame";
    const payload = this.bytes.subarray(at + headBytes, at + headBytes + length);
    const sum = this.checksums.of(at, payload, this.view.getUint32(at + 8, true));
    const right = this.view.getUint32(at + 12, true) === sum;
    return right ? payload : "a checksum does not fit";
  }

  private breakOff(reason: string): void {
    const offset = this.at;
    let durable = false;
    for (let at = offset + 1; at + headBytes <= this.bytes.length && !durable; at++)
      durable =
        this.view.getUint32(at, true) === marker &&
        this.view.getUint32(at + 8, true) > offset &&
        typeof this.frameAt(at) !== "string";
    this.found = { offset, reason, durable };
  }
}

/** Makes the checksums of a file's frames: what they have in common is gone through once. */
class Checksums {
  private readonly name: number;
  private readonly place = new DataView(new ArrayBuffer(12));
  // Node 24.21 takes some views for none (`ArrayBuffer.isView`), so crc32 is given the bytes.
  private readonly placeBytes = new Uint8Array(this.place.buffer);

  constructor(file: string) {
    this.name = crc32(file);
  }

  /** The checksum of a frame at `offset` of the file. */
  of(offset: number, payload: Uint8Array, durable: number): number {
    const { place } = this;
    place.setUint32(0, offset, true);
    place.setUint32(4, payload.length, true);
    place.setUint32(8, durable, true);
    return crc32(payload, crc32(this.placeBytes, this.name));
  }
}
