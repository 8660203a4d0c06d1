import { SemanticTokensBuilder, type SemanticTokens } from "vscode-languageserver";
import { nameTokens } from "./name-tokens.ts";
import { rangeOf } from "./positions.ts";
import type { Understood } from "./workspace.ts";

const modifiersOf = { use: 0, declaration: 1, head: 2 };

/** Returns the names between two offsets of a text as the protocol has them on the wire. */
export function semanticTokens(
  of: Understood,
  path: string,
  range?: { readonly start: number; readonly end: number },
): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  for (const { span, type, role } of nameTokens(of, path, range)) {
    const at = rangeOf(span).start;
    builder.push(at.line, at.character, span.end - span.start, type, modifiersOf[role]);
  }
  return builder.build();
}
