// What names stand for, as an editor colours them; words and signs are for its own grammar.
import { SemanticTokensBuilder, type SemanticTokens } from "vscode-languageserver";
import { textOf } from "../base/source.ts";
import { rangeOf } from "./positions.ts";
import type { SymbolKind } from "./symbol.ts";
import type { Understood } from "./workspace.ts";

/** The kinds of tokens and what marks them, in the order of their numbers on the wire. */
export const legend = {
  tokenTypes: [
    ...["function", "property", "type", "interface", "enumMember", "method"],
    ...["class", "typeParameter", "namespace", "event", "variable", "parameter"],
  ],
  tokenModifiers: ["declaration", "definition"],
};

const typeNames: Readonly<Record<SymbolKind, string>> = {
  relation: "function",
  attribute: "property",
  type: "type",
  lattice: "interface",
  branch: "enumMember",
  functor: "method",
  component: "class",
  parameter: "typeParameter",
  instance: "namespace",
  transaction: "event",
  variable: "variable",
};

/** Returns the tokens between two offsets of a text. */
export function semanticTokens(
  { index }: Understood,
  path: string,
  { start, end }: { readonly start: number; readonly end: number } = { start: 0, end: Infinity },
): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  let last = -1;
  for (const { symbol, span, role } of index.in(path)) {
    if (span.end < start || span.start > end || span.start < last) continue;
    // What a macro made is no name in the text.
    if (textOf(span) !== symbol.name) continue;
    last = span.end;
    const at = rangeOf(span).start;
    const parameter = symbol.kind === "variable" && symbol.type !== undefined;
    const type = parameter ? "parameter" : typeNames[symbol.kind];
    const modifiers = role === "declaration" ? 1 : role === "head" ? 2 : 0;
    const length = span.end - span.start;
    builder.push(at.line, at.character, length, legend.tokenTypes.indexOf(type), modifiers);
  }
  return builder.build();
}
