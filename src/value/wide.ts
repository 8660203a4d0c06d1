import { EvaluationFault } from "./fault.ts";
import { Room } from "./room.ts";
import { inline, placeOfWord, wordOfPlace, type Word } from "./word.ts";

/** The most patterns that one pool can hold. */
const widePatternsMax = 2 ** 29;

const float64 = new Float64Array(1);
const halves = new Int32Array(float64.buffer);
const nanHigh = 0x7ff80000;

/** The words of the 64-bit domain: a pattern that is not inline has a place in the pool, given in
 * order of first interning and never taken back. `high` and `low` are the halves of a pattern as
 * signed 32-bit integers. */
export class WidePool {
  private highs = new Int32Array(256);
  private lows = new Int32Array(256);
  private count = 0;
  // Open addressing: place + 1, or 0 for an empty slot.
  private slots = new Int32Array(512);
  private readonly room: Room;

  constructor(room = new Room()) {
    this.room = room;
  }

  get size(): number {
    return this.count;
  }

  /** The bytes that the pool holds in memory. */
  get memoryBytes(): number {
    return 2 * this.highs.byteLength + this.slots.byteLength;
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
    if (this.count === highs.length) this.growPatterns();
    const at = this.count++;
    this.highs[at] = high;
    this.lows[at] = low;
    slots[slot] = at + 1;
    if (5 * this.count > 3 * mask) this.growSlots();
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
    const slots = this.room.words(2 * this.slots.length);
    const mask = slots.length - 1;
    for (let at = 0; at < this.count; at++) {
      let slot = hashOf(this.highs[at]!, this.lows[at]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = at + 1;
    }
    this.slots = slots;
  }
}

function hashOf(high: number, low: number): number {
  let hash = Math.imul(high, 0x9e3779b1 | 0) ^ low;
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return hash ^ (hash >>> 15);
}
