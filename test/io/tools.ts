import fc from "fast-check";

import type { CsvInput } from "../../src/io/read-csv.ts";
import { readCsv } from "../../src/io/read-csv.ts";
import { dataErrorText } from "../../src/io/data-error.ts";
import type { Tuples } from "../../src/io/tuples.ts";
import type { Domain, PrimitiveKind, Schema, Value, ValueKind } from "../../src/value/schema.ts";
import type { Values } from "../../src/value/values.ts";
import { floats, integers } from "../value/arbitrary.ts";

/** A schema with columns a, b, c, … of the given kinds. */
export function schemaOf(...kinds: ValueKind[]): Schema {
  const name = (at: number): string => String.fromCharCode(97 + at);
  return { name: "r", attributes: kinds.map((kind, at) => ({ name: name(at), type: kind, kind })) };
}

/** Tuples of the given rows. */
export function tuplesOf(schema: Schema, rows: readonly Value[][], values: Values): Tuples {
  const columns = schema.attributes.map(({ kind }, at) =>
    Int32Array.from(rows, (row) => values.encode(kind, row[at]!)),
  );
  return { schema, size: rows.length, column: (at) => columns[at]! };
}

/** The rows that a file holds, and its errors. */
export function readRows(
  input: CsvInput,
  values: Values,
): { readonly rows: Value[][]; readonly errors: string[] } {
  const rows: Value[][] = [];
  const errors = readCsv(input, values, (columns, count) => {
    const { attributes } = input.schema;
    for (let row = 0; row < count; row++) {
      rows.push(attributes.map(({ kind }, at) => values.decode(kind, columns[at]![row]!)));
    }
  });
  return { rows, errors: errors.map(dataErrorText) };
}

/** The rows as they are kept: integers wrapped and floats rounded to the domain. */
export function kept(schema: Schema, rows: readonly Value[][], values: Values): Value[][] {
  return rows.map((row) =>
    schema.attributes.map(({ kind }, at) => values.decode(kind, values.encode(kind, row[at]!))),
  );
}

/** All pieces as one. */
export function joined(pieces: Iterable<Uint8Array>): Uint8Array {
  return new Uint8Array(Buffer.concat([...pieces]));
}

/** The kinds whose values are no structures. */
export const kinds: readonly PrimitiveKind[] = ["number", "unsigned", "float", "symbol"];

/** Schemas with rows of them, none twice. */
export function relations(
  domain: Domain,
  symbols: fc.Arbitrary<string>,
): fc.Arbitrary<{ readonly schema: Schema; readonly rows: Value[][] }> {
  const of: Record<PrimitiveKind, fc.Arbitrary<Value>> = {
    number: integers(),
    unsigned: integers(),
    float: floats(domain),
    symbol: symbols,
  };
  return fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 3 }).chain((columns) =>
    fc
      .uniqueArray(fc.tuple(...columns.map((kind) => of[kind])), {
        maxLength: 30,
        comparator: "SameValue",
        selector: (row) =>
          row.map((value) => (typeof value === "object" ? "" : String(value))).join("\0"),
      })
      .map((rows) => ({ schema: schemaOf(...columns), rows })),
  );
}
