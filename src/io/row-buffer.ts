import type { Schema } from "../value/schema.ts";
import type { DataError } from "./data-error.ts";
import { dataErrorsMax } from "./data-error.ts";

/** Takes rows, column by column; the arrays are used again after the call. */
export type Sink = (columns: readonly Int32Array[], count: number) => void;

/** So many rows a sink is given at most. */
export const rowsPerCall = 1 << 14;

/** Rows that are read, column by column. The arrays are used again afterwards. */
export type RowsRead = { readonly columns: readonly Int32Array[]; readonly count: number };

/** Rows on their way from a reader to a sink. Whoever reads writes a row's words to `columns` at
 * `count` and calls `push`. After the first error nothing reaches the sink. */
export class RowBuffer {
  readonly schema: Schema;
  readonly columns: readonly Int32Array[];
  readonly errors: DataError[] = [];
  count = 0;
  private readonly sink: Sink;
  private readonly path: string;

  constructor(schema: Schema, sink: Sink, path: string) {
    this.schema = schema;
    this.sink = sink;
    this.path = path;
    this.columns = schema.attributes.map(() => new Int32Array(rowsPerCall));
  }

  /** Whether reading goes on: false once there are too many errors. */
  get open(): boolean {
    return this.errors.length <= dataErrorsMax;
  }

  /** Whether the next `push` hands the rows on. */
  get lastOfCall(): boolean {
    return this.count === rowsPerCall - 1;
  }

  push(): void {
    this.count++;
    if (this.count === rowsPerCall) this.flush();
  }

  flush(): void {
    if (this.count > 0 && this.errors.length === 0) this.sink(this.columns, this.count);
    this.count = 0;
  }

  /** Hands on rows that are read already, each of a line. */
  take({ columns, count }: RowsRead): void {
    this.flush();
    if (this.errors.length === 0) this.sink(columns, count);
  }

  fail(error: Omit<DataError, "path">): void {
    const { path } = this;
    if (this.errors.length < dataErrorsMax) this.errors.push({ path, ...error });
    else if (this.errors.length === dataErrorsMax) {
      const message = `more than ${dataErrorsMax} errors; the rest of the file is not read`;
      this.errors.push({ path, line: error.line, column: 1, code: "too-many-errors", message });
    }
  }
}
