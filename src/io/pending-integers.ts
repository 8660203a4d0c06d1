import type { Values } from "../value/values.ts";
import type { WidePool } from "../value/wide.ts";
import { LongInteger } from "./long-integer.ts";
import type { RowBuffer } from "./row-buffer.ts";

const rowsPerBlock = 256;

/** The long integers of the last rows of a buffer before they are interned, for which a block of
 * them takes less time together than one by one. */
export class PendingIntegers {
  private readonly rows: RowBuffer;
  private readonly wide: WidePool;
  /** Whether the domain has 64 bits. */
  private readonly taken: boolean;
  private readonly unsigned: readonly boolean[];
  private readonly long = new LongInteger();
  /** The low and the high half of each. */
  private readonly patterns: Int32Array;
  private readonly words: Int32Array;
  /** The row and the column of each. */
  private readonly places: Int32Array;
  private count = 0;
  /** How many of them are of rows that are complete. */
  private complete = 0;

  constructor(rows: RowBuffer, { domain, wide }: Values) {
    const { attributes } = rows.schema;
    this.rows = rows;
    this.wide = wide;
    this.taken = domain === 64;
    this.unsigned = attributes.map(({ kind }) => kind === "unsigned");
    const capacity = this.taken ? rowsPerBlock * attributes.length : 0;
    this.patterns = new Int32Array(2 * capacity);
    this.words = new Int32Array(capacity);
    this.places = new Int32Array(2 * capacity);
  }

  /** Reads what follows nine digits, whose value is `front`; returns where the digits end. */
  read(buffer: Uint8Array, from: number, front: number): number {
    return this.long.readRest(buffer, from, front);
  }

  /** Adds what was read as a column of the next row; returns false where it is no integer of 64
   * bits, or the domain has fewer. */
  add(column: number, negative: boolean): boolean {
    const { long, patterns, places, count } = this;
    const form = negative ? "negative" : this.unsigned[column]! ? "unsigned" : "signed";
    if (!this.taken || !long.keep(form)) return false;
    patterns[2 * count] = long.low;
    patterns[2 * count + 1] = long.high;
    places[2 * count] = this.rows.count;
    places[2 * count + 1] = column;
    this.count = count + 1;
    return true;
  }

  /** Forgets the integers of a row that is refused. */
  forgetRow(): void {
    this.count = this.complete;
  }

  /** Keeps the integers of a row that is about to be pushed. */
  endRow(): void {
    this.complete = this.count;
    if (this.count + this.unsigned.length > this.words.length || this.rows.lastOfCall)
      this.intern();
  }

  /** Writes the words of all integers that wait into their rows. */
  intern(): void {
    const { count, words, places } = this;
    if (count === 0) return;
    this.wide.internAll(this.patterns, count, words);
    for (let at = 0; at < count; at++)
      this.rows.columns[places[2 * at + 1]!]![places[2 * at]!] = words[at]!;
    this.count = this.complete = 0;
  }
}
