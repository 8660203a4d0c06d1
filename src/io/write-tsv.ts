import { quoted } from "../value/print-value.ts";
import { structured } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";
import type { Tuples } from "./tuples.ts";
import { writeValue } from "./write-value.ts";
import { writeRows } from "./write-rows.ts";

const escapes: Readonly<Record<string, string>> = {
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
  "\\": "\\\\",
};

/** Yields a relation as tab-separated values: a line of names, then a line for each tuple in value
 * order. Unlike Soufflé's files it can always be read back: tabs, line ends and backslashes within
 * values are written `\t`, `\n`, `\r` and `\\`. */
export function writeTsv(tuples: Tuples, values: Values): Generator<Uint8Array, void, undefined> {
  const { attributes } = tuples.schema;
  const kinds = attributes.map(({ kind }) => kind);
  const head = `${attributes.map(({ name }) => name).join("\t")}\n`;
  return writeRows(tuples, values, { head }, (out, columns, row) => {
    for (let at = 0; at < kinds.length; at++) {
      const kind = kinds[at]!;
      const word = columns[at]![row]!;
      if (at > 0) out.byte(0x09);
      if (kind === "symbol" && values.symbols.bytesOf(word).some(escaped)) {
        out.text(escapedText(values.symbols.text(word)));
      } else if (structured(kind)) {
        const symbol = (of: Word): string => quoted(values.symbols.text(of));
        out.text(escapedText(values.structures.print(kind, word, symbol)));
      } else writeValue(out, kind, word, values);
    }
    out.byte(0x0a);
  });
}

function escapedText(text: string): string {
  return text.replace(/[\t\n\r\\]/g, (one) => escapes[one] ?? one);
}

function escaped(byte: number): boolean {
  return byte === 0x09 || byte === 0x0a || byte === 0x0d || byte === 0x5c;
}
