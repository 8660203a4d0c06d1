import type { Program } from "../../../src/analysis/program.ts";
import { channelsOf } from "../../../src/cli/channels.ts";
import type { Database } from "../../../src/engine/database.ts";
import { readCsv } from "../../../src/io/read-csv.ts";
import { readJson } from "../../../src/io/read-json.ts";
import type { Sink } from "../../../src/io/row-buffer.ts";
import type { Project, RunResult } from "../protocol.ts";

/** Reads what the inputs of a program name from the files of the project: a file that is not there
 * holds no facts. Returns what is wrong with them. */
export function readFacts(
  program: Program,
  database: Database,
  { files }: Project,
): RunResult["dataErrors"] {
  return channelsOf(program).inputs.flatMap(({ relation: at, options }) => {
    const relation = database.relation(at);
    const { filename: path, form } = options;
    const text = files[path];
    if (relation === undefined || text === undefined) return [];
    if (form.kind === "sqlite")
      return [{ file: path, line: 1, message: "SQLite databases are read by `calm run`" }];
    const bytes = new TextEncoder().encode(text);
    const { schema } = relation;
    const sink: Sink = (words, count) => void relation.append(words, count);
    const errors =
      form.kind === "csv"
        ? readCsv(
            { bytes, path, schema, format: form.format, columns: form.columns },
            database.values,
            sink,
          )
        : readJson({ bytes, path, schema, form: form.tuples }, database.values, sink);
    return errors.map(({ line, message, hint }) => ({
      ...{ file: path, line, message },
      ...(hint !== undefined && { hint }),
    }));
  });
}
