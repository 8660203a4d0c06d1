// Reading with two threads: while this one puts rows of a long file in, another one reads those
// that come after them.
import type { Relation } from "../engine/relation.ts";
import type { CsvFormat } from "../io/csv.ts";
import { plain } from "../io/read-csv.ts";
import type { RowsRead } from "../io/row-buffer.ts";
import { readableAhead, RowsReader, sharedRows } from "../io/rows-ahead.ts";
import { newline } from "../io/scanner.ts";
import type { Values } from "../value/values.ts";
import { makingRoom, sampleBytes } from "./expected-room.ts";
import { chunksBetween } from "./host.ts";
import { startThread } from "./threads.ts";
import type { AheadTask } from "./work-ahead.ts";

/** Files of fewer bytes are read by one thread: most of them would be by the time that another one
 * has started. */
const aheadBytesMin = 1 << 24;
/** Where no line ends in so many bytes one thread reads. */
const lineBytesMax = 1 << 16;

/** An open file. */
type OpenFile = { readonly descriptor: number; readonly fileBytes: number };

/** How rows are written in a file. */
type Form = { readonly format: CsvFormat; readonly columns?: readonly number[] | undefined };

/** What rows are read into, and who is told how many another thread has read. */
type Target = {
  readonly relation: Relation;
  readonly values: Values;
  readonly onAhead: (rows: number) => void;
};

/** Returns the pieces of a file of facts, some of which another thread has read, with room made for
 * the rows; undefined of a file that one thread reads as well. */
export function piecesOf(
  file: OpenFile,
  form: Form,
  target: Target,
): Iterable<Uint8Array | RowsRead> | undefined {
  const { values } = target;
  const { schema } = target.relation;
  if (file.fileBytes < aheadBytesMin || !plain(form) || !readableAhead(schema)) return undefined;
  const from = lineAfter(file.descriptor, sampleBytes);
  if (from === undefined) return undefined;
  const shared = sharedRows(schema, values.domain);
  const { descriptor } = file;
  const task: AheadTask = { descriptor, from, format: form.format, schema, shared };
  startThread({ kind: "facts", task });
  return pieces(file, from, target, new RowsReader(shared, values));
}

/** What comes before `from`, which is read while the thread starts; what the thread reads, and what
 * it leaves. */
function* pieces(
  { descriptor, fileBytes }: OpenFile,
  from: number,
  { relation, values, onAhead }: Target,
  reader: RowsReader,
): Generator<Uint8Array | RowsRead> {
  let lines = 0;
  try {
    yield* makingRoom(chunksBetween(descriptor, 0, from), fileBytes, relation, values);
    for (const rows of reader.rows()) {
      yield rows;
      lines += rows.count;
      onAhead(rows.count);
    }
  } finally {
    reader.stop();
  }
  if (reader.finished) return;
  yield* afterLines(chunksBetween(descriptor, from), lines);
}

/** Yields what comes after so many lines. */
function* afterLines(chunks: Iterable<Uint8Array>, lines: number): Generator<Uint8Array> {
  let left = lines;
  for (const chunk of chunks) {
    let at = 0;
    for (; left > 0; left--) {
      const end = chunk.indexOf(newline, at);
      if (end < 0) break;
      at = end + 1;
    }
    if (left === 0) yield chunk.subarray(at);
  }
}

/** Where the first line begins after place `from` of a file; undefined where none ends for long. */
function lineAfter(descriptor: number, from: number): number | undefined {
  let at = from;
  for (const chunk of chunksBetween(descriptor, from, from + lineBytesMax)) {
    const end = chunk.indexOf(newline);
    if (end >= 0) return at + end + 1;
    at += chunk.length;
  }
  return undefined;
}
