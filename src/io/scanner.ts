import type { DataError } from "./data-error.ts";
import type { RowBuffer } from "./row-buffer.ts";

/** The most bytes that one record of a data file may have. */
export const recordBytesMax = 2 ** 24;

/** The byte that ends a line. */
export const newline = 0x0a;

const carriageReturn = 0x0d;
const open = 0x5b;
const close = 0x5d;
const openParenthesis = 0x28;
const closeParenthesis = 0x29;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const dollar = 0x24;
const quote = 0x22;
const backslash = 0x5c;

/** Reads records from bytes that come piece by piece. */
export type Scanner = {
  /** Reads the records in [start, end) of `buffer`, which ends with a newline; returns where a
   * record starts that is not over (it has to be passed again, with what follows), or `end`.
   * `final` says that nothing follows. */
  scan(buffer: Uint8Array, start: number, end: number, final: boolean): number;
  /** The line of the next record, from 1. */
  line: number;
};

/** Where the text of a line ends whose newline is at `at`: before a carriage return, if there
 * is. */
export function lineEnd(buffer: Uint8Array, from: number, at: number): number {
  return at > from && buffer[at - 1] === carriageReturn ? at - 1 : at;
}

/** Where a column ends that starts at `from`, of a line whose columns are separated by `delimiter`
 * with a comma in it: brackets protect the delimiter, as records hold commas. -1 if they do not
 * pair. */
export function bracketedEnd(buffer: Uint8Array, from: number, delimiter: Uint8Array): number {
  let depth = 0;
  for (let at = from; ; at++) {
    const byte = buffer[at]!;
    if (byte === newline) return depth === 0 ? at : -1;
    if (depth === 0 && startsWith(buffer, at, delimiter)) return at;
    if (byte === open) depth++;
    else if (byte === close && --depth < 0) return -1;
  }
}

/** Where a column of an algebraic data type ends: as `bracketedEnd` says, but parentheses protect
 * the delimiter too. */
function parenthesizedEnd(buffer: Uint8Array, from: number, delimiter: Uint8Array): number {
  let depth = 0;
  for (let at = from; ; at++) {
    const byte = buffer[at]!;
    if (byte === newline) return depth === 0 ? at : -1;
    if (depth === 0 && startsWith(buffer, at, delimiter)) return at;
    if (byte === open || byte === openParenthesis) depth++;
    else if ((byte === close || byte === closeParenthesis) && --depth < 0) return -1;
  }
}

/** Where a column of a set or a map ends: as `bracketedEnd` says, but all brackets and quotes
 * protect the delimiter. */
function bracedEnd(buffer: Uint8Array, from: number, delimiter: Uint8Array): number {
  let depth = 0;
  for (let at = from; ; at++) {
    const byte = buffer[at]!;
    if (byte === newline) return depth === 0 ? at : -1;
    if (depth === 0 && startsWith(buffer, at, delimiter)) return at;
    if (byte === open || byte === openParenthesis || byte === openBrace) depth++;
    else if (byte === close || byte === closeParenthesis || byte === closeBrace) {
      if (--depth < 0) return -1;
    } else if (byte === quote) {
      while (buffer[++at] !== quote && buffer[at] !== newline)
        if (buffer[at] === backslash && buffer[at + 1] !== newline) at++;
      if (buffer[at] === newline) return -1;
    }
  }
}

/** Returns what finds the end of a column of a structure by the byte that it begins with. */
export function endOf(first: number | undefined): typeof bracketedEnd {
  if (first === openBrace) return bracedEnd;
  return first === dollar ? parenthesizedEnd : bracketedEnd;
}

/** Whether `part` stands at `at`. */
export function startsWith(buffer: Uint8Array, at: number, part: Uint8Array): boolean {
  for (let i = 0; i < part.length; i++) if (buffer[at + i] !== part[i]) return false;
  return true;
}

/** Reports a line that has too few columns. */
export function failMissing(rows: RowBuffer, line: number, column: number, found: number): void {
  const { name, attributes } = rows.schema;
  const needed = attributes.length === 1 ? "1 column" : `${attributes.length} columns`;
  const missing = attributes[found]?.name ?? "";
  rows.fail({
    line,
    column,
    code: "missing-columns",
    message: `relation "${name}" has ${needed}, the line ends before "${missing}"`,
    hint: "is the delimiter the one that the file uses? an empty line counts too",
  });
}

/** Reports brackets that do not pair. */
export function failBrackets(rows: RowBuffer, line: number, column: number): void {
  rows.fail({
    line,
    column,
    code: "unbalanced-bracket",
    message: "brackets do not pair",
    hint: "between commas [ and ] protect what they enclose; quote the column with rfc4180=true",
  });
}

/** The error of a record that is longer than `recordBytesMax`. */
export function recordTooLong(line: number): Omit<DataError, "path"> {
  return {
    line,
    column: 1,
    code: "record-too-long",
    message: `the record has more than ${recordBytesMax} bytes`,
  };
}
