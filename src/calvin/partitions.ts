import type { Part } from "../engine/keyed-parts.ts";
import { integerHash, keyHash } from "../transducer/owners.ts";
import type { LockKeys } from "./footprint.ts";
import type { Footprint, Pattern, Row } from "./transaction.ts";

/** Where rows are: at the partition of the hash of the first column of their key, so that rows
 * whose keys begin alike are together. A row without a key is at the first. */
export class Partitions {
  readonly count: number;
  private readonly keys: LockKeys;

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

  /** Who takes part in a transaction, in ascending order: `active` ones have what it may write and
   * carry it out; the others only read for them. One that writes nothing is carried out by the
   * first of those who read. */
  participants({ reads, writes }: Footprint): {
    readonly all: number[];
    readonly active: number[];
  } {
    if (this.count === 1) return { all: [0], active: [0] };
    const sorted = (patterns: readonly Pattern[]): number[] =>
      [...new Set(patterns.flatMap((pattern) => this.ofPattern(pattern)))].toSorted(
        (a, b) => a - b,
      );
    const all = reads === writes ? sorted(writes) : sorted([...reads, ...writes]);
    const active = sorted(writes);
    if (all.length === 0) return { all: [0], active: [0] };
    return { all, active: active.length > 0 ? active : all.slice(0, 1) };
  }
}
