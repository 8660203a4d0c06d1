/** One text that was read: a file, an included file, or what a caller passed in. */
export type Source = { readonly path: string; readonly text: string };

/** A half-open range `[start, end)` of UTF-16 offsets into one source. Spans always point into the
 * text as its author wrote it, also where the preprocessor expanded it. */
export type Span = {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
  /** The copy that what is here is part of, where one text stands for several copies of it. */
  readonly copy?: Copy;
};

/** A copy of a part of a text, by its name; `span` is what asked for it, maybe in a copy too. */
export type Copy = { readonly name: string; readonly span: Span };

/** Line and column of an offset, both counted from 1; a column is a UTF-16 unit. */
export type Position = { readonly line: number; readonly column: number };

/** Returns the position of `offset` in `source`; an offset past the end is the end. */
export function positionAt(source: Source, offset: number): Position {
  const starts = lineStarts(source);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: Math.min(offset, source.text.length) - (starts[low] ?? 0) + 1 };
}

/** Returns line `line` (from 1) of `source` without its line end. */
export function lineText(source: Source, line: number): string {
  const starts = lineStarts(source);
  const start = starts[line - 1] ?? source.text.length;
  const end = starts[line] ?? source.text.length;
  return source.text.slice(start, end).replace(/\r?\n$/, "");
}

/** Returns the text that `span` covers. */
export function textOf(span: Span): string {
  return span.source.text.slice(span.start, span.end);
}

const startsOf = new WeakMap<Source, readonly number[]>();

function lineStarts(source: Source): readonly number[] {
  let starts = startsOf.get(source);
  if (starts === undefined) {
    const found = [0];
    for (let at = source.text.indexOf("\n"); at >= 0; at = source.text.indexOf("\n", at + 1))
      found.push(at + 1);
    starts = found;
    startsOf.set(source, starts);
  }
  return starts;
}
