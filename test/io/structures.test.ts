import { expect } from "chai";
import fc from "fast-check";

import type { CsvFormat } from "../../src/io/csv.ts";
import { resultFormats, writeResult, type ResultFormat } from "../../src/io/write.ts";
import { writeCsv } from "../../src/io/write-csv.ts";
import { quoted } from "../../src/value/print-value.ts";
import type { Schema, Value, ValueKind } from "../../src/value/schema.ts";
import { structured } from "../../src/value/schema.ts";
import { structureKind } from "../../src/value/structure.ts";
import { Values } from "../../src/value/values.ts";
import { runCases } from "../support/cases.ts";
import { runs } from "../value/arbitrary.ts";
import { anyValue, structures } from "../value/structure-types.ts";
import { joined, readRows, tuplesOf } from "./tools.ts";

const formats: Readonly<Record<string, CsvFormat>> = {
  tab: { delimiter: "\t", headers: false, rfc4180: false },
  comma: { delimiter: ",", headers: false, rfc4180: false },
  arrow: { delimiter: "->", headers: false, rfc4180: false },
  quoted: { delimiter: ",", headers: false, rfc4180: true },
};

describe("files with structures", () => {
  // `read FORMAT KIND…` and `write FORMAT KIND…`: the input is a file, kinds are types of the tests
  // (see `structure-types.ts`) or built in. An arrow stands for a tab.
  runCases("io/structures", {
    read: (input, [format = "", ...kinds]) => {
      const { values, rows, errors, schema } = read(input, formats[format]!, kinds);
      const texts = rows.map((row) =>
        row.map((value, at) => {
          const { kind } = schema.attributes[at]!;
          return shown(kind, values.encode(kind, value), values);
        }),
      );
      return errors.length > 0 ? errors.join("\n") : texts.map((row) => row.join(" | ")).join("\n");
    },
    write: (input, [format = "", ...kinds]) => {
      const { values, rows, schema } = read(input, formats["tab"]!, kinds);
      const tuples = tuplesOf(schema, rows, values);
      const bytes = (resultFormats as readonly string[]).includes(format)
        ? writeResult(tuples, values, format as ResultFormat, { widthMax: 80, rowsMax: 20 })
        : writeCsv(tuples, formats[format]!, values);
      return new TextDecoder().decode(joined(bytes)).trimEnd();
    },
  });

  for (const [name, format] of Object.entries(formats)) {
    for (const domain of [32, 64] as const) {
      it(`give back what was written, ${name}-separated, in the ${domain}-bit domain`, () => {
        const tame = fc.stringMatching(/^[a-z]([a-z(: .]{0,3}[a-z])?$/);
        // An arrow between columns would be one in a map.
        const kinds = [...structures.keys()].filter(
          (kind) => name !== "arrow" || kind !== structureKind("Table"),
        );
        const rows = fc.array(fc.tuple(...kinds.map((kind) => anyValue(kind, domain, tame, 3))));
        fc.assert(
          fc.property(rows, (written) => {
            const values = new Values(domain, structures);
            const schema = schemaOf(kinds);
            const tuples = tuplesOf(schema, written, values);
            const bytes = joined(writeCsv(tuples, format, values));
            const found = readRows({ bytes, path: "r", schema, format }, values);
            expect(found.errors).to.deep.equal([]);
            const words = (some: readonly (readonly Value[])[]): string[] =>
              some
                .map((row) => row.map((value, at) => values.encode(kinds[at]!, value)).join())
                .toSorted();
            expect(words(found.rows)).to.deep.equal(words(written));
          }),
          { ...runs, numRuns: 60 },
        );
      });
    }
  }
});

function read(text: string, format: CsvFormat, names: readonly string[]) {
  const values = new Values(64, structures);
  const schema = schemaOf(names.map(kindOf));
  const bytes = new TextEncoder().encode(text.replaceAll("→", "\t"));
  return { values, schema, ...readRows({ bytes, path: "facts", schema, format }, values) };
}

function schemaOf(kinds: readonly ValueKind[]): Schema {
  return {
    name: "r",
    attributes: kinds.map((kind, at) => ({ name: `c${at}`, type: kind, kind })),
  };
}

function kindOf(name: string): ValueKind {
  return name.startsWith(name[0]!.toUpperCase()) ? `record ${name}` : (name as ValueKind);
}

function shown(kind: ValueKind, word: number, values: Values): string {
  if (!structured(kind)) return values.print(kind, word);
  return values.structures.print(kind, word, (symbol) => quoted(values.symbols.text(symbol)));
}
