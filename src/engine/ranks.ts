import type { Memory } from "./memory.ts";

/** The ranks of a relation's rows while tuples are removed from it: each follows from rows of lower
 * ranks. A row's rank is its place, as rows are derived in their order; but one that was taken out
 * and follows from others after all is raised, and its rank is that of a place that holds nothing.
 * So few words tell of nearly all rows what their rank is. */
export class Ranks {
  /** A bit for each row, which may be shorter than there are rows: it is raised. */
  raised: Int32Array;
  /** The rank of each row that is raised. */
  array: Int32Array;
  private readonly memory: Memory;
  private count = 0;

  constructor(memory: Memory) {
    this.memory = memory;
    this.raised = memory.array(0);
    this.array = memory.array(0);
  }

  get memoryBytes(): number {
    return this.raised.byteLength + this.array.byteLength;
  }

  /** Whether any row is raised. */
  get some(): boolean {
    return this.count > 0;
  }

  /** Covers the rows before `size`, all of which can be raised then. */
  cover(size: number): void {
    const words = Math.ceil(size / 32);
    if (words > this.raised.length)
      this.raised = this.memory.grown(this.raised, Math.max(words, 2 * this.raised.length));
    if (size > this.array.length)
      this.array = this.memory.grown(this.array, Math.max(size, 2 * this.array.length));
  }

  of(row: number): number {
    return this.isRaised(row) ? this.array[row]! : row;
  }

  /** Raises a row that is covered. */
  raise(row: number, rank: number): void {
    if (!this.isRaised(row)) this.count++;
    this.raised[row >> 5]! |= 1 << (row & 31);
    this.array[row] = rank;
  }

  /** Returns the rows before `size` in the order of their ranks. Of two that have one rank, neither
   * follows from the other. */
  ordered(size: number): Int32Array {
    const starts = new Int32Array(size + 2);
    for (let row = 0; row < size; row++) starts[this.of(row) + 2]!++;
    for (let rank = 2; rank <= size; rank++) starts[rank]! += starts[rank - 1]!;
    const rows = new Int32Array(size);
    for (let row = 0; row < size; row++) rows[starts[this.of(row) + 1]!++] = row;
    return rows;
  }

  /** Forgets what was raised. */
  clear(): void {
    if (this.count > 0) this.raised.fill(0);
    this.count = 0;
  }

  /** Gives the memory back. */
  release(): void {
    if (this.array.length === 0) return;
    this.memory.release(this.raised);
    this.memory.release(this.array);
    this.raised = this.memory.array(0);
    this.array = this.memory.array(0);
    this.count = 0;
  }

  isRaised(row: number): boolean {
    return ((this.raised[row >> 5]! >>> (row & 31)) & 1) !== 0;
  }
}
