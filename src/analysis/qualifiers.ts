// What the words after declarations, and names of declarations, say against each other.
import type { Span } from "../base/source.ts";
import type { FlatItemNode, QualifierWord, RelationDeclarationNode } from "../syntax/tree.ts";
import { nameOf } from "./declarations.ts";
import type { Findings } from "./findings.ts";

/** Reports qualifiers that are given twice or exclude each other, and warns of those in vain. */
export function checkQualifiers(items: readonly FlatItemNode[], findings: Findings): void {
  const subsumed = new Set(
    items.flatMap((item) => (item.kind === "subsumption" ? [nameOf(item.dominated.relation)] : [])),
  );
  for (const item of items) {
    if (item.kind !== "relation") continue;
    reportExclusions(item, findings);
    const deleting = item.qualifiers.find(({ word }) => word === "btree_delete");
    if (deleting === undefined) continue;
    for (const { text, span } of item.names) {
      if (subsumed.has(text)) continue;
      const message = `relation "${text}" is a \`btree_delete\` and has no subsumptive rule`;
      findings.warning("no-subsumptive-rule", message, span, {
        hint: `state which tuples to drop: \`${text}(…) <= ${text}(…) :- ….\``,
      });
    }
  }
}

const representations: ReadonlySet<QualifierWord> = new Set<QualifierWord>([
  ...(["btree", "btree_delete", "brie", "eqrel"] as const),
]);

function reportExclusions({ qualifiers }: RelationDeclarationNode, findings: Findings): void {
  for (const [at, { word, span }] of qualifiers.entries()) {
    const earlier = qualifiers
      .slice(0, at)
      .filter((of) => of.word !== "partition")
      .find((of) => of.word === word || [word, of.word].every((one) => representations.has(one)));
    if (earlier === undefined) continue;
    const message =
      earlier.word === word
        ? `\`${word}\` is given twice`
        : `\`${word}\` and \`${earlier.word}\` exclude each other`;
    const related = [{ span: earlier.span, text: "the first" }];
    findings.error("duplicate-qualifier", message, span, { related });
  }
}

/** Reports relations that are named like a type. */
export function checkNamespaces(items: readonly FlatItemNode[], findings: Findings): void {
  const types = new Map<string, Span>();
  for (const item of items) {
    if (item.kind === "type" || item.kind === "lattice") types.set(item.name.text, item.name.span);
  }
  for (const item of items) {
    const names =
      item.kind === "relation" ? item.names : item.kind === "debug-delta" ? [item.name] : [];
    for (const { text, span } of names) {
      const type = types.get(text);
      if (type === undefined) continue;
      const message = `relation "${text}" has the name of a type`;
      const related = [{ span: type, text: "the type" }];
      findings.error("name-clash", message, span, { related });
    }
  }
}
