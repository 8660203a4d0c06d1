import { EvaluationFault } from "./fault.ts";
import { withOwnPages } from "./own-pages.ts";

/** What the tables of values have their arrays from. They are asked for before a table changes, so
 * that it stays as it is where there is no room. */
export class Room {
  /** Is told how many bytes an array is to have; throws where that is too much. */
  ask: ((bytes: number) => void) | undefined;

  /** Returns words that are 0. What does not fit into the machine is an `EvaluationFault`. */
  words(length: number): Int32Array<ArrayBuffer> {
    return this.made(4 * length, () => new Int32Array(length));
  }

  /** Returns words that are 0 and all written to soon, in any order. */
  table(length: number): Int32Array<ArrayBuffer> {
    return withOwnPages(this.words(length));
  }

  /** Returns bytes that are 0. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    return this.made(length, () => new Uint8Array(length));
  }

  /** Returns an array twice as long that begins with what is in `array`. */
  doubled(array: Int32Array): Int32Array<ArrayBuffer> {
    return this.longer(array, 2 * array.length);
  }

  /** Returns an array of so many words that begins with what is in `array`. */
  longer(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
    const made = this.words(length);
    made.set(array);
    return made;
  }

  private made<Made>(bytes: number, make: () => Made): Made {
    this.ask?.(bytes);
    try {
      return make();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const mebibytes = Math.round(bytes / 2 ** 20);
      throw new EvaluationFault(
        "too-many-values",
        `there is no memory for ${mebibytes} MiB more of values`,
      );
    }
  }
}
