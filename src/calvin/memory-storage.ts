import type { Value } from "../value/schema.ts";
import { partOf } from "./columns.ts";
import type { LockKeys } from "./footprint.ts";
import { IndexedRows, sameColumns } from "./indexed-rows.ts";
import { KeyedRows } from "./keyed-rows.ts";
import type { Changes, Position, Storage, Version } from "./storage.ts";
import type { Pattern, Row } from "./transaction.ts";

/** Storage in memory. Rows with a key are in columns as long as they are asked for by it, or all of
 * them; others, and those that are asked for in other ways, have an index for each way. */
export class MemoryStorage implements Storage {
  private readonly keys: LockKeys;
  private readonly relations = new Map<number, KeyedRows | IndexedRows>();
  private horizon: Position = 0;

  /** `versions` are those of a checkpoint; rows are found again by `keys`, by all their columns
   * where there is none. */
  constructor(versions: Iterable<Version> = [], keys: LockKeys = []) {
    this.keys = keys;
    for (const { row, from, to } of versions) this.insert(row, from, to);
  }

  /** How many versions there are, present ones and past ones. */
  get size(): number {
    let size = 0;
    for (const rows of this.relations.values()) size += rows.size;
    return size;
  }

  keyed(relation: number): KeyedRows | undefined {
    const known = this.relations.get(relation);
    if (known instanceof KeyedRows) return known;
    const key = this.keys[relation] ?? [];
    if (known !== undefined || key.length === 0) return undefined;
    const made = new KeyedRows(relation, key);
    made.forget(this.horizon);
    this.relations.set(relation, made);
    return made;
  }

  tuples(pattern: Pattern, before: Position): readonly (readonly Value[])[] {
    const { relation, columns, values } = pattern;
    const rows = this.relations.get(relation);
    if (rows === undefined) return [];
    if (rows instanceof IndexedRows) return rows.tuples(columns, values, before);
    if (columns.length === 0) return rows.all(before);
    const key = keyIn(pattern, rows.key);
    if (key !== undefined) return rows.tuples(key.map(partOf), before);
    return this.moved(rows).tuples(columns, values, before);
  }

  apply(at: Position, { removed, inserted }: Changes): void {
    for (const row of removed) this.rowsOf(row).remove(row, at);
    for (const row of inserted) this.insert(row, at, Infinity);
  }

  versions(horizon: Position): Iterable<Version> {
    const all = [...this.relations.values()].map((rows) =>
      // Columns are copied at once; of others, versions are.
      rows instanceof KeyedRows ? rows.versions(horizon) : [...rows.versions(horizon)],
    );
    return joined(all);
  }

  forget(horizon: Position): void {
    this.horizon = Math.max(this.horizon, horizon);
    for (const rows of this.relations.values()) rows.forget(horizon);
  }

  private insert(row: Row, from: Position, to: Position): void {
    const rows = this.rowsOf(row);
    if (rows instanceof IndexedRows) rows.insert(row, from, to);
    else if (!rows.insert(row.values, from, to)) this.moved(rows).insert(row, from, to);
  }

  private rowsOf({ relation, values }: Row): KeyedRows | IndexedRows {
    const known = this.relations.get(relation) ?? this.keyed(relation);
    if (known !== undefined) return known;
    const made = new IndexedRows([...values.keys()]);
    this.relations.set(relation, made);
    return made;
  }

  /** Moves rows to where they can be asked for in any way. */
  private moved(rows: KeyedRows): IndexedRows {
    const made = new IndexedRows(rows.key);
    for (const { row, from, to } of rows.versions(0)) made.insert(row, from, to);
    this.relations.set(rows.relation, made);
    return made;
  }
}

/** The values of a key, where a pattern has them and no others. */
function keyIn({ columns, values }: Pattern, key: readonly number[]): readonly Value[] | undefined {
  if (sameColumns(columns, key)) return values;
  if (columns.length !== key.length) return undefined;
  const found: Value[] = [];
  for (const column of key) {
    const at = columns.indexOf(column);
    if (at < 0) return undefined;
    found.push(values[at] ?? null);
  }
  return found;
}

function* joined(all: readonly Iterable<Version>[]): Generator<Version> {
  for (const versions of all) yield* versions;
}
