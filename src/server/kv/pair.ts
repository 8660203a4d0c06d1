// Pairs of keys: what is there, what is put there, and what came of that.
import type { Content } from "./content.ts";

/** A pair of keys. */
export type Pair = { readonly k1: string; readonly k2: string };

/** A value with its dot. */
export type Version = Content & { readonly dot: string };

/** What is at a pair: the winner first, then its siblings in the order of their dots. */
export type Cell = Pair & { readonly versions: readonly Version[] };

/** What is put, and what it replaces: what is seen at the pair, nothing, or these dots. */
export type Put = Pair & {
  readonly content: Content;
  readonly replaces?: "seen" | "none" | readonly string[] | undefined;
};

/** What came of a put or a remove: its dots, the last of which is of what was done last. */
export type Written = {
  /** Of the put, or the remove; none where there was nothing to remove. */
  readonly dot: string | undefined;
  readonly replaced: readonly string[];
  /** The last fact that was written. */
  readonly last: { readonly origin: string; readonly number: number } | undefined;
};

/** Who is told what came of a request. */
export type Told<T> = {
  readonly done: (of: T) => void;
  readonly failed: (error: unknown) => void;
};

/** A text for a pair, different from that of every other one. */
export function pairText({ k1, k2 }: Pair): string {
  return `${k1.length}:${k1}${k2}`;
}

/** The order of values: that of their bytes as UTF-8. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (one !== other) return rank(one) - rank(other);
  }
  return a.length - b.length;
}

/** Where a unit of UTF-16 is among the others: the halves of characters beyond them come last. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** The order of pairs: by the first key and then the second. */
export function comparePairs(a: Pair, b: Pair): number {
  return compareTexts(a.k1, b.k1) || compareTexts(a.k2, b.k2);
}
