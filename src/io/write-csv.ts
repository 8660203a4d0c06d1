import { structured } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { CsvFormat } from "./csv.ts";
import type { Tuples } from "./tuples.ts";
import { writeValue } from "./write-value.ts";
import { writeRows, type Frame } from "./write-rows.ts";

const quote = 0x22;
const encoder = new TextEncoder();

/** Yields a relation as a CSV file, in value order. Symbols are written as they are; with `rfc4180`
 * they are quoted, and a quote in them is doubled. A relation without columns that holds is a line
 * `()`. */
export function writeCsv(
  tuples: Tuples,
  format: CsvFormat,
  values: Values,
): Generator<Uint8Array, void, undefined> {
  return writeFramed(tuples, format, values, { head: header(tuples, format) });
}

/** Yields a relation as Soufflé writes it to the standard output, between rules and with its
 * name. */
export function writeCsvToStdout(
  tuples: Tuples,
  name: string,
  format: CsvFormat,
  values: Values,
): Generator<Uint8Array, void, undefined> {
  const head = `---------------\n${name}\n${header(tuples, format)}===============\n`;
  return writeFramed(tuples, format, values, { head, foot: "===============\n" });
}

function writeFramed(
  tuples: Tuples,
  { delimiter, rfc4180 }: CsvFormat,
  values: Values,
  frame: Frame,
): Generator<Uint8Array, void, undefined> {
  const { attributes } = tuples.schema;
  if (attributes.length === 0) {
    return writeRows(tuples, values, frame, (out) => out.text("()\n"));
  }
  const kinds = attributes.map(({ kind }) => kind);
  const between = encoder.encode(delimiter);
  return writeRows(tuples, values, frame, (out, columns, row) => {
    for (let at = 0; at < kinds.length; at++) {
      const kind = kinds[at]!;
      const word = columns[at]![row]!;
      if (at > 0) writeShort(out, between);
      if (rfc4180 && kind === "symbol") writeQuoted(out, values.symbols.bytesOf(word));
      else if (rfc4180 && structured(kind))
        writeQuoted(out, encoder.encode(values.print(kind, word)));
      else writeValue(out, kind, word, values);
    }
    out.byte(0x0a);
  });
}

function writeShort(out: ByteWriter, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at++) out.byte(bytes[at]!);
}

function writeQuoted(out: ByteWriter, bytes: Uint8Array): void {
  out.byte(quote);
  for (const byte of bytes) {
    if (byte === quote) out.byte(quote);
    out.byte(byte);
  }
  out.byte(quote);
}

function header({ schema }: Tuples, { headers, delimiter }: CsvFormat): string {
  return headers ? `${schema.attributes.map(({ name }) => name).join(delimiter)}\n` : "";
}
