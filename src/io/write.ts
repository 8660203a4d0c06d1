import type { Values } from "../value/values.ts";
import { plainCsv } from "./csv.ts";
import { markdownText, tableText, type TableSize } from "./table.ts";
import type { Tuples } from "./tuples.ts";
import { writeCsv } from "./write-csv.ts";
import { writeJson, writeJsonLines } from "./write-json.ts";
import { writeTsv } from "./write-tsv.ts";

/** The forms in which a result can be shown: `csv` is a file as Soufflé writes it, `tsv` one with a
 * line of names and escapes. */
export const resultFormats = ["csv", "tsv", "json", "jsonl", "table", "markdown"] as const;

/** One of `resultFormats`. */
export type ResultFormat = (typeof resultFormats)[number];

/** Yields a relation in one of the forms, as bytes of UTF-8; `size` is of a table. */
export function* writeResult(
  tuples: Tuples,
  values: Values,
  format: ResultFormat,
  size: TableSize,
): Generator<Uint8Array, void, undefined> {
  switch (format) {
    case "csv":
      return yield* writeCsv(tuples, plainCsv, values);
    case "tsv":
      return yield* writeTsv(tuples, values);
    case "json":
      return yield* writeJson(tuples, values);
    case "jsonl":
      return yield* writeJsonLines(tuples, values);
    case "table":
      return yield new TextEncoder().encode(tableText(tuples, values, size));
    case "markdown":
      return yield new TextEncoder().encode(markdownText(tuples, values));
  }
}
