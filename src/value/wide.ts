import { EvaluationFault } from "./fault.ts";
import type { NumberSet } from "./number-set.ts";
import { Room } from "./room.ts";
import { inline, placeOfWord, wordOfPlace, type Word } from "./word.ts";

/** The most patterns that one pool can hold. */
const widePatternsMax = 2 ** 29;
const patternsAtFirst = 256;
/** So many patterns are looked for together: what they touch stays in the nearest caches. */
const patternsPerBlock = 512;
/** A table that is this many times as long as it has to be is made shorter when patterns went. */
const roomMax = 8;

const float64 = new Float64Array(1);
const floatHalves = new Int32Array(float64.buffer);
const nanHigh = 0x7ff80000;

/** The words of the 64-bit domain: a pattern that is not inline has a place in the pool, given in
 * order of first interning; the place of one that is gone is given to another. `high` and `low` are
 * the halves of a pattern as signed 32-bit integers. */
export class WidePool {
  // The low and the high half of each, next to each other, so that one look finds both.
  private halves = new Int32Array(2 * patternsAtFirst);
  private count = 0;
  /** How many of the places before `count` hold a pattern. */
  private used = 0;
  /** The first of the other places plus 1, or 0; the low half there is the next. */
  private free = 0;
  // Open addressing, twice as many slots as places: 0, or the place + 1 below as many bits of the
  // hash as are left, which tell most patterns apart that meet in a slot.
  private slots = new Int32Array(2 * patternsAtFirst);
  private readonly room: Room;
  // What the loops over a block know of each pattern.
  private readonly hashes = new Int32Array(patternsPerBlock);
  private readonly entries = new Int32Array(patternsPerBlock);

  constructor(room = new Room()) {
    this.room = room;
  }

  /** One more than the greatest place. */
  get size(): number {
    return this.count;
  }

  /** The bytes that the pool holds in memory. */
  get memoryBytes(): number {
    return this.halves.byteLength + this.slots.byteLength;
  }

  /** The bytes of `memoryBytes` that patterns take, about. */
  get heldBytes(): number {
    return 16 * this.used;
  }

  /** Forgets the patterns whose places are not `live`. */
  keep(live: NumberSet): void {
    while (this.count > 0 && !live.has(this.count - 1)) this.count--;
    this.used = this.count;
    this.free = 0;
    for (let at = this.count - 1; at >= 0; at--) {
      if (live.has(at)) continue;
      this.halves[2 * at] = this.free;
      this.free = at + 1;
      this.used--;
    }
    let places = this.halves.length / 2;
    while (places > patternsAtFirst && places > roomMax * this.count) places /= 2;
    if (2 * places < this.halves.length) this.halves = this.halves.slice(0, 2 * places);
    this.slots = this.room.table(2 * places);
    this.enterAll(live);
  }

  /** Makes room for so many patterns at once, which would grow step by step otherwise. */
  reserve(count: number): void {
    let places = this.halves.length / 2;
    while (places < Math.min(count, widePatternsMax)) places *= 2;
    if (2 * places > this.halves.length) this.growTo(2 * places);
  }

  /** The word of a pattern. */
  intern(high: number, low: number): Word {
    return high === low >> 31 && inline(low) ? low : this.place(high, low);
  }

  /** Interns `count` patterns, whose low and high halves are next to each other in `patterns`, and
   * writes their words to `words`: what `intern` does one by one. */
  internAll(patterns: Int32Array, count: number, words: Int32Array): void {
    for (let from = 0; from < count; from += patternsPerBlock)
      this.internBlock(patterns, from, Math.min(from + patternsPerBlock, count), words);
  }

  private internBlock(patterns: Int32Array, from: number, to: number, words: Int32Array): void {
    const { hashes, entries, halves, slots } = this;
    const mask = slots.length - 1;
    // A large table is not in the processor's caches. The first and the third loop read places that
    // do not depend on each other, so that they wait for many at once; the others find them near.
    for (let at = from; at < to; at++) {
      const hash = hashOf(patterns[2 * at + 1]!, patterns[2 * at]!);
      hashes[at - from] = hash;
      entries[at - from] = slots[hash & mask]!;
    }
    for (let at = 0; at < to - from; at++) {
      const hash = hashes[at]!;
      let entry = entries[at]!;
      for (let slot = hash; entry !== 0 && ((entry ^ hash) & ~mask) !== 0;)
        entry = slots[++slot & mask]!;
      entries[at] = entry & mask;
    }
    for (let at = from; at < to; at++) {
      const place = entries[at - from]! - 1;
      if (place < 0) continue;
      if (halves[2 * place] !== patterns[2 * at] || halves[2 * place + 1] !== patterns[2 * at + 1])
        entries[at - from] = 0;
    }
    for (let at = from; at < to; at++) {
      const place = entries[at - from]! - 1;
      words[at] =
        place < 0 ? this.intern(patterns[2 * at + 1]!, patterns[2 * at]!) : wordOfPlace(place);
    }
  }

  high(word: Word): number {
    return inline(word) ? word >> 31 : this.halves[2 * placeOfWord(word) + 1]!;
  }

  low(word: Word): number {
    return inline(word) ? word : this.halves[2 * placeOfWord(word)]!;
  }

  /** The word of an integer in [-2^53, 2^53]. */
  ofInteger(value: number): Word {
    const low = value | 0;
    return low === value && inline(low) ? low : this.intern(Math.floor(value / 2 ** 32) | 0, low);
  }

  /** The word of an integer, wrapped to 64 bits. */
  ofBigint(value: bigint): Word {
    return this.intern(Number(BigInt.asIntN(32, value >> 32n)), Number(BigInt.asIntN(32, value)));
  }

  /** The word of a double. There is one NaN and one zero, so that equal floats are equal words. */
  ofDouble(value: number): Word {
    float64[0] = value + 0;
    return value !== value ? this.place(nanHigh, 0) : this.intern(floatHalves[1]!, floatHalves[0]!);
  }

  double(word: Word): number {
    floatHalves[1] = this.high(word);
    floatHalves[0] = this.low(word);
    return float64[0]!;
  }

  /** The pattern as a signed integer. */
  signed(word: Word): bigint {
    if (inline(word)) return BigInt(word);
    return (BigInt(this.high(word)) << 32n) | BigInt(this.low(word) >>> 0);
  }

  /** The pattern as an unsigned integer. */
  unsigned(word: Word): bigint {
    return word >= 0 && inline(word) ? BigInt(word) : BigInt.asUintN(64, this.signed(word));
  }

  private place(high: number, low: number): Word {
    const { slots, halves } = this;
    const mask = slots.length - 1;
    const hash = hashOf(high, low);
    let slot = hash & mask;
    for (let entry = slots[slot]!; entry !== 0; entry = slots[slot]!) {
      if (((entry ^ hash) & ~mask) === 0) {
        const at = (entry & mask) - 1;
        if (halves[2 * at] === low && halves[2 * at + 1] === high) return wordOfPlace(at);
      }
      slot = (slot + 1) & mask;
    }
    const { free } = this;
    if (free === 0 && 2 * this.count === halves.length) {
      this.grow();
      return this.place(high, low);
    }
    const at = free === 0 ? this.count++ : free - 1;
    if (free !== 0) this.free = halves[2 * at]!;
    halves[2 * at] = low;
    halves[2 * at + 1] = high;
    slots[slot] = (hash & ~mask) | (at + 1);
    this.used++;
    return wordOfPlace(at);
  }

  /** Makes room for twice as many patterns. */
  private grow(): void {
    if (this.count >= widePatternsMax) {
      throw new EvaluationFault(
        "too-many-values",
        `there are more than ${widePatternsMax} different values outside [-2^30, 2^30)`,
      );
    }
    this.growTo(2 * this.halves.length);
  }

  /** Makes the tables so long. */
  private growTo(length: number): void {
    const halves = this.room.longer(this.halves, length);
    this.slots = this.room.table(length);
    this.halves = halves;
    this.enterAll();
  }

  /** Enters all patterns, or those of the places that are live, into slots that are empty. */
  private enterAll(live?: NumberSet): void {
    const { halves, slots, count } = this;
    const mask = slots.length - 1;
    // Not those of the block that is interned when this is called.
    const hashes = new Int32Array(patternsPerBlock);
    const entries = new Int32Array(patternsPerBlock);
    for (let from = 0; from < count; from += patternsPerBlock) {
      const to = Math.min(from + patternsPerBlock, count);
      // What is read here is near when it is written to.
      for (let at = from; at < to; at++) {
        const hash = hashOf(halves[2 * at + 1]!, halves[2 * at]!);
        hashes[at - from] = hash;
        entries[at - from] = slots[hash & mask]!;
      }
      for (let at = from; at < to; at++) {
        if (live?.has(at) === false) continue;
        const hash = hashes[at - from]!;
        let slot = hash & mask;
        while (slots[slot] !== 0) slot = (slot + 1) & mask;
        slots[slot] = (hash & ~mask) | (at + 1);
      }
    }
  }
}

function hashOf(high: number, low: number): number {
  let hash = Math.imul(high, 0x9e3779b1 | 0) ^ low;
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return hash ^ (hash >>> 15);
}
