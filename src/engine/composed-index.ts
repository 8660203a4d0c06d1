import { groupOfWord } from "../codegen/group.ts";
import type { Index, Store } from "../codegen/store.ts";
import { GroupIndex, type IndexedRows } from "./group-index.ts";
import type { Memory } from "./memory.ts";

const pairsAtFirst = 16;

/** The composition of a relation of pairs that grows with one that is done, by a column of the
 * first: for each of its rows, in order, the words of the second that its other column leads to.
 * A rule that goes from one to the other for each row that it meets finds the partners at once, and
 * does not meet the rows that have none. */
export class ComposedIndex implements Index {
  private readonly store: Store;
  private readonly column: number;
  private readonly partners: Index;
  private readonly memory: Memory;
  /** Keys and partners. */
  private readonly pairs: { columns: Int32Array[]; from: number; readonly gone: Int32Array };
  private readonly index: GroupIndex;
  private size = 0;
  /** The rows that are in, and those of them that were stable when rows were taken in last. */
  private covered = 0;
  private stable = 0;

  /** `partners` is an index of values on the column of the second relation that words of the first
   * are looked for in. It holds all rows before any of the first is taken in. */
  constructor(store: Store, column: number, partners: Index, memory: Memory) {
    this.store = store;
    this.column = column;
    this.partners = partners;
    this.memory = memory;
    const columns = [memory.array(pairsAtFirst), memory.array(pairsAtFirst)];
    this.pairs = { columns, from: 0, gone: new Int32Array(0) };
    const pairs: IndexedRows = this.pairs;
    this.index = new GroupIndex(pairs, [0], "values", memory);
    this.index.tellStable();
  }

  get directory(): Int32Array {
    return this.index.directory;
  }

  get items(): Int32Array {
    return this.index.items;
  }

  get multiplier(): number {
    return this.index.multiplier;
  }

  get shift(): number {
    return this.index.shift;
  }

  get mask(): number {
    return this.index.mask;
  }

  get step(): number {
    return this.index.step;
  }

  get jump(): number {
    return this.index.jump;
  }

  get memoryBytes(): number {
    const { columns } = this.pairs;
    return columns.reduce((sum, { byteLength }) => sum + byteLength, this.index.memoryBytes);
  }

  share(): void {
    this.index.share();
  }

  /** Takes the rows up to `to` in, and tells which are stable. */
  extend(to: number): void {
    const from = Math.min(this.store.from, to);
    if (from !== this.stable && from < this.covered) this.clear();
    if (from !== this.stable) {
      this.compose(from);
      this.pairs.from = this.size;
      this.stable = from;
    }
    this.compose(to);
    this.index.extend(this.size);
  }

  /** Forgets all rows. */
  clear(): void {
    this.index.clear();
    this.size = this.covered = this.stable = this.pairs.from = 0;
  }

  /** Gives the memory back; the index is not used again. */
  release(): void {
    this.index.release();
    for (const column of this.pairs.columns) this.memory.release(column);
  }

  private compose(to: number): void {
    const { store, column, partners } = this;
    const { directory, items } = partners;
    const keys = store.columns[column]!;
    const words = store.columns[1 - column]!;
    for (; this.covered < to; this.covered++) {
      const slot = groupOfWord(partners, words[this.covered]!);
      const start = directory[slot + 2]!;
      const end = start + directory[slot + 3]!;
      for (let at = start; at < end; at++) this.add(keys[this.covered]!, items[at]!);
    }
  }

  private add(key: number, partner: number): void {
    const { pairs, memory, size } = this;
    if (size === pairs.columns[0]!.length)
      pairs.columns = pairs.columns.map((column) => memory.grown(column, 2 * size));
    pairs.columns[0]![size] = key;
    pairs.columns[1]![size] = partner;
    this.size++;
  }
}
