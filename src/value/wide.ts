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
const halves = new Int32Array(float64.buffer);
const nanHigh = 0x7ff80000;

/** The words of the 64-bit domain: a pattern that is not inline has a place in the pool, given in
 * order of first interning; the place of one that is gone is given to another. `high` and `low` are
 * the halves of a pattern as signed 32-bit integers. */
export class WidePool {
  private highs = new Int32Array(patternsAtFirst);
  private lows = new Int32Array(patternsAtFirst);
  private count = 0;
  /** How many of the places before `count` hold a pattern. */
  private used = 0;
  /** The first of the other places plus 1, or 0; `lows` there has the next. */
  private free = 0;
  // Open addressing: place + 1, or 0 for an empty slot.
  private slots = new Int32Array(2 * patternsAtFirst);
  private readonly room: Room;

  constructor(room = new Room()) {
    this.room = room;
  }

  /** One more than the greatest place. */
  get size(): number {
    return this.count;
  }

  /** The bytes that the pool holds in memory. */
  get memoryBytes(): number {
    return 2 * this.highs.byteLength + this.slots.byteLength;
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
      this.lows[at] = this.free;
      this.free = at + 1;
      this.used--;
    }
    let length = this.highs.length;
    while (length > patternsAtFirst && length > roomMax * this.count) length /= 2;
    if (length < this.highs.length) {
      this.highs = this.highs.slice(0, length);
      this.lows = this.lows.slice(0, length);
    }
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

  high(word: Word): number {
    return inline(word) ? word >> 31 : this.highs[placeOfWord(word)]!;
  }

  low(word: Word): number {
    return inline(word) ? word : this.lows[placeOfWord(word)]!;
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
    return value !== value ? this.place(nanHigh, 0) : this.intern(halves[1]!, halves[0]!);
  }

  double(word: Word): number {
    halves[1] = this.high(word);
    halves[0] = this.low(word);
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
    const { slots, highs, lows } = this;
    const mask = slots.length - 1;
    let slot = hashOf(high, low) & mask;
    for (let found = slots[slot]!; found !== 0; found = slots[slot]!) {
      if (lows[found - 1] === low && highs[found - 1] === high) return wordOfPlace(found - 1);
      slot = (slot + 1) & mask;
    }
    const { free } = this;
    if (free === 0 && this.count === highs.length) this.growPatterns();
    const at = free === 0 ? this.count++ : free - 1;
    if (free !== 0) this.free = this.lows[at]!;
    this.highs[at] = high;
    this.lows[at] = low;
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
    const [highs, lows] = [this.room.doubled(this.highs), this.room.doubled(this.lows)];
    this.highs = highs;
    this.lows = lows;
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
    let slot = hashOf(this.highs[at]!, this.lows[at]!) & mask;
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
