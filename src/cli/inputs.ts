import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { dataErrorText } from "../io/data-error.ts";
import type { InputOptions } from "../io/parameters.ts";
import { readCsv } from "../io/read-csv.ts";
import type { Database } from "../engine/database.ts";
import type { Channel } from "./channels.ts";
import { chunksOf, type Host } from "./host.ts";

/** Where facts are read from. */
export type InputSettings = {
  /** The folder for what `.input` names. */
  readonly factDir: string;
  /** Whether a file that is not there stands for no facts. */
  readonly missingIsEmpty: boolean;
};

/** The most bytes that a compressed file of facts may have when it is unpacked. */
const unpackedBytesMax = 2 ** 31;

/** Reads all inputs into `database`; prints what is wrong with them, all of it, and returns whether
 * all is well. */
export function readInputs(
  inputs: readonly Channel<InputOptions>[],
  database: Database,
  settings: InputSettings,
  host: Host,
): boolean {
  const read = inputs.map((input) => readInput(input, database, settings, host));
  return read.every(Boolean);
}

function readInput(
  { relation: at, options }: Channel<InputOptions>,
  database: Database,
  { factDir, missingIsEmpty }: InputSettings,
  host: Host,
): boolean {
  const relation = database.relation(at);
  if (relation === undefined) return true;
  const { format, columns, channel } = options;
  const path =
    channel === "stdin" ? "<stdin>" : pathOf(options.folder ?? factDir, options.filename);
  const readFrom = (bytes: Uint8Array | Iterable<Uint8Array>): boolean => {
    const { schema } = relation;
    const sink = (words: readonly Int32Array[], count: number): void =>
      void relation.append(words, count);
    const errors = readCsv({ bytes, path, schema, format, columns }, database.values, sink);
    for (const error of errors) host.stderr.write(`${dataErrorText(error)}\n`);
    return errors.length === 0;
  };
  if (channel === "stdin") return readFrom(host.stdin());
  try {
    return withFile(path, readFrom);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code === "ENOENT" && missingIsEmpty) return true;
    const reason = code === "ENOENT" ? "there is no such file" : message;
    host.stderr.write(
      `error[unreadable-facts] cannot read facts of relation "${relation.schema.name}" from ` +
        `${path}: ${reason}\n  hint: name the folder with -F, or the file with filename="…"\n`,
    );
    return false;
  }
}

/** Calls `use` with the bytes of a file, unpacked if they are gzip. */
function withFile<T>(path: string, use: (bytes: Uint8Array | Iterable<Uint8Array>) => T): T {
  const descriptor = openSync(path, "r");
  try {
    const magic = new Uint8Array(2);
    const packed =
      readSync(descriptor, magic, 0, 2, 0) === 2 && magic[0] === 31 && magic[1] === 139;
    if (packed) return use(gunzipSync(readFileSync(path), { maxOutputLength: unpackedBytesMax }));
    return use(chunksOf(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

/** `filename` within `folder`, unless it is absolute. */
export function pathOf(folder: string, filename: string): string {
  return isAbsolute(filename) ? filename : join(folder, filename);
}
