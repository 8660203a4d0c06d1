import type { Symbols } from "../value/symbols.ts";
import type { Word } from "../value/word.ts";

/** How many bytes a piece of output has, about. */
export const pieceBytes = 1 << 20;

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

  /** The decimal digits of an integer in (-2^31, 2^32). */
  integer(value: number): void {
    this.reserve(11);
    const { buffer } = this;
    let rest = value;
    if (rest < 0) {
      buffer[this.length++] = 0x2d;
      rest = -rest;
    }
    let digits = 1;
    for (let bound = 10; bound <= rest; bound *= 10) digits++;
    for (let at = this.length + digits - 1; at >= this.length; at--) {
      const upper = Math.floor(rest / 10);
      buffer[at] = 0x30 + rest - 10 * upper;
      rest = upper;
    }
    this.length += digits;
  }

  private reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.length) return;
    const larger = new Uint8Array(2 * needed);
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}
