import { EvaluationFault } from "../value/fault.ts";
import type { Schema } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import type { DataError } from "./data-error.ts";
import type { JsonForm } from "./json.ts";
import { json, JsonScanner } from "./json-scanner.ts";
import { JsonTuples } from "./json-tuples.ts";
import { RowBuffer, type Sink } from "./row-buffer.ts";

/** What is read. */
export type JsonInput = {
  /** The file as one piece, or piece by piece; it is read when all of it is there. */
  readonly bytes: Uint8Array | Iterable<Uint8Array>;
  /** What errors call the file. */
  readonly path: string;
  readonly schema: Schema;
  /** The form that every tuple has to have; either if not given. */
  readonly form?: JsonForm | undefined;
};

/** Reads a file that is an array of tuples, and hands them to `sink` in pieces, as `readCsv` does.
 *
 * A tuple or a record is the array of its values, or an object with a member for each; members that
 * it does not have are ignored. Numbers may be strings too, as JSON has no `inf`, and many programs
 * do not keep integers beyond 2^53. `nil` is null. A value of an algebraic data type is an object
 * whose only member is the branch with its fields, or, where it has none, the branch as a
 * string. */
export function readJson(input: JsonInput, values: Values, sink: Sink): readonly DataError[] {
  const { bytes, path, schema, form } = input;
  const rows = new RowBuffer(schema, sink, path);
  const scanner = new JsonScanner(bytes instanceof Uint8Array ? bytes : joined(bytes));
  try {
    readAll(scanner, rows, new JsonTuples(scanner, rows, values, form));
  } catch (error) {
    if (!(error instanceof EvaluationFault)) throw error;
    rows.fail({ ...scanner.place, code: "too-many-values", message: error.message });
  }
  if (scanner.failure !== undefined) rows.fail(scanner.failure);
  rows.flush();
  return rows.errors;
}

function readAll(scanner: JsonScanner, rows: RowBuffer, tuples: JsonTuples): void {
  if (!scanner.pass(json.openBracket)) return;
  if (!scanner.passed(json.closeBracket)) {
    do {
      if (!tuples.read() || !rows.open) return;
    } while (scanner.passed(json.comma));
    if (!scanner.pass(json.closeBracket)) return;
  }
  if (scanner.next() >= 0) scanner.fail("the end of the text is expected");
}

function joined(pieces: Iterable<Uint8Array>): Uint8Array {
  let all = new Uint8Array(1 << 16);
  let length = 0;
  for (const piece of pieces) {
    if (length + piece.length > all.length) {
      const larger = new Uint8Array(2 * (length + piece.length));
      larger.set(all.subarray(0, length));
      all = larger;
    }
    all.set(piece, length);
    length += piece.length;
  }
  return all.subarray(0, length);
}
