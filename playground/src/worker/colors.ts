// What a text consists of, as it is coloured: what the lexer makes of it, and, where it could be
// understood, what its names stand for.
import { nameTokens } from "../../../src/lsp/name-tokens.ts";
import type { Understood } from "../../../src/lsp/workspace.ts";
import { endOf, Identifier, isDirective, isWord, lex } from "../../../src/syntax/tokens.ts";
import { type Token, tokenKinds } from "../protocol.ts";

/** Returns the pieces of a text that have a colour, in order. Names are looked up where `of` is of
 * this text. */
export function colors(name: string, text: string, of: Understood | undefined): Token[] {
  const { tokens, comments } = lex(text);
  const found: Token[] = comments.map((token) => [
    token.startOffset,
    endOf(token),
    tokenKinds.indexOf("comment"),
    false,
  ]);
  for (const token of tokens) {
    const kind = isDirective(token)
      ? "directive"
      : isWord(token) && token.tokenType !== Identifier
        ? "keyword"
        : lexical[token.tokenType.name];
    if (kind !== undefined)
      found.push([token.startOffset, endOf(token), tokenKinds.indexOf(kind), false]);
  }
  const known = of?.sources.some((source) => source.path === name && source.text === text);
  if (of === undefined || known !== true) return found.sort(([a], [b]) => a - b);
  const names = nameTokens(of, name).map(({ span, type, role }): Token => [
    span.start,
    span.end,
    type,
    role !== "use",
  ]);
  const starts = new Set(names.map(([start]) => start));
  return [...found.filter(([start]) => !starts.has(start)), ...names].sort(([a], [b]) => a - b);
}

const lexical: Readonly<Record<string, string>> = {
  Text: "string",
  Float: "number",
  Integer: "number",
  Unsigned: "number",
  Ipv4: "number",
  If: "operator",
  Next: "operator",
  Later: "operator",
  Exclamation: "negation",
};
