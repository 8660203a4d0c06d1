import { hash2, shiftOf } from "../codegen/hash.ts";
import type { BlockSet } from "../codegen/store.ts";
import type { Word } from "../value/word.ts";
import { Memory } from "./memory.ts";
import type { SetKeeping } from "./set-keeping.ts";

const slotsAtFirst = 16;
/** A table has room for this share of its slots. */
const loadMax = 0.6;
/** So many rows give a fair picture of how many tuples share a block. */
const rowsSampled = 1 << 14;

/** The set of pairs as blocks of bits, found by a table: where many pairs of one first word have
 * second words that are close to each other, a block holds many. */
export class BlocksOfPairs implements BlockSet, SetKeeping {
  readonly form = "blocks";
  table: Int32Array;
  shift: number;
  mask: number;
  free: number;
  private readonly memory: Memory;

  constructor(memory: Memory, blocks = 0) {
    this.memory = memory;
    let slots = slotsAtFirst;
    while (loadMax * slots <= blocks) slots *= 2;
    this.table = memory.table(4 * slots);
    this.shift = shiftOf(slots);
    this.mask = this.table.length - 1;
    this.free = Math.floor(loadMax * slots);
  }

  /** Blocks fill up, not rows. */
  get rowsMax(): number {
    return this.free > 0 ? Infinity : 0;
  }

  get memoryBytes(): number {
    return this.table.byteLength;
  }

  /** The blocks that are there. */
  get blocks(): number {
    return Math.floor((loadMax * this.table.length) / 4) - this.free;
  }

  add(tuple: Int32Array): boolean {
    const [a, b] = [tuple[0]!, tuple[1]!];
    const { table } = this;
    const block = blockOf(b);
    const slot = this.slotOf(a, block);
    const half = slot + halfOf(b);
    const bits = table[half]!;
    const bit = 1 << (b & 31);
    if ((bits & bit) !== 0) return false;
    table[half] = bits | bit;
    if (table[slot + 1] === 0) {
      table[slot] = a;
      table[slot + 1] = block;
      this.free--;
    }
    return true;
  }

  has(tuple: Int32Array): boolean {
    const [a, b] = [tuple[0]!, tuple[1]!];
    const bits = this.table[this.slotOf(a, blockOf(b)) + halfOf(b)]!;
    return ((bits >>> (b & 31)) & 1) !== 0;
  }

  /** The block stays, though it may be empty. */
  remove(tuple: Int32Array): void {
    const [a, b] = [tuple[0]!, tuple[1]!];
    this.table[this.slotOf(a, blockOf(b)) + halfOf(b)]! &= ~(1 << (b & 31));
  }

  /** Doubles the table; slots are taken in their order, for the sake of the cache. */
  grow(): void {
    const { table: old, blocks } = this;
    this.table = this.memory.table(2 * old.length);
    this.shift--;
    this.mask = this.table.length - 1;
    this.free = Math.floor((loadMax * this.table.length) / 4) - blocks;
    const { table } = this;
    for (let from = 0; from < old.length; from += 4) {
      if (old[from + 1] === 0) continue;
      const slot = this.slotOf(old[from]!, old[from + 1]!);
      for (let at = 0; at < 4; at++) table[slot + at] = old[from + at]!;
    }
    this.memory.release(old);
  }

  clear(): void {
    this.free += this.blocks;
    this.table.fill(0);
  }

  share(): void {
    this.table = this.memory.moved(this.table);
  }

  release(): void {
    this.memory.release(this.table);
  }

  /** The slot of a block, or the free one where it would be. */
  private slotOf(a: Word, block: Word): number {
    const { table, mask } = this;
    let slot = (hash2(a, block) >>> this.shift) << 2;
    while (table[slot + 1] !== 0 && (table[slot + 1] !== block || table[slot] !== a))
      slot = (slot + 4) & mask;
    return slot;
  }
}

/** Returns how many of the first `size` pairs of two columns share a block on average, as found in
 * a part of the blocks. */
export function blockDensity(columns: readonly Int32Array[], size: number): number {
  let part = 1;
  while (size / part > rowsSampled) part *= 2;
  const sample = new BlocksOfPairs(new Memory(0), Math.ceil(size / part));
  const sampled = addPart(sample, columns[0]!, columns[1]!, size, part);
  return sample.blocks === 0 ? 0 : sampled / sample.blocks;
}

/** Adds those of the first `size` pairs of two columns that are in one of `part` parts of all
 * blocks; returns how many are. What follows the loop is in another function: V8 compiles a loop
 * while it runs, and gives up what it compiled where it then comes to what it has not met. */
function addPart(
  sample: BlocksOfPairs,
  first: Int32Array,
  second: Int32Array,
  size: number,
  part: number,
): number {
  const pair = new Int32Array(2);
  let sampled = 0;
  for (let row = 0; row < size; row++) {
    const a = first[row]!;
    const b = second[row]!;
    // The upper bits of a hash say where a block is, and the lowest are the least mixed.
    if (part > 1 && ((hash2(a, blockOf(b)) >>> 6) & (part - 1)) !== 0) continue;
    pair[0] = a;
    pair[1] = b;
    sample.add(pair);
    if (sample.free === 0) sample.grow();
    sampled++;
  }
  return sampled;
}

function blockOf(b: Word): Word {
  return (b >>> 6) + 1;
}

/** Where in a slot the bit of a second word is. */
function halfOf(b: Word): number {
  return 2 | ((b >>> 5) & 1);
}
