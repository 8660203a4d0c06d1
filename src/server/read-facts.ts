// From the body of a request to facts, or to all that is wrong with it.
import { Database } from "../engine/database.ts";
import { plainCsv } from "../io/csv.ts";
import type { DataError } from "../io/data-error.ts";
import { readCsv } from "../io/read-csv.ts";
import { readJson } from "../io/read-json.ts";
import type { Sink } from "../io/row-buffer.ts";
import type { FactSchema } from "../runtime/fact-bytes.ts";
import type { Fact } from "../transducer/fact.ts";
import { tuplesIn } from "../transducer/stored.ts";
import type { Schema } from "../value/schema.ts";

/** How facts can be written in a request. */
export const factTypes = ["application/json", "text/csv", "text/tab-separated-values"] as const;

/** A body with its type; `headers`: the first line has the names of the columns. */
export type FactsBody = {
  readonly bytes: Uint8Array;
  readonly type: (typeof factTypes)[number];
  readonly headers: boolean;
};

/** Returns the facts of a relation in a body, each once, and all that is wrong with the body; then
 * there are no facts. */
export function readFacts(
  body: FactsBody,
  relation: number,
  { domain, structures, relations }: FactSchema,
): { readonly facts: readonly Fact[]; readonly errors: readonly DataError[] } {
  const schema = relations[relation] ?? { name: "", attributes: [] };
  // Values of a body that is refused are not kept: they are in tables of their own.
  const database = new Database({ domain, structures, relations: [schema] });
  const into = database.relations[0];
  const sink: Sink = (words, count) => void into?.append(words, count);
  const errors = errorsOf(body, schema, database, sink);
  if (errors.length > 0) return { facts: [], errors };
  return { facts: tuplesIn(database, 0).map((values) => ({ relation, values })), errors };
}

function errorsOf(
  { bytes, type, headers }: FactsBody,
  schema: Schema,
  { values }: Database,
  sink: Sink,
): readonly DataError[] {
  const path = "body";
  if (type === "application/json") return readJson({ bytes, path, schema }, values, sink);
  const format =
    type === "text/csv" ? { delimiter: ",", headers, rfc4180: true } : { ...plainCsv, headers };
  const places = headers ? columnsNamed(bytes, format.delimiter, schema) : undefined;
  if (places !== undefined && !Array.isArray(places)) return [places];
  return readCsv({ bytes, path, schema, format, columns: places }, values, sink);
}

/** Where each attribute is, by the names in the first line. */
function columnsNamed(
  bytes: Uint8Array,
  delimiter: string,
  { name, attributes }: Schema,
): number[] | DataError {
  const end = bytes.indexOf(0x0a);
  const line = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  const names = line
    .replace(/\r$/, "")
    .split(delimiter)
    .map((text) => text.trim().replace(/^"(.*)"$/, "$1"));
  const missing = attributes.filter((attribute) => !names.includes(attribute.name));
  if (missing.length === 0) return attributes.map((attribute) => names.indexOf(attribute.name));
  return {
    ...{ path: "body", line: 1, column: 1, code: "missing-columns" },
    message: `relation "${name}" has columns that the first line does not name: ${missing
      .map((attribute) => attribute.name)
      .join(", ")}`,
    hint: "name all of them, or send the rows alone, in order, with header=absent",
  };
}
