import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as sqlite from "node-sqlite3-wasm";
import type { Channel } from "./channels.ts";
import { unpacked } from "./packed.ts";
import type { SqlDatabase } from "../io/sqlite.ts";

/** SQLite as a library: WebAssembly that opens files itself. */
export type Sqlite = typeof sqlite;

type OpenDatabase = InstanceType<Sqlite["Database"]>;

/** Returns the library if one of the channels needs it: loading it takes longer than most runs. */
export async function sqliteFor(
  channels: readonly Channel<{ readonly form: { readonly kind: string } }>[],
): Promise<Sqlite | undefined> {
  if (!channels.some(({ options }) => options.form.kind === "sqlite")) return undefined;
  // Its types do not say that it is one value for an ES module.
  const module = (await import("node-sqlite3-wasm")) as unknown as { readonly default: Sqlite };
  return module.default;
}

/** Databases that are open, by their paths; whoever makes this closes it. */
export class SqliteFiles {
  private readonly sqlite: Sqlite;
  private readonly databases = new Map<string, OpenDatabase>();
  private readonly folders: string[] = [];

  constructor(sqlite: Sqlite) {
    this.sqlite = sqlite;
  }

  /** A database to read, opened once. It is read from a copy: opening takes a lock beside the file,
   * which would need leave to write there, and the file may be packed. */
  toRead(path: string): SqlDatabase {
    const open = this.databases.get(path);
    if (open !== undefined) return forIo(open);
    refuseUnfinished(path);
    const folder = mkdtempSync(join(tmpdir(), "calm-"));
    this.folders.push(folder);
    const copy = join(folder, "facts.sqlite");
    const bytes = unpacked(path);
    if (bytes === undefined) copyFileSync(path, copy);
    else writeFileSync(copy, bytes);
    return forIo(this.open(path, copy));
  }

  /** A database to write, opened once, at `aside`: a copy of what is in `path`, if that exists. */
  toWrite(path: string, aside: string): SqlDatabase {
    const open = this.databases.get(path);
    if (open !== undefined) return forIo(open);
    rmSync(aside, { force: true });
    if (existsSync(path)) {
      refuseUnfinished(path);
      copyFileSync(path, aside);
    }
    const database = this.open(path, aside);
    // Nobody sees the file before it is complete.
    database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
    return forIo(database);
  }

  close(): void {
    for (const database of this.databases.values()) database.close();
    this.databases.clear();
    for (const folder of this.folders) rmSync(folder, { recursive: true, force: true });
  }

  private open(path: string, file: string): OpenDatabase {
    const database = new this.sqlite.Database(file, { fileMustExist: false });
    this.databases.set(path, database);
    // Says now whether the file is a database at all.
    database.get("SELECT count(*) FROM sqlite_master");
    return database;
  }
}

/** Somebody writes to the database, or stopped halfway: the file alone is not all of it. */
function refuseUnfinished(path: string): void {
  for (const suffix of ["-wal", "-journal"]) {
    const size = statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0;
    if (size === 0) continue;
    throw new SqliteUnfinished(`another program is writing to it: there is ${path}${suffix}`);
  }
}

/** A database is not in one piece. */
class SqliteUnfinished extends Error {
  override readonly name = "SqliteUnfinished";
}

/** Why SQLite refused something; undefined if `error` says nothing of that. */
export function sqliteReason(error: unknown, sqlite: Sqlite | undefined): string | undefined {
  if (error instanceof SqliteUnfinished) return error.message;
  return sqlite !== undefined && error instanceof sqlite.SQLite3Error ? error.message : undefined;
}

/** The library's types allow for rows that are grouped by table, which nobody asks for. */
function forIo(database: OpenDatabase): SqlDatabase {
  return database as unknown as SqlDatabase;
}
