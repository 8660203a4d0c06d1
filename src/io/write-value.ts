import type { ValueKind } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import { inline, type Word } from "../value/word.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** Writes a value as a column of a file has it: what `values.print` says, without a text in between
 * where that can be. */
export function writeValue(out: ByteWriter, kind: ValueKind, word: Word, values: Values): void {
  if (kind === "symbol") out.symbol(values.symbols, word);
  else if (kind === "number" && inline(word)) out.integer(word);
  else if (kind === "unsigned" && inline(word) && word >= 0) out.integer(word);
  else out.text(values.print(kind, word));
}
