// The files that say what relations hold: which relation each is about, and in which form.
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { gzipSync } from "node:zlib";
import type { Program } from "../../analysis/program.ts";
import { suggest } from "../../base/suggest.ts";
import type { Database } from "../../engine/database.ts";
import type { Relation } from "../../engine/relation.ts";
import { plainCsv } from "../../io/csv.ts";
import { dataErrorText } from "../../io/data-error.ts";
import type { OutputForm, OutputOptions } from "../../io/parameters.ts";
import { readCsv } from "../../io/read-csv.ts";
import { readJson } from "../../io/read-json.ts";
import type { Sink } from "../../io/row-buffer.ts";
import type { Word } from "../../value/word.ts";
import type { Channel } from "../channels.ts";
import { bytesOf } from "../outputs.ts";
import { withFile } from "../packed.ts";
import type { MessageFailure } from "./report.ts";

/** What a file of expected tuples is about. */
export type RelationFile = {
  /** The place of the relation in the program. */
  readonly relation: number;
  readonly form: OutputForm;
  readonly compress: boolean;
};

/** Returns what the file of this name is about: what an `.output` writes under it, else `REL.csv`
 * or `REL.json` for a relation that the program need not put out. */
export function relationFile(
  file: string,
  { relations }: Program,
  outputs: readonly Channel<OutputOptions>[],
): RelationFile | MessageFailure {
  const output = filesOf(outputs).find(({ options }) => basename(options.filename) === file);
  if (output !== undefined) {
    const { form, compress } = output.options;
    return { relation: output.relation, form, compress };
  }
  const [, name = file, extension = ""] = /^(.*)\.(csv|json)$/.exec(file) ?? [];
  const at = relations.findIndex((relation) => relation.name === name);
  const declared = relations[at];
  if (extension === "") {
    const message = `"${file}" says nothing of a relation`;
    const hint = "it is REL.csv, REL.json, or what an `.output` writes";
    return { kind: "message", message, hint };
  }
  if (declared === undefined) {
    const near = suggest(
      name,
      relations.map((relation) => relation.name),
    );
    const message = `"${file}" is about relation "${name}", which there is not`;
    return { kind: "message", message, ...(near && { hint: `did you mean "${near}"?` }) };
  }
  if (declared.inlined) {
    const message = `"${file}" is about relation "${name}", which is inlined and has no tuples`;
    return { kind: "message", message, hint: `--inline-exclude ${name} keeps it` };
  }
  const form: OutputForm =
    extension === "json" ? { kind: "json", tuples: "list" } : { kind: "csv", format: plainCsv };
  return { relation: at, form, compress: false };
}

/** The outputs that are files of text, each with a name of its own. */
export function filesOf(
  outputs: readonly Channel<OutputOptions>[],
): readonly Channel<OutputOptions>[] {
  return outputs.filter(
    ({ options: { channel, form } }) => channel === "file" && form.kind !== "sqlite",
  );
}

/** Returns the tuples of a file, as words of `database`; or what is wrong with it. */
export function expectedRows(
  path: string,
  { form }: RelationFile,
  { schema }: Relation,
  { values }: Database,
): readonly (readonly Word[])[] | MessageFailure {
  const rows: Word[][] = [];
  const sink: Sink = (columns, count) => {
    for (let row = 0; row < count; row++) rows.push(columns.map((column) => column[row] ?? 0));
  };
  const errors = withFile(path, (bytes) => {
    if (form.kind === "csv")
      return readCsv({ bytes, path, schema, format: form.format }, values, sink);
    return readJson({ bytes, path, schema }, values, sink);
  });
  if (errors.length === 0) return rows;
  return { kind: "message", message: errors.map(dataErrorText).join("\n") };
}

/** Writes what a relation holds as its file of expected tuples. */
export function writeExpected(
  path: string,
  { form, compress }: RelationFile,
  relation: Relation,
  { values }: Database,
): void {
  const bytes = Buffer.concat([...bytesOf(relation, form, values)]);
  replaceFile(path, compress ? gzipSync(bytes) : bytes);
}

/** Writes a file aside and puts it in place, with the folders that it lies in. */
export function replaceFile(path: string, text: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, text);
  renameSync(`${path}.part`, path);
}
