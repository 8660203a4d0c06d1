import { EvaluationFault } from "./fault.ts";
import type { NumberSet } from "./number-set.ts";
import { Room } from "./room.ts";
import { inline, placeOfWord, wordOfPlace, type Word } from "./word.ts";

/** The most patterns that one pool can hold. */
const widePatternsMax = 2 ** 29;
const patternsAtFirst = 256;
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
  // Open addressing: place + 1, or 0 for an empty slot.
  private slots = new Int32Array(2 * patternsAtFirst);
  private readonly room: Room;
  /** What `internAll` has found. */
  private found = new Int32Array(0);

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
    let length = this.halves.length;
    while (length > 2 * patternsAtFirst && length > 2 * roomMax * this.count) length /= 2;
    if (length < this.halves.length) this.halves = this.halves.slice(0, length);
    let slots = this.slots.length;
    while (slots > 2 * patternsAtFirst && slots > 2 * roomMax * this.used) slots /= 2;
    const old = this.slots;
    this.slots = this.room.table(slots);
    for (const found of old) if (found !== 0 && live.has(found - 1)) this.enter(found - 1);
  }

  /** The word of a pattern. */
  intern(high: number, low: number): Word {
    return high === low >> 31 && inline(low) ? low : this.place(high, low);
  }

  /** Interns `count` patterns, whose low and high halves are next to each other in `patterns`, and
   * writes their words to `words`: what `intern` does one by one. */
  internAll(patterns: Int32Array, count: number, words: Int32Array): void {
    if (this.found.length < count) this.found = new Int32Array(2 * count);
    const { found, halves, slots } = this;
    const mask = slots.length - 1;
    // A large table is not in the processor's caches. Each of these loops reads places that do not
    // depend on each other, so that it waits for many of them at once; the last finds them near.
    for (let at = 0; at < count; at++)
      found[at] = slots[hashOf(patterns[2 * at + 1]!, patterns[2 * at]!) & mask]!;
    for (let at = 0; at < count; at++) {
      const place = found[at]! - 1;
      const same =
        place >= 0 &&
        halves[2 * place] === patterns[2 * at] &&
        halves[2 * place + 1] === patterns[2 * at + 1];
      if (!same) found[at] = 0;
    }
    for (let at = 0; at < count; at++) {
      words[at] =
        found[at] === 0
          ? this.intern(patterns[2 * at + 1]!, patterns[2 * at]!)
          : wordOfPlace(found[at]! - 1);
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
    let slot = hashOf(high, low) & mask;
    for (let found = slots[slot]!; found !== 0; found = slots[slot]!) {
      if (halves[2 * found - 2] === low && halves[2 * found - 1] === high)
        return wordOfPlace(found - 1);
      slot = (slot + 1) & mask;
    }
    const { free } = this;
    if (free === 0 && 2 * this.count === halves.length) this.growPatterns();
    const at = free === 0 ? this.count++ : free - 1;
    if (free !== 0) this.free = this.halves[2 * at]!;
    this.halves[2 * at] = low;
    this.halves[2 * at + 1] = high;
    slots[slot] = at + 1;
    this.used++;
    if (5 * this.used > 3 * mask) this.growSlots();
    return wordOfPlace(at);
  }

  private growPatterns(): void {
    if (this.count >= widePatternsMax) {
      throw new EvaluationFault(
        "too-many-values",
        `there are more than ${widePatternsMax} different values outside [-2^30, 2^30)`,
      );
    }
    this.halves = this.room.doubled(this.halves);
  }

  private growSlots(): void {
    const old = this.slots;
    this.slots = this.room.table(2 * old.length);
    // In their order, they are near each other in memory.
    if (this.free === 0) for (let at = 0; at < this.count; at++) this.enter(at);
    else for (const found of old) if (found !== 0) this.enter(found - 1);
  }

  private enter(at: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = hashOf(this.halves[2 * at + 1]!, this.halves[2 * at]!) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = at + 1;
  }
}

function hashOf(high: number, low: number): number {
  let hash = Math.imul(high, 0x9e3779b1 | 0) ^ low;
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return hash ^ (hash >>> 15);
}
