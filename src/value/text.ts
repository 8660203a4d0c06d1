import type { Code } from "./codes.ts";
import { wholeMatch } from "./pattern.ts";
import type { Symbols } from "./symbols.ts";
import type { Word } from "./word.ts";

/** Something odd that did not stop a computation. */
export type Warning = {
  readonly code: Extract<Code, "bad-pattern" | "bad-position">;
  readonly message: string;
};

const warningsMax = 100;
const patternsMax = 1000;

/** The operations on symbols. They work on bytes; only patterns see text. */
export class TextOperations {
  /** What was odd, each thing once, the first hundred of them. */
  readonly warnings: Warning[] = [];
  private readonly symbols: Symbols;
  /** The patterns by their words, as long as these are those of the same symbols. */
  private readonly patterns = new Map<Word, RegExp | undefined>();
  private passes = 0;
  private scratch = new Uint8Array(256);

  constructor(symbols: Symbols) {
    this.symbols = symbols;
  }

  cat(a: Word, b: Word): Word {
    const { symbols } = this;
    const needed = symbols.byteLength(a) + symbols.byteLength(b);
    if (needed > this.scratch.length) this.scratch = new Uint8Array(2 * needed);
    const end = symbols.copy(b, this.scratch, symbols.copy(a, this.scratch, 0));
    return symbols.internBytes(this.scratch, 0, end);
  }

  /** The `length` bytes from byte `at` (from 0) on, or as many as there are; all of them where
   * `length` is negative. A position outside the symbol is warned of and gives the empty one. */
  substr(symbol: Word, at: number, length: number): Word {
    const bytes = this.symbols.bytesOf(symbol);
    if (at < 0 || at > bytes.length) {
      const text = this.symbols.text(symbol);
      this.warn("bad-position", `substr(${JSON.stringify(text)}, ${at}, ${length}) is outside`);
      return this.symbols.internBytes(bytes, 0, 0);
    }
    const end = length < 0 ? bytes.length : Math.min(bytes.length, at + length);
    return this.symbols.internBytes(bytes, at, end);
  }

  /** Whether it is `wanted` that the whole of `text` matches `pattern`. A pattern that is none is
   * warned of; nothing matches it, and nothing fails to. */
  match(pattern: Word, text: Word, wanted: boolean): boolean {
    if (this.passes !== this.symbols.passes) this.patterns.clear();
    this.passes = this.symbols.passes;
    let compiled = this.patterns.get(pattern);
    if (compiled === undefined) {
      if (this.patterns.has(pattern)) return false;
      compiled = this.compile(this.symbols.text(pattern));
      if (this.patterns.size >= patternsMax) this.patterns.clear();
      this.patterns.set(pattern, compiled);
    }
    return compiled?.test(this.symbols.text(text)) === wanted;
  }

  /** Whether the bytes of `part` occur in those of `text`. */
  contains(part: Word, text: Word): boolean {
    const inner = this.symbols.bytesOf(part);
    const outer = this.symbols.bytesOf(text);
    if (inner.length === 0) return true;
    const last = outer.length - inner.length;
    for (let at = outer.indexOf(inner[0]!); at >= 0 && at <= last;) {
      let length = 1;
      while (length < inner.length && outer[at + length] === inner[length]) length++;
      if (length === inner.length) return true;
      at = outer.indexOf(inner[0]!, at + 1);
    }
    return false;
  }

  private compile(pattern: string): RegExp | undefined {
    const compiled = wholeMatch(pattern);
    if (compiled === undefined)
      this.warn("bad-pattern", `${JSON.stringify(pattern)} is not a regular expression`);
    return compiled;
  }

  private warn(code: Warning["code"], message: string): void {
    if (this.warnings.length >= warningsMax) return;
    if (this.warnings.some((warning) => warning.message === message)) return;
    this.warnings.push({ code, message });
  }
}
