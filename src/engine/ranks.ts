import type { Memory } from "./memory.ts";

/** So many ranks can be told apart by words. */
const ranksMaxDefault = 2 ** 31 - 1;

/** The ranks of a relation's rows while tuples are removed from it: each follows from rows of lower
 * ranks. Rows are ranked in their order, as they are derived in it; one that was taken out and is
 * put back, since it follows from others after all, comes after all that there are. */
export class Ranks {
  /** The rank of each row before `covered`. */
  array: Int32Array;
  private readonly memory: Memory;
  private readonly ranksMax: number;
  private covered = 0;
  private next = 0;

  /** There are never more than `ranksMax` rows. */
  constructor(memory: Memory, ranksMax = ranksMaxDefault) {
    this.memory = memory;
    this.ranksMax = ranksMax;
    this.array = memory.array(0);
  }

  get memoryBytes(): number {
    return this.array.byteLength;
  }

  /** Ranks the rows before `size` that are not ranked yet, above the others. */
  cover(size: number): void {
    if (size <= this.covered) return;
    if (size > this.array.length)
      this.array = this.memory.grown(this.array, Math.max(size, 2 * this.array.length));
    this.makeRoom(size - this.covered);
    for (let row = this.covered; row < size; row++) this.array[row] = this.next++;
    this.covered = size;
  }

  /** Ranks a row, which is ranked, above all others. */
  raise(row: number): void {
    this.makeRoom(1);
    this.array[row] = this.next++;
  }

  /** Takes note that a row is another one now, which is not after it; rows are moved in order. */
  move(row: number, to: number): void {
    if (row < this.covered) this.array[to] = this.array[row]!;
  }

  /** How many rows are ranked, which are the first; who has moved them says how many are left. */
  get ranked(): number {
    return this.covered;
  }

  set ranked(rows: number) {
    this.covered = rows;
  }

  /** Forgets all ranks. */
  clear(): void {
    this.covered = this.next = 0;
    if (this.array.length > 0) this.release();
  }

  /** Gives the memory back. */
  release(): void {
    this.memory.release(this.array);
    this.array = this.memory.array(0);
  }

  /** Has so many ranks left, if need be by numbering those that are taken without gaps. */
  private makeRoom(count: number): void {
    if (this.next + count <= this.ranksMax) return;
    const { array, covered } = this;
    const rows = Int32Array.from({ length: covered }, (_, row) => row);
    rows.sort((a, b) => array[a]! - array[b]!);
    for (const [rank, row] of rows.entries()) array[row] = rank;
    this.next = covered;
  }
}
