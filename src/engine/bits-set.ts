import type { BitSet } from "../codegen/store.ts";
import type { Memory } from "./memory.ts";
import type { Ranges } from "./ranges.ts";
import { TableOfTuples } from "./table-set.ts";
import type { SetKeeping } from "./set-keeping.ts";

/** Places in the array are words, and the product of two extents is computed in them. */
const wordsMax = 2 ** 29;

/** By so much of their extent ranges are widened beyond a word that is outside of them, if there is
 * memory for it. */
const rooms = [1 / 2, 1 / 8, 1 / 32];

/** So many words are cleared one after the other in the time for one that a row has a bit in. */
const wordsPerRow = 16;

/** The set of tuples as one bit for each that there can be. Ranges grow with the words that come
 * while what they take is worth it; what is outside of them spills over into a table. */
export class BitsOfTuples implements BitSet, SetKeeping {
  readonly form = "bits";
  readonly rowsMax = Infinity;
  bits: Int32Array;
  lows: Int32Array;
  extents: Int32Array;
  spilled = false;
  private readonly columns: readonly Int32Array[];
  private readonly memory: Memory;
  /** The most bytes that bits may take when there are so many rows. */
  private readonly bytesMax: (rows: number) => number;
  private spill: TableOfTuples | undefined;
  private spilledRows = 0;
  private readonly last: number;

  /** Has room for the tuples in `ranges`; none is in. */
  constructor(
    columns: readonly Int32Array[],
    memory: Memory,
    ranges: Ranges,
    bytesMax: (rows: number) => number,
  ) {
    this.columns = columns;
    this.last = columns.length - 1;
    this.memory = memory;
    this.bytesMax = bytesMax;
    const { lows, extents } = placesOf(ranges);
    this.lows = Int32Array.from(lows);
    this.extents = Int32Array.from(extents);
    this.bits = memory.array(bytesOfBits(ranges) / 4);
  }

  get memoryBytes(): number {
    return this.bits.byteLength + (this.spill?.memoryBytes ?? 0);
  }

  add(tuple: Int32Array, row: number): boolean {
    let word = this.wordOf(tuple);
    if (word < 0) {
      if (!this.widen(tuple, row)) return this.addSpilled(tuple, row);
      word = this.wordOf(tuple);
    }
    const bit = 1 << (tuple[this.last]! & 31);
    const bits = this.bits[word]!;
    if ((bits & bit) !== 0) return false;
    this.bits[word] = bits | bit;
    return true;
  }

  has(tuple: Int32Array): boolean {
    const word = this.wordOf(tuple);
    if (word < 0) return this.spill?.has(tuple) === true;
    return ((this.bits[word]! >>> (tuple[this.last]! & 31)) & 1) !== 0;
  }

  remove(tuple: Int32Array, row: number): void {
    const word = this.wordOf(tuple);
    if (word >= 0) this.bits[word]! &= ~(1 << (tuple[this.last]! & 31));
    else this.spill?.remove(tuple, row);
  }

  /** There is always room. */
  grow(): void {}

  clear(rows: number): void {
    if (rows * wordsPerRow > this.bits.length) this.bits.fill(0);
    else this.clearBy(rows);
    this.spill?.release();
    this.spill = undefined;
    this.spilled = false;
    this.spilledRows = 0;
  }

  /** Clears the words that rows have bits in. */
  private clearBy(rows: number): void {
    const { columns } = this;
    const tuple = new Int32Array(columns.length);
    for (let row = 0; row < rows; row++) {
      for (let at = 0; at < tuple.length; at++) tuple[at] = columns[at]![row]!;
      const word = this.wordOf(tuple);
      if (word >= 0) this.bits[word] = 0;
    }
  }

  share(): void {
    this.bits = this.memory.moved(this.bits);
  }

  release(): void {
    this.memory.release(this.bits);
    this.spill?.release();
  }

  /** The place of the word that has a tuple's bit, or -1 where none has. */
  private wordOf(tuple: Int32Array): number {
    const { lows, extents, last } = this;
    let prefix = 0;
    for (let at = 0; at < last; at++) {
      const place = (tuple[at]! - lows[at]!) >>> 0;
      if (place >= extents[at]!) return -1;
      prefix = prefix * extents[at]! + place;
    }
    const place = (tuple[last]! - lows[last]!) >>> 0;
    return place < extents[last]! ? prefix * (extents[last]! >>> 5) + (place >>> 5) : -1;
  }

  private addSpilled(tuple: Int32Array, row: number): boolean {
    this.spill ??= new TableOfTuples(this.columns, this.memory);
    if (this.spilledRows + 1 >= this.spill.rowsMax) this.spill.grow();
    if (!this.spill.add(tuple, row)) return false;
    this.spilled = true;
    this.spilledRows++;
    return true;
  }

  /** Widens the ranges to hold a tuple; returns false where that is not worth it. Once tuples have
   * spilled over, ranges stay, or these would be looked for in the wrong place. */
  private widen(tuple: Int32Array, rows: number): boolean {
    if (this.spilled) return false;
    const bytesMax = Math.min(this.bytesMax(rows), this.memory.bytesMax - this.memory.bytes);
    const old = [...this.lows].map((low, at) => ({ low, high: low + this.extents[at]! - 1 }));
    const ends = (room: number): Ranges => {
      const widened = old.map(({ low, high }, at) => {
        const word = tuple[at]!;
        const more = Math.floor(room * (high - low + 1));
        return {
          low: word < low ? Math.max(word - more, -0x80000000) : low,
          high: word > high ? Math.min(word + more, 0x7fffffff) : high,
        };
      });
      return { lows: widened.map(({ low }) => low), highs: widened.map(({ high }) => high) };
    };
    // What is next to come is likely beyond this one: with no room for it all bits would be moved
    // for each tuple.
    const ranges = rooms.map(ends).find((one) => bytesOfBits(one) <= bytesMax);
    if (ranges === undefined) return false;
    this.move(ranges);
    return true;
  }

  /** Has other ranges, which hold the present ones. */
  private move(ranges: Ranges): void {
    const { bits: old, lows: oldLows, extents: oldExtents } = this;
    const places = placesOf(ranges);
    this.bits = this.memory.array(bytesOfBits(ranges) / 4);
    this.lows = Int32Array.from(places.lows);
    this.extents = Int32Array.from(places.extents);
    // The words of tuples that differ in the last column alone stay side by side.
    const last = this.lows.length - 1;
    const length = oldExtents[last]! >>> 5;
    const first = Int32Array.from(oldLows);
    for (let from = 0; from < old.length; from += length) {
      this.bits.set(old.subarray(from, from + length), this.wordOf(first));
      for (let at = last - 1; at >= 0; at--) {
        if (++first[at]! - oldLows[at]! < oldExtents[at]!) break;
        first[at] = oldLows[at]!;
      }
    }
    this.memory.release(old);
  }
}

/** The bytes that bits for all tuples in ranges take; infinite where there is no array for them. */
export function bytesOfBits(ranges: Ranges): number {
  const bits = placesOf(ranges).extents.reduce((product, extent) => product * extent, 1);
  return bits <= 32 * wordsMax ? bits / 8 : Infinity;
}

function placesOf({ lows, highs }: Ranges): {
  readonly lows: readonly number[];
  readonly extents: readonly number[];
} {
  const last = lows.length - 1;
  const starts = lows.map((low, at) => (at < last ? low : Math.floor(low / 32) * 32));
  const extents = starts.map((low, at) => {
    const extent = highs[at]! - low + 1;
    return at < last ? extent : Math.ceil(extent / 32) * 32;
  });
  return { lows: starts, extents };
}
