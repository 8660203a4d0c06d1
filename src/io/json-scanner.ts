// JSON as bytes, token by token. It nests as deep as memory allows, so nothing here recurses.
import type { DataError } from "./data-error.ts";
import { latin } from "./refusal.ts";

const newline = 0x0a;
const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const minus = 0x2d;

/** The most bytes of a number. */
const wordBytesMax = 4096;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const numberText = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const escapes: Readonly<Record<number, number>> = {
  0x22: 0x22,
  0x2f: 0x2f,
  0x5c: 0x5c,
  0x62: 0x08,
  0x66: 0x0c,
  0x6e: 0x0a,
  0x72: 0x0d,
  0x74: 0x09,
};

/** The first bytes of JSON's tokens, as `JsonScanner.next` returns them. */
export const json = {
  ...{ quote, comma, openBracket, closeBracket, openBrace, closeBrace },
  /** Of `null`, and of nothing else that JSON has. */
  null: 0x6e,
};

/** A place in a text, from 1; the column counts bytes. */
export type JsonPlace = Pick<DataError, "line" | "column">;

/** Goes through the bytes of a JSON text as RFC 8259 defines it. What breaks its grammar is the
 * `failure`, after which nothing is read. */
export class JsonScanner {
  failure: Omit<DataError, "path"> | undefined;
  readonly bytes: Uint8Array;
  /** What the last string held: the first `length` bytes. */
  text = new Uint8Array(256);
  length = 0;
  /** Where the last number or literal stands in `bytes`. */
  from = 0;
  to = 0;
  private at: number;
  private line = 1;
  private lineStart = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    this.at = marked ? 3 : 0;
  }

  /** Where the next token is, once `next` was asked for it. */
  get place(): JsonPlace {
    return { line: this.line, column: this.at - this.lineStart + 1 };
  }

  /** The first byte of the next token; -1 at the end and after a failure. */
  next(): number {
    if (this.failure !== undefined) return -1;
    const { bytes } = this;
    for (; this.at < bytes.length; this.at++) {
      const byte = bytes[this.at]!;
      if (byte === newline) {
        this.line++;
        this.lineStart = this.at + 1;
      } else if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return byte;
    }
    return -1;
  }

  /** Passes `byte` if it is next. */
  passed(byte: number): boolean {
    if (this.next() !== byte) return false;
    this.at++;
    return true;
  }

  /** Passes `byte`, which has to be next. */
  pass(byte: number): boolean {
    return this.passed(byte) || this.fail(`"${String.fromCharCode(byte)}" is expected`);
  }

  /** Says that the text breaks the grammar at the next token. */
  fail(message: string): false {
    const found = this.next();
    const seen = found < 0 ? "the end of the text" : JSON.stringify(String.fromCharCode(found));
    this.refuse(`${message}, not ${seen}`);
    return false;
  }

  /** Reads a string into `text`. */
  string(): boolean {
    if (!this.pass(quote)) return false;
    const { bytes } = this;
    this.length = 0;
    for (;;) {
      const byte = bytes[this.at];
      if (byte === quote) {
        this.at++;
        return true;
      }
      if (byte === undefined || byte < 0x20) {
        this.refuse("a string is not closed, or holds a control character that is not escaped");
        return false;
      }
      if (byte !== backslash) {
        this.push(byte);
        this.at++;
      } else if (!this.escape()) return false;
    }
  }

  /** Reads a key and the colon after it. */
  key(): boolean {
    return this.string() && this.pass(colon);
  }

  /** What the last string held. */
  get shortText(): string {
    return decoder.decode(this.text.subarray(0, this.length));
  }

  /** Reads a number, `true`, `false` or `null`; returns its first byte, or -1 after a failure. */
  scalar(): number {
    const first = this.next();
    const { bytes } = this;
    let at = first === minus ? this.at + 1 : this.at;
    const leading = bytes[at];
    const digitsFrom = at;
    while (digit(bytes[at])) at++;
    const plain = at - digitsFrom === 1 || (at > digitsFrom && leading !== 0x30);
    if (!plain || inWord(bytes[at])) {
      while (inWord(bytes[at]) && at - this.at < wordBytesMax) at++;
      const word = latin(bytes, this.at, at);
      if (!numberText.test(word) && !["true", "false", "null"].includes(word)) {
        this.fail("a value is expected");
        return -1;
      }
    }
    this.from = this.at;
    this.to = at;
    this.at = at;
    return first;
  }

  /** Passes a value of any form, which has to follow the grammar too. */
  skip(): boolean {
    const closes: number[] = [];
    for (;;) {
      const first = this.next();
      if (first === openBracket || first === openBrace) {
        this.at++;
        closes.push(first === openBracket ? closeBracket : closeBrace);
        if (!this.passed(closes.at(-1)!)) {
          if (first === openBrace && !this.key()) return false;
          continue;
        }
        closes.pop();
      } else if (first === quote ? !this.string() : this.scalar() < 0) return false;
      for (;;) {
        const close = closes.at(-1);
        if (close === undefined) return true;
        if (this.passed(comma)) {
          if (close === closeBrace && !this.key()) return false;
          break;
        }
        if (!this.pass(close)) return false;
        closes.pop();
      }
    }
  }

  private escape(): boolean {
    const letter = this.bytes[this.at + 1];
    const plain = escapes[letter ?? 0];
    if (plain !== undefined) {
      this.push(plain);
      this.at += 2;
      return true;
    }
    const unit = letter === 0x75 ? this.unit(this.at + 2) : undefined;
    if (unit === undefined) return this.fail("an escape is expected");
    this.at += 6;
    let code = unit;
    if (unit >= 0xd800 && unit < 0xdc00 && this.bytes[this.at + 1] === 0x75) {
      const low = this.bytes[this.at] === backslash ? this.unit(this.at + 2) : undefined;
      if (low !== undefined && low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + (unit - 0xd800) * 0x400 + low - 0xdc00;
        this.at += 6;
      }
    }
    // A lone surrogate becomes U+FFFD, as everywhere.
    for (const byte of encoder.encode(String.fromCodePoint(code))) this.push(byte);
    return true;
  }

  /** The number that four hexadecimal digits at `from` stand for. */
  private unit(from: number): number | undefined {
    const digits = latin(this.bytes, from, Math.min(from + 4, this.bytes.length));
    return /^[0-9a-fA-F]{4}$/.test(digits) ? parseInt(digits, 16) : undefined;
  }

  private refuse(message: string): void {
    const hint = "the file has to be one array of JSON (RFC 8259) with an element for each tuple";
    this.failure ??= { ...this.place, code: "malformed-json", message, hint };
  }

  private push(byte: number): void {
    if (this.length === this.text.length) {
      const larger = new Uint8Array(2 * this.length);
      larger.set(this.text);
      this.text = larger;
    }
    this.text[this.length++] = byte;
  }
}

function digit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function inWord(byte: number | undefined): boolean {
  return byte !== undefined && /[\w+\-.]/.test(String.fromCharCode(byte));
}
