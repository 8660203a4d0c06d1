// Where the items of a program stand: what a comment before a clause is about, and which clause a
// finding is in.
import type { Span } from "../base/source.ts";
import { print } from "../syntax/print.ts";
import type { ItemNode, SyntaxTree } from "../syntax/tree.ts";

/** An item with the range of its text, annotations before it included. */
export type PlacedItem = {
  readonly item: ItemNode;
  readonly path: string;
  readonly start: number;
  readonly end: number;
};

/** Returns the items of a tree and of its components and transactions, each after what it is in. */
export function placedItems(tree: SyntaxTree): PlacedItem[] {
  return tree.items.flatMap(placed);
}

function placed(item: ItemNode): PlacedItem[] {
  const { source, start, end } = item.span;
  const starts = (item.annotations ?? []).map(({ span }) => span.start);
  const inner =
    item.kind === "component" ? item.items : item.kind === "transaction" ? item.clauses : [];
  return [
    { item, path: source.path, start: Math.min(start, ...starts), end },
    ...inner.flatMap(placed),
  ];
}

/** Returns the innermost of `items` that `span` begins in. */
export function itemAt(items: readonly PlacedItem[], span: Span): PlacedItem | undefined {
  return items.findLast(
    ({ path, start, end }) => path === span.source.path && start <= span.start && span.start < end,
  );
}

/** Returns the text of an item, which is the same however it is laid out and commented. */
export function itemText(item: ItemNode): string {
  return print({ items: [{ ...item, annotations: [] }], comments: [] });
}
