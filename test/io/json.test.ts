import { expect } from "chai";
import fc from "fast-check";

import { dataErrorText } from "../../src/io/data-error.ts";
import type { JsonForm } from "../../src/io/json.ts";
import { readJson } from "../../src/io/read-json.ts";
import { writeJsonFile } from "../../src/io/write-json.ts";
import type { Schema, Value, ValueKind } from "../../src/value/schema.ts";
import { Values } from "../../src/value/values.ts";
import { runCases } from "../support/cases.ts";
import { runs } from "../value/arbitrary.ts";
import { list, numbers, structures, table, tree } from "./structures.ts";
import { joined, kept, relations, schemaOf, tuplesOf } from "./tools.ts";

const kinds: Readonly<Record<string, ValueKind>> = {
  n: "number",
  u: "unsigned",
  f: "float",
  s: "symbol",
  l: list,
  t: tree,
  e: numbers,
  m: table,
};

/** The tuples of a file, or what is wrong with it. */
function read(
  text: Uint8Array,
  schema: Schema,
  values: Values,
  form?: JsonForm,
): { readonly rows: Value[][]; readonly errors: string[] } {
  const rows: Value[][] = [];
  const pieces = [text.subarray(0, text.length >> 1), text.subarray(text.length >> 1)];
  const input = { bytes: pieces, path: "r.json", schema, form };
  const errors = readJson(input, values, (columns, count) => {
    for (let row = 0; row < count; row++)
      rows.push(schema.attributes.map(({ kind }, at) => values.decode(kind, columns[at]![row]!)));
  });
  return { rows, errors: errors.map(dataErrorText) };
}

describe("JSON files", () => {
  // `read KINDS [FORM]`: the tuples of the input as program text, or its errors.
  // `write KINDS FORM`: the input, which is read, as it is written.
  const both = (names: string): { schema: Schema; values: Values } => ({
    schema: schemaOf(...Array.from(names).flatMap((name) => kinds[name] ?? [])),
    values: new Values(64, structures),
  });
  runCases("io/json", {
    read: (input, [names = "", form]) => {
      const { schema, values } = both(names === "-" ? "" : names);
      const { rows, errors } = read(Buffer.from(input), schema, values, form as JsonForm);
      const texts = rows.map((row) =>
        row.map((value, at) => {
          const { kind } = schema.attributes[at]!;
          const text = values.print(kind, values.encode(kind, value));
          return kind === "symbol" ? JSON.stringify(text) : text;
        }),
      );
      return [...texts.map((row) => `(${row.join(", ")})`), ...errors].join("\n");
    },
    write: (input, [names = "", form]) => {
      const { schema, values } = both(names === "-" ? "" : names);
      const { rows, errors } = read(Buffer.from(input), schema, values);
      expect(errors).to.deep.equal([]);
      const written = joined(
        writeJsonFile(tuplesOf(schema, rows, values), form as JsonForm, values),
      );
      return Buffer.from(written).toString().trimEnd();
    },
  });

  for (const domain of [32, 64] as const) {
    for (const form of ["list", "object"] as const) {
      it(`hold what was written, as ${form}s in the ${domain}-bit domain`, () => {
        fc.assert(
          fc.property(relations(domain, fc.string({ unit: "grapheme" })), ({ schema, rows }) => {
            const values = new Values(domain);
            const tuples = tuplesOf(schema, rows, values);
            const bytes = joined(writeJsonFile(tuples, form, values));
            expect(() => void JSON.parse(Buffer.from(bytes).toString())).not.to.throw();
            const again = read(bytes, schema, values, form);
            expect(again.errors).to.deep.equal([]);
            const expected = kept(schema, rows, values).map(String);
            expect(new Set(again.rows.map(String))).to.deep.equal(new Set(expected));
          }),
          runs,
        );
      });
    }
  }

  for (const form of ["list", "object"] as const) {
    it(`hold the records and branches that were written, as ${form}s`, () => {
      const { lists, trees } = fc.letrec<{ lists: Value; trees: Value }>((tie) => ({
        lists: fc.option(
          fc.tuple(fc.bigInt({ min: -9n, max: 9n }), fc.string({ unit: "grapheme" }), tie("lists")),
        ),
        trees: fc.oneof(
          fc.constant({ branch: "Empty", fields: [] }),
          fc.double().map((of) => ({ branch: "Leaf", fields: [of] })),
          fc.tuple(tie("trees"), tie("trees")).map((fields) => ({ branch: "Two", fields })),
        ),
      }));
      fc.assert(
        fc.property(fc.array(fc.tuple(lists, trees), { maxLength: 9 }), (rows) => {
          const { schema, values } = both("lt");
          const tuples = tuplesOf(schema, rows, values);
          const bytes = joined(writeJsonFile(tuples, form, values));
          const words: string[] = [];
          const errors = readJson({ bytes, path: "", schema, form }, values, (columns, count) => {
            for (let row = 0; row < count; row++) words.push(columns.map((of) => of[row]).join());
          });
          expect(errors).to.deep.equal([]);
          const written = rows.map((_, row) => [0, 1].map((at) => tuples.column(at)[row]).join());
          expect(new Set(words)).to.deep.equal(new Set(written));
        }),
        runs,
      );
    });
  }

  it("are read without a call for each level of a value", () => {
    const depth = 100_000;
    const { schema, values } = both("l");
    const text = `[[${'[1,"a",'.repeat(depth)}null${"]".repeat(depth)}]]`;
    const sizes: number[] = [];
    const input = { bytes: Buffer.from(text), path: "", schema };
    expect(readJson(input, values, (_, count) => sizes.push(count))).to.deep.equal([]);
    expect(sizes).to.deep.equal([1]);
    const ignored = Buffer.from(`[{"x":${"[".repeat(depth)}${"]".repeat(depth)}}]`);
    const nullary = schemaOf();
    expect(readJson({ ...input, bytes: ignored, schema: nullary }, values, () => 0)).to.deep.equal(
      [],
    );
  });

  it("never throw, whatever bytes they are", () => {
    const byte = fc.constantFrom(...Buffer.from('[]{},:"\\u0 1-.e+nultrfasEmptyLeaf\n'));
    const some = fc.constantFrom("n", "nl", "lt", "s", "tf", "");
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 40 }), some, (bytes, names) => {
        const { schema, values } = both(names);
        const text = Uint8Array.from([...Buffer.from("[["), ...bytes]);
        let strict = true;
        try {
          JSON.parse(Buffer.from(text).toString());
        } catch {
          strict = false;
        }
        const { errors } = read(text, schema, values);
        if (!strict) expect(errors).not.to.deep.equal([]);
      }),
      { ...runs, numRuns: 5000 },
    );
  });
});
