import { structured } from "../value/schema.ts";
import type { Symbols } from "../value/symbols.ts";
import type { RowBuffer } from "./row-buffer.ts";

const rowsPerBlock = 256;

/** The symbols of the last rows of a buffer, where they are before they are interned: a block of
 * them takes less time together than one by one. They are numbered as if it were one by one, row by
 * row, for which a relation with structures, that may hold symbols too, cannot use it. */
export class PendingSymbols {
  /** For each attribute whether its symbols may wait. */
  readonly waiting: readonly boolean[];
  private readonly rows: RowBuffer;
  private readonly symbols: Symbols;
  /** The attributes of a row whose symbols wait. */
  private readonly attributes: readonly number[];
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private readonly words: Int32Array;
  private count = 0;
  /** How many of them are of rows that are complete. */
  private complete = 0;

  constructor(rows: RowBuffer, symbols: Symbols) {
    const { attributes } = rows.schema;
    const nested = attributes.some(({ kind }) => structured(kind));
    this.waiting = attributes.map(({ kind }) => kind === "symbol" && !nested);
    this.attributes = [...attributes.keys()].filter((at) => this.waiting[at]);
    this.rows = rows;
    this.symbols = symbols;
    const capacity = rowsPerBlock * this.attributes.length;
    this.starts = new Int32Array(capacity);
    this.ends = new Int32Array(capacity);
    this.words = new Int32Array(capacity);
  }

  /** Adds the next symbol of a row: the bytes [start, end) of the buffer that is being read. */
  add(start: number, end: number): void {
    this.starts[this.count] = start;
    this.ends[this.count++] = end;
  }

  /** Forgets the symbols of a row that is refused. */
  forgetRow(): void {
    this.count = this.complete;
  }

  /** Keeps the symbols of a row that is about to be pushed. */
  endRow(buffer: Uint8Array): void {
    this.complete = this.count;
    if (this.count === this.words.length || this.rows.lastOfCall)
      this.intern(buffer, this.rows.count + 1);
  }

  /** Writes the words of all symbols that wait into their rows; the last row is before `to`. */
  intern(buffer: Uint8Array, to: number): void {
    const { starts, ends, count, words, attributes } = this;
    if (count === 0) return;
    this.symbols.internFields(buffer, { starts, ends, count }, words);
    const width = attributes.length;
    const from = to - count / width;
    for (let at = 0; at < width; at++) {
      const column = this.rows.columns[attributes[at]!]!;
      for (let row = from, word = at; row < to; row++, word += width) column[row] = words[word]!;
    }
    this.count = this.complete = 0;
  }
}
