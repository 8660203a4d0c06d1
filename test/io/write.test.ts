import { expect } from "chai";
import fc from "fast-check";

import type { CsvFormat } from "../../src/io/csv.ts";
import { rowOrder } from "../../src/io/order.ts";
import { resultFormats, writeResult, type ResultFormat } from "../../src/io/write.ts";
import { writeCsv, writeCsvToStdout } from "../../src/io/write-csv.ts";
import type { Domain, Schema, Value } from "../../src/value/schema.ts";
import { Values } from "../../src/value/values.ts";
import { runCases } from "../support/cases.ts";
import { runs } from "../value/arbitrary.ts";
import { joined, kinds, readRows, relations, schemaOf, tuplesOf } from "./tools.ts";

describe("relations", () => {
  // `write FORMAT DOMAIN KINDS [WIDTH ROWS]`: the input has a row of JSON on each line.
  runCases("io/write", {
    write: (input, [format = "", domain = "", names = "", width = "80", rows = "100"]) => {
      const values = new Values(Number(domain) as Domain);
      const schema = named(names);
      const tuples = tuplesOf(schema, rowsOf(input, schema), values);
      const size = { widthMax: Number(width), rowsMax: Number(rows) };
      return text(writeResult(tuples, values, format as ResultFormat, size));
    },
    csv: (input, [names = "", ...parameters]) => {
      const values = new Values(64);
      const schema = named(names);
      const tuples = tuplesOf(schema, rowsOf(input, schema), values);
      const rfc4180 = parameters.includes("rfc4180");
      const headers = parameters.includes("headers");
      const format = { delimiter: rfc4180 ? "," : "\t", headers, rfc4180 };
      if (!parameters.includes("stdout")) return text(writeCsv(tuples, format, values));
      return text(writeCsvToStdout(tuples, schema.name, format, values));
    },
  });

  for (const domain of [32, 64] as const) {
    it(`are written in value order in the ${domain}-bit domain`, () => {
      fc.assert(
        fc.property(relations(domain, fc.string({ unit: "binary" })), ({ schema, rows }) => {
          const values = new Values(domain);
          const tuples = tuplesOf(schema, rows, values);
          const order = [...rowOrder(tuples, values)];
          expect(order.toSorted((a, b) => a - b)).to.deep.equal([...rows.keys()]);
          for (let at = 1; at < order.length; at++) {
            const differences = schema.attributes.map(({ kind }, column) => {
              const words = tuples.column(column);
              return values.compare(kind, words[order[at - 1]!]!, words[order[at]!]!);
            });
            expect(differences.find((one) => one !== 0) ?? 0).to.be.at.most(0);
          }
        }),
        runs,
      );
    });

    const anything = fc.string({ unit: "binary" });
    const tame = fc.stringMatching(/^[^\t\r\n:,[\]\ufeff]*$/);
    const forms: [string, CsvFormat, fc.Arbitrary<string>][] = [
      ["plain files", { delimiter: "\t", headers: false, rfc4180: false }, tame],
      ["files with commas", { delimiter: ",", headers: true, rfc4180: false }, tame],
      ["files with long delimiters", { delimiter: "::", headers: true, rfc4180: false }, tame],
      ["quoted files", { delimiter: ",", headers: false, rfc4180: true }, anything],
      ["quoted files with names", { delimiter: "\t", headers: true, rfc4180: true }, anything],
    ];
    for (const [name, format, symbols] of forms) {
      it(`come back from ${name} in the ${domain}-bit domain`, () => {
        fc.assert(
          fc.property(relations(domain, symbols), ({ schema, rows }) => {
            const values = new Values(domain);
            const tuples = tuplesOf(schema, rows, values);
            const bytes = joined(writeCsv(tuples, format, values));
            const back = readRows({ bytes, path: "r", schema, format }, values);
            expect(back.errors).to.deep.equal([]);
            const expected = [...rowOrder(tuples, values)].map((row) =>
              schema.attributes.map(({ kind }, at) => values.decode(kind, tuples.column(at)[row]!)),
            );
            expect(back.rows).to.deep.equal(expected);
          }),
          runs,
        );
      });
    }
  }

  it("come back from JSON and JSON lines", () => {
    const symbols = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(fc.uniqueArray(symbols, { minLength: 1 }), (texts) => {
        const values = new Values(64);
        const rows = texts.map((one, at) => [one, at / 4]);
        const tuples = tuplesOf(schemaOf("symbol", "float"), rows, values);
        const write = (format: ResultFormat): string =>
          text(writeResult(tuples, values, format, { widthMax: 80, rowsMax: 1 }));
        const lines = write("jsonl").trimEnd().split("\n");
        expect(lines.map((line) => JSON.parse(line) as unknown)).to.deep.equal(
          JSON.parse(write("json")),
        );
        const wellFormed = texts.map((one) => Buffer.from(one).toString());
        expect(
          new Set((JSON.parse(write("json")) as { a: string }[]).map(({ a }) => a)),
        ).to.deep.equal(new Set(wellFormed));
      }),
      runs,
    );
  });

  it("come in pieces of about a megabyte, all rows in them", () => {
    const values = new Values(64);
    const count = 300_000;
    const words = Int32Array.from({ length: count }, (_, at) => (at * 7919) % count);
    const tuples = { schema: schemaOf("number"), size: count, column: () => words };
    const format = { delimiter: "\t", headers: false, rfc4180: false };
    const pieces = [...writeCsv(tuples, format, values)];
    expect(pieces.length).to.equal(2);
    expect(Buffer.concat(pieces).toString()).to.equal(
      Array.from({ length: count }, (_, at) => `${at}\n`).join(""),
    );
  });

  it("without tuples have every form, none of them broken", () => {
    const values = new Values(64);
    const tuples = tuplesOf(schemaOf("number"), [], values);
    const size = { widthMax: 80, rowsMax: 10 };
    const texts = resultFormats.map((format) => text(writeResult(tuples, values, format, size)));
    const markdown = "| a |\n| ---: |\n";
    expect(texts).to.deep.equal(["", "a\n", "[]\n", "", "r: 0 tuples\n", markdown]);
  });
});

function text(pieces: Iterable<Uint8Array>): string {
  return Buffer.from(joined(pieces)).toString();
}

function named(names: string): Schema {
  const found = Array.from(names, (name) => kinds.filter((kind) => kind.startsWith(name)));
  return schemaOf(...found.flat());
}

function rowsOf(input: string, { attributes }: Schema): Value[][] {
  const lines = input.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const row = JSON.parse(line) as (number | string)[];
    return row.map((value, at) => {
      const { kind } = attributes[at]!;
      if (kind === "symbol") return String(value);
      return kind === "float" ? Number(value) : BigInt(value);
    });
  });
}
