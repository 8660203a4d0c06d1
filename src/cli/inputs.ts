import { statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { dataErrorText, type DataError } from "../io/data-error.ts";
import type { InputOptions } from "../io/parameters.ts";
import { readCsv } from "../io/read-csv.ts";
import { readJson } from "../io/read-json.ts";
import { readSqlite } from "../io/read-sqlite.ts";
import type { Sink } from "../io/row-buffer.ts";
import type { Database } from "../engine/database.ts";
import { LimitFault } from "../engine/limit.ts";
import type { Relation } from "../engine/relation.ts";
import type { Channel } from "./channels.ts";
import type { Code } from "./codes.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { makingRoom } from "./expected-room.ts";
import type { Host } from "./host.ts";
import { withFile } from "./packed.ts";
import { preparedToRead } from "./reading-much.ts";
import { piecesOf } from "./read-ahead.ts";
import { SqliteFiles, sqliteFor, sqliteReason, type Sqlite } from "./sqlite.ts";

/** Where facts are read from. */
export type InputSettings = {
  /** The folder for what `.input` names. */
  readonly factDir: string;
  /** Whether a file that is not there stands for no facts. */
  readonly missingIsEmpty: boolean;
  /** Where it is given a second thread may read, and it is told how many rows that has read. */
  readonly onAhead?: (rows: number) => void;
  /** What to do where a file cannot be read; that a flag names the folder unless given. */
  readonly remedy?: string;
};

/** Reads all inputs into `database`; prints what is wrong with them, all of it, and returns whether
 * all is well. Where there is more than the database may hold it throws a `CommandError`. */
export async function readInputs(
  inputs: readonly Channel<InputOptions>[],
  database: Database,
  settings: InputSettings,
  host: Host,
): Promise<boolean> {
  const paths = inputs.map(({ options }) => pathOfInput(options, settings.factDir));
  preparedToRead(paths.reduce((sum, path) => sum + bytesOf(path), 0));
  const sqlite = await sqliteFor(inputs);
  const files = sqlite && new SqliteFiles(sqlite);
  try {
    const rim = { host, sqlite, files, onAhead: settings.onAhead };
    const read = inputs.map((input) => readInput(input, database, settings, rim));
    return read.every(Boolean);
  } finally {
    files?.close();
  }
}

const folderRemedy = 'name the folder with -F, or the file with filename="…"';

/** What reading needs of the outside. */
type Rim = {
  readonly host: Host;
  readonly sqlite: Sqlite | undefined;
  readonly files: SqliteFiles | undefined;
  readonly onAhead: InputSettings["onAhead"];
};

function readInput(
  { relation: at, options }: Channel<InputOptions>,
  database: Database,
  { factDir, missingIsEmpty, remedy = folderRemedy }: InputSettings,
  rim: Rim,
): boolean {
  const relation = database.relation(at);
  if (relation === undefined) return true;
  const { host } = rim;
  const path = pathOfInput(options, factDir) ?? "<stdin>";
  try {
    const errors = errorsOf(path, options, relation, database, rim);
    for (const error of errors) host.stderr.write(`${dataErrorText(error)}\n`);
    return errors.length === 0;
  } catch (error) {
    if (error instanceof LimitFault) throw tooMuch(path, relation, error);
    const { code, message } = error as NodeJS.ErrnoException;
    const refused = sqliteReason(error, rim.sqlite);
    if (code === undefined && refused === undefined) throw error;
    if (code === "ENOENT" && missingIsEmpty) return true;
    const reason = refused ?? (code === "ENOENT" ? "there is no such file" : message);
    const unreadable: Code = "unreadable-facts";
    host.stderr.write(
      `error[${unreadable}] cannot read facts of relation "${relation.schema.name}" from ` +
        `${path}: ${reason}\n  hint: ${remedy}\n`,
    );
    return false;
  }
}

function tooMuch(path: string, { schema }: Relation, { code, message }: LimitFault): CommandError {
  return new CommandError(
    exitCodes.limit,
    `error[${code}] facts of relation "${schema.name}" from ${path}: ${message}`,
    "hint: raise --max-memory, or read less",
  );
}

/** Reads what `path` holds; returns what is wrong with it. */
function errorsOf(
  path: string,
  { channel, form }: InputOptions,
  relation: Relation,
  { values, memory }: Database,
  { host, files, onAhead }: Rim,
): readonly DataError[] {
  const { schema } = relation;
  const sink: Sink = (words, count) => {
    relation.append(words, count);
    // What was outgrown is read by nobody while rows come in.
    memory.reclaim();
  };
  if (form.kind === "sqlite") {
    const database = files?.toRead(path);
    const { table } = form;
    return database === undefined
      ? []
      : readSqlite({ database, table, path, schema }, values, sink);
  }
  const readFrom = (bytes: Uint8Array | Iterable<Uint8Array>): readonly DataError[] =>
    form.kind === "csv"
      ? readCsv({ bytes, path, schema, format: form.format, columns: form.columns }, values, sink)
      : readJson({ bytes, path, schema, form: form.tuples }, values, sink);
  if (channel === "stdin") return readFrom(host.stdin());
  return withFile(path, (bytes, fileBytes, descriptor) => {
    if (bytes instanceof Uint8Array) return readFrom(bytes);
    if (onAhead !== undefined && form.kind === "csv" && descriptor !== undefined) {
      const pieces = piecesOf({ descriptor, fileBytes }, form, { relation, values, onAhead });
      if (pieces !== undefined)
        return readCsv({ bytes: pieces, path, schema, ...form }, values, sink);
    }
    return readFrom(makingRoom(bytes, fileBytes, relation, values));
  });
}

/** The file that is read; none where that is standard input. */
function pathOfInput(
  { channel, folder, filename }: InputOptions,
  factDir: string,
): string | undefined {
  return channel === "stdin" ? undefined : pathOf(folder ?? factDir, filename);
}

/** How long a file is: 0 where there is none, or nobody knows. */
function bytesOf(path: string | undefined): number {
  try {
    return path === undefined ? 0 : statSync(path).size;
  } catch {
    return 0;
  }
}

/** `filename` within `folder`, unless it is absolute. */
export function pathOf(folder: string, filename: string): string {
  return isAbsolute(filename) ? filename : join(folder, filename);
}
