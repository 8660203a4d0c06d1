import { hash1, hash2, hashOf } from "../codegen/hash.ts";
import type { RowIndex } from "../codegen/store.ts";
import type { Word } from "../value/word.ts";
import type { Memory } from "./memory.ts";
import type { Tuples } from "./tuples.ts";

const slotsAtFirst = 32;
/** The table has room for this share of its slots. */
const loadMax = 0.6;

/** Finds the rows of whole tuples, which the set of a relation only knows to be in. Of rows with
 * the same tuple, all but the last of which are dropped, it finds the last. There is none of
 * tuples without columns. */
export class TupleIndex implements RowIndex {
  readonly key: Int32Array;
  private readonly tuples: Tuples;
  private readonly memory: Memory;
  /** Row + 1 by the hash of its tuple; 0 where a slot is free. */
  private table: Int32Array;
  private shift = 0;
  private covered = 0;
  private entries = 0;

  constructor(tuples: Tuples, memory: Memory) {
    this.tuples = tuples;
    this.memory = memory;
    this.key = new Int32Array(tuples.arity);
    this.table = memory.array(0);
    this.layOut(slotsAtFirst);
  }

  get memoryBytes(): number {
    return this.table.byteLength;
  }

  /** Takes the rows up to `to` in. */
  extend(to: number): void {
    if (to <= this.covered) return;
    const { tuples } = this;
    const entries = this.entries + to - this.covered;
    let slots = this.table.length;
    while (entries > loadMax * slots) slots *= 2;
    if (slots > this.table.length) this.grow(slots);
    const holes = tuples.gone.length > 0;
    for (let row = this.covered; row < to; row++) if (!holes || !tuples.isGone(row)) this.take(row);
    this.covered = to;
  }

  rowOf1(a: Word): number {
    const { table, shift } = this;
    const mask = table.length - 1;
    const column = this.tuples.columns[0]!;
    for (let slot = hash1(a) >>> shift; ; slot = (slot + 1) & mask) {
      const row = table[slot]! - 1;
      if (row < 0 || column[row] === a) return row;
    }
  }

  rowOf2(a: Word, b: Word): number {
    const { table, shift } = this;
    const mask = table.length - 1;
    const [first, second] = this.tuples.columns;
    for (let slot = hash2(a, b) >>> shift; ; slot = (slot + 1) & mask) {
      const row = table[slot]! - 1;
      if (row < 0 || (first![row] === a && second![row] === b)) return row;
    }
  }

  rowOfKey(): number {
    const { table, key, tuples } = this;
    if (key.length === 1) return this.rowOf1(key[0]!);
    if (key.length === 2) return this.rowOf2(key[0]!, key[1]!);
    const mask = table.length - 1;
    for (let slot = hashOf(key) >>> this.shift; ; slot = (slot + 1) & mask) {
      const row = table[slot]! - 1;
      if (row < 0) return row;
      let at = 0;
      while (at < key.length && tuples.columns[at]![row] === key[at]) at++;
      if (at === key.length) return row;
    }
  }

  /** Forgets all rows. The table keeps its size, as they come back soon, unless it `shrinks`. */
  clear(shrinks = false): void {
    if (shrinks) {
      this.release();
      this.table = this.memory.array(0);
      this.layOut(slotsAtFirst);
    } else this.table.fill(0);
    this.covered = this.entries = 0;
  }

  /** Gives its memory back; it is not used again. */
  release(): void {
    this.memory.release(this.table);
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
    this.layOut(slots);
    const mask = slots - 1;
    for (const found of old) {
      if (found === 0) continue;
      let slot = this.homeOf(found - 1);
      while (this.table[slot] !== 0) slot = (slot + 1) & mask;
      this.table[slot] = found;
    }
  }

  private layOut(slots: number): void {
    const table = this.memory.array(slots);
    this.memory.release(this.table);
    this.table = table;
    this.shift = 32 - Math.log2(slots);
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
