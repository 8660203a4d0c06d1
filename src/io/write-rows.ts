import type { Values } from "../value/values.ts";
import { ByteWriter } from "./byte-writer.ts";
import { rowOrder } from "./order.ts";
import type { Tuples } from "./tuples.ts";

/** Writes one row: word `at` of each column. `first` says that no row was written before it. */
export type RowWriter = (
  out: ByteWriter,
  columns: readonly Int32Array[],
  at: number,
  first: boolean,
) => void;

/** What stands around the rows. */
export type Frame = { readonly head?: string; readonly foot?: string };

const blockRows = 1 << 12;

/** Yields the rows of a relation, each written by `write`, in value order and in pieces of about
 * a megabyte; nothing if nothing is written. */
export function* writeRows(
  tuples: Tuples,
  values: Values,
  { head = "", foot = "" }: Frame,
  write: RowWriter,
): Generator<Uint8Array, void, undefined> {
  const out = new ByteWriter();
  out.text(head);
  const order = rowOrder(tuples, values);
  const columns = tuples.schema.attributes.map((_, at) => tuples.column(at));
  const block = columns.map(() => new Int32Array(Math.min(blockRows, order.length)));
  for (let from = 0; from < order.length; from += blockRows) {
    const rows = order.subarray(from, from + blockRows);
    // Rows that follow each other lie anywhere: they are gathered column by column, which
    // waits for memory far less than reading them one by one between writing does.
    for (const [at, words] of columns.entries()) gather(rows, words, block[at]!);
    for (let at = 0; at < rows.length;) {
      at = writeUntilFull(out, block, at, rows.length, from === 0, write);
      if (out.full) yield out.take();
    }
  }
  out.text(foot);
  const last = out.take();
  if (last.length > 0) yield last;
}

function gather(rows: Uint32Array, words: Int32Array, into: Int32Array): void {
  for (let at = 0; at < rows.length; at++) into[at] = words[rows[at]!]!;
}

// Apart from the generator, as a loop runs faster in a function that cannot be left.
function writeUntilFull(
  out: ByteWriter,
  columns: readonly Int32Array[],
  from: number,
  to: number,
  firstBlock: boolean,
  write: RowWriter,
): number {
  let at = from;
  for (; at < to && !out.full; at++) write(out, columns, at, firstBlock && at === 0);
  return at;
}
