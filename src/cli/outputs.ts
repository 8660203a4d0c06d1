import { closeSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import type { Database } from "../engine/database.ts";
import type { OutputOptions } from "../io/parameters.ts";
import { writeCsv, writeCsvToStdout } from "../io/write-csv.ts";
import type { Channel } from "./channels.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { writeAll, type Host } from "./host.ts";
import { pathOf } from "./inputs.ts";

/** Writes what the directives say: files into `folder` (`-`: to stdout instead), the rest to
 * stdout. Files are written aside and renamed when all of them are complete. */
export function writeOutputs(
  outputs: readonly Channel<OutputOptions>[],
  database: Database,
  folder: string,
  host: Host,
): void {
  const written: { readonly aside: string; readonly path: string }[] = [];
  try {
    for (const { relation, options } of outputs) {
      if (options.channel !== "file" || folder === "-")
        writeToStdout(relation, options, database, host);
      else written.push(writeAside(relation, options, database, folder));
    }
    for (const { aside, path } of written) renameSync(aside, path);
  } catch (error) {
    for (const { aside } of written) rmSync(aside, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || code === "EPIPE") throw error;
    throw new CommandError(exitCodes.problem, `cannot write outputs: ${message}`);
  }
}

function writeToStdout(
  at: number,
  { channel, name, format }: OutputOptions,
  database: Database,
  host: Host,
): void {
  const relation = database.relation(at);
  if (relation === undefined) return;
  if (channel === "printsize") {
    host.stdout.write(`${name}\t${relation.size}\n`);
    return;
  }
  for (const chunk of writeCsvToStdout(relation, name, format, database.values))
    host.stdout.write(chunk);
}

function writeAside(
  at: number,
  options: OutputOptions,
  database: Database,
  folder: string,
): { readonly aside: string; readonly path: string } {
  const path = pathOf(options.folder ?? folder, options.filename);
  const aside = `${path}.part`;
  mkdirSync(dirname(path), { recursive: true });
  const descriptor = openSync(aside, "w");
  try {
    const relation = database.relation(at);
    const chunks =
      relation === undefined ? [] : writeCsv(relation, options.format, database.values);
    // Every piece is a gzip member of its own: together they are one file.
    let empty = true;
    for (const chunk of chunks) {
      writeAll(descriptor, options.compress ? gzipSync(chunk) : chunk);
      empty = false;
    }
    if (empty && options.compress) writeAll(descriptor, gzipSync(new Uint8Array(0)));
    return { aside, path };
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}
