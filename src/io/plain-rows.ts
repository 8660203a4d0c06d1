import { structured } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import { FieldReader } from "./field.ts";
import { partDigits } from "./long-integer.ts";
import { PendingIntegers } from "./pending-integers.ts";
import { PendingSymbols } from "./pending-symbols.ts";
import type { RowBuffer } from "./row-buffer.ts";
import {
  endOf,
  failBrackets,
  failMissing,
  lineEnd,
  newline,
  recordBytesMax,
  recordTooLong,
  type Scanner,
} from "./scanner.ts";

const carriageReturn = 0x0d;
const minus = 0x2d;
const comma = 0x2c;

/** Reads lines whose columns are separated by one byte and not quoted: one pass over the bytes,
 * from which no text is made. The separator must not be a byte that numbers are written with. */
export class PlainRows implements Scanner {
  line: number;
  private readonly rows: RowBuffer;
  private readonly fields: FieldReader;
  private readonly delimiter: Uint8Array;
  private readonly symbols: PendingSymbols;
  private readonly integers: PendingIntegers;
  /** For each attribute whether it is a number that may be read at sight: 0 of what is none, 1 of
   * what has no sign, 2 of what may have one. */
  private readonly numbers: Uint8Array;

  constructor(rows: RowBuffer, values: Values, delimiter: Uint8Array, line: number) {
    this.rows = rows;
    this.fields = new FieldReader(values);
    this.delimiter = delimiter;
    this.symbols = new PendingSymbols(rows, values.symbols);
    this.integers = new PendingIntegers(rows, values);
    this.numbers = Uint8Array.from(rows.schema.attributes, ({ kind }) =>
      kind === "number" ? 2 : kind === "unsigned" ? 1 : 0,
    );
    this.line = line;
  }

  scan(buffer: Uint8Array, start: number, end: number): number {
    const { rows, symbols, integers, numbers } = this;
    const delimiter = this.delimiter[0]!;
    const last = numbers.length - 1;
    let at = start;
    while (at < end && rows.open) {
      const lineStart = at;
      let column = 0;
      for (; column <= last; column++) {
        const from = at;
        let byte = buffer[at]!;
        if (numbers[column] !== 0) {
          const negative = byte === minus && numbers[column] === 2;
          if (negative) byte = buffer[++at]!;
          const first = at;
          // So many digits are an inline word in both domains.
          const partEnd = at + partDigits;
          let value = 0;
          let digit = byte - 0x30;
          for (; digit >= 0 && digit <= 9 && at < partEnd; digit = byte - 0x30) {
            value = (value * 10 + digit) | 0;
            byte = buffer[++at]!;
          }
          const long = digit >= 0 && digit <= 9;
          if (long) byte = buffer[(at = integers.read(buffer, at, value))]!;
          const digits = at - first;
          if (byte === carriageReturn && buffer[at + 1] === newline) byte = buffer[++at]!;
          const ended = byte === delimiter || byte === newline;
          if (!long && digits > 0 && ended) {
            rows.columns[column]![rows.count] = negative ? -value : value;
          } else if (long && ended && integers.add(column, negative)) {
            // Its word is written when it is interned.
          } else at = this.field(buffer, lineStart, from, column);
        } else if (symbols.waiting[column]!) at = this.symbol(buffer, lineStart, from, column);
        else at = this.field(buffer, lineStart, from, column);
        if (at < 0 || column === last || buffer[at] === newline) break;
        at++;
      }
      if (at < 0 || column < last) {
        symbols.forgetRow();
        integers.forgetRow();
        if (at < 0) at = buffer.indexOf(newline, lineStart);
        else failMissing(rows, this.line, at - lineStart + 1, column + 1);
      } else {
        // What is left of the line are columns that the relation does not have.
        if (buffer[at] !== newline) at = buffer.indexOf(newline, at);
        if (at - lineStart > recordBytesMax) rows.fail(recordTooLong(this.line));
        symbols.endRow(buffer);
        integers.endRow();
        rows.push();
      }
      at++;
      this.line++;
    }
    symbols.intern(buffer, rows.count);
    integers.intern();
    return end;
  }

  /** Takes note of a symbol; returns where it ends, or -1 after an error. */
  private symbol(buffer: Uint8Array, lineStart: number, from: number, column: number): number {
    const end = this.fieldEnd(buffer, from, false);
    const ended = end >= 0 && buffer[end] === newline;
    const to = ended ? lineEnd(buffer, from, end) : end;
    const refused = end < 0 || (ended && to === lineStart && this.rows.columns.length > 1);
    // What is wrong with it is said where fields of any form are read.
    if (refused) return this.field(buffer, lineStart, from, column);
    this.symbols.add(from, to);
    return end;
  }

  /** Reads a column of any form; returns where it ends, or -1 after an error. */
  private field(buffer: Uint8Array, lineStart: number, from: number, column: number): number {
    const { rows, fields, line } = this;
    const attribute = rows.schema.attributes[column]!;
    const end = this.fieldEnd(buffer, from, structured(attribute.kind));
    if (end < 0) {
      failBrackets(rows, line, from - lineStart + 1);
      return -1;
    }
    const to = buffer[end] === newline ? lineEnd(buffer, from, end) : end;
    if (to === lineStart && rows.columns.length > 1 && buffer[end] === newline) {
      failMissing(rows, line, 1, 0);
      return -1;
    }
    rows.columns[column]![rows.count] = fields.word(attribute, buffer, from, to);
    if (fields.refusal === undefined) return end;
    rows.fail({ line, column: from - lineStart + 1, ...fields.refusal });
    return -1;
  }

  private fieldEnd(buffer: Uint8Array, from: number, nested: boolean): number {
    const delimiter = this.delimiter[0]!;
    if (delimiter === comma) {
      return endOf(nested ? buffer[from] : undefined)(buffer, from, this.delimiter);
    }
    let at = from;
    for (let byte = buffer[at]; byte !== delimiter && byte !== newline;) byte = buffer[++at];
    return at;
  }
}
