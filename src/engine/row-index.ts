import { hash1, hash2, hashOf, shiftOf } from "../codegen/hash.ts";
import type { RowIndex } from "../codegen/store.ts";
import type { Word } from "../value/word.ts";
import type { Memory } from "./memory.ts";
import { haveAll, placesOf, type TuplePlaces } from "./tuple-places.ts";
import type { Tuples } from "./tuples.ts";

const slotsAtFirst = 32;
/** The table has room for this share of its slots. */
const loadMax = 0.6;
/** Places for all tuples may be so many times as many as slots of a table. */
const placesPerSlot = 2;

/** Finds the rows of whole tuples, which the set of a relation only knows to be in. Of rows with
 * the same tuple, all but the last of which are dropped, it finds the last, unless that was
 * removed. There is none of tuples without columns.
 *
 * Where the set has a bit for each tuple that there can be, and these are not many more than there
 * are, each has a place: a row is found by one access to memory. Elsewhere it is found by the hash
 * of its tuple. */
export class TupleIndex implements RowIndex {
  readonly key: Int32Array;
  private readonly tuples: Tuples;
  private readonly memory: Memory;
  /** Entries by the places of tuples; or rows + 1 by their hashes, and 0 where there is none. */
  table: Int32Array;
  places: TuplePlaces | undefined;
  private shift = 0;
  private covered = 0;
  /** The slots that are taken, where rows are found by hashes. */
  private entries = 0;
  private minor: number;

  constructor(tuples: Tuples, memory: Memory) {
    this.tuples = tuples;
    this.memory = memory;
    this.key = new Int32Array(tuples.arity);
    this.minor = tuples.arity - 1;
    this.table = memory.array(0);
    this.haveSlots(slotsAtFirst);
  }

  get memoryBytes(): number {
    return this.table.byteLength;
  }

  /** Has the tuples lie side by side that differ in a column alone, where they have places: for
   * those who look for them one after the other. */
  layBeside(minor: number): void {
    if (minor === this.minor) return;
    this.minor = minor;
    if (this.places !== undefined) this.clear(true);
  }

  /** Takes the rows up to `to` in. */
  extend(to: number): void {
    if (to <= this.covered) return;
    this.makeRoom(to);
    const { tuples, table, places } = this;
    const holes = tuples.gone.length > 0;
    for (let row = this.covered; row < to; row++) {
      if (holes && tuples.isGone(row)) continue;
      if (places === undefined) this.take(row);
      else if (!tuples.isDropped(row))
        table[this.placeOf(places, tuples.columns, row)] = this.entryOf(row);
    }
    this.covered = to;
  }

  /** Finds a row no more, which was removed; its words are at `at` in `columns`. */
  leave(row: number, columns: readonly Int32Array[] = this.tuples.columns, at = row): void {
    const { places, table } = this;
    // Where there are no places it is looked at whether a row is dropped.
    if (places === undefined || row >= this.covered) return;
    const place = this.placeOf(places, columns, at);
    if (Math.abs(table[place]!) === row + 1) table[place] = 0;
  }

  /** Finds a row again, which was put back; its words are at `at` in `columns`. */
  enter(row: number, columns: readonly Int32Array[] = this.tuples.columns, at = row): void {
    const { places, table } = this;
    if (places === undefined || row >= this.covered) return;
    table[this.placeOf(places, columns, at)] = this.entryOf(row);
  }

  /** The row of the tuple in `key`, or -1. */
  rowOfKey(): number {
    return Math.abs(this.entryOfKey()) - 1;
  }

  entryOf1(a: Word): number {
    const { table, shift, places } = this;
    if (places !== undefined) {
      const x = (a - places.lows[0]!) >>> 0;
      return x < places.extents[0]! ? table[x]! : 0;
    }
    const mask = table.length - 1;
    const column = this.tuples.columns[0]!;
    for (let slot = hash1(a) >>> shift; ; slot = (slot + 1) & mask) {
      const row = table[slot]! - 1;
      if (row < 0) return 0;
      if (column[row] === a) return this.entryUnlessDropped(row);
    }
  }

  entryOf2(a: Word, b: Word): number {
    const { table, shift, places } = this;
    if (places !== undefined) {
      const { lows, extents, strides } = places;
      const x = (a - lows[0]!) >>> 0;
      const y = (b - lows[1]!) >>> 0;
      if (x >= extents[0]! || y >= extents[1]!) return 0;
      return table[x * strides[0]! + y * strides[1]!]!;
    }
    const mask = table.length - 1;
    const [first, second] = this.tuples.columns;
    for (let slot = hash2(a, b) >>> shift; ; slot = (slot + 1) & mask) {
      const row = table[slot]! - 1;
      if (row < 0) return 0;
      if (first![row] === a && second![row] === b) return this.entryUnlessDropped(row);
    }
  }

  entryOfKey(): number {
    const { table, key, tuples, places } = this;
    if (key.length === 1) return this.entryOf1(key[0]!);
    if (key.length === 2) return this.entryOf2(key[0]!, key[1]!);
    if (places !== undefined) {
      let place = 0;
      for (let at = 0; at < key.length; at++) {
        const x = (key[at]! - places.lows[at]!) >>> 0;
        if (x >= places.extents[at]!) return 0;
        place += x * places.strides[at]!;
      }
      return table[place]!;
    }
    const mask = table.length - 1;
    for (let slot = hashOf(key) >>> this.shift; ; slot = (slot + 1) & mask) {
      const row = table[slot]! - 1;
      if (row < 0) return 0;
      let at = 0;
      while (at < key.length && tuples.columns[at]![row] === key[at]) at++;
      if (at === key.length) return this.entryUnlessDropped(row);
    }
  }

  private entryUnlessDropped(row: number): number {
    return this.tuples.isDropped(row) ? 0 : this.entryOf(row);
  }

  private entryOf(row: number): number {
    return this.tuples.rankOf.isRaised(row) ? -(row + 1) : row + 1;
  }

  /** Forgets all rows. The table keeps its size, as they come back soon, unless it `shrinks`. */
  clear(shrinks = false): void {
    if (shrinks) this.haveSlots(slotsAtFirst);
    else this.table.fill(0);
    this.covered = this.entries = 0;
  }

  /** Has room for the rows up to `to`; where that is another table, it is empty, or has what the
   * old one had. */
  private makeRoom(to: number): void {
    const { tuples, places, table, memory } = this;
    const rows = places === undefined ? this.entries + to - this.covered : to;
    let slots = places === undefined ? table.length : slotsAtFirst;
    while (rows > loadMax * slots) slots *= 2;
    if (places === undefined ? slots === table.length : haveAll(places, tuples.set)) return;
    const all = placesOf(tuples.set, this.minor);
    if (all !== undefined && all.count <= placesPerSlot * slots) {
      this.table = memory.array(all.count);
      memory.release(table);
      this.places = all;
      this.covered = this.entries = 0;
      return;
    }
    if (places === undefined) this.grow(slots);
    else {
      this.haveSlots(slots);
      this.covered = this.entries = 0;
    }
  }

  private placeOf(
    { lows, strides }: TuplePlaces,
    columns: readonly Int32Array[],
    at: number,
  ): number {
    let place = 0;
    for (let column = 0; column < columns.length; column++)
      place += (columns[column]![at]! - lows[column]!) * strides[column]!;
    return place;
  }

  private take(row: number): void {
    const { key, tuples } = this;
    const { table } = this;
    const mask = table.length - 1;
    let slot = this.homeOf(row);
    for (; table[slot] !== 0; slot = (slot + 1) & mask) {
      const before = table[slot]! - 1;
      let at = 0;
      while (at < key.length && tuples.columns[at]![before] === tuples.columns[at]![row]) at++;
      if (at === key.length) break;
    }
    if (table[slot] === 0) this.entries++;
    table[slot] = row + 1;
  }

  private grow(slots: number): void {
    const old = this.table;
    this.haveSlots(slots);
    const mask = slots - 1;
    for (const found of old) {
      if (found === 0) continue;
      let slot = this.homeOf(found - 1);
      while (this.table[slot] !== 0) slot = (slot + 1) & mask;
      this.table[slot] = found;
    }
  }

  /** Has an empty table of so many slots. */
  private haveSlots(slots: number): void {
    const { memory, table } = this;
    this.table = memory.table(slots);
    memory.release(table);
    this.places = undefined;
    this.shift = shiftOf(slots);
  }

  private homeOf(row: number): number {
    const { key } = this;
    const { columns } = this.tuples;
    if (key.length === 1) return hash1(columns[0]![row]!) >>> this.shift;
    if (key.length === 2) return hash2(columns[0]![row]!, columns[1]![row]!) >>> this.shift;
    for (let at = 0; at < key.length; at++) key[at] = columns[at]![row]!;
    return hashOf(key) >>> this.shift;
  }
}
