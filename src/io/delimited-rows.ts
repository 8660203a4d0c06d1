import { structured } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import { FieldReader } from "./field.ts";
import type { RowBuffer } from "./row-buffer.ts";
import {
  endOf,
  failBrackets,
  failMissing,
  lineEnd,
  newline,
  recordBytesMax,
  recordTooLong,
  startsWith,
  type Scanner,
} from "./scanner.ts";

const carriageReturn = 0x0d;
const quote = 0x22;
const comma = 0x2c;

/** How the records of a file are separated into columns. */
export type Separation = {
  readonly delimiter: Uint8Array;
  readonly quoted: boolean;
  /** For each column of the file the attribute that it holds, if any. */
  readonly attributes: readonly (number | undefined)[];
};

/** Reads records of any form that `CsvFormat` describes: quoted columns, separators of several
 * characters, a selection of columns. */
export class DelimitedRows implements Scanner {
  line: number;
  private readonly rows: RowBuffer;
  private readonly fields: FieldReader;
  private readonly separation: Separation;
  private readonly nested: boolean;
  // What the last column held: the bytes [from, to) of `bytes`. `end` is where it ends in the
  // buffer: at a delimiter or a newline.
  private bytes: Uint8Array;
  private from = 0;
  private to = 0;
  private end = 0;
  private scratch = new Uint8Array(256);

  constructor(rows: RowBuffer, values: Values, separation: Separation, line: number) {
    this.rows = rows;
    this.fields = new FieldReader(values);
    this.separation = separation;
    this.nested = !separation.quoted && separation.delimiter.includes(comma);
    this.bytes = this.scratch;
    this.line = line;
  }

  scan(buffer: Uint8Array, start: number, end: number, final: boolean): number {
    const { rows } = this;
    let at = start;
    while (at < end && rows.open) {
      const outcome = this.record(buffer, at, end);
      if (outcome === "open") {
        if (!final) return at;
        this.fail(buffer, at, this.end, "unbalanced-quote", "the quote is not closed");
        return end;
      }
      const next = buffer.indexOf(newline, this.end) + 1;
      if (next - 1 - at > recordBytesMax) rows.fail(recordTooLong(this.line));
      if (outcome === "row") rows.push();
      for (; at < next; at++) if (buffer[at] === newline) this.line++;
    }
    return end;
  }

  /** Reads the record at `start`; `open` if a quoted column in it does not end before `end`. */
  private record(buffer: Uint8Array, start: number, end: number): Outcome {
    const { attributes, delimiter } = this.separation;
    const { rows, fields } = this;
    let at = start;
    this.end = start;
    for (let place = 0; place < attributes.length; place++) {
      const attributeAt = attributes[place];
      if (place > 0) {
        if (buffer[this.end] === newline) {
          const missing = attributes.slice(place).find((one) => one !== undefined) ?? 0;
          const { line, column } = this.position(buffer, start, this.end);
          failMissing(rows, line, column, missing);
          return "error";
        }
        at = this.end + delimiter.length;
      }
      const kind =
        attributeAt === undefined ? undefined : rows.schema.attributes[attributeAt]?.kind;
      const nested = kind !== undefined && structured(kind) ? buffer[at] : undefined;
      const outcome = this.column(buffer, start, at, end, nested);
      if (outcome !== "row") return outcome;
      if (attributeAt === undefined) continue;
      const attribute = rows.schema.attributes[attributeAt]!;
      const word = fields.word(attribute, this.bytes, this.from, this.to);
      if (fields.refusal !== undefined) {
        rows.fail({ ...this.position(buffer, start, at), ...fields.refusal });
        return "error";
      }
      rows.columns[attributeAt]![rows.count] = word;
    }
    return "row";
  }

  private column(
    buffer: Uint8Array,
    start: number,
    at: number,
    end: number,
    first: number | undefined,
  ): Outcome {
    const { delimiter, quoted } = this.separation;
    if (quoted && buffer[at] === quote) return this.quotedColumn(buffer, start, at, end);
    this.end = at;
    if (this.nested) {
      this.end = endOf(first)(buffer, at, delimiter);
      if (this.end < 0) {
        this.end = at;
        const { line, column } = this.position(buffer, start, at);
        failBrackets(this.rows, line, column);
        return "error";
      }
    } else {
      while (buffer[this.end] !== newline && !startsWith(buffer, this.end, delimiter)) this.end++;
    }
    this.bytes = buffer;
    this.from = at;
    this.to = buffer[this.end] === newline ? lineEnd(buffer, at, this.end) : this.end;
    return "row";
  }

  private quotedColumn(buffer: Uint8Array, start: number, at: number, end: number): Outcome {
    let length = 0;
    let from = at + 1;
    for (; from < end; from++) {
      const byte = buffer[from]!;
      if (byte === quote && buffer[++from] !== quote) break;
      if (length === this.scratch.length) this.growScratch();
      this.scratch[length++] = byte;
    }
    this.end = at;
    if (from >= end) return "open";
    this.end = buffer[from] === carriageReturn && buffer[from + 1] === newline ? from + 1 : from;
    this.bytes = this.scratch;
    this.from = 0;
    this.to = length;
    if (buffer[this.end] === newline) return "row";
    if (startsWith(buffer, this.end, this.separation.delimiter)) return "row";
    const why = "after a quoted column the delimiter or the end of the line is expected";
    this.fail(buffer, start, this.end, "unbalanced-quote", why);
    return "error";
  }

  private growScratch(): void {
    const larger = new Uint8Array(2 * this.scratch.length);
    larger.set(this.scratch);
    this.scratch = larger;
  }

  private fail(
    buffer: Uint8Array,
    start: number,
    at: number,
    code: "unbalanced-quote",
    message: string,
  ): void {
    const hint = 'a quote within a quoted column is written ""';
    this.rows.fail({ ...this.position(buffer, start, at), code, message, hint });
  }

  /** The line and column of place `at` in the record that starts at `start`. */
  private position(
    buffer: Uint8Array,
    start: number,
    at: number,
  ): { readonly line: number; readonly column: number } {
    let { line } = this;
    let lineStart = start;
    for (let from = start; from < at; from++) {
      if (buffer[from] !== newline) continue;
      line++;
      lineStart = from + 1;
    }
    return { line, column: at - lineStart + 1 };
  }
}

type Outcome = "row" | "error" | "open";
