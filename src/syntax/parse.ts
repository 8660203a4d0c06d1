// From text to syntax: preprocessing, lexing, parsing, and findings in plain words.
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Source, Span } from "../base/source.ts";
import { Parser } from "./parser.ts";
import { endOf, lex } from "./tokens.ts";
import type { SyntaxTree } from "./tree.ts";

/** How `parse` reads. */
export type ParseOptions = {
  /** The name of a text that is given without one. */
  readonly path?: string;
};

/** A program's syntax, as far as it could be made out, all findings, and the texts read. */
export type ParseResult = {
  readonly tree: SyntaxTree;
  readonly diagnostics: Diagnostic[];
  readonly sources: Source[];
};

let parser: Parser | undefined;

/** Returns the syntax of a text. Never throws: what is wrong with the text is in `diagnostics`. */
export function parse(input: Source | string, options: ParseOptions = {}): ParseResult {
  const source =
    typeof input === "string" ? { path: options.path ?? "program.dl", text: input } : input;
  parser ??= new Parser({ validated: false });
  const { tokens, comments } = lex(source.text);
  const locate = (start: number, end: number): Span => ({ source, start, end });
  const parsed = parser.parse({
    text: source.text,
    tokens,
    comments,
    locate,
    includedFrom: () => "",
  });
  return {
    tree: {
      items: parsed.items,
      comments: comments.map((token) => ({
        text: token.image,
        span: locate(token.startOffset, endOf(token)),
      })),
    },
    diagnostics: [
      ...parsed.diagnostics,
      ...parsed.misfits.map(({ expected, found, previous }): Diagnostic => ({
        severity: "error",
        code: "unexpected-token",
        message: `expected ${expected}, found "${found.image}"`,
        span: Number.isNaN(found.startOffset)
          ? locate(endOf(previous), endOf(previous))
          : locate(found.startOffset, endOf(found)),
      })),
    ],
    sources: [source],
  };
}
