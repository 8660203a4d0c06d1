// Rows on disk, with their past, in LMDB: a memory-mapped B+ tree whose readers see one moment and
// stop nobody. What was carried out up to which place is written in the same transaction as the
// rows, so after a crash both are there or neither.
//
//     rows   relation | columns of the key | hash of the row | from   →   to | values
//     ended  to | key of `rows`
//     meta   "applied" → the place that all is carried out before | a note of the caller
//            "whole" → nothing: there is nothing of that place or later
//            "format" → the number of the format in digits; without it, it is format 1
//
// A column that is long stands in keys by its hash; patterns are compared with the values.
import { createHash } from "node:crypto";

import { type Database, open, type RootDatabase, type Transaction } from "lmdb";

import { assert } from "../../base/assert.ts";
import type { Changes, Position, Storage, Version } from "../../calvin/storage.ts";
import type { Pattern, Row } from "../../calvin/transaction.ts";
import { printValue } from "../../value/print-value.ts";
import type { Value } from "../../value/schema.ts";
import { ByteSink, ByteSource } from "../bytes.ts";
import { otherFormat } from "../format.ts";
import { OrderedLogError } from "../ordered-log-error.ts";
import { readValues, writeValue, writeValues } from "../value-bytes.ts";

/** What storage on disk is opened with. */
export type LmdbStorageOptions = {
  /** For each relation the columns that patterns name first: its key. Rows are found by a prefix of
   * them; other patterns look at all rows of the relation. */
  readonly keys: readonly (readonly number[])[];
  /** How many bytes the data can grow to; it takes addresses, not memory. */
  readonly mapBytes?: number;
};

/** How far the rows are carried out. */
export type Applied = {
  /** All places before this one are. */
  readonly before: Position;
  /** What the caller has to know besides: of requests and batches. */
  readonly note: Uint8Array;
};

const format = 1;
const mapBytes = 2 ** 36;
/** A column that takes more bytes stands in a key by its hash: a key has at most 1978 bytes. */
const columnBytesMax = 48;
/** Columns that are in keys. */
const keyColumnsMax = 16;
const present = Infinity;
const wholeKey = Buffer.from("whole");
const formatKey = Buffer.from("format");
const relationBytesCount = 4;
/** Rows that are read at a time where a pattern fits many. */
const pageRows = 256;

type Bytes = Uint8Array;
type Entry = Version & { readonly key: Bytes };

/** Rows of one partition in a folder. */
export class LmdbStorage implements Storage {
  private readonly options: LmdbStorageOptions;
  private readonly root: RootDatabase<Bytes, Bytes>;
  private readonly kept: Database<Bytes, Bytes>;
  private readonly ended: Database<Bytes, Bytes>;
  private readonly meta: Database<Bytes, Bytes>;
  /** Whether nothing is there that would have to be taken back: if not, a folder is looked through
   * when it is opened. */
  private whole: boolean;
  /** The last place with changes. */
  private latest: Position = 0;
  /** Fetches that are under way: what they read stays open until they end. */
  private readonly fetching = new Set<Promise<void>>();

  /** Throws an `OrderedLogError`, `unknown-format`, where another version wrote the folder. */
  constructor(folder: string, options: LmdbStorageOptions) {
    this.options = options;
    const binary = { encoding: "binary", keyEncoding: "binary" } as const;
    const mapSize = options.mapBytes ?? mapBytes;
    // Rows that are asked for are anywhere: what the system reads besides takes the memory of
    // others. (`lmdb` has this option of LMDB's, and does not declare it.)
    const scattered = { noReadAhead: true };
    this.root = open({ path: folder, mapSize, ...binary, ...scattered });
    this.kept = this.root.openDB({ name: "rows", ...binary });
    this.ended = this.root.openDB({ name: "ended", ...binary });
    this.meta = this.root.openDB({ name: "meta", ...binary });
    this.checkFormat(folder);
    this.whole = this.meta.get(wholeKey) !== undefined;
    if (!this.whole) this.takeBack(this.applied?.before ?? 0);
  }

  /** How far the rows are carried out; undefined where nothing is. */
  get applied(): Applied | undefined {
    const bytes = this.meta.get(Buffer.from("applied"));
    if (bytes === undefined) return undefined;
    return { before: placeAt(bytes, 0), note: Uint8Array.from(bytes.subarray(8)) };
  }

  /** How many versions of rows there are. */
  get size(): number {
    return (this.kept.getStats() as { readonly entryCount: number }).entryCount;
  }

  /** Writes what `work` changes, and how far that is, at once: after a crash there is all of it
   * or nothing. `work` returns undefined where no further epoch was completed; what it changed
   * is taken back when the folder is opened before one is. */
  write(work: () => Applied | undefined): void {
    this.root.transactionSync(() => {
      const applied = work();
      if (applied === undefined) return;
      const bytes = Buffer.concat([placeBytes(applied.before), applied.note]);
      this.meta.putSync(Buffer.from("applied"), bytes);
      if (this.latest >= applied.before) return;
      this.meta.putSync(wholeKey, Buffer.alloc(0));
      this.whole = true;
    });
  }

  /** Returns when the disk has all that was written. */
  async flush(): Promise<void> {
    await this.root.flushed;
  }

  async close(): Promise<void> {
    await Promise.all(this.fetching);
    await this.root.close();
  }

  /** Has the pages read, off this thread, on which rows are that fit patterns, as far as these name
   * columns of keys. A value that takes pages of its own, of more than 2 KB or so, is not on them.
   * What is found, and when this returns, changes nothing. */
  async prefetch(patterns: readonly Pattern[]): Promise<void> {
    const keys = new Map<string, Bytes>();
    for (const pattern of patterns) {
      const prefix = this.prefixOf(pattern);
      if (prefix.length === relationBytesCount) continue;
      // Rows that follow each other may be on two pages.
      for (const key of [prefix, following(prefix)])
        if (key !== undefined) keys.set(Buffer.from(key).toString("latin1"), key);
    }
    if (keys.size === 0) return;
    const fetched = this.kept.prefetch([...keys.values()]);
    this.fetching.add(fetched);
    try {
      await fetched;
    } finally {
      this.fetching.delete(fetched);
    }
  }

  *tuples(pattern: Pattern, before: Position): Generator<readonly Value[]> {
    for (const { row, from, to } of this.entriesInPages(this.prefixOf(pattern)))
      if (from < before && before <= to && fits(row, pattern)) yield row.values;
  }

  apply(at: Position, { removed, inserted }: Changes): void {
    this.latest = Math.max(this.latest, at);
    this.root.transactionSync(() => {
      if (this.whole) this.meta.removeSync(wholeKey);
      this.whole = false;
      for (const row of removed) {
        const entry = this.presentOf(row);
        assert(entry !== undefined && entry.from < at, "what is removed was there");
        this.put(entry.key, row, at);
        this.ended.putSync(Buffer.concat([placeBytes(at), entry.key]), Buffer.alloc(0));
      }
      for (const row of inserted) {
        const entry = this.presentOf(row);
        if (entry !== undefined && entry.from <= at) continue;
        if (entry !== undefined) this.kept.removeSync(entry.key);
        this.put(this.keyOf(row, at), row, present);
      }
    });
  }

  /** They are read as they are asked for, from a moment that LMDB keeps until they are gone
   * through, or their iterator is closed. */
  versions(horizon: Position): Iterable<Version> {
    return this.versionsAt(this.root.useReadTransaction(), horizon);
  }

  private *versionsAt(transaction: Transaction, horizon: Position): Generator<Version> {
    try {
      for (const { key, value } of this.kept.getRange({ transaction })) {
        const { row, from, to } = entryOf(key, value);
        if (to >= horizon) yield { row, from, to };
      }
    } finally {
      transaction.done();
    }
  }

  forget(horizon: Position): void {
    this.root.transactionSync(() => {
      const over = [...this.ended.getKeys({ end: placeBytes(horizon) })].map((key) => copy(key));
      for (const key of over) {
        this.kept.removeSync(key.subarray(8));
        this.ended.removeSync(key);
      }
    });
  }

  /** Forgets what was done at a place and after it: it is done again. */
  private takeBack(place: Position): void {
    this.root.transactionSync(() => {
      const late = [...this.ended.getKeys({ start: placeBytes(place) })].map((key) => copy(key));
      for (const key of late) {
        const [entry] = [...this.entries(key.subarray(8))];
        if (entry !== undefined) this.put(entry.key, entry.row, present);
        this.ended.removeSync(key);
      }
      const made: Bytes[] = [];
      for (const key of this.kept.getKeys({})) if (fromOf(key) >= place) made.push(copy(key));
      for (const key of made) this.kept.removeSync(key);
    });
  }

  private put(key: Bytes, { values }: Row, to: Position): void {
    const sink = new ByteSink();
    writeValues(values, sink);
    this.kept.putSync(key, Buffer.concat([placeBytes(to), sink.finish()]));
  }

  private presentOf(row: Row): Entry | undefined {
    return this.entries(this.rowKey(row)).find(({ to }) => to === present);
  }

  private checkFormat(folder: string): void {
    const said = this.meta.get(formatKey);
    if (said === undefined) this.meta.putSync(formatKey, Buffer.from(String(format)));
    const found = said === undefined ? format : Number(Buffer.from(said).toString());
    if (found === format) return;
    void this.root.close();
    throw new OrderedLogError("unknown-format", otherFormat(folder, found, format));
  }

  /** The versions whose keys begin so. Nothing is left open, so rows may change while they are
   * looked at. */
  private entries(prefix: Bytes): Entry[] {
    return [...this.entriesInPages(prefix)];
  }

  /** The same, so many at a time: rows that change meanwhile are seen as they were or as they are,
   * and those that did not are seen once. */
  private *entriesInPages(prefix: Bytes): Generator<Entry> {
    const end = following(prefix) ?? Buffer.concat([prefix, Buffer.alloc(1, 0xff)]);
    for (let start = prefix; ;) {
      const page = [...this.kept.getRange({ start, end, limit: pageRows })].map((found) =>
        entryOf(found.key, found.value),
      );
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < pageRows) return;
      // The least bytes after that key.
      start = Buffer.concat([last.key, Buffer.alloc(1)]);
    }
  }

  private keyOf(row: Row, from: Position): Bytes {
    return Buffer.concat([this.rowKey(row), placeBytes(from)]);
  }

  private rowKey({ relation, values }: Row): Bytes {
    const sink = new ByteSink();
    writeValues(values, sink);
    const columns = this.orderOf(relation, values.length).map((column) => values[column] ?? null);
    const hash = createHash("sha256").update(sink.finish()).digest();
    return Buffer.concat([relationBytes(relation), ...columns.map(columnBytes), hash]);
  }

  /** The bytes that the keys of all rows that fit a pattern begin with. */
  private prefixOf({ relation, columns, values }: Pattern): Bytes {
    const parts = [relationBytes(relation)];
    for (const column of this.options.keys[relation] ?? []) {
      const at = columns.indexOf(column);
      if (at < 0 || parts.length > keyColumnsMax) break;
      parts.push(columnBytes(values[at] ?? null));
    }
    return Buffer.concat(parts);
  }

  private orderOf(relation: number, arity: number): number[] {
    const key = this.options.keys[relation] ?? [];
    return key.filter((column) => column < arity).slice(0, keyColumnsMax);
  }
}

function entryOf(key: Bytes, value: Bytes): Entry {
  const own = copy(key);
  const relation = Buffer.from(own).readUInt32BE(0);
  const values = readValues(new ByteSource(value.subarray(8)));
  return { key: own, row: { relation, values }, from: fromOf(own), to: placeAt(value, 0) };
}

function fits({ values }: Row, pattern: Pattern): boolean {
  return pattern.columns.every((column, at) => {
    const [one, other] = [values[column] ?? null, pattern.values[at] ?? null];
    return one === other || printValue(one) === printValue(other);
  });
}

/** The bytes of a value in a key: none begins with those of another one. */
function columnBytes(value: Value): Bytes {
  const sink = new ByteSink();
  writeValue(value, sink);
  const bytes = sink.finish();
  if (bytes.length <= columnBytesMax) return bytes;
  // No kind of value has this number.
  return Buffer.concat([Buffer.of(0xff), createHash("sha256").update(bytes).digest()]);
}

function relationBytes(relation: number): Bytes {
  const bytes = Buffer.alloc(relationBytesCount);
  bytes.writeUInt32BE(relation);
  return bytes;
}

/** A place as bytes in the order of places: that of floats that are not negative. */
function placeBytes(place: Position): Bytes {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(place);
  return bytes;
}

/** The place that a key of `rows` ends with. */
function fromOf(key: Bytes): Position {
  return placeAt(key, key.length - 8);
}

function placeAt(bytes: Bytes, at: number): Position {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getFloat64(at);
}

/** The least bytes that follow all that begin so; undefined where nothing does. */
function following(prefix: Bytes): Bytes | undefined {
  const next = copy(prefix);
  for (let at = next.length - 1; at >= 0; at--) {
    const byte = next[at] ?? 0;
    if (byte === 0xff) continue;
    next[at] = byte + 1;
    return next.subarray(0, at + 1);
  }
  return undefined;
}

/** LMDB's bytes change once a transaction ends. */
function copy(bytes: Bytes): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes);
}
