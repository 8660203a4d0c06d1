// The shape of a text: what it declares, for the outline, and what can be folded.
import {
  FoldingRangeKind,
  SymbolKind,
  type DocumentSymbol,
  type FoldingRange,
} from "vscode-languageserver";
import { positionAt, textOf, type Span } from "../base/source.ts";
import type { ItemNode, NameNode, SyntaxTree } from "../syntax/tree.ts";
import { rangeOf } from "./positions.ts";

/** Returns what the text at `path` declares, and instances, with what is in components below. */
export function outline({ items }: SyntaxTree, path: string): DocumentSymbol[] {
  return items.filter(({ span }) => span.source.path === path).flatMap(entries);
}

function entries(item: ItemNode): DocumentSymbol[] {
  const { span } = item;
  const entry = (name: NameNode, kind: SymbolKind, detail: string): DocumentSymbol => ({
    ...{ name: name.text, kind, detail, range: rangeOf(span) },
    // An editor wants a selection within the range; what a macro wrote need not be.
    selectionRange: rangeOf(contains(span, name.span) ? name.span : span),
  });
  switch (item.kind) {
    case "relation": {
      const detail = item.attributes
        .map(({ name, type }) => `${name.text}: ${textOf(type.span)}`)
        .join(", ");
      return item.names.map((name) => entry(name, SymbolKind.Function, `(${detail})`));
    }
    case "debug-delta":
      return [entry(item.name, SymbolKind.Function, "debug_delta")];
    case "type":
      return [entry(item.name, SymbolKind.Struct, item.definition.kind)];
    case "lattice":
      return [entry(item.name, SymbolKind.Interface, "lattice")];
    case "functor":
      return [entry(item.name, SymbolKind.Method, "functor")];
    case "transaction":
      return [entry(item.name, SymbolKind.Event, "transaction")];
    case "instance":
      return [entry(item.name, SymbolKind.Object, textOf(item.component.span))];
    case "component": {
      const whole = entry(item.type.name, SymbolKind.Class, "component");
      return [{ ...whole, children: item.items.flatMap(entries) }];
    }
    case "clause":
    case "subsumption":
    case "seal":
    case "directive":
    case "contract":
    case "expectation":
    case "override":
    case "pragma":
      return [];
  }
}

function contains(outer: Span, inner: Span): boolean {
  return outer.source === inner.source && outer.start <= inner.start && inner.end <= outer.end;
}

/** Returns the items and comments of several lines, and runs of line comments. */
export function foldings({ items, comments }: SyntaxTree, path: string): FoldingRange[] {
  const found: FoldingRange[] = [];
  const add = (from: Span, to: Span, kind?: FoldingRangeKind): void => {
    const startLine = positionAt(from.source, from.start).line - 1;
    const endLine = positionAt(to.source, to.end).line - 1;
    if (endLine > startLine) found.push({ startLine, endLine, ...(kind && { kind }) });
  };
  const visit = (all: readonly ItemNode[]): void => {
    for (const item of all) {
      if (item.span.source.path === path) add(item.span, item.span);
      if (item.kind === "component") visit(item.items);
      if (item.kind === "transaction") visit(item.clauses);
    }
  };
  visit(items);
  let run: Span[] = [];
  const close = (): void => {
    const [first, last] = [run[0], run.at(-1)];
    if (first && last) add(first, last, FoldingRangeKind.Comment);
    run = [];
  };
  for (const { span } of comments) {
    if (span.source.path !== path) continue;
    const last = run.at(-1);
    if (last && span.source.text.slice(last.end, span.start).trim() !== "") close();
    else if (last && /\n[ \t]*\n/.test(span.source.text.slice(last.end, span.start))) close();
    run.push(span);
  }
  close();
  return found;
}
