// What the names in a text stand for, as it is coloured; words and signs are for an editor's own
// grammar.
import { textOf, type Span } from "../base/source.ts";
import type { SymbolKind } from "./symbol.ts";
import type { Understood } from "./workspace.ts";

/** The kinds of names and what marks them, by the words of the language server protocol. */
export const legend = {
  tokenTypes: [
    ...["function", "property", "type", "interface", "enumMember", "method"],
    ...["class", "typeParameter", "namespace", "event", "variable", "parameter"],
  ],
  tokenModifiers: ["declaration", "definition"],
};

/** A name in a text: the place of its kind in `legend.tokenTypes`, and what is done with it. */
export type NameToken = {
  readonly span: Span;
  readonly type: number;
  readonly role: "declaration" | "head" | "use";
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

/** Returns the names between two offsets of a text, in order. */
export function nameTokens(
  { index }: Pick<Understood, "index">,
  path: string,
  { start, end }: { readonly start: number; readonly end: number } = { start: 0, end: Infinity },
): NameToken[] {
  const tokens: NameToken[] = [];
  let last = -1;
  for (const { symbol, span, role } of index.in(path)) {
    if (span.end < start || span.start > end || span.start < last) continue;
    // What a macro made is no name in the text.
    if (textOf(span) !== symbol.name) continue;
    last = span.end;
    const parameter = symbol.kind === "variable" && symbol.type !== undefined;
    const type = parameter ? "parameter" : typeNames[symbol.kind];
    tokens.push({ span, type: legend.tokenTypes.indexOf(type), role });
  }
  return tokens;
}
