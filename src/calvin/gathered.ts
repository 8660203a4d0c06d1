// What a transaction sees while it holds its locks: the rows of its footprint and no others.
import type { Part } from "../engine/keyed-parts.ts";
import { printValue } from "../value/print-value.ts";
import { sameValue } from "../value/same-value.ts";
import type { Value } from "../value/schema.ts";
import { covered } from "./footprint.ts";
import type { Position } from "./storage.ts";
import type { Footprint, Outcome, Pattern, View } from "./transaction.ts";

/** The rows that one partition has for a pattern. */
export type Found = {
  readonly pattern: Pattern;
  readonly tuples: readonly (readonly Value[])[];
};

/** The rows of one partition for a transaction: for each lookup of that partition, in their order,
 * 1 and then its columns but those of the key, which who asks has, or 0 where there is none. */
export type LookedUp = readonly Part[];

/** What one partition has read for a transaction: where arguments say which rows that looks up,
 * these (`LookedUp`); otherwise, and where it was asked for once more, what it has for each
 * pattern. */
export type FoundReads = { readonly rows: LookedUp } | readonly Found[];

/** What a partition has read for the transaction at a place. */
export type PositionedReads = { readonly position: Position; readonly found: FoundReads };

/** A transaction touched what its footprint does not name: it starts over (OLLP). */
export class OutsideFootprint extends Error {
  override readonly name = "OutsideFootprint";
  readonly pattern: Pattern;

  constructor(pattern: Pattern) {
    super("a transaction touches what it has not locked");
    this.pattern = pattern;
  }
}

/** Returns a view that lets see what a footprint names: as `read` finds it. */
export function within(
  { reads, writes }: Footprint,
  read: (pattern: Pattern, by: Pattern) => Iterable<readonly Value[]>,
): View {
  const patterns = [...reads, ...writes];
  const exact = new Set(patterns.map(textOf));
  return {
    tuples(pattern) {
      if (exact.has(textOf(pattern))) return read(pattern, pattern);
      const by = patterns.find((one) => covered(pattern, [one]));
      if (by === undefined) throw new OutsideFootprint(pattern);
      return read(pattern, by);
    },
  };
}

/** Returns a view of rows that partitions have found for the patterns of a footprint. */
export function gathered(footprint: Footprint, found: readonly Found[]): View {
  const byPattern = new Map<string, (readonly Value[])[]>();
  for (const { pattern, tuples } of found) {
    const text = textOf(pattern);
    byPattern.set(text, [...(byPattern.get(text) ?? []), ...tuples]);
  }
  return within(footprint, (pattern, by) =>
    (byPattern.get(textOf(by)) ?? []).filter((tuple) => fits(tuple, pattern)),
  );
}

/** Throws where an outcome changes rows that a footprint does not name. */
export function checkWrites(outcome: Outcome, { writes }: Footprint): void {
  if (outcome.kind !== "done") return;
  for (const { relation, values } of [...outcome.removed, ...outcome.inserted]) {
    const pattern = { relation, columns: [...values.keys()], values };
    if (!covered(pattern, writes)) throw new OutsideFootprint(pattern);
  }
}

/** Returns a pattern as a text that tells it from others. */
export function textOf({ relation, columns, values }: Pattern): string {
  const known = columns.map((column, at) => `${column}: ${printValue(values[at] ?? null)}`);
  return `${relation}(${known.join()})`;
}

function fits(tuple: readonly Value[], { columns, values }: Pattern): boolean {
  return columns.every((column, at) => sameValue(tuple[column] ?? null, values[at] ?? null));
}
