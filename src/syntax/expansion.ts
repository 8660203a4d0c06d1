// An expanded text with the map back to what its authors wrote.
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Source, Span } from "../base/source.ts";

/** A text after preprocessing. `locate` takes a range of its offsets to the author's text; what a
 * macro made is located at the macro's use. */
export type Expansion = {
  readonly text: string;
  readonly locate: (start: number, end: number) => Span;
  /** The value of `__INCL__` at a place: the including places, outermost first. */
  readonly includedFrom: (span: Span) => string;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: Source[];
};

/** Returns a text that is its own expansion. */
export function unprocessed(source: Source): Expansion {
  return {
    text: source.text,
    locate: (start, end) => ({ source, start, end }),
    includedFrom: () => "",
    diagnostics: [],
    sources: [source],
  };
}

/** The expanded text under construction: pieces in order, each copied from a source or made by the
 * use of a macro in it. */
export class Pieces {
  /** How long the text is so far. */
  length = 0;
  private readonly texts: string[] = [];
  private readonly offsets: number[] = [];
  private readonly origins: { readonly span: Span; readonly copied: boolean }[] = [];

  /** Appends the author's text at `span`. */
  copy(span: Span): void {
    if (span.start === span.end) return;
    this.add(span.source.text.slice(span.start, span.end), span, true);
  }

  /** Appends what the macro used at `span` became. */
  made(text: string, span: Span): void {
    // White space keeps tokens apart that the expansion brings together.
    this.add(` ${text} `, span, false);
  }

  text(): string {
    return this.texts.join("");
  }

  /** Returns where the author wrote what is at `[start, end)`. */
  locate(start: number, end: number): Span {
    const from = this.place(start);
    const to = this.place(Math.max(start, end - 1));
    const whole = from.source === to.source && to.end >= from.start;
    return { source: from.source, start: from.start, end: whole ? to.end : from.end };
  }

  /** The span of one unit of the expanded text. */
  private place(offset: number): Span {
    const at = lastUpTo(this.offsets, offset);
    const origin = this.origins[at];
    const first = this.offsets[at];
    if (origin === undefined || first === undefined) return nowhere;
    if (!origin.copied) return origin.span;
    const start = origin.span.start + offset - first;
    return { source: origin.span.source, start, end: start + 1 };
  }

  private add(text: string, span: Span, copied: boolean): void {
    this.texts.push(text);
    this.offsets.push(this.length);
    this.origins.push({ span, copied });
    this.length += text.length;
  }
}

const nowhere: Span = { source: { path: "", text: "" }, start: 0, end: 0 };

/** The index of the last offset that is not above `offset`. */
function lastUpTo(offsets: readonly number[], offset: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
