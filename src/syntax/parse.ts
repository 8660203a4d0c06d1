// From text to syntax: preprocessing, lexing, parsing, and findings in plain words.
import type { IToken } from "chevrotain";

import { type Diagnostic, sorted } from "../base/diagnostic.ts";
import type { Source, Span } from "../base/source.ts";
import { lexicalDiagnostics } from "./lexical.ts";
import { errorsMax } from "./limits.ts";
import { explained } from "./misfit.ts";
import { Parser } from "./parser.ts";
import { type Expansion, unprocessed } from "./expansion.ts";
import { preprocess, type PreprocessOptions } from "./preprocess.ts";
import type { Misfit } from "./recovering-parser.ts";
import { endOf, isEnd, lex } from "./tokens.ts";
import type { SyntaxTree } from "./tree.ts";

/** How `parse` reads: where included files come from, and what is defined. */
export type ParseOptions = PreprocessOptions & {
  /** The name of a text that is given without one. */
  readonly path?: string;
  /** False to read the text as it stands; `#` is then an error. True by default. */
  readonly preprocess?: boolean;
};

/** A program's syntax, as far as it could be made out, all findings in the order of reading, and
 * the texts that were read, the program's own first. */
export type ParseResult = {
  readonly tree: SyntaxTree;
  readonly diagnostics: Diagnostic[];
  readonly sources: Source[];
};

/** The tables of the parser are built once, when the first text is parsed. */
let parser: Parser | undefined;

/** Returns the syntax of a text. Never throws: what is wrong with the text is in `diagnostics`. */
export function parse(input: Source | string, options: ParseOptions = {}): ParseResult {
  const source =
    typeof input === "string" ? { path: options.path ?? "program.dl", text: input } : input;
  const expansion =
    options.preprocess === false ? unprocessed(source) : preprocess(source, options);
  const { text, locate, includedFrom } = expansion;
  const lexed = lex(text);
  const { tokens, comments } = lexed;
  parser ??= new Parser({ validated: false });
  const { items, misfits, diagnostics, warnings } = parser.parse({
    text,
    tokens,
    comments,
    locate,
    includedFrom,
  });
  const spoiled = [...lexed.unread.map(({ start }) => start), ...lexed.openTexts.map(startOf)];
  const context = { text, tokens, locate, nowhere: { source, start: 0, end: 0 } };
  const found = [
    ...expansion.diagnostics,
    ...lexicalDiagnostics(lexed, expansion),
    ...diagnostics,
    ...misfits.filter((misfit) => !follows(misfit, spoiled)).map((it) => explained(it, context)),
  ];
  return {
    tree: { items, comments: comments.map((token) => comment(token, locate)) },
    diagnostics: sorted([
      ...sorted(found).slice(0, errorsMax),
      ...sorted([...warnings]).slice(0, errorsMax),
    ]),
    sources: expansion.sources,
  };
}

/** Whether a misfit follows from something unreadable in its item, which is reported itself. */
function follows({ itemStart, found }: Misfit, spoiled: readonly number[]): boolean {
  const end = isEnd(found) ? Number.POSITIVE_INFINITY : found.startOffset;
  return spoiled.some((offset) => offset >= itemStart && offset <= end);
}

function startOf(token: IToken): number {
  return token.startOffset;
}

function comment(token: IToken, locate: Expansion["locate"]): { text: string; span: Span } {
  return { text: token.image, span: locate(token.startOffset, endOf(token)) };
}
