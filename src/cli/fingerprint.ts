import { createHash } from "node:crypto";
import type { Diagnostic } from "../base/diagnostic.ts";
import { lineText, positionAt } from "../base/source.ts";
import { itemAt, itemText, type PlacedItem } from "./items.ts";

/** Returns for each finding what names it for good: `hash:ordinal`. The hash is of its code, its
 * subject and the canonical text of the clause that it is in, so that neither moved lines nor
 * another layout changes it; the ordinal, from 1, tells apart what is equal in all this. */
export function fingerprints(
  diagnostics: readonly Diagnostic[],
  items: readonly PlacedItem[],
): string[] {
  const seen = new Map<string, number>();
  return diagnostics.map((diagnostic) => {
    const { code, subject = "" } = diagnostic;
    const hash = hashOf(JSON.stringify([code, subject, clauseText(diagnostic, items)]));
    const ordinal = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, ordinal);
    return `${hash}:${String(ordinal)}`;
  });
}

/** A fingerprint without its ordinal. */
export function hashIn(fingerprint: string): string {
  return fingerprint.slice(0, fingerprint.indexOf(":"));
}

/** Returns a hash of a text as 20 hexadecimal digits. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 20);
}

function clauseText({ span }: Diagnostic, items: readonly PlacedItem[]): string {
  const found = itemAt(items, span);
  if (found !== undefined) return itemText(found.item);
  const { line } = positionAt(span.source, span.start);
  return lineText(span.source, line).trim().replace(/\s+/g, " ");
}
