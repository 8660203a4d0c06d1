// One WebAssembly memory for the arrays of a database, and who has which part of it. Being shared,
// it grows without taking views away.

/** What is used of the platform's `WebAssembly`, which types for the language alone leave out. */
type Platform = {
  readonly Memory: new (of: { initial: number; maximum: number; shared: true }) => SharedMemory;
};
declare const WebAssembly: Platform | undefined;

/** A WebAssembly memory that threads can share. */
export type SharedMemory = {
  /** What there is of it now. Views of what there was before keep their bytes. */
  readonly buffer: SharedArrayBuffer;
  /** Adds so many pages. Throws a `RangeError` where there is no place for them. */
  grow(pages: number): number;
};

const pageBytes = 1 << 16;
/** Four GiB, as far as addresses of 32 bits reach. */
const heapPagesMax = 1 << 16;
/** Blocks begin and end at a multiple of it, the line of a processor's cache. */
const lineBytes = 64;
/** What a heap begins with. Pages cost nothing until they are written to, whereas growing costs the
 * machine time for each heap that there is. */
const pagesAtFirst = 1 << 6;
/** A heap grows by at least so much, and by this part of what it has. */
const growthBytesMin = 1 << 22;
const growthPart = 8;

/** Blocks of one WebAssembly memory. Free blocks are kept by size, in classes of powers of two, and
 * are joined with free neighbours. */
export class Heap {
  readonly memory: SharedMemory;
  private readonly pagesMax: number;
  /** What can be handed out ends here; the first line is nobody's, so that no address is 0. */
  private end: number;
  /** From here on nothing was handed out yet: all bytes are 0. */
  private top = lineBytes;
  /** The sizes of free blocks by where they begin, and where they begin by where they end. */
  private readonly sizes = new Map<number, number>();
  private readonly ends = new Map<number, number>();
  /** By class, where free blocks begin. */
  private readonly classes = Array.from({ length: 33 }, () => new Set<number>());
  private readonly buffers = new WeakSet<ArrayBufferLike>();

  constructor(memory: SharedMemory, pagesMax: number) {
    this.memory = memory;
    this.pagesMax = pagesMax;
    this.end = memory.buffer.byteLength;
  }

  /** Returns a heap that may come to have `pagesMax` pages; nothing where the platform has no such
   * memory, or no addresses for it. */
  static make(pagesMax = heapPagesMax): Heap | undefined {
    if (typeof WebAssembly === "undefined") return undefined;
    try {
      const initial = Math.min(pagesAtFirst, pagesMax);
      const memory = new WebAssembly.Memory({ initial, maximum: pagesMax, shared: true });
      return new Heap(memory, pagesMax);
    } catch {
      return undefined;
    }
  }

  /** Returns an array of zeros; nothing where there is no room for it. */
  array(length: number): Int32Array | undefined {
    const bytes = blockBytes(length);
    if (bytes > this.pagesMax * pageBytes) return undefined;
    const found = this.take(bytes);
    const start = found ?? this.extend(bytes);
    if (start === undefined) return undefined;
    const array = this.view(start, length);
    if (found !== undefined) array.fill(0);
    return array;
  }

  /** Whether an array is one of this heap's. */
  holds(array: Int32Array): boolean {
    return this.buffers.has(array.buffer);
  }

  /** Takes an array back. What it holds is as good as gone. */
  free(array: Int32Array): void {
    this.give(array.byteOffset, blockBytes(array.length));
  }

  /** Returns a longer array in the same place, which begins with what is in `array`; nothing where
   * something else comes after it. */
  lengthened(array: Int32Array, length: number): Int32Array | undefined {
    const start = array.byteOffset;
    const after = start + blockBytes(array.length);
    const more = start + blockBytes(length) - after;
    // Nobody had what comes after the top: it is 0, and takes no memory until it is written to.
    const nobodysFrom = after === this.top ? (after - start) / 4 : length;
    if (after === this.top) {
      if (!this.reach(after + more)) return undefined;
      this.top = after + more;
    } else if (more > 0) {
      const size = this.sizes.get(after) ?? 0;
      if (size < more) return undefined;
      this.forget(after, size);
      if (size > more) this.keep(after + more, size - more);
    }
    const longer = this.view(start, length);
    longer.fill(0, array.length, nobodysFrom);
    return longer;
  }

  /** Where a free block of so many bytes begins, which is no longer free. */
  private take(bytes: number): number | undefined {
    for (let at = classOf(bytes); at < this.classes.length; at++) {
      for (const start of this.classes[at]!) {
        const size = this.sizes.get(start)!;
        if (size < bytes) continue;
        this.forget(start, size);
        if (size > bytes) this.keep(start + bytes, size - bytes);
        return start;
      }
    }
    return undefined;
  }

  /** Where a new block begins, of bytes that nobody had. */
  private extend(bytes: number): number | undefined {
    const start = this.top;
    if (!this.reach(start + bytes)) return undefined;
    this.top = start + bytes;
    return start;
  }

  /** Has the memory reach up to an address, if it can. */
  private reach(address: number): boolean {
    if (address <= this.end) return true;
    const wanted = Math.max(address - this.end, growthBytesMin, this.end / growthPart);
    const left = this.pagesMax - this.end / pageBytes;
    const pages = Math.min(Math.ceil(wanted / pageBytes), left);
    if (this.end + pages * pageBytes < address) return false;
    try {
      this.memory.grow(pages);
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    this.end += pages * pageBytes;
    return true;
  }

  /** Growing replaces the object that is the buffer, which other threads see some time later. */
  private view(start: number, length: number): Int32Array {
    const { buffer } = this.memory;
    this.buffers.add(buffer);
    return new Int32Array(buffer, start, length);
  }

  /** Takes a block in, joined with its free neighbours. */
  private give(start: number, size: number): void {
    const after = start + size;
    const sizeAfter = this.sizes.get(after);
    if (sizeAfter !== undefined) {
      this.forget(after, sizeAfter);
      size += sizeAfter;
    }
    const before = this.ends.get(start);
    if (before !== undefined) {
      this.forget(before, start - before);
      size += start - before;
      start = before;
    }
    this.keep(start, size);
  }

  private keep(start: number, size: number): void {
    this.sizes.set(start, size);
    this.ends.set(start + size, start);
    this.classes[classOf(size)]!.add(start);
  }

  private forget(start: number, size: number): void {
    this.sizes.delete(start);
    this.ends.delete(start + size);
    this.classes[classOf(size)]!.delete(start);
  }
}

function blockBytes(length: number): number {
  return Math.ceil((4 * length) / lineBytes) * lineBytes;
}

/** Blocks of one class are less than twice as large as each other. */
function classOf(bytes: number): number {
  return 31 - Math.clz32(bytes / lineBytes);
}
