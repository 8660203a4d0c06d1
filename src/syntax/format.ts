// From a text to the same program in canonical layout. Only white space changes, and where comments
// stand that are amid a term; directives of the preprocessor, and what cannot be read without it,
// stay as they are written.
import type { IToken } from "chevrotain";

import type { Diagnostic } from "../base/diagnostic.ts";
import type { Source } from "../base/source.ts";
import { type Formattable, itemLines } from "./format-items.ts";
import { quotingMacros, regions } from "./format-regions.ts";
import { is } from "./format-spacing.ts";
import { parse, type ParseOptions } from "./parse.ts";
import { print } from "./print.ts";
import {
  endOf,
  LeftBrace,
  LeftBracket,
  LeftParen,
  lex,
  Place,
  RightBrace,
  RightBracket,
  RightParen,
} from "./tokens.ts";

/** A program in canonical layout; or, where it has syntax errors, these and no text. */
export type Formatted = { readonly text?: string; readonly diagnostics: readonly Diagnostic[] };

/** Returns `source` in canonical layout. Formatting the result changes nothing more. */
export function format(source: Source, options: ParseOptions = {}): Formatted {
  const { tree, diagnostics } = parse(source, options);
  const errors = diagnostics.filter(
    ({ severity, code, span }) =>
      severity === "error" && span.source === source && !conditional.has(code),
  );
  if (errors.length > 0) return { diagnostics: errors };
  const text = laidOut(source.text.replaceAll("\r\n", "\n"), options.preprocess !== false);
  // The last word has the parser: a macro may depend on white space in a way that is not seen here.
  const again = parse({ path: source.path, text }, options);
  const same = usesLine(source.text) || print(again.tree) === print(tree);
  return { text: same ? text : source.text, diagnostics: [] };
}

/** What is no mistake of the text itself. */
const conditional = new Set(["include-not-found", "user-error"]);

function usesLine(text: string): boolean {
  return text.includes("__LINE__");
}

function laidOut(text: string, preprocessed: boolean): string {
  const quoting = preprocessed ? quotingMacros(text) : new Set<string>();
  const whole = [{ start: 0, end: text.length, kept: false }];
  const blocks: { text: string; start: number; end: number }[] = [];
  let depth = 0;
  for (const { start, end, kept } of preprocessed ? regions(text) : whole) {
    const piece = text.slice(start, end);
    if (kept) {
      blocks.push({ text: piece.trimEnd(), start, end: start + piece.trimEnd().length });
      continue;
    }
    const own = nesting(lex(piece).tokens);
    const lines = depth === 0 && own.least === 0 ? formatted(piece, quoting) : undefined;
    for (const { from, to } of lines === undefined ? paragraphs(piece) : [span(piece)]) {
      const part = piece.slice(from, to);
      const written =
        lines ?? (depth === 0 && own.least === 0 ? formatted(part, quoting) : undefined);
      const kept = written ?? text.slice(lineStart(text, start + from), start + to);
      blocks.push({ text: kept, start: start + from, end: start + to });
    }
    depth += own.end;
  }
  return joined(text, blocks);
}

/** One line after another, with a blank line where there was one. */
function joined(
  text: string,
  blocks: readonly { text: string; start: number; end: number }[],
): string {
  let result = "";
  let end = 0;
  for (const block of blocks) {
    const blank = (text.slice(end, block.start).match(/\n/g)?.length ?? 0) > 1;
    if (result !== "") result += blank ? "\n\n" : "\n";
    result += block.text;
    end = block.end;
  }
  return result === "" ? "" : `${result}\n`;
}

/** Returns a text in canonical layout, undefined where it does not parse by itself, or where its
 * layout counts. Where comments stand in odd places a layout may take some rounds to settle. */
function formatted(text: string, quoting: ReadonlySet<string>): string | undefined {
  let before = read(text);
  if (before?.tokens.some(({ image }) => quoting.has(image)) !== false) return undefined;
  for (let round = 0; round < roundsMax; round += 1) {
    const result = itemLines(before).join("\n");
    if (result === before.text) return result;
    const after = read(result);
    if (after === undefined || !alike(before, after)) return undefined;
    before = after;
  }
  return undefined;
}

const roundsMax = 8;

function read(text: string): Formattable | undefined {
  const { tree, diagnostics } = parse(text, { preprocess: false });
  if (diagnostics.some(({ severity }) => severity === "error")) return undefined;
  const { tokens, comments } = lex(text);
  return { text, tokens, comments, items: tree.items };
}

/** Whether two texts are the same program with the same comments. What documents what is told by
 * the trees. */
function alike(before: Formattable, after: Formattable): boolean {
  return (
    images(before.tokens) === images(after.tokens) &&
    sortedImages(before.comments) === sortedImages(after.comments) &&
    (before.tokens.some((token) => is(token, [Place])) || printed(before) === printed(after))
  );
}

function printed({ items }: Formattable): string {
  return print({ items, comments: [] });
}

function images(tokens: readonly IToken[]): string {
  return tokens.map(({ image }) => image).join("\0");
}

function sortedImages(comments: readonly IToken[]): string {
  return comments
    .map(({ image }) => image.trimEnd())
    .toSorted()
    .join("\0");
}

const openers = [LeftParen, LeftBracket, LeftBrace];
const closers = [RightParen, RightBracket, RightBrace];

/** How deep brackets are open at the end, and the least depth on the way. */
function nesting(tokens: readonly IToken[]): { end: number; least: number } {
  let end = 0;
  let least = 0;
  for (const token of tokens) {
    if (is(token, openers)) end += 1;
    else if (is(token, closers)) end -= 1;
    least = Math.min(least, end);
  }
  return { end, least };
}

/** The ranges of a text that blank lines separate outside of brackets. */
function paragraphs(text: string): { from: number; to: number }[] {
  const { tokens, comments } = lex(text);
  const all = [...tokens, ...comments].toSorted((a, b) => a.startOffset - b.startOffset);
  const found: { from: number; to: number }[] = [];
  let depth = 0;
  let before: { from: number; to: number } | undefined;
  for (const token of all) {
    const gap = before === undefined ? "" : text.slice(before.to, token.startOffset);
    if (before === undefined || (depth <= 0 && gap.split("\n").length > 2)) {
      before = { from: token.startOffset, to: endOf(token) };
      found.push(before);
    } else before.to = endOf(token);
    if (is(token, openers)) depth += 1;
    else if (is(token, closers)) depth -= 1;
  }
  return found;
}

function span(text: string): { from: number; to: number } {
  return { from: text.length - text.trimStart().length, to: text.trimEnd().length };
}

/** The start of the line of an offset if only white space stands before it there. */
function lineStart(text: string, offset: number): number {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return text.slice(start, offset).trim() === "" ? start : offset;
}
