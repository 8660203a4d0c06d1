import { hash1, hash2, hashOf, shiftOf } from "../codegen/hash.ts";
import { least, type TableSet } from "../codegen/store.ts";
import type { Word } from "../value/word.ts";
import type { Memory } from "./memory.ts";
import type { SetKeeping } from "./set-keeping.ts";

const slotsAtFirst = 32;
/** A table has room for this share of its slots: searches in it are hardly longer than in one that
 * is half as full, as neighbouring slots come with the first from memory. */
const loadMax = 0.75;
/** A smaller table is near the processor anyway. */
const fetchedBytesMin = 1 << 20;

/** An open-addressing table of tuples: the words themselves of one or two, of more the row and the
 * hash. */
export class TableOfTuples implements TableSet, SetKeeping {
  readonly form = "table";
  table: Int32Array;
  shift: number;
  mask: number;
  zero = false;
  /** What `fetch` read last: it has no meaning, but who reads has to have a use for it. */
  fetched = 0;
  private readonly columns: readonly Int32Array[];
  private readonly memory: Memory;

  /** `columns` are those of the rows, the same array all the time; `rows` is how many tuples to
   * have room for. */
  constructor(columns: readonly Int32Array[], memory: Memory, rows = 0) {
    this.columns = columns;
    this.memory = memory;
    let slots = slotsAtFirst;
    while (loadMax * slots <= rows) slots *= 2;
    this.shift = shiftOf(slots);
    this.table = memory.table(this.width * slots);
    this.mask = this.table.length - 1;
  }

  get rowsMax(): number {
    return Math.floor((loadMax * this.table.length) / this.width);
  }

  get memoryBytes(): number {
    return this.table.byteLength;
  }

  add(tuple: Int32Array, row: number): boolean {
    switch (this.columns.length) {
      case 1:
        return this.add1(tuple[0]!);
      case 2:
        return this.add2(tuple[0]!, tuple[1]!);
      default:
        return this.addRow(tuple, row);
    }
  }

  has(tuple: Int32Array): boolean {
    switch (this.columns.length) {
      case 1:
        return this.has1(tuple[0]!);
      case 2:
        return this.has2(tuple[0]!, tuple[1]!);
      default:
        return this.slotOf(tuple, hashOf(tuple)) < 0;
    }
  }

  /** Reads where the search for each of the tuples [from, to) of `columns` will start. What a large
   * table holds there is far from the processor: it waits for many of them at once if none depends
   * on another, and finds them near when they are added. */
  fetch(columns: readonly Int32Array[], from: number, to: number): void {
    const { table, shift } = this;
    if (table.byteLength < fetchedBytesMin) return;
    const [first, second] = columns;
    let words = 0;
    if (columns.length === 1)
      for (let row = from; row < to; row++) words |= table[hash1(first![row]!) >>> shift]!;
    else if (columns.length === 2)
      for (let row = from; row < to; row++)
        words |= table[(hash2(first![row]!, second![row]!) >>> shift) << 1]!;
    else {
      const tuple = new Int32Array(columns.length);
      for (let row = from; row < to; row++) {
        for (let at = 0; at < columns.length; at++) tuple[at] = columns[at]![row]!;
        words |= table[(hashOf(tuple) >>> shift) << 1]!;
      }
    }
    this.fetched = words;
  }

  /** Adds the pairs [from, to) of `columns`, for all of which there is room, here and in the rows'
   * columns: those that are new become rows from `size` on. Returns how many rows there are
   * then. */
  addPairs(columns: readonly Int32Array[], from: number, to: number, size: number): number {
    const [first, second] = columns;
    const [a, b] = this.columns;
    for (let row = from; row < to; row++) {
      if (!this.add2(first![row]!, second![row]!)) continue;
      a![size] = first![row]!;
      b![size++] = second![row]!;
    }
    return size;
  }

  remove(tuple: Int32Array, row: number): void {
    const { table, mask, width } = this;
    let hole = this.slotOfRow(tuple, row);
    if (width === 1 ? table[hole] === 0 : (table[hole]! | table[hole + 1]!) === 0) {
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

  clear(): void {
    this.table.fill(0);
    this.zero = false;
  }

  share(): void {
    this.table = this.memory.moved(this.table);
  }

  release(): void {
    this.memory.release(this.table);
  }

  private add1(a: Word): boolean {
    const { table, mask } = this;
    const flipped = a ^ least;
    for (let slot = hash1(a) >>> this.shift; ; slot = (slot + 1) & mask) {
      const found = table[slot]!;
      if (found === flipped) {
        // An empty slot looks like `least`; that one is in when its flag is set.
        if (flipped !== 0 || this.zero) return false;
        this.zero = true;
        return true;
      }
      if (found === 0) {
        table[slot] = flipped;
        return true;
      }
    }
  }

  private add2(a: Word, b: Word): boolean {
    const { table, mask } = this;
    const flipped = a ^ least;
    for (let slot = (hash2(a, b) >>> this.shift) << 1; ; slot = (slot + 2) & mask) {
      const found = table[slot]!;
      const other = table[slot + 1]!;
      if (found === flipped && other === b) {
        if ((flipped | b) !== 0 || this.zero) return false;
        this.zero = true;
        return true;
      }
      if ((found | other) === 0) {
        table[slot] = flipped;
        table[slot + 1] = b;
        return true;
      }
    }
  }

  private addRow(tuple: Int32Array, row: number): boolean {
    const hash = hashOf(tuple);
    const slot = this.slotOf(tuple, hash);
    if (slot < 0) return false;
    this.table[slot] = row + 1;
    this.table[slot + 1] = hash;
    return true;
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

  /** The free slot for a tuple that has its row, or -1 where it is in. */
  private slotOf(tuple: Int32Array, hash: number): number {
    const { table, mask, columns } = this;
    for (let slot = (hash >>> this.shift) << 1; ; slot = (slot + 2) & mask) {
      const found = table[slot]!;
      if (found === 0) return slot;
      if (table[slot + 1] !== hash) continue;
      let at = 0;
      while (at < columns.length && columns[at]![found - 1] === tuple[at]) at++;
      if (at === columns.length) return -1;
    }
  }

  /** The slot that holds the tuple of a row; an empty one if it is the tuple of the flag. */
  private slotOfRow(tuple: Int32Array, row: number): number {
    const { table, mask, width } = this;
    const rows = tuple.length > 2;
    const first = rows ? row + 1 : tuple[0]! ^ least;
    const second = rows ? hashOf(tuple) : width === 1 ? 0 : tuple[1]!;
    let slot = this.homeOf(first, second);
    while (table[slot] !== first || (width === 2 && table[slot + 1] !== second)) {
      if ((table[slot]! | (width === 1 ? 0 : table[slot + 1]!)) === 0) break;
      slot = (slot + width) & mask;
    }
    return slot;
  }

  /** Where the search for a slot that holds these words starts. */
  private homeOf(first: Word, second: Word): number {
    const { columns, shift } = this;
    if (columns.length === 1) return hash1(first ^ least) >>> shift;
    return ((columns.length === 2 ? hash2(first ^ least, second) : second) >>> shift) << 1;
  }

  grow(): void {
    this.enlarge(1);
  }

  /** Makes room for so many tuples in one step. */
  reserve(rows: number): void {
    const slots = this.table.length / this.width;
    const bits = Math.ceil(Math.log2((rows + 1) / (loadMax * slots)));
    if (bits > 0) this.enlarge(bits);
  }

  /** Doubles the table so many times. As a slot is a hash's upper bits, tuples that are taken in
   * the order of their slots land in about that order, which spares most misses of the cache. */
  private enlarge(bits: number): void {
    const { table: old, width } = this;
    const table = this.memory.table(old.length * 2 ** bits);
    const mask = table.length - 1;
    const shift = this.shift - bits;
    if (width === 1) {
      for (let from = 0; from < old.length; from++) {
        const flipped = old[from]!;
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
        const hash = this.columns.length === 2 ? hash2(first ^ least, second) : second;
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

  /** Words of a slot. */
  private get width(): number {
    return this.columns.length === 1 ? 1 : 2;
  }
}
