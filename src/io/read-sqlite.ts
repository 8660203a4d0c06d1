import { EvaluationFault } from "../value/fault.ts";
import type { Attribute, Schema } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";
import type { DataError } from "./data-error.ts";
import { FieldReader } from "./field.ts";
import type { Refusal } from "./refusal.ts";
import { RowBuffer, type Sink } from "./row-buffer.ts";
import { sqlName, sqlRows, type SqlDatabase, type SqlValue } from "./sqlite.ts";

/** What is read: a table or a view. */
export type SqliteInput = {
  readonly database: SqlDatabase;
  readonly table: string;
  /** What errors call the file. */
  readonly path: string;
  readonly schema: Schema;
};

/** Reads a table or a view and hands its rows to `sink` in pieces, as `readCsv` does.
 *
 * The first columns hold the attributes, in order, whatever they are called; those that follow are
 * ignored. A value is taken as the text that SQLite makes of it, and understood as in a CSV file;
 * floats are taken as they are. A relation without columns holds if there is a row. */
export function readSqlite(input: SqliteInput, values: Values, sink: Sink): readonly DataError[] {
  const { database, table, path, schema } = input;
  const rows = new RowBuffer(schema, sink, path);
  // Hidden columns are those that SELECT * leaves out.
  const columns = sqlRows(database, `PRAGMA table_xinfo(${sqlName(table)})`)
    .filter(({ hidden }) => hidden !== 1)
    .map(({ name }) => String(name));
  const unfit = unfitTable(columns, table, schema);
  if (unfit !== undefined) {
    rows.fail({ line: 0, column: 0, code: "unfit-table", ...unfit });
    return rows.errors;
  }
  const selected = schema.attributes.map(({ kind }, at) => {
    const name = sqlName(columns[at]!);
    return `${kind === "float" ? name : `CAST(${name} AS BLOB)`} AS c${at}`;
  });
  const from = `FROM ${sqlName(table)}${selected.length === 0 ? " LIMIT 1" : ""}`;
  const statement = database.prepare(`SELECT ${selected.join() || "1"} ${from}`);
  try {
    readRows(statement.iterate([]), table, rows, values);
  } finally {
    statement.finalize();
  }
  rows.flush();
  return rows.errors;
}

function unfitTable(
  columns: readonly string[],
  table: string,
  { name, attributes }: Schema,
): Pick<DataError, "message" | "hint"> | undefined {
  if (columns.length === 0) {
    const hint = 'is it another file? the parameter name="…" names another table';
    return { message: `there is no table or view "${table}"`, hint };
  }
  if (columns.length < attributes.length) {
    const message =
      `relation "${name}" has ${attributes.length} columns, ` +
      `table "${table}" has ${columns.length}`;
    return { message, hint: "make a view with the columns of the relation" };
  }
  const names = attributes.map((attribute) => attribute.name);
  const first = columns.slice(0, names.length);
  const misplaced = names.find((one, at) => first[at] !== one && columns.includes(one));
  if (misplaced === undefined) return undefined;
  const message = `column "${misplaced}" of table "${table}" is at another place than in "${name}"`;
  return {
    message,
    hint: `columns go by place: make a view with ${names.join(", ")} in this order`,
  };
}

function readRows(
  found: Iterable<Readonly<Record<string, SqlValue>>>,
  table: string,
  rows: RowBuffer,
  values: Values,
): void {
  const reader = new SqlFieldReader(values);
  const { attributes } = rows.schema;
  let number = 0;
  try {
    for (const row of found) {
      number++;
      let sound = true;
      for (const [at, attribute] of attributes.entries()) {
        const word = reader.word(attribute, row[`c${at}`] ?? null);
        if (word !== undefined) {
          rows.columns[at]![rows.count] = word;
          continue;
        }
        const { code, message, hint } = reader.refusal;
        const where = `table "${table}", row ${number}: ${message}`;
        rows.fail({ line: 0, column: 0, code, message: where, hint });
        sound = false;
      }
      if (sound) rows.push();
      if (!rows.open) return;
    }
  } catch (error) {
    if (!(error instanceof EvaluationFault)) throw error;
    rows.fail({ line: 0, column: 0, code: "too-many-values", message: error.message });
  }
}

/** Reads what a column holds. */
class SqlFieldReader {
  /** Why the last value had no word. */
  refusal: Refusal = noValue;
  private readonly values: Values;
  private readonly fields: FieldReader;

  constructor(values: Values) {
    this.values = values;
    this.fields = new FieldReader(values);
  }

  word(attribute: Attribute, value: SqlValue): Word | undefined {
    if (value === null) {
      this.refusal = { ...noValue, message: `column "${attribute.name}" is NULL` };
      return undefined;
    }
    if (typeof value === "number" || typeof value === "bigint")
      return this.values.ofFloat(Number(value));
    const bytes = typeof value === "string" ? encoder.encode(value) : value;
    const word = this.fields.word(attribute, bytes, 0, bytes.length);
    if (this.fields.refusal === undefined) return word;
    this.refusal = this.fields.refusal;
    return undefined;
  }
}

const encoder = new TextEncoder();
const noValue: Refusal = { code: "bad-value", message: "", hint: "make a view without such rows" };
