// What another thread does for one that reads a long file.
import type { CsvFormat } from "../io/csv.ts";
import { readCsv } from "../io/read-csv.ts";
import { RowsWriter, type SharedRows } from "../io/rows-ahead.ts";
import type { Schema } from "../value/schema.ts";
import { Values } from "../value/values.ts";
import { chunksBetween } from "./host.ts";

/** What a thread is given that reads ahead. */
export type AheadTask = {
  readonly descriptor: number;
  /** Where it begins. */
  readonly from: number;
  readonly format: CsvFormat;
  readonly schema: Schema;
  readonly shared: SharedRows;
};

/** Reads ahead: what another thread is started for. */
export function workAhead({ descriptor, from, format, schema, shared }: AheadTask): void {
  const values = new Values(shared.domain);
  new RowsWriter(shared, values).run((put) => {
    const bytes = chunksBetween(descriptor, from);
    return readCsv({ bytes, path: "", schema, format, continued: true }, values, put).length === 0;
  });
}
