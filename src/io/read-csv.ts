import { assert } from "../base/assert.ts";
import { EvaluationFault } from "../value/fault.ts";
import type { Schema } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import type { CsvFormat } from "./csv.ts";
import type { DataError } from "./data-error.ts";
import { DelimitedRows } from "./delimited-rows.ts";
import { PlainRows } from "./plain-rows.ts";
import { RowBuffer, type RowsRead, type Sink } from "./row-buffer.ts";
import { newline, recordBytesMax, recordTooLong, type Scanner } from "./scanner.ts";

/** What is read. */
export type CsvInput = {
  /** The file as one piece, or piece by piece: a value may be cut anywhere. A piece is not read
   * after the next one was asked for. Between two lines of a file that is `plain` there may be rows
   * in place of the lines that they were read from. */
  readonly bytes: Uint8Array | Iterable<Uint8Array | RowsRead>;
  /** What errors call the file. */
  readonly path: string;
  readonly schema: Schema;
  readonly format: CsvFormat;
  /** For each attribute the place of its column in the file, from 0; in order if not given. */
  readonly columns?: readonly number[] | undefined;
  /** The bytes are those of a later part of the file, from the begin of a line on. */
  readonly continued?: boolean;
};

/** Fewer rows than this may wait for the next piece. */
const heldRowsMax = 1 << 10;
const byteOrderMark = [0xef, 0xbb, 0xbf];

/** Reads a CSV file as Soufflé does, and hands its rows to `sink` in pieces. Returns the errors, of
 * which the sink has seen nothing; what it saw before the first one is part of a broken file.
 *
 * Lines may end with a carriage return, the last one with nothing; a byte order mark is skipped;
 * columns that the relation does not have are ignored. An unquoted symbol is every byte up to the
 * delimiter. A relation without columns holds if the file has a line. */
export function readCsv(input: CsvInput, values: Values, sink: Sink): readonly DataError[] {
  const rows = new RowBuffer(input.schema, sink, input.path);
  const scanner = scannerOf(input, rows, values);
  try {
    readAll(input, scanner, rows);
  } catch (error) {
    if (!(error instanceof EvaluationFault)) throw error;
    const { message } = error;
    rows.fail({ line: scanner.line, column: 1, code: "too-many-values", message });
  }
  rows.flush();
  return rows.errors;
}

function readAll({ bytes, format, continued }: CsvInput, scanner: Scanner, rows: RowBuffer): void {
  const rest = new Rest();
  let started = continued === true;
  const scan = (buffer: Uint8Array, end: number, final: boolean): number => {
    const start = started ? 0 : prologueEnd(buffer, format.headers);
    started = true;
    const scanned = scanner.scan(buffer, start, end, final);
    // Whoever gave the piece can then tell about how many rows were in it.
    if (rows.count >= heldRowsMax) rows.flush();
    return scanned;
  };
  for (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) {
    if (!rows.open) return;
    if (!(piece instanceof Uint8Array)) {
      assert(rest.length === 0, "rows stand for whole lines");
      rows.take(piece);
      scanner.line += piece.count;
      continue;
    }
    const buffer = rest.before(piece);
    const end = buffer.lastIndexOf(newline) + 1;
    rest.keep(buffer, end === 0 ? 0 : scan(buffer, end, false));
    if (rest.length > recordBytesMax) {
      rows.fail(recordTooLong(scanner.line));
      return;
    }
  }
  if (rest.length === 0 || !rows.open) return;
  const last = rest.before(new Uint8Array(0));
  const ended = last.at(-1) === newline ? last : rest.before(Uint8Array.of(newline));
  scan(ended, ended.length, true);
}

/** What a piece leaves unread, in an array that is used again for every piece. */
class Rest {
  length = 0;
  private bytes = new Uint8Array(0);

  /** Returns what is kept with `piece` after it: `piece` itself if nothing is kept. */
  before(piece: Uint8Array): Uint8Array {
    if (this.length === 0) return piece;
    const end = this.length + piece.length;
    this.makeRoom(end);
    this.bytes.set(piece, this.length);
    return this.bytes.subarray(0, end);
  }

  /** Keeps what `buffer`, which `before` returned last, holds from `from` on. */
  keep(buffer: Uint8Array, from: number): void {
    const kept = buffer.subarray(from);
    this.length = 0;
    this.makeRoom(kept.length);
    this.bytes.set(kept);
    this.length = kept.length;
  }

  private makeRoom(bytes: number): void {
    if (this.bytes.length >= bytes) return;
    const larger = new Uint8Array(2 * bytes);
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

/** Whether each line of a file is a row, whatever is on it, and its columns are those of the
 * relation. */
export function plain({ format, columns }: Pick<CsvInput, "format" | "columns">): boolean {
  const { delimiter, rfc4180 } = format;
  const one = delimiter.length === 1 && delimiter < "\x80" && !/[\w.+\-\s]/.test(delimiter);
  return (one || delimiter === "\t") && !rfc4180 && columns === undefined;
}

function scannerOf(input: CsvInput, rows: RowBuffer, values: Values): Scanner {
  const { schema, format, columns } = input;
  const delimiter = new TextEncoder().encode(format.delimiter);
  const line = format.headers ? 2 : 1;
  if (plain(input)) return new PlainRows(rows, values, delimiter, line);
  const places = columns ?? schema.attributes.keys();
  const attributes: (number | undefined)[] = [];
  for (const [attribute, place] of [...places].entries()) attributes[place] = attribute;
  return new DelimitedRows(
    rows,
    values,
    { delimiter, quoted: format.rfc4180, attributes: Array.from(attributes) },
    line,
  );
}

/** Where the first record starts: after a byte order mark and the line of names. */
function prologueEnd(buffer: Uint8Array, headers: boolean): number {
  const start = byteOrderMark.every((byte, at) => buffer[at] === byte) ? 3 : 0;
  return headers ? buffer.indexOf(newline, start) + 1 : start;
}
