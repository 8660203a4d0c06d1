// What reading and writing need of SQLite. Whoever opens a database passes it in, so that neither
// files nor a library are needed here.

/** An open database. Statements throw `SqlError`. */
export type SqlDatabase = {
  exec(sql: string): void;
  prepare(sql: string): SqlStatement;
};

/** A statement that can be run several times, until it is finalized. */
export type SqlStatement = {
  run(values: SqlValue[]): unknown;
  /** Yields the rows, whose columns have the names that the statement gives them. */
  iterate(values: SqlValue[]): Iterable<Readonly<Record<string, SqlValue>>>;
  finalize(): void;
};

/** What a column holds. */
export type SqlValue = number | bigint | string | Uint8Array | null;

/** Returns a name as SQL writes it. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Returns the rows of a query as a list. */
export function sqlRows(
  database: SqlDatabase,
  sql: string,
  ...values: SqlValue[]
): Readonly<Record<string, SqlValue>>[] {
  const statement = database.prepare(sql);
  try {
    return [...statement.iterate(values)];
  } finally {
    statement.finalize();
  }
}
