import { type CompletionItem, CompletionItemKind } from "vscode-languageserver-types";
import type { Proposal } from "../protocol.ts";

/** The kinds for which the editor has signs. */
const kinds = new Map<CompletionItemKind, string>([
  [CompletionItemKind.Function, "function"],
  [CompletionItemKind.Property, "property"],
  [CompletionItemKind.Struct, "type"],
  [CompletionItemKind.Interface, "interface"],
  [CompletionItemKind.EnumMember, "enum"],
  [CompletionItemKind.Method, "method"],
  [CompletionItemKind.Class, "class"],
  [CompletionItemKind.TypeParameter, "type"],
  [CompletionItemKind.Module, "namespace"],
  [CompletionItemKind.Event, "function"],
  [CompletionItemKind.Variable, "variable"],
  [CompletionItemKind.Keyword, "keyword"],
]);

/** Returns what other editors are proposed as the page's editor takes it. */
export function proposalOf(item: CompletionItem): Proposal {
  const { label, kind, detail, documentation, insertText, sortText } = item;
  const text = typeof documentation === "string" ? documentation : documentation?.value;
  return {
    label,
    kind: (kind && kinds.get(kind)) ?? "text",
    ...(detail !== undefined && { detail }),
    ...(text !== undefined && { documentation: text }),
    ...(insertText !== undefined && { insert: insertText }),
    ...(sortText !== undefined && { rank: sortText }),
  };
}
