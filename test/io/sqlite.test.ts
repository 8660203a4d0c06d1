import { expect } from "chai";
import fc from "fast-check";
import sqlite from "node-sqlite3-wasm";

import { dataErrorText } from "../../src/io/data-error.ts";
import { readSqlite } from "../../src/io/read-sqlite.ts";
import { sqlRows, type SqlDatabase } from "../../src/io/sqlite.ts";
import { writeSqlite } from "../../src/io/write-sqlite.ts";
import type { Schema, Value } from "../../src/value/schema.ts";
import { Values } from "../../src/value/values.ts";
import { runCases } from "../support/cases.ts";
import { runs } from "../value/arbitrary.ts";
import { list, structures } from "./structures.ts";
import { kept, relations, schemaOf, tuplesOf, kinds } from "./tools.ts";

/** Calls `use` with a database in memory. */
function inDatabase<T>(use: (database: SqlDatabase) => T): T {
  const database = new sqlite.Database();
  try {
    return use(database as unknown as SqlDatabase);
  } finally {
    database.close();
  }
}

function read(
  database: SqlDatabase,
  schema: Schema,
  values: Values,
): { readonly rows: Value[][]; readonly errors: string[] } {
  const rows: Value[][] = [];
  const input = { database, table: "r", path: "r.sqlite", schema };
  const errors = readSqlite(input, values, (columns, count) => {
    for (let row = 0; row < count; row++)
      rows.push(schema.attributes.map(({ kind }, at) => values.decode(kind, columns[at]![row]!)));
  });
  return { rows, errors: errors.map(dataErrorText) };
}

describe("databases", () => {
  // `read KINDS`: the input is SQL; the tuples of table r are read, or what is wrong with it.
  runCases("io/sqlite", {
    read: (input, [names = ""]) =>
      inDatabase((database) => {
        database.exec(input);
        const of = Array.from(names).flatMap((name) => kinds.filter((kind) => kind[0] === name));
        const { rows, errors } = read(database, schemaOf(...of), new Values(64));
        const text = (value: Value): string =>
          typeof value === "bigint" || typeof value === "number"
            ? `${value}`
            : JSON.stringify(value);
        return [...rows.map((row) => `(${row.map(text).join(", ")})`), ...errors].join("\n");
      }),
  });

  for (const domain of [32, 64] as const) {
    it(`hold what was written in the ${domain}-bit domain`, () =>
      inDatabase((database) => {
        const symbols = fc.string({ unit: "binary" });
        fc.assert(
          fc.property(relations(domain, symbols), ({ schema, rows }) => {
            const values = new Values(domain);
            writeSqlite(database, "r", tuplesOf(schema, rows, values), values);
            const again = read(database, schema, values);
            expect(again.errors).to.deep.equal([]);
            const expected = kept(schema, rows, values).map(String);
            expect(new Set(again.rows.map(String))).to.deep.equal(new Set(expected));
          }),
          { ...runs, numRuns: 150 },
        );
      }));
  }

  it("keep every byte of a symbol, and the text of a record", () =>
    inDatabase((database) => {
      const values = new Values(64, structures);
      const schema = schemaOf("symbol", list);
      const bytes = Uint8Array.of(0x61, 0, 0xff, 0x27);
      const word = values.symbols.internBytes(bytes, 0, bytes.length);
      const columns = [Int32Array.of(word), Int32Array.of(values.encode(list, [2n, "b,]", null]))];
      const tuples = { schema, size: 1, column: (at: number) => columns[at]! };
      writeSqlite(database, "r", tuples, values);
      const found: number[][] = [];
      const input = { database, table: "r", path: "", schema };
      readSqlite(input, values, ([a, b]) => found.push([a![0]!, b![0]!]));
      expect(found).to.deep.equal([[word, columns[1]![0]]]);
      expect(sqlRows(database, "SELECT b FROM r")).to.deep.equal([{ b: '[2, "b,]", nil]' }]);
    }));

  it("have a table with the attributes' names, in place of what had its name", () =>
    inDatabase((database) => {
      database.exec("CREATE TABLE other(x); CREATE VIEW R AS SELECT x FROM other");
      const values = new Values(64);
      const schema = schemaOf("number", "float", "symbol", "unsigned");
      const row: Value[] = [-1n, 0.5, "it's", 2n ** 64n - 1n];
      writeSqlite(database, "r", tuplesOf(schema, [row], values), values);
      expect(sqlRows(database, "SELECT *, typeof(d) AS type FROM r")).to.deep.equal([
        { a: -1, b: 0.5, c: "it's", d: "18446744073709551615", type: "text" },
      ]);
      expect(sqlRows(database, "SELECT name FROM sqlite_master ORDER BY name")).to.deep.equal([
        { name: "other" },
        { name: "r" },
      ]);
    }));

  it("tell whether a relation without columns holds", () =>
    inDatabase((database) => {
      const values = new Values(64);
      const schema = schemaOf();
      for (const size of [0, 1]) {
        writeSqlite(database, "r", { schema, size, column: () => new Int32Array(0) }, values);
        let held = 0;
        const input = { database, table: "r", path: "", schema };
        readSqlite(input, values, (_, count) => (held += count));
        expect(held).to.equal(size);
      }
    }));
});
