import { hashOfBytes } from "./byte-hash.ts";
import { EvaluationFault } from "./fault.ts";
import type { NumberSet } from "./number-set.ts";
import { Room } from "./room.ts";
import type { Word } from "./word.ts";

/** The most bytes that the texts of one table may have together. */
const symbolBytesMax = 2 ** 32;

const chunkBits = 20;
const chunkBytes = 1 << chunkBits;
const offsetMask = chunkBytes - 1;
/** Live bytes are moved out of a chunk of which they are less than this part. */
const denseShare = 1 / 2;
const symbolsAtFirst = 1 << 10;
/** A table that is this many times as long as it has to be is made shorter when symbols went. */
const roomMax = 8;
/** What a symbol takes beside its bytes, about. */
const symbolBytes = 24;
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

type Chunk = Uint8Array<ArrayBuffer>;

/** Stands for the chunk of a long symbol in the places after its first. */
const nothing: Chunk = new Uint8Array(0);

/** Fields of a buffer: of each the bytes [start, end). */
export type Fields = {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly count: number;
};

/** The symbol table: byte strings and their numbers 0, 1, 2, … in order of first interning; the
 * number of a symbol that is gone is given to another. Bytes are usually UTF-8 but need not be. */
export class Symbols {
  // The bytes lie in chunks, each symbol within one; a longer symbol has a chunk of its own, which
  // takes up as many places in `chunks` as it has chunk lengths. An address is place and offset.
  private readonly chunks: (Chunk | undefined)[] = [];
  // Where the next bytes go: a place, and how many bytes are in its chunk.
  private open = -1;
  private filled = chunkBytes;
  // Two for each symbol, side by side as they are read together: its address and its length.
  private places = new Int32Array(2 * symbolsAtFirst);
  private count = 0;
  // How many of the numbers below `count` are those of symbols, and what bytes these have.
  private used = 0;
  private textBytes = 0;
  // The first of the other numbers plus 1, or 0; where its address would be is the next.
  private free = 0;
  // Open addressing; slot i is [word + 1, hash of the bytes], 0 is an empty slot.
  private slots = new Int32Array(4 * symbolsAtFirst);
  private scratch = new Uint8Array(256);
  private hashes = new Int32Array(0);
  // What is put out in a step is put out several times: each text is made once.
  private readonly recentWords = new Int32Array(recentTexts).fill(-1);
  private readonly recent: string[] = [];
  private readonly room: Room;
  /** How often symbols were forgotten: who knows something by a symbol's word may have to forget
   * it, too. */
  passes = 0;

  constructor(room = new Room()) {
    this.room = room;
  }

  /** One more than the greatest word. */
  get size(): number {
    return this.count;
  }

  /** The bytes that the table holds in memory. */
  get memoryBytes(): number {
    const texts = this.chunks.reduce((sum, chunk) => sum + (chunk?.byteLength ?? 0), 0);
    return texts + this.places.byteLength + this.slots.byteLength;
  }

  /** The bytes of `memoryBytes` that symbols take, about. */
  get heldBytes(): number {
    return this.textBytes + symbolBytes * this.used;
  }

  /** Forgets the symbols that are not `live`. The others keep their words; the bytes of those that
   * lie among many of others are copied to where there is less waste. */
  keep(live: NumberSet): void {
    while (this.count > 0 && !live.has(this.count - 1)) this.count--;
    this.passes++;
    this.recentWords.fill(-1);
    this.freeWords(live);
    this.moveBytes(live);
    let length = this.places.length;
    while (length > 2 * symbolsAtFirst && length > 2 * roomMax * this.count) length /= 2;
    if (length < this.places.length) this.places = this.places.slice(0, length);
    let slots = this.slots.length;
    while (slots > 4 * symbolsAtFirst && slots > 4 * roomMax * this.used) slots /= 2;
    this.layOut(slots, live);
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
    const word = this.store(buffer, start, end);
    slots[2 * slot] = word + 1;
    slots[2 * slot + 1] = hash;
    if (2 * this.used > mask) this.layOut(2 * slots.length);
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

  /** The bytes of a symbol: a view that stays valid, and must not be written to. */
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

  private chunkOf(word: Word): Chunk {
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

  private store(buffer: Uint8Array, start: number, end: number): Word {
    const length = end - start;
    const { free } = this;
    if (free === 0 && 2 * this.count === this.places.length)
      this.places = this.room.doubled(this.places);
    const address = this.allocate(length);
    const chunk = this.chunks[Math.floor(address / chunkBytes)]!;
    const offset = address % chunkBytes;
    for (let at = 0; at < length; at++) chunk[offset + at] = buffer[start + at]!;
    const word = free === 0 ? this.count++ : free - 1;
    if (free !== 0) this.free = this.places[2 * word]!;
    this.places[2 * word] = address | 0;
    this.places[2 * word + 1] = length;
    this.used++;
    this.textBytes += length;
    return word;
  }

  /** Returns an address with room for `length` bytes in one chunk. */
  private allocate(length: number): number {
    const left = chunkBytes - this.filled;
    if (length <= left && left > 0) {
      const address = this.open * chunkBytes + this.filled;
      this.filled += length;
      return address;
    }
    const places = Math.max(1, Math.ceil(length / chunkBytes));
    const place = this.freePlace(places);
    if ((place + places) * chunkBytes > symbolBytesMax) {
      throw new EvaluationFault(
        "too-many-values",
        `the symbols have more than ${symbolBytesMax} bytes`,
      );
    }
    const chunk = this.room.bytes(places * chunkBytes);
    for (let at = 0; at < places; at++) this.chunks[place + at] = at === 0 ? chunk : nothing;
    // A long symbol has its chunk to itself.
    if (places === 1) {
      this.open = place;
      this.filled = length;
    }
    return place * chunkBytes;
  }

  /** Where so many places follow each other that no chunk has. */
  private freePlace(places: number): number {
    let from = 0;
    for (const [at, chunk] of this.chunks.entries()) {
      if (chunk !== undefined) from = at + 1;
      else if (at + 1 - from === places) break;
    }
    return from;
  }

  private layOut(length: number, live?: NumberSet): void {
    const old = this.slots;
    const slots = this.room.table(length);
    const mask = (slots.length >> 1) - 1;
    for (let from = 0; from < old.length; from += 2) {
      if (old[from] === 0 || live?.has(old[from]! - 1) === false) continue;
      const hash = old[from + 1]!;
      let slot = hash & mask;
      while (slots[2 * slot] !== 0) slot = (slot + 1) & mask;
      slots[2 * slot] = old[from]!;
      slots[2 * slot + 1] = hash;
    }
    this.slots = slots;
  }

  private freeWords(live: NumberSet): void {
    this.used = this.count;
    this.textBytes = 0;
    this.free = 0;
    for (let word = this.count - 1; word >= 0; word--) {
      if (live.has(word)) {
        this.textBytes += this.places[2 * word + 1]!;
        continue;
      }
      this.places[2 * word] = this.free;
      this.free = word + 1;
      this.used--;
    }
  }

  /** Gives up the chunks of which little is live, and copies that. */
  private moveBytes(live: NumberSet): void {
    const { chunks, places } = this;
    const lives = new Float64Array(chunks.length);
    // A symbol without bytes lies in a chunk, too.
    for (let word = 0; word < this.count; word++)
      if (live.has(word)) lives[places[2 * word]! >>> chunkBits]! += places[2 * word + 1]! + 1;
    const old = [...chunks];
    const sparse = old.map(
      (chunk, place) => chunk !== nothing && lives[place]! < denseShare * chunkBytes,
    );
    if (sparse[this.open] === true) this.filled = chunkBytes;
    for (let word = 0; word < this.count; word++) {
      const address = places[2 * word]!;
      if (!live.has(word) || !sparse[address >>> chunkBits]!) continue;
      const length = places[2 * word + 1]!;
      const to = this.allocate(length);
      const from = address & offsetMask;
      const bytes = old[address >>> chunkBits]!.subarray(from, from + length);
      this.chunks[Math.floor(to / chunkBytes)]!.set(bytes, to % chunkBytes);
      places[2 * word] = to | 0;
    }
    for (const [place, chunk] of old.entries()) {
      if (!sparse[place] || chunk === undefined) continue;
      for (let at = 0; at * chunkBytes < chunk.length; at++) chunks[place + at] = undefined;
    }
    while (chunks.length > 0 && chunks.at(-1) === undefined) chunks.pop();
    if (chunks[this.open] === undefined) this.filled = chunkBytes;
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
