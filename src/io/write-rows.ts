import type { Values } from "../value/values.ts";
import { ByteWriter } from "./byte-writer.ts";
import { rowOrder } from "./order.ts";
import type { Tuples } from "./tuples.ts";

/** Writes one row; `place` counts the rows that are written, from 0. */
export type RowWriter = (out: ByteWriter, row: number, place: number) => void;

/** What stands around the rows. */
export type Frame = { readonly head?: string; readonly foot?: string };

/** Yields the rows of a relation, each written by `write`, in value order and in pieces of about
 * `pieceBytes`; nothing if nothing is written. */
export function* writeRows(
  tuples: Tuples,
  values: Values,
  { head = "", foot = "" }: Frame,
  write: RowWriter,
): Generator<Uint8Array, void, undefined> {
  const out = new ByteWriter();
  out.text(head);
  const order = rowOrder(tuples, values);
  for (let place = 0; place < order.length;) {
    place = writeUntilFull(out, order, place, write);
    if (out.full) yield out.take();
  }
  out.text(foot);
  const last = out.take();
  if (last.length > 0) yield last;
}

// Apart from the generator, as a loop runs faster in a function that cannot be left.
function writeUntilFull(
  out: ByteWriter,
  order: Uint32Array,
  from: number,
  write: RowWriter,
): number {
  let place = from;
  for (; place < order.length && !out.full; place++) write(out, order[place]!, place);
  return place;
}
