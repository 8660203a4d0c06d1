import { LimitFault } from "./limit.ts";

/** The memory of a database's relations: hands out arrays and knows how many bytes are in use. */
export class Memory {
  /** The most bytes to hand out; asking for more is a `LimitFault`. */
  bytesMax = Infinity;
  private used = 0;

  /** The bytes in use. */
  get bytes(): number {
    return this.used;
  }

  /** Returns an array of zeros. Throws a `LimitFault` where that is too much for the limit, or for
   * the machine. */
  array(length: number): Int32Array {
    const bytes = 4 * length;
    if (this.used + bytes > this.bytesMax)
      throw new LimitFault("out-of-memory", "the limit of memory is reached");
    const array = allocated(length);
    this.used += bytes;
    return array;
  }

  /** Takes note that an array is no longer in use. */
  release(array: Int32Array): void {
    this.used -= array.byteLength;
  }

  /** Returns a longer array that begins with what is in `array`, which is released. */
  grown(array: Int32Array, length: number): Int32Array {
    const longer = this.array(length);
    longer.set(array);
    this.release(array);
    return longer;
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
