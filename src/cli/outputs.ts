import { closeSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { gzipSync } from "node:zlib";
import type { Database } from "../engine/database.ts";
import type { Relation } from "../engine/relation.ts";
import type { OutputForm, OutputOptions } from "../io/parameters.ts";
import { writeCsv, writeCsvToStdout } from "../io/write-csv.ts";
import { writeJsonFile } from "../io/write-json.ts";
import { writeSqlite } from "../io/write-sqlite.ts";
import type { Values } from "../value/values.ts";
import type { Channel } from "./channels.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { writeAll, type Host } from "./host.ts";
import { pathOf } from "./inputs.ts";
import { checkListed } from "./listed.ts";
import { SqliteFiles, sqliteFor, sqliteReason } from "./sqlite.ts";

/** Refuses outputs that cannot be written into `folder`, before anything is computed: a database
 * that goes to stdout, and two that go to one place. */
export function checkOutputs(outputs: readonly Channel<OutputOptions>[], folder: string): void {
  const places = new Map<string, Channel<OutputOptions>>();
  for (const output of outputs) {
    const { channel, form, name, filename } = output.options;
    if (channel !== "file" || (folder === "-" && form.kind !== "sqlite")) continue;
    if (folder === "-") {
      const message = `output "${name}" is a database, which cannot go to stdout`;
      throw new CommandError(exitCodes.usage, message, "name a folder with -D");
    }
    const path = pathOf(output.options.folder ?? folder, filename);
    // A database has a place for each table, whose names SQLite compares without case.
    const place = form.kind === "sqlite" ? `${path}\0${form.table.toLowerCase()}` : path;
    const before = places.get(place) ?? places.get(path);
    places.set(place, output);
    places.set(path, output);
    if (before === undefined || sameOutput(before, output)) continue;
    const apart = before.options.form.kind === "sqlite" && form.kind === "sqlite";
    if (apart && before.options.form.table.toLowerCase() !== form.table.toLowerCase()) continue;
    const message = `outputs "${before.options.name}" and "${name}" both go to ${path}`;
    throw new CommandError(exitCodes.problem, message, 'give each a filename="…" of its own');
  }
}

function sameOutput(a: Channel<OutputOptions>, b: Channel<OutputOptions>): boolean {
  return a.relation === b.relation && isDeepStrictEqual(a.options, b.options);
}

/** Writes what the directives say: files into `folder` (`-`: to stdout instead), the rest to
 * stdout. Files are written aside and renamed when all of them are complete. */
export async function writeOutputs(
  outputs: readonly Channel<OutputOptions>[],
  database: Database,
  folder: string,
  host: Host,
): Promise<void> {
  for (const { relation: at, options } of outputs) {
    const relation = database.relation(at);
    if (relation !== undefined && options.channel !== "printsize") checkListed(relation);
  }
  const sqlite = await sqliteFor(outputs);
  const databases = sqlite && new SqliteFiles(sqlite);
  const toFiles = outputs.filter(({ options }) => options.channel === "file" && folder !== "-");
  // By path, as a database holds several outputs.
  const aside = new Map<string, string>();
  try {
    for (const { relation: at, options } of toFiles) {
      const path = pathOf(options.folder ?? folder, options.filename);
      const relation = database.relation(at);
      if (relation === undefined) continue;
      mkdirSync(dirname(path), { recursive: true });
      aside.set(path, `${path}.part`);
      const { form } = options;
      if (form.kind !== "sqlite") writeFile(`${path}.part`, relation, options, database.values);
      else if (databases !== undefined)
        writeSqlite(databases.toWrite(path, `${path}.part`), form.table, relation, database.values);
    }
    databases?.close();
    for (const [path, part] of aside) renameSync(part, path);
  } catch (error) {
    databases?.close();
    for (const part of aside.values()) rmSync(part, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = sqliteReason(error, sqlite) ?? (code === undefined ? undefined : message);
    if (reason === undefined) throw error;
    throw new CommandError(exitCodes.problem, `cannot write outputs: ${reason}`);
  }
  for (const output of outputs.filter((one) => !toFiles.includes(one)))
    writeToStdout(output, database, host);
  if (aside.size > 0 && host.stderr.terminal)
    host.stderr.write(`${writtenText([...aside.keys()])}\n`);
}

/** How many of the files that were written are named. */
const filesNamedMax = 5;

function writtenText(paths: readonly string[]): string {
  const more = paths.length - filesNamedMax;
  const named = paths.slice(0, filesNamedMax).join(", ");
  return `calm: wrote ${named}${more > 0 ? ` and ${more} more` : ""}`;
}

function writeToStdout(
  { relation: at, options }: Channel<OutputOptions>,
  database: Database,
  host: Host,
): void {
  const { channel, name, form } = options;
  const relation = database.relation(at);
  if (relation === undefined) return;
  if (channel === "printsize") {
    host.stdout.write(`${name}\t${relation.size}\n`);
    return;
  }
  // What was to be a file has a line of names, as Soufflé gives it one.
  const headers = channel === "file";
  const chunks =
    form.kind === "csv"
      ? writeCsvToStdout(
          relation,
          name,
          headers ? { ...form.format, headers } : form.format,
          database.values,
        )
      : bytesOf(relation, form, database.values);
  for (const chunk of chunks) host.stdout.write(chunk);
}

function writeFile(
  path: string,
  relation: Relation,
  { form, compress }: OutputOptions,
  values: Values,
): void {
  const descriptor = openSync(path, "w");
  try {
    // Every piece is a gzip member of its own: together they are one file.
    let empty = true;
    for (const chunk of bytesOf(relation, form, values)) {
      writeAll(descriptor, compress ? gzipSync(chunk) : chunk);
      empty = false;
    }
    if (empty && compress) writeAll(descriptor, gzipSync(new Uint8Array(0)));
  } finally {
    closeSync(descriptor);
  }
}

/** Yields what the file of an output holds; nothing of a database. */
export function bytesOf(
  relation: Relation,
  form: OutputForm,
  values: Values,
): Iterable<Uint8Array> {
  switch (form.kind) {
    case "csv":
      return writeCsv(relation, form.format, values);
    case "json":
      return writeJsonFile(relation, form.tuples, values);
    case "sqlite":
      return [];
  }
}
