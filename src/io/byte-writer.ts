import type { Symbols } from "../value/symbols.ts";
import type { Word } from "../value/word.ts";

/** How many bytes a piece of output has, about. */
const pieceBytes = 1 << 20;

// A small relation needs no more; a large one doubles it a few times for each piece.
const bufferBytesMin = 1 << 14;
const encoder = new TextEncoder();

/** Collects bytes of output into pieces. */
export class ByteWriter {
  private buffer = new Uint8Array(bufferBytesMin);
  private length = 0;

  /** Whether there is enough for a piece. */
  get full(): boolean {
    return this.length >= pieceBytes;
  }

  /** Hands over what was written so far. */
  take(): Uint8Array {
    const piece = this.buffer.subarray(0, this.length);
    this.buffer = new Uint8Array(bufferBytesMin);
    this.length = 0;
    return piece;
  }

  byte(value: number): void {
    if (this.length === this.buffer.length) this.reserve(1);
    this.buffer[this.length++] = value;
  }

  bytes(values: Uint8Array): void {
    this.reserve(values.length);
    this.buffer.set(values, this.length);
    this.length += values.length;
  }

  text(value: string): void {
    this.reserve(3 * value.length);
    this.length += encoder.encodeInto(value, this.buffer.subarray(this.length)).written;
  }

  symbol(symbols: Symbols, word: Word): void {
    this.reserve(symbols.byteLength(word));
    this.length = symbols.copy(word, this.buffer, this.length);
  }

  /** The decimal digits of an integer in (-2^31, 2^31). */
  integer(value: number): void {
    this.reserve(11);
    const { buffer } = this;
    let rest = value | 0;
    if (rest < 0) {
      buffer[this.length++] = 0x2d;
      rest = -rest | 0;
    }
    let at = this.length + digitsOf(rest);
    this.length = at;
    do {
      const upper = (rest / 10) | 0;
      buffer[--at] = 0x30 + rest - Math.imul(10, upper);
      rest = upper;
    } while (rest > 0);
  }

  private reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.length) return;
    const larger = new Uint8Array(2 * needed);
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}

/** How many decimal digits a number in [0, 2^31) has. */
function digitsOf(value: number): number {
  if (value < 1e5) {
    return value < 100 ? (value < 10 ? 1 : 2) : value < 1e4 ? (value < 1e3 ? 3 : 4) : 5;
  }
  if (value < 1e7) return value < 1e6 ? 6 : 7;
  return value < 1e9 ? (value < 1e8 ? 8 : 9) : 10;
}
