import { Heap, type SharedMemory } from "./heap.ts";
import type { Heap as MemoryHeap } from "../codegen/store.ts";
import { withOwnPages } from "../value/own-pages.ts";
import { LimitFault, memoryReached } from "./limit.ts";

/** A database whose arrays are all shorter has no heap: most are small, and there are many. */
const heapFromBytes = 1 << 18;

const frameWordsMin = 256;

/** The memory of a database's relations: hands out arrays and knows how many bytes are in use. From
 * its first large array on they lie in one heap, which WebAssembly can work on, unless there is
 * none to have or it is full. */
export class Memory implements MemoryHeap {
  /** The most bytes to hand out; asking for more is a `LimitFault`. */
  bytesMax = Infinity;
  private used = 0;
  /** Absent where none was needed yet, null where there is none to have. */
  private heap: Heap | null | undefined;
  /** What is out of use, but may still be read. */
  private released: Int32Array[] = [];
  private words: Int32Array = new Int32Array(0);
  private readonly heapPagesMax: number | undefined;

  /** A heap has at most `heapPagesMax` pages; with 0 there is none. */
  constructor(heapPagesMax?: number) {
    this.heapPagesMax = heapPagesMax;
    if (heapPagesMax === 0) this.heap = null;
  }

  /** The bytes in use. */
  get bytes(): number {
    return this.used;
  }

  /** What the arrays of the heap lie in, made if there was none; nothing where there cannot be. */
  get shared(): SharedMemory | undefined {
    if (this.heap === undefined) this.heap = Heap.make(this.heapPagesMax) ?? null;
    return this.heap?.memory;
  }

  /** Returns an array of zeros. Throws a `LimitFault` where that is too much for the limit, or for
   * the machine. */
  array(length: number): Int32Array {
    this.count(4 * length);
    try {
      return this.place(length);
    } catch (error) {
      this.used -= 4 * length;
      throw error;
    }
  }

  /** Returns an array of zeros that is all written to soon, in any order. */
  table(length: number): Int32Array {
    return withOwnPages(this.array(length));
  }

  /** Takes note that an array is no longer in use. It keeps what it holds until `reclaim`: who
   * fetched it before it was replaced may still read it. */
  release(array: Int32Array): void {
    this.used -= array.byteLength;
    if (array.length > 0 && this.heap?.holds(array) === true) this.released.push(array);
  }

  /** The bytes of the heap that were released, and are not used again yet. */
  get releasedBytes(): number {
    return this.released.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Uses again what was released: nobody reads it any more. */
  reclaim(): void {
    if (this.released.length === 0) return;
    for (const array of this.released) this.heap!.free(array);
    this.released = [];
  }

  /** Returns a longer array that begins with what is in `array`, which is released. */
  grown(array: Int32Array, length: number): Int32Array {
    if (this.heap?.holds(array) === true && array.length > 0) {
      const more = 4 * (length - array.length);
      this.count(more);
      const longer = this.heap.lengthened(array, length);
      if (longer !== undefined) return longer;
      this.used -= more;
    }
    const longer = this.array(length);
    longer.set(array);
    this.release(array);
    return longer;
  }

  /** Where an array begins in `shared`; nothing where it is not there. */
  addressOf(array: Int32Array): number | undefined {
    return this.heap?.holds(array) === true ? array.byteOffset : undefined;
  }

  /** Returns an array of what is in `array`, which is released, in `shared`; `array` itself where
   * it is there, or there is no room for it. */
  moved(array: Int32Array): Int32Array {
    if (this.shared === undefined || array.length === 0) return array;
    const there = this.heap?.holds(array) === true ? undefined : this.heap?.array(array.length);
    there?.set(array);
    return there ?? array;
  }

  frame(length: number): Int32Array {
    if (this.words.length < length || this.addressOf(this.words) === undefined) {
      this.release(this.words);
      this.words = this.array(Math.max(length, frameWordsMin));
    }
    return this.words;
  }

  private count(bytes: number): void {
    if (this.used + bytes > this.bytesMax) throw new LimitFault("out-of-memory", memoryReached);
    this.used += bytes;
  }

  private place(length: number): Int32Array {
    if (length > 0 && (this.heap !== undefined || 4 * length >= heapFromBytes)) {
      const there = this.shared === undefined ? undefined : this.heap?.array(length);
      if (there !== undefined) return there;
    }
    return allocated(length);
  }
}

function allocated(length: number): Int32Array {
  try {
    return new Int32Array(length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const mebibytes = Math.round(length / 2 ** 18);
    throw new LimitFault("out-of-memory", `there is no memory for ${mebibytes} MiB more`);
  }
}
