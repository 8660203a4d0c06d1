import { hashOfBytes } from "./byte-hash.ts";
import { EvaluationFault } from "./fault.ts";
import { Room } from "./room.ts";
import type { Word } from "./word.ts";

/** The most bytes that the texts of one table may have together. */
const symbolBytesMax = 2 ** 32;

const chunkBits = 20;
const chunkBytes = 1 << chunkBits;
const offsetMask = chunkBytes - 1;
const nothing = new Uint8Array(0);
/** So many texts are kept as strings, those of the symbols that were shown last, */
const recentTexts = 1 << 10;
/** unless they have more bytes than this. */
const recentBytesMax = 256;
/** V8 makes a string of one character after the other flat up to this length; longer ones are
 * chains of their parts, which take more than ten times the memory. */
const flatMax = 12;
const encoder = new TextEncoder();
// A symbol may be any bytes; what is no UTF-8 is shown as U+FFFD and kept as it is.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Fields of a buffer: of each the bytes [start, end). */
export type Fields = {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly count: number;
};

/** The symbol table: byte strings and their numbers 0, 1, 2, … in order of first interning.
 * Bytes are usually UTF-8 but need not be. Nothing is ever removed, and the bytes of a symbol
 * never move. */
export class Symbols {
  // The bytes lie in chunks, each symbol within one; a longer symbol has a chunk of its own, which
  // takes up as many places in `chunks` as it has chunk lengths. An address is place and offset.
  private readonly chunks: Uint8Array[] = [];
  private free = 0;
  // Two for each symbol, side by side as they are read together: its address and its length.
  private places = new Int32Array(2 * 1024);
  private count = 0;
  // Open addressing; slot i is [word + 1, hash of the bytes], 0 is an empty slot.
  private slots = new Int32Array(2 * 2048);
  private scratch = new Uint8Array(256);
  private hashes = new Int32Array(0);
  // What is put out in a step is put out several times: each text is made once.
  private readonly recentWords = new Int32Array(recentTexts).fill(-1);
  private readonly recent: string[] = [];
  private readonly room: Room;

  constructor(room = new Room()) {
    this.room = room;
  }

  get size(): number {
    return this.count;
  }

  /** The bytes that the table holds in memory. */
  get memoryBytes(): number {
    const texts = this.chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    return texts + this.places.byteLength + this.slots.byteLength;
  }

  /** The word of a text. A lone surrogate is interned as U+FFFD. */
  intern(text: string): Word {
    const needed = 3 * text.length;
    if (this.scratch.length < needed) this.scratch = new Uint8Array(2 * needed);
    const { scratch } = this;
    let at = 0;
    for (; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit >= 0x80) return this.internBytes(scratch, 0, this.encode(text));
      scratch[at] = unit;
    }
    return this.internBytes(scratch, 0, at);
  }

  /** The word of the bytes [start, end) of `buffer`, which are copied. */
  internBytes(buffer: Uint8Array, start: number, end: number): Word {
    return this.internHashed(hashOfBytes(buffer, start, end), buffer, start, end);
  }

  /** Interns fields of `buffer`, in their order, and writes their words to `words`. */
  internFields(buffer: Uint8Array, { starts, ends, count }: Fields, words: Int32Array): void {
    if (this.hashes.length < count) this.hashes = new Int32Array(2 * count);
    const { hashes, chunks, places, slots } = this;
    const mask = (slots.length >> 1) - 1;
    for (let at = 0; at < count; at++) hashes[at] = hashOfBytes(buffer, starts[at]!, ends[at]!);
    // A large table is not in the processor's caches. Each of these loops reads places that do not
    // depend on each other, so that it waits for many of them at once; the last finds them near.
    for (let at = 0; at < count; at++) {
      const slot = 2 * (hashes[at]! & mask);
      words[at] = slots[slot + 1] === hashes[at] ? slots[slot]! : 0;
    }
    for (let at = 0; at < count; at++)
      if (words[at]! > 0 && places[2 * words[at]! - 1] !== ends[at]! - starts[at]!) words[at] = 0;
    for (let at = 0; at < count; at++) {
      if (words[at]! === 0 || starts[at] === ends[at]) continue;
      const place = places[2 * words[at]! - 2]!;
      if (chunks[place >>> chunkBits]![place & offsetMask] !== buffer[starts[at]!]) words[at] = 0;
    }
    for (let at = 0; at < count; at++) {
      const [start, end, found] = [starts[at]!, ends[at]!, words[at]! - 1];
      words[at] =
        found >= 0 && this.equals(found, buffer, start, end)
          ? found
          : this.internHashed(hashes[at]!, buffer, start, end);
    }
  }

  private internHashed(hash: number, buffer: Uint8Array, start: number, end: number): Word {
    const { slots } = this;
    const mask = (slots.length >> 1) - 1;
    let slot = hash & mask;
    for (;;) {
      const found = slots[2 * slot]!;
      if (found === 0) break;
      if (slots[2 * slot + 1] === hash && this.equals(found - 1, buffer, start, end)) {
        return found - 1;
      }
      slot = (slot + 1) & mask;
    }
    const word = this.count;
    this.store(buffer, start, end);
    slots[2 * slot] = word + 1;
    slots[2 * slot + 1] = hash;
    if (2 * this.count > mask) this.growSlots();
    return word;
  }

  /** The text of a symbol. */
  text(word: Word): string {
    const at = word & (recentTexts - 1);
    if (this.recentWords[at] === word) return this.recent[at]!;
    const text = this.madeText(word);
    if (text.length <= recentBytesMax) {
      this.recentWords[at] = word;
      this.recent[at] = text;
    }
    return text;
  }

  /** The bytes of a symbol: a view that stays valid and must not be written to. */
  bytesOf(word: Word): Uint8Array {
    const start = this.places[2 * word]! & offsetMask;
    return this.chunkOf(word).subarray(start, start + this.places[2 * word + 1]!);
  }

  byteLength(word: Word): number {
    return this.places[2 * word + 1]!;
  }

  /** Copies the bytes of a symbol to `target` at `at`; returns where they end. */
  copy(word: Word, target: Uint8Array, at: number): number {
    const chunk = this.chunkOf(word);
    const start = this.places[2 * word]! & offsetMask;
    const length = this.places[2 * word + 1]!;
    if (length > 64) target.set(chunk.subarray(start, start + length), at);
    else for (let i = 0; i < length; i++) target[at + i] = chunk[start + i]!;
    return at + length;
  }

  /** The four bytes of a symbol from `from` on as a number, the first one uppermost: bytes that it
   * does not have are 0. */
  fourBytes(word: Word, from: number): number {
    const chunk = this.chunkOf(word);
    const at = (this.places[2 * word]! & offsetMask) + from;
    const left = this.places[2 * word + 1]! - from;
    let four = left > 0 ? chunk[at]! * 0x1000000 : 0;
    if (left > 1) four += chunk[at + 1]! << 16;
    if (left > 2) four += chunk[at + 2]! << 8;
    return left > 3 ? four + chunk[at + 3]! : four;
  }

  /** Negative, zero or positive as the bytes of `a` are less than, equal to or greater than
   * `b`'s. */
  compare(a: Word, b: Word): number {
    if (a === b) return 0;
    const chunkA = this.chunkOf(a);
    const chunkB = this.chunkOf(b);
    const startA = this.places[2 * a]! & offsetMask;
    const startB = this.places[2 * b]! & offsetMask;
    const lengthA = this.places[2 * a + 1]!;
    const lengthB = this.places[2 * b + 1]!;
    const shorter = lengthA < lengthB ? lengthA : lengthB;
    for (let at = 0; at < shorter; at++) {
      const difference = chunkA[startA + at]! - chunkB[startB + at]!;
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB;
  }

  private madeText(word: Word): string {
    const length = this.places[2 * word + 1]!;
    const chunk = this.chunkOf(word);
    const start = this.places[2 * word]! & offsetMask;
    if (length > flatMax) return decoder.decode(chunk.subarray(start, start + length));
    let text = "";
    for (let at = start; at < start + length; at++) {
      const byte = chunk[at]!;
      if (byte >= 0x80) return decoder.decode(chunk.subarray(start, start + length));
      text += String.fromCharCode(byte);
    }
    return text;
  }

  private chunkOf(word: Word): Uint8Array {
    return this.chunks[this.places[2 * word]! >>> chunkBits]!;
  }

  private encode(text: string): number {
    return encoder.encodeInto(text, this.scratch).written;
  }

  private equals(word: Word, buffer: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    if (this.places[2 * word + 1] !== length) return false;
    const chunk = this.chunkOf(word);
    const offset = (this.places[2 * word]! & offsetMask) - start;
    for (let at = start; at < end; at++) if (chunk[offset + at] !== buffer[at]) return false;
    return true;
  }

  private store(buffer: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (2 * this.count === this.places.length) this.places = this.room.doubled(this.places);
    const address = this.allocate(length);
    const chunk = this.chunks[Math.floor(address / chunkBytes)]!;
    const offset = address % chunkBytes;
    for (let at = 0; at < length; at++) chunk[offset + at] = buffer[start + at]!;
    this.places[2 * this.count] = address | 0;
    this.places[2 * this.count + 1] = length;
    this.count++;
  }

  /** Returns an address with room for `length` bytes in one chunk. */
  private allocate(length: number): number {
    const left = this.chunks.length * chunkBytes - this.free;
    if (length > left || left === 0) {
      const places = Math.max(1, Math.ceil(length / chunkBytes));
      const address = this.chunks.length * chunkBytes;
      if (address + places * chunkBytes > symbolBytesMax) {
        throw new EvaluationFault(
          "too-many-values",
          `the symbols have more than ${symbolBytesMax} bytes`,
        );
      }
      this.chunks.push(this.room.bytes(places * chunkBytes));
      for (let place = 1; place < places; place++) this.chunks.push(nothing);
      // What a long symbol leaves of its last place is not used again: its chunk starts earlier.
      this.free = places > 1 ? this.chunks.length * chunkBytes : address + length;
      return address;
    }
    const address = this.free;
    this.free += length;
    return address;
  }

  private growSlots(): void {
    const old = this.slots;
    const slots = this.room.words(2 * old.length);
    const mask = (slots.length >> 1) - 1;
    for (let from = 0; from < old.length; from += 2) {
      if (old[from] === 0) continue;
      const hash = old[from + 1]!;
      let slot = hash & mask;
      while (slots[2 * slot] !== 0) slot = (slot + 1) & mask;
      slots[2 * slot] = old[from]!;
      slots[2 * slot + 1] = hash;
    }
    this.slots = slots;
  }
}

/** Compares symbols by their code points, as their bytes in UTF-8 are: their value order. */
export function compareSymbols(a: string, b: string): number {
  const [left, right] = [a[Symbol.iterator](), b[Symbol.iterator]()];
  for (;;) {
    const [one, other] = [left.next(), right.next()];
    if (one.done === true || other.done === true)
      return Number(other.done === true) - Number(one.done === true);
    const difference = (one.value.codePointAt(0) ?? 0) - (other.value.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
}
