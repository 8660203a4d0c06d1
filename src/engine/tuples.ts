// It is long because what inserts, finds and removes tuples has to agree on one layout for each
// arity.
import { hash1, hash2, hashOf } from "../codegen/hash.ts";
import { least, type Store } from "../codegen/store.ts";
import type { Word } from "../value/word.ts";
import { LimitFault } from "./limit.ts";
import type { Memory } from "./memory.ts";

/** Row numbers plus one fit into a word. */
const rowsMax = 2 ** 31 - 2;
const rowsAtFirst = 16;
/** A table has room for this share of its slots. */
const loadMax = 0.6;

/** The rows of a relation and the table that finds them. Generated code inserts by itself
 * (`codegen/emit-tuples.ts`); the methods here are for everybody else and do the same. */
export class Tuples implements Store {
  readonly arity: number;
  readonly columns: Int32Array[];
  size = 0;
  from = 0;
  to = 0;
  limit = 0;
  table: Int32Array;
  shift: number;
  mask: number;
  zero = false;
  dropped: Int32Array;
  /** A bit for each row that was removed in an evaluation that has ended: no index holds it. It may
   * be shorter than there are rows; the others are not gone. */
  gone: Int32Array;
  /** Rows before it were there when the last of the evaluations that follow each other ended. */
  settled = 0;
  private droppedCount = 0;
  /** Takes tuples in, in the place of `insert`. */
  join: ((tuple: ArrayLike<Word>) => boolean) | undefined;
  /** Says whether a tuple may come in. */
  private readonly guard: ((tuple: ArrayLike<Word>) => boolean) | undefined;
  /** The most rows that may be in; one more is a `LimitFault`. */
  private allowed = rowsMax;
  private readonly memory: Memory;
  private readonly scratch: Int32Array;

  constructor(arity: number, memory: Memory, guard?: (tuple: ArrayLike<Word>) => boolean) {
    this.arity = arity;
    this.memory = memory;
    this.guard = guard;
    this.dropped = memory.array(0);
    this.gone = memory.array(0);
    this.columns = Array.from({ length: arity }, () => memory.array(rowsAtFirst));
    this.scratch = new Int32Array(arity);
    const bits = Math.log2(2 * rowsAtFirst);
    this.shift = 32 - bits;
    this.table = memory.array(this.width << bits);
    this.mask = this.table.length - 1;
    this.setLimit();
  }

  get memoryBytes(): number {
    const { columns, table, dropped, gone } = this;
    const others = table.byteLength + dropped.byteLength + gone.byteLength;
    return columns.reduce((sum, column) => sum + column.byteLength, others);
  }

  /** Bounds the number of rows. */
  allow(rows: number): void {
    const allowed = Math.min(rows, rowsMax);
    if (allowed === this.allowed && this.size < this.limit) return;
    this.allowed = allowed;
    this.setLimit();
    if (this.size <= this.allowed) this.makeReady();
  }

  grow(): void {
    if (this.size > this.allowed)
      throw new LimitFault("too-many-tuples", "the limit of tuples is reached");
    for (const [at, column] of this.columns.entries())
      if (this.size >= column.length)
        this.columns[at] = this.memory.grown(column, 2 * column.length);
    if (this.arity > 0 && this.size >= this.tableLimit) this.growTable();
    this.setLimit();
  }

  insert(tuple: ArrayLike<Word>): boolean {
    if (this.join !== undefined) return this.join(tuple);
    this.makeReady();
    if (this.guard?.(tuple) === false) return false;
    switch (this.arity) {
      case 0:
        return this.size < (this.size = 1);
      case 1:
        return this.insert1(tuple[0]!);
      case 2:
        return this.insert2(tuple[0]!, tuple[1]!);
      default:
        for (let at = 0; at < this.arity; at++) this.scratch[at] = tuple[at]!;
        return this.insertScratch();
    }
  }

  has(tuple: ArrayLike<Word>): boolean {
    switch (this.arity) {
      case 0:
        return this.size > 0;
      case 1:
        return this.has1(tuple[0]!);
      case 2:
        return this.has2(tuple[0]!, tuple[1]!);
      default:
        for (let at = 0; at < this.arity; at++) this.scratch[at] = tuple[at]!;
        return this.slotOfScratch(hashOf(this.scratch)) < 0;
    }
  }

  /** Adds `count` rows, given as columns; returns how many of them are new. */
  append(columns: readonly Int32Array[], count: number): number {
    this.makeReady();
    const before = this.size;
    const [first, second] = columns;
    if (this.guard !== undefined || this.join !== undefined) {
      for (let row = 0; row < count; row++) this.insert(columns.map((column) => column[row]!));
    } else if (this.arity === 0) {
      if (count > 0) this.insert([]);
    } else if (this.arity === 1) {
      for (let row = 0; row < count; row++) this.insert1(first![row]!);
    } else if (this.arity === 2) {
      for (let row = 0; row < count; row++) this.insert2(first![row]!, second![row]!);
    } else {
      const { scratch, arity } = this;
      for (let row = 0; row < count; row++) {
        for (let at = 0; at < arity; at++) scratch[at] = columns[at]![row]!;
        this.insertScratch();
      }
    }
    return this.size - before;
  }

  /** Adds a row that the table does not find until `compact` is called. */
  push(tuple: ArrayLike<Word>): void {
    this.makeReady();
    for (let at = 0; at < this.arity; at++) this.columns[at]![this.size] = tuple[at]!;
    if (++this.size >= this.limit) this.grow();
  }

  /** The rows that are not dropped. */
  get kept(): number {
    return this.size - this.droppedCount;
  }

  /** Makes `dropped` cover all rows. */
  coverDropped(): void {
    const words = Math.ceil(this.size / 32);
    if (this.dropped.length < words)
      this.dropped = this.memory.grown(this.dropped, Math.max(words, 2 * this.dropped.length));
  }

  drop(row: number): void {
    const word = this.dropped[row >> 5]!;
    const bit = 1 << (row & 31);
    if ((word & bit) !== 0) return;
    this.dropped[row >> 5] = word | bit;
    this.droppedCount++;
  }

  /** Whether a row before `to` is dropped. */
  isDropped(row: number): boolean {
    return ((this.dropped[row >> 5]! >>> (row & 31)) & 1) !== 0;
  }

  /** Takes a row out: its tuple is not in from now on, and may come in again as another row. The
   * row keeps its place and its words, dropped, until `compact`. */
  remove(row: number): void {
    if (this.arity === 0) {
      this.size = this.from = this.to = this.settled = 0;
      return;
    }
    this.coverDropped();
    this.drop(row);
    this.forget(row);
  }

  /** Puts back a row that was removed, and whose tuple has not come in again. */
  putBack(row: number): void {
    if (this.arity === 0) {
      this.size = this.to = 1;
      return;
    }
    this.dropped[row >> 5]! &= ~(1 << (row & 31));
    this.droppedCount--;
    this.recall(row);
  }

  /** Has no index hold a row that was removed. */
  letGo(row: number): void {
    if (this.arity === 0) return;
    const words = Math.ceil(this.size / 32);
    if (this.gone.length < words)
      this.gone = this.memory.grown(this.gone, Math.max(words, 2 * this.gone.length));
    this.gone[row >> 5]! |= 1 << (row & 31);
  }

  /** Whether a row was let go of. */
  isGone(row: number): boolean {
    return ((this.gone[row >> 5]! >>> (row & 31)) & 1) !== 0;
  }

  /** Takes dropped rows out and forgets them; the others keep their order. */
  compact(): void {
    const { columns, size, from, to, settled } = this;
    this.empty();
    for (let row = 0; row < size; row++) {
      if (row === from) this.from = this.size;
      if (row === to) this.to = this.size;
      if (row === settled) this.settled = this.size;
      if (this.isDropped(row)) continue;
      for (let at = 0; at < columns.length; at++) this.scratch[at] = columns[at]![row]!;
      if (this.arity === 1) this.insert1(this.scratch[0]!);
      else if (this.arity === 2) this.insert2(this.scratch[0]!, this.scratch[1]!);
      else this.insertScratch();
    }
    if (from === size) this.from = this.size;
    if (to === size) this.to = this.size;
    if (settled === size) this.settled = this.size;
    this.keepAll();
  }

  /** Forgets all rows. */
  clear(): void {
    this.empty();
    this.keepAll();
    this.from = this.to = this.settled = 0;
  }

  private empty(): void {
    this.table.fill(0);
    this.zero = false;
    this.size = 0;
  }

  private keepAll(): void {
    this.dropped.fill(0);
    this.droppedCount = 0;
    this.memory.release(this.gone);
    this.gone = this.memory.array(0);
  }

  private insert1(a: Word): boolean {
    const { table, mask } = this;
    const flipped = a ^ least;
    for (let slot = hash1(a) >>> this.shift; ; slot = (slot + 1) & mask) {
      const found = table[slot]!;
      if (found === flipped) {
        // An empty slot looks like `least`; that one is in when its flag is set.
        if (flipped !== 0 || this.zero) return false;
        this.zero = true;
        break;
      }
      if (found === 0) {
        table[slot] = flipped;
        break;
      }
    }
    this.columns[0]![this.size] = a;
    if (++this.size >= this.limit) this.grow();
    return true;
  }

  private insert2(a: Word, b: Word): boolean {
    const { table, mask } = this;
    const flipped = a ^ least;
    for (let slot = (hash2(a, b) >>> this.shift) << 1; ; slot = (slot + 2) & mask) {
      const found = table[slot]!;
      const other = table[slot + 1]!;
      if (found === flipped && other === b) {
        if ((flipped | b) !== 0 || this.zero) return false;
        this.zero = true;
        break;
      }
      if ((found | other) === 0) {
        table[slot] = flipped;
        table[slot + 1] = b;
        break;
      }
    }
    const { columns } = this;
    columns[0]![this.size] = a;
    columns[1]![this.size] = b;
    if (++this.size >= this.limit) this.grow();
    return true;
  }

  private insertScratch(): boolean {
    const { columns, scratch, table } = this;
    const hash = hashOf(scratch);
    const slot = this.slotOfScratch(hash);
    if (slot < 0) return false;
    table[slot] = this.size + 1;
    table[slot + 1] = hash;
    for (let at = 0; at < columns.length; at++) columns[at]![this.size] = scratch[at]!;
    if (++this.size >= this.limit) this.grow();
    return true;
  }

  /** Takes the tuple of a row out of the table. */
  private forget(row: number): void {
    const { table, mask, width } = this;
    let hole = this.slotOfRow(row);
    if (this.arity <= 2 && table[hole] === 0 && (width === 1 || table[hole + 1] === 0)) {
      this.zero = false;
      return;
    }
    // Those that follow without a gap move up where their search passes the hole.
    for (let next = (hole + width) & mask; ; next = (next + width) & mask) {
      const first = table[next]!;
      const second = width === 1 ? 0 : table[next + 1]!;
      if ((first | second) === 0) break;
      const home = this.homeOf(first, second);
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      for (let at = 0; at < width; at++) table[hole + at] = table[next + at]!;
      hole = next;
    }
    for (let at = 0; at < width; at++) table[hole + at] = 0;
  }

  /** Puts the tuple of a row into the table, where it is not. */
  private recall(row: number): void {
    const { table, columns } = this;
    const [first = 0, second = 0] = columns.map((column) => column[row]!);
    const flipped = first ^ least;
    if (this.arity <= 2 && (flipped | second) === 0) {
      this.zero = true;
      return;
    }
    const words = this.arity > 2 ? [row + 1, this.hashOfRow(row)] : [flipped, second];
    let slot = this.homeOf(words[0]!, words[1]!);
    while ((table[slot]! | (this.width === 1 ? 0 : table[slot + 1]!)) !== 0)
      slot = (slot + this.width) & this.mask;
    for (let at = 0; at < this.width; at++) table[slot + at] = words[at]!;
  }

  /** The slot that holds the tuple of a row; an empty one if it is the tuple of the flag. */
  private slotOfRow(row: number): number {
    const { table, mask, columns, width } = this;
    const first = this.arity > 2 ? row + 1 : columns[0]![row]! ^ least;
    const second = this.arity > 2 ? this.hashOfRow(row) : (columns[1]?.[row] ?? 0);
    let slot = this.homeOf(first, second);
    while (table[slot] !== first || (width === 2 && table[slot + 1] !== second)) {
      if ((table[slot]! | (width === 1 ? 0 : table[slot + 1]!)) === 0) break;
      slot = (slot + width) & mask;
    }
    return slot;
  }

  /** Where the search for a slot that holds these words starts. */
  private homeOf(first: Word, second: Word): number {
    if (this.arity === 1) return hash1(first ^ least) >>> this.shift;
    return ((this.arity === 2 ? hash2(first ^ least, second) : second) >>> this.shift) << 1;
  }

  private hashOfRow(row: number): number {
    for (let at = 0; at < this.arity; at++) this.scratch[at] = this.columns[at]![row]!;
    return hashOf(this.scratch);
  }

  private has1(a: Word): boolean {
    const { table, mask } = this;
    const flipped = a ^ least;
    for (let slot = hash1(a) >>> this.shift; ; slot = (slot + 1) & mask) {
      const found = table[slot]!;
      if (found === flipped) return flipped !== 0 || this.zero;
      if (found === 0) return false;
    }
  }

  private has2(a: Word, b: Word): boolean {
    const { table, mask } = this;
    const flipped = a ^ least;
    for (let slot = (hash2(a, b) >>> this.shift) << 1; ; slot = (slot + 2) & mask) {
      const found = table[slot]!;
      const other = table[slot + 1]!;
      if (found === flipped && other === b) return (flipped | b) !== 0 || this.zero;
      if ((found | other) === 0) return false;
    }
  }

  /** The free slot for the tuple in `scratch`, or -1 where the tuple is in. */
  private slotOfScratch(hash: number): number {
    const { table, mask, columns, scratch } = this;
    for (let slot = (hash >>> this.shift) << 1; ; slot = (slot + 2) & mask) {
      const found = table[slot]!;
      if (found === 0) return slot;
      if (table[slot + 1] !== hash) continue;
      let at = 0;
      while (at < columns.length && columns[at]![found - 1] === scratch[at]) at++;
      if (at === columns.length) return -1;
    }
  }

  /** Doubles the table. As a slot is a hash's upper bits, tuples that are taken in the order of
   * their slots land in about that order, which spares most misses of the cache. */
  private growTable(): void {
    const { table: old, arity } = this;
    const table = this.memory.array(2 * old.length);
    const mask = table.length - 1;
    const shift = this.shift - 1;
    if (arity === 1) {
      for (const flipped of old) {
        if (flipped === 0) continue;
        let slot = hash1(flipped ^ least) >>> shift;
        while (table[slot] !== 0) slot = (slot + 1) & mask;
        table[slot] = flipped;
      }
    } else {
      for (let from = 0; from < old.length; from += 2) {
        const first = old[from]!;
        const second = old[from + 1]!;
        if ((first | second) === 0) continue;
        const hash = arity === 2 ? hash2(first ^ least, second) : second;
        let slot = (hash >>> shift) << 1;
        while ((table[slot]! | table[slot + 1]!) !== 0) slot = (slot + 2) & mask;
        table[slot] = first;
        table[slot + 1] = second;
      }
    }
    this.memory.release(old);
    this.table = table;
    this.mask = mask;
    this.shift = shift;
  }

  /** Grows where the last attempt to grow failed. */
  private makeReady(): void {
    if (this.arity > 0 && this.size >= this.limit) this.grow();
  }

  private setLimit(): void {
    this.limit = Math.min(this.capacity, this.tableLimit, this.allowed + 1);
  }

  private get capacity(): number {
    return this.columns.reduce((least, { length }) => Math.min(least, length), rowsMax);
  }

  private get tableLimit(): number {
    return Math.floor((loadMax * this.table.length) / this.width);
  }

  /** Words of a slot. */
  private get width(): number {
    return this.arity === 1 ? 1 : 2;
  }
}
