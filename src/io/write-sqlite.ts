import { quoted } from "../value/print-value.ts";
import type { ValueKind } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import { inline, type Word } from "../value/word.ts";
import { rowOrder } from "./order.ts";
import { sqlName, sqlRows, type SqlDatabase, type SqlValue } from "./sqlite.ts";
import type { Tuples } from "./tuples.ts";

/** Writes a relation as the table of that name, in value order; a table or a view that has the name
 * is replaced. The columns are the attributes: integers as INTEGER, floats as REAL, the rest as
 * TEXT, as in a CSV file, but with symbols inside of records in quotes. Unsigned integers that
 * SQLite has not, from 2^63 on, and `nan` are texts. A relation without columns becomes a table
 * with a column `holds`. */
export function writeSqlite(
  database: SqlDatabase,
  table: string,
  tuples: Tuples,
  values: Values,
): void {
  const { attributes } = tuples.schema;
  const kinds = attributes.map(({ kind }) => kind);
  const columns = attributes.map(({ name, kind }) => `${sqlName(name)} ${typeOf(kind, values)}`);
  database.exec("BEGIN");
  for (const { type } of sqlRows(database, sameName, table))
    database.exec(`DROP ${type === "view" ? "VIEW" : "TABLE"} ${sqlName(table)}`);
  database.exec(`CREATE TABLE ${sqlName(table)} (${columns.join(", ") || '"holds" INTEGER'})`);
  // A text as bytes, which need be no UTF-8 and may hold a zero.
  const places = kinds.map((kind) => (primitiveNumber(kind) ? "?" : "CAST(? AS TEXT)"));
  const statement = database.prepare(
    `INSERT INTO ${sqlName(table)} VALUES (${places.join(", ") || "1"})`,
  );
  try {
    const words = attributes.map((_, at) => tuples.column(at));
    for (const row of rowOrder(tuples, values))
      statement.run(kinds.map((kind, at) => sqlValue(kind, words[at]![row]!, values)));
  } finally {
    statement.finalize();
  }
  database.exec("COMMIT");
}

const sameName =
  "SELECT type FROM sqlite_master WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view')";

function primitiveNumber(kind: ValueKind): boolean {
  return kind === "number" || kind === "unsigned" || kind === "float";
}

function typeOf(kind: ValueKind, { domain }: Values): string {
  if (kind === "float") return "REAL";
  // A text in an INTEGER column that is too large for it would become a float.
  if (kind === "unsigned" && domain === 64) return "";
  return primitiveNumber(kind) ? "INTEGER" : "TEXT";
}

const encoder = new TextEncoder();

function sqlValue(kind: ValueKind, word: Word, values: Values): SqlValue {
  switch (kind) {
    case "symbol":
      return values.symbols.bytesOf(word);
    case "float": {
      const value = values.float(word);
      return Number.isNaN(value) ? "nan" : value;
    }
    case "number":
    case "unsigned": {
      if (inline(word) && (kind === "number" || word >= 0)) return word;
      const value = values.decode(kind, word) as bigint;
      return value >= 2n ** 63n ? String(value) : value;
    }
    default:
      // In quotes the symbols inside can be told from what is around them.
      return encoder.encode(
        values.structures.print(kind, word, (symbol) => quoted(values.symbols.text(symbol))),
      );
  }
}
