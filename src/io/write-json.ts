import { structured, type Schema, type StructureKind, type ValueKind } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { Tuples } from "./tuples.ts";
import { writeValue } from "./write-value.ts";
import { writeRows } from "./write-rows.ts";

/** Yields a relation as a JSON array with an object for each tuple, one a line. Integers are
 * written with all their digits; `inf`, `-inf` and `nan`, for which JSON has no numbers, as
 * strings. A record is an array of its fields and `nil` is null; a value of an algebraic data type
 * is an object whose only member is the branch with the array of its fields. */
export function writeJson(tuples: Tuples, values: Values): Generator<Uint8Array, void, undefined> {
  const write = objectWriter(tuples.schema, values);
  const frame = tuples.size === 0 ? { head: "[]\n" } : { head: "[\n", foot: "\n]\n" };
  return writeRows(tuples, values, frame, (out, columns, row, first) => {
    if (!first) out.text(",\n");
    write(out, columns, row);
  });
}

/** Yields a relation as JSON lines: an object for each tuple. */
export function writeJsonLines(
  tuples: Tuples,
  values: Values,
): Generator<Uint8Array, void, undefined> {
  const write = objectWriter(tuples.schema, values);
  return writeRows(tuples, values, {}, (out, columns, row) => {
    write(out, columns, row);
    out.byte(0x0a);
  });
}

function objectWriter({ attributes }: Schema, values: Values): ObjectWriter {
  const fields = attributes.map(({ name, kind }, at) => ({
    key: `${at === 0 ? "" : ","}${JSON.stringify(name)}:`,
    kind,
  }));
  return (out, columns, row) => {
    out.byte(0x7b);
    for (const [at, { key, kind }] of fields.entries()) {
      out.text(key);
      writeJsonValue(out, kind, columns[at]![row]!, values);
    }
    out.byte(0x7d);
  };
}

type ObjectWriter = (out: ByteWriter, columns: readonly Int32Array[], row: number) => void;

function writeJsonValue(out: ByteWriter, kind: ValueKind, word: Word, values: Values): void {
  if (structured(kind)) writeStructure(out, kind, word, values);
  else if (kind === "symbol") out.text(JSON.stringify(values.symbols.text(word)));
  else if (kind === "float" && !Number.isFinite(values.float(word))) {
    out.text(`"${values.print(kind, word)}"`);
  } else writeValue(out, kind, word, values);
}

/** Structures nest as deep as memory allows, so this does not recurse. */
function writeStructure(out: ByteWriter, kind: StructureKind, word: Word, values: Values): void {
  type Part = string | { readonly kind: ValueKind; readonly word: Word };
  const open: Part[] = [{ kind, word }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === "string") {
      out.text(next);
      continue;
    }
    if (!structured(next.kind)) {
      writeJsonValue(out, next.kind, next.word, values);
      continue;
    }
    const parts = values.structures.parts(next.kind, next.word);
    if (parts === undefined) {
      out.text("null");
      continue;
    }
    const { branch, fields, words } = parts;
    const inside = fields.flatMap((field, at): Part[] => {
      const part = { kind: field.kind, word: words[at]! };
      return at === 0 ? [part] : [",", part];
    });
    const name = branch && JSON.stringify(branch.name);
    open.push(name === undefined ? "]" : "]}");
    open.push(...inside.reverse());
    open.push(name === undefined ? "[" : `{${name}:[`);
  }
}
