import type { Code as ValueCode } from "../value/codes.ts";
import type { Code } from "./codes.ts";

/** What is wrong at one place of a data file. `line` and `column` count from 1, the column in
 * bytes; they are 0 for a file that has no lines. `code` is a slug that never changes its
 * meaning. */
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
  | Exclude<Code, "bad-parameter" | "unknown-parameter" | "useless-parameter">
  | Extract<ValueCode, "too-many-values">;

/** How many errors are reported of one file; reading stops there. */
export const dataErrorsMax = 20;

/** The text of an error: `path:line:column: error[code] message`, and its remedy on a second
 * line. */
export function dataErrorText({ path, line, column, code, message, hint }: DataError): string {
  const remedy = hint === undefined ? "" : `\n  hint: ${hint}`;
  const place = line === 0 ? path : `${path}:${line}:${column}`;
  return `${place}: error[${code}] ${message}${remedy}`;
}
