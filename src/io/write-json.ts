import { structured, type Schema, type StructureKind, type ValueKind } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { JsonForm } from "./json.ts";
import type { Tuples } from "./tuples.ts";
import { writeValue } from "./write-value.ts";
import { writeRows } from "./write-rows.ts";

/** How a relation is written: the form of its tuples, and of the records in them. */
type Forms = { readonly tuples: JsonForm; readonly records: JsonForm };

/** Yields a relation as a JSON array with an object for each tuple, one a line. Integers are
 * written with all their digits; `inf`, `-inf` and `nan`, for which JSON has no numbers, as
 * strings. A record is an array of its fields and `nil` is null; a value of an algebraic data type
 * is an object whose only member is the branch with the array of its fields. A set is an array, a
 * map one of the arrays of a key and its value. */
export function writeJson(tuples: Tuples, values: Values): Generator<Uint8Array, void, undefined> {
  return writeArray(tuples, values, { tuples: "object", records: "list" });
}

/** Yields a relation as `writeJson` does, but with all tuples, and the records and branches in
 * them, in one form: what `readJson` reads. */
export function writeJsonFile(
  tuples: Tuples,
  form: JsonForm,
  values: Values,
): Generator<Uint8Array, void, undefined> {
  return writeArray(tuples, values, { tuples: form, records: form });
}

function writeArray(
  tuples: Tuples,
  values: Values,
  forms: Forms,
): Generator<Uint8Array, void, undefined> {
  const write = tupleWriter(tuples.schema, values, forms);
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
  const write = tupleWriter(tuples.schema, values, { tuples: "object", records: "list" });
  return writeRows(tuples, values, {}, (out, columns, row) => {
    write(out, columns, row);
    out.byte(0x0a);
  });
}

function tupleWriter({ attributes }: Schema, values: Values, forms: Forms): TupleWriter {
  const named = forms.tuples === "object";
  const fields = attributes.map(({ name, kind }, at) => ({
    before: keyText(name, at, named),
    kind,
  }));
  return (out, columns, row) => {
    out.byte(named ? 0x7b : 0x5b);
    for (const [at, { before, kind }] of fields.entries()) {
      out.text(before);
      writeJsonValue(out, kind, columns[at]![row]!, values, forms.records);
    }
    out.byte(named ? 0x7d : 0x5d);
  };
}

type TupleWriter = (out: ByteWriter, columns: readonly Int32Array[], row: number) => void;

/** What stands before a value: a comma, unless it is the first, and in an object its name. */
function keyText(name: string, at: number, named: boolean): string {
  return `${at === 0 ? "" : ","}${named ? `${JSON.stringify(name)}:` : ""}`;
}

function writeJsonValue(
  out: ByteWriter,
  kind: ValueKind,
  word: Word,
  values: Values,
  records: JsonForm,
): void {
  if (structured(kind)) writeStructure(out, kind, word, values, records);
  else if (kind === "symbol") out.text(JSON.stringify(values.symbols.text(word)));
  else if (kind === "float" && !Number.isFinite(values.float(word))) {
    out.text(`"${values.print(kind, word)}"`);
  } else writeValue(out, kind, word, values);
}

/** Structures nest as deep as memory allows, so this does not recurse. */
function writeStructure(
  out: ByteWriter,
  kind: StructureKind,
  word: Word,
  values: Values,
  records: JsonForm,
): void {
  type Part = string | { readonly kind: ValueKind; readonly word: Word };
  const named = records === "object";
  const open: Part[] = [{ kind, word }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === "string") {
      out.text(next);
      continue;
    }
    if (!structured(next.kind)) {
      writeJsonValue(out, next.kind, next.word, values, records);
      continue;
    }
    const parts = values.structures.parts(next.kind, next.word);
    if (parts === undefined) {
      out.text("null");
      continue;
    }
    const { branch, collection, fields, words } = parts;
    if (collection !== undefined) {
      const map = collection === "map";
      open.push(map && words.length > 0 ? "]]" : "]");
      for (let at = words.length - 1; at >= 0; at--) {
        open.push({ kind: fields[at]!.kind, word: words[at]! });
        if (map) open.push(at % 2 === 1 ? "," : at === 0 ? "[" : "],[");
        else if (at > 0) open.push(",");
      }
      open.push("[");
      continue;
    }
    const inside = fields.flatMap((field, at): Part[] => [
      keyText(field.name, at, named),
      { kind: field.kind, word: words[at]! },
    ]);
    const before = branch === undefined ? "" : `{${JSON.stringify(branch.name)}:`;
    const after = branch === undefined ? "" : "}";
    open.push(`${named ? "}" : "]"}${after}`);
    open.push(...inside.reverse());
    open.push(`${before}${named ? "{" : "["}`);
  }
}
