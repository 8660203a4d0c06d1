/** What is wrong at one place of a data file. `line` and `column` count from 1, the column in
 * bytes. `code` is a slug that never changes its meaning. */
export type DataError = {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly code: DataErrorCode;
  readonly message: string;
  readonly hint?: string;
};

/** The kinds of mistakes in data files. */
export type DataErrorCode =
  | "bad-value"
  | "out-of-range"
  | "missing-columns"
  | "unbalanced-quote"
  | "unbalanced-bracket"
  | "record-too-long"
  | "too-many-values"
  | "too-many-errors";

/** How many errors are reported of one file; reading stops there. */
export const dataErrorsMax = 20;

/** The text of an error: `path:line:column: error[code] message`, and its remedy on a second
 * line. */
export function dataErrorText({ path, line, column, code, message, hint }: DataError): string {
  const remedy = hint === undefined ? "" : `\n  hint: ${hint}`;
  return `${path}:${line}:${column}: error[${code}] ${message}${remedy}`;
}
