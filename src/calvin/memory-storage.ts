import { assert } from "../base/assert.ts";
import { keyOf } from "../transducer/fact.ts";
import { printValue } from "../value/print-value.ts";
import type { Value } from "../value/schema.ts";
import { type Changes, isSeen, type Position, type Storage, type Version } from "./storage.ts";
import type { Pattern, Row } from "./transaction.ts";

/** A version whose end, or whose beginning, may move. */
type Kept = { readonly row: Row; from: Position; to: Position };

/** The versions of a relation by the values of some columns. */
type Index = { readonly columns: readonly number[]; readonly found: Map<string, Set<Kept>> };

/** Storage in memory. A pattern's columns get an index when they are first asked for. */
export class MemoryStorage implements Storage {
  private readonly present = new Map<string, Kept>();
  private readonly indexes = new Map<number, Map<string, Index>>();
  /** Versions that ended, in the order in which they did. */
  private ended: Kept[] = [];

  /** `versions` are those of a checkpoint. */
  constructor(versions: Iterable<Version> = []) {
    for (const version of versions)
      if (version.to === Infinity) this.present.set(keyOf(version.row), { ...version });
      else this.ended.push({ ...version });
  }

  /** How many versions there are, present ones and past ones. */
  get size(): number {
    return this.present.size + this.ended.length;
  }

  *tuples(pattern: Pattern, before: Position): Generator<readonly Value[]> {
    const { columns, found } = this.index(pattern.relation, pattern.columns);
    const versions = found.get(keyText(columns, pattern.columns, pattern.values));
    for (const version of versions ?? []) if (isSeen(version, before)) yield version.row.values;
  }

  apply(at: Position, { removed, inserted }: Changes): void {
    for (const row of removed) {
      const text = keyOf(row);
      const version = this.present.get(text);
      assert(version !== undefined && version.from < at, "what is removed was there");
      version.to = at;
      this.present.delete(text);
      this.ended.push(version);
    }
    for (const row of inserted) {
      const text = keyOf(row);
      const known = this.present.get(text);
      if (known !== undefined) {
        known.from = Math.min(known.from, at);
        continue;
      }
      const version = { row, from: at, to: Infinity };
      this.present.set(text, version);
      for (const index of this.indexes.get(row.relation)?.values() ?? []) add(index, version);
    }
  }

  versions(horizon: Position): readonly Version[] {
    const past = this.ended.filter(({ to }) => to >= horizon);
    return [...past, ...this.present.values()].map((version) => ({ ...version }));
  }

  forget(horizon: Position): void {
    const gone = this.ended.filter(({ to }) => to < horizon);
    this.ended = this.ended.filter(({ to }) => to >= horizon);
    for (const version of gone)
      for (const { columns, found } of this.indexes.get(version.row.relation)?.values() ?? []) {
        const key = keyText(columns, columns, valuesAt(version.row, columns));
        const versions = found.get(key);
        versions?.delete(version);
        if (versions?.size === 0) found.delete(key);
      }
  }

  private index(relation: number, asked: readonly number[]): Index {
    const columns = asked.toSorted((a, b) => a - b);
    const indexes = this.indexes.get(relation) ?? new Map<string, Index>();
    this.indexes.set(relation, indexes);
    const known = indexes.get(columns.join());
    if (known !== undefined) return known;
    const made: Index = { columns, found: new Map() };
    for (const version of [...this.present.values(), ...this.ended])
      if (version.row.relation === relation) add(made, version);
    indexes.set(columns.join(), made);
    return made;
  }
}

function add({ columns, found }: Index, version: Kept): void {
  const key = keyText(columns, columns, valuesAt(version.row, columns));
  const versions = found.get(key);
  if (versions === undefined) found.set(key, new Set([version]));
  else versions.add(version);
}

function valuesAt({ values }: Row, columns: readonly number[]): Value[] {
  return columns.map((column) => values[column] ?? null);
}

/** The values of columns, given in another order, as one text. */
function keyText(
  columns: readonly number[],
  given: readonly number[],
  values: readonly Value[],
): string {
  return columns.map((column) => printValue(values[given.indexOf(column)] ?? null)).join(" ");
}
