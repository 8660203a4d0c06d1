import type { Part } from "../engine/keyed-parts.ts";
import { integerHash, keyHash } from "../transducer/owners.ts";
import type { LockKeys } from "./footprint.ts";
import type { Footprint, Pattern, Row } from "./transaction.ts";

/** Of so many partitions there are not more sets than are kept. */
const countInBits = 12;

/** Where rows are: at the partition of the hash of the first column of their key, so that rows
 * whose keys begin alike are together. A row without a key is at the first. */
export class Partitions {
  readonly count: number;
  private readonly keys: LockKeys;
  /** Sets of partitions that came up before, by their bits. */
  private readonly sets: (readonly number[])[] = [];

  constructor(count: number, keys: LockKeys) {
    this.count = count;
    this.keys = keys;
  }

  /** The partition of a row. */
  of({ relation, values }: Row): number {
    const [first] = this.keys[relation] ?? [];
    return first === undefined || this.count === 1
      ? 0
      : keyHash([values[first] ?? null]) % this.count;
  }

  /** The partition of the row with a key, whose parts are those of these columns. Its numbers are
   * whole ones. */
  ofKey(relation: number, columns: readonly number[], key: readonly Part[]): number {
    const [first] = this.keys[relation] ?? [];
    if (first === undefined || this.count === 1) return 0;
    const part = key[columns.indexOf(first)] ?? null;
    return (typeof part === "number" ? integerHash(part) : keyHash([part])) % this.count;
  }

  /** The partitions with rows that fit a pattern. */
  ofPattern({ relation, columns, values }: Pattern): number[] {
    const [first] = this.keys[relation] ?? [];
    if (first === undefined || this.count === 1) return [0];
    const at = columns.indexOf(first);
    if (at >= 0) return [keyHash([values[at] ?? null]) % this.count];
    return Array.from({ length: this.count }, (_, partition) => partition);
  }

  /** The partitions of places, each once and in ascending order. Transactions have the same few of
   * them again and again: these are the same arrays, which nobody may change. */
  setOf(places: readonly number[]): readonly number[] {
    if (this.count > countInBits) return [...new Set(places)].toSorted((a, b) => a - b);
    let bits = 0;
    for (let at = 0; at < places.length; at++) bits |= 1 << (places[at] ?? 0);
    return (this.sets[bits] ??= [...new Set(places)].toSorted((a, b) => a - b));
  }

  /** Who takes part in a transaction, in ascending order: `active` ones have what it may write and
   * carry it out; the others only read for them. One that writes nothing is carried out by the
   * first of those who read. */
  participants({ reads, writes }: Footprint): {
    readonly all: readonly number[];
    readonly active: readonly number[];
  } {
    if (this.count === 1) return { all: [0], active: [0] };
    const sorted = (patterns: readonly Pattern[]): readonly number[] =>
      this.setOf(patterns.flatMap((pattern) => this.ofPattern(pattern)));
    const all = reads === writes ? sorted(writes) : sorted([...reads, ...writes]);
    const active = sorted(writes);
    if (all.length === 0) return { all: [0], active: [0] };
    return { all, active: active.length > 0 ? active : all.slice(0, 1) };
  }
}
