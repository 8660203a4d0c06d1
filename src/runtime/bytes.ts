// Numbers and texts as bytes: what frames, and records of the log, are made of.

/** Bytes that came from outside and are not what they should be. Nothing of them was used. */
export class WireError extends Error {
  readonly code: WireErrorCode;

  constructor(code: WireErrorCode, message: string) {
    super(message);
    this.name = "WireError";
    this.code = code;
  }
}

/** What can be wrong with bytes: they end too early, go on too long, say something that is not
 * defined, go beyond a limit, or are of a format that another version of calmdb has. */
export type WireErrorCode = "truncated" | "trailing" | "malformed" | "too-large" | "unknown-format";

/** So short a text is written, and read, sooner than an encoder is asked; its length takes two
 * bytes. */
const plainMax = 1 << 8;

/** So much memory is kept for what is written next. */
const keptMax = 1 << 16;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes that grow. */
export class ByteSink {
  private bytes: Uint8Array<ArrayBuffer> = new Uint8Array(256);
  private length = 0;

  /** How many bytes were written. */
  get size(): number {
    return this.length;
  }

  /** Returns a copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  /** What was written, until something else is. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Forgets what was written; where that was much, gives its memory back. */
  clear(): void {
    if (this.bytes.length > keptMax) this.bytes = new Uint8Array(256);
    this.length = 0;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1, seven bits a byte, the low ones first. */
  count(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.length++] = rest;
  }

  /** An integer of 64 bits without sign, seven bits a byte. */
  unsigned(value: bigint): void {
    // Most are small, and are as bytes what `count` makes of them.
    const number = Number(value);
    if (number <= Number.MAX_SAFE_INTEGER) {
      this.count(number);
      return;
    }
    this.reserve(10);
    let rest = value;
    while (rest > 0x7fn) {
      this.bytes[this.length++] = Number(rest & 0x7fn) + 0x80;
      rest >>= 7n;
    }
    this.bytes[this.length++] = Number(rest);
  }

  /** An integer of 64 bits; those near 0 are short. */
  signed(value: bigint): void {
    this.unsigned(value < 0n ? -2n * value - 1n : 2n * value);
  }

  /** A float of 64 bits. What is no number has many bit patterns in a machine and one here: equal
   * values are equal bytes, wherever they are signed and checked. */
  float(value: number): void {
    this.reserve(8);
    const view = new DataView(this.bytes.buffer, this.length, 8);
    if (Number.isNaN(value)) view.setBigUint64(0, 0x7ff8n << 48n, true);
    else view.setFloat64(0, value, true);
    this.length += 8;
  }

  text(value: string): void {
    if (value.length <= plainMax && this.plainText(value)) return;
    const bytes = encoder.encode(value);
    this.count(bytes.length);
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Writes a text of ASCII alone; returns false, having written nothing, where it is another. */
  private plainText(value: string): boolean {
    const { length } = value;
    this.reserve(length + 8);
    const { bytes } = this;
    const start = this.length + (length > 0x7f ? 2 : 1);
    for (let at = 0; at < length; at++) {
      const unit = value.charCodeAt(at);
      if (unit > 0x7f) return false;
      bytes[start + at] = unit;
    }
    this.count(length);
    this.length = start + length;
    return true;
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    grown.set(this.bytes);
    this.bytes = grown;
  }
}

/** The units of the text of each short length that was read last: what a text is made of. */
const unitsOf: number[][] = [];

/** Reads what a `ByteSink` wrote. Every method throws a `WireError` where that is not there. */
export class ByteSource {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes are left. */
  get left(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new WireError("truncated", "the bytes end within a value");
    this.at++;
    return byte;
  }

  /** A whole number up to `max`. */
  count(max: number, what: string): number {
    // Most have one byte.
    const first = this.bytes[this.at];
    if (first !== undefined && first < 0x80 && first <= max) {
      this.at++;
      return first;
    }
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (value > max) throw new WireError("too-large", `${what}: at most ${max}`);
      if (byte < 0x80) return value;
      if (scale > 2 ** 46) throw new WireError("malformed", `${what} is no number`);
    }
  }

  /** Reads a number without sign that comes after a byte, where this byte comes next and the
   * number is below 2^28; undefined, having read nothing, where it is otherwise. */
  smallAfter(byte: number): number | undefined {
    const { bytes } = this;
    if (bytes[this.at] !== byte) return undefined;
    let value = 0;
    for (let digit = 0; digit < 4; digit++) {
      const next = bytes[this.at + 1 + digit];
      if (next === undefined) return undefined;
      value |= (next & 0x7f) << (7 * digit);
      if (next >= 0x80) continue;
      this.at += 2 + digit;
      return value;
    }
    return undefined;
  }

  unsigned(): bigint {
    // Most numbers fit into the bits that are quick to add.
    let low = 0;
    let scale = 1;
    for (let digits = 0; digits < 7; digits++) {
      const byte = this.byte();
      low += (byte & 0x7f) * scale;
      if (byte < 0x80) return BigInt(low);
      scale *= 0x80;
    }
    let value = BigInt(low);
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (value < 1n << 64n) return value;
      break;
    }
    throw new WireError("malformed", "an integer has more than 64 bits");
  }

  signed(): bigint {
    const value = this.unsigned();
    return value % 2n === 0n ? value / 2n : -(value + 1n) / 2n;
  }

  float(): number {
    if (this.left < 8) throw new WireError("truncated", "the bytes end within a float");
    const value = this.view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  text(bytesMax: number, what: string): string {
    const length = this.count(bytesMax, `bytes of ${what}`);
    if (length > this.left) throw new WireError("truncated", `the bytes end within ${what}`);
    const short = length <= plainMax ? this.ascii(length) : undefined;
    if (short !== undefined) return short;
    const bytes = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    try {
      return decoder.decode(bytes);
    } catch {
      throw new WireError("malformed", `${what} is not UTF-8`);
    }
  }

  /** Reads a short text; undefined where it is not all ASCII. */
  private ascii(length: number): string | undefined {
    const { bytes, at } = this;
    const units = (unitsOf[length] ??= Array.from({ length }, () => 0));
    for (let unit = 0; unit < length; unit++) {
      const byte = bytes[at + unit] ?? 0x80;
      if (byte >= 0x80) return undefined;
      units[unit] = byte;
    }
    this.at += length;
    return String.fromCharCode.apply(undefined, units);
  }

  /** Nothing may be left. */
  end(): void {
    if (this.left > 0) throw new WireError("trailing", `${this.left} bytes follow the end`);
  }
}
