// What reads programs, and the files of facts.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import sqlite from "node-sqlite3-wasm";

import type { Random } from "../../src/base/random.ts";
import { type DataError, dataErrorsMax } from "../../src/io/data-error.ts";
import { readCsv } from "../../src/io/read-csv.ts";
import { readJson } from "../../src/io/read-json.ts";
import { readSqlite } from "../../src/io/read-sqlite.ts";
import type { Sink } from "../../src/io/row-buffer.ts";
import type { SqlDatabase } from "../../src/io/sqlite.ts";
import { format } from "../../src/syntax/format.ts";
import { parse } from "../../src/syntax/parse.ts";
import { print } from "../../src/syntax/print.ts";
import type { Schema } from "../../src/value/schema.ts";
import { Values } from "../../src/value/values.ts";
import { schemaOf } from "../io/tools.ts";
import { programGenerator, spacedText } from "../support/generate-text.ts";
import type { FuzzTarget } from "./fuzzer.ts";

const decoder = new TextDecoder();
const generator = programGenerator();

function program(chance: Random): Uint8Array {
  return Buffer.from(spacedText(generator.tokens(chance, chance.between(1, 4), 20), chance));
}

const programWords = [
  ...["#define A(x) x", "#include", "#ifdef A\n", "#endif\n", "#define A A\n", "A(", "__LINE__"],
  ...["/*", "*/", "//", '"', "\\", "\n", "\r\n", "(", ")", "{", "}", "[", "]", ":-", "0x", "1e"],
  ...[".decl ", ".comp ", "\u00ff", "$", "count : {", "(".repeat(2_000), "-".repeat(2_000), "!"],
];

const parser: FuzzTarget = {
  name: "parser",
  promise: "never throws; what it finds lies within what it read",
  model: program,
  words: programWords,
  check(input) {
    const { tree, diagnostics } = parse(decoder.decode(input));
    for (const { span } of diagnostics) {
      expect(span.start).to.be.within(0, span.end);
      expect(span.end).to.be.at.most(span.source.text.length);
    }
    print(tree);
  },
};

const formatter: FuzzTarget = {
  name: "formatter",
  promise: "never throws; what it has laid out it leaves as it is",
  model: program,
  words: programWords,
  check(input) {
    const source = { path: "program.dl", text: decoder.decode(input) };
    const { text } = format(source);
    if (text === undefined) return;
    expect(format({ ...source, text }).text).to.equal(text);
  },
};

const schemas: readonly Schema[] = [
  schemaOf("number", "symbol"),
  schemaOf("unsigned", "float", "symbol"),
  schemaOf("symbol"),
  schemaOf(),
];

const csvModels = ["1\ta\n-2\tb\n", '1,"a,""b"""\n', "4294967295\t1.5e3\tx\n", "a\nb\n", "()\n"];
const jsonModels = ['[[1,"a"],[-2,"b"]]', '[{"a":1,"b":"x"}]', '[["3",1.5e3,"\\u00e9"]]', "[]"];
const factWords = [
  ...["\n", "\r\n", '"', '""', ",", "\t", "-", "9".repeat(400), "0x", "1e999", "\ufeff", "inf"],
  ...["\\ud800", "\\", "null", "{", "}", "[", "]", "[".repeat(3_000), '"__proto__":', "nan", "\0"],
];

/** The rows and errors of a file in all schemas. */
function outcome(read: (schema: Schema, values: Values, sink: Sink) => readonly DataError[]) {
  return schemas.map((schema) => {
    const values = new Values(64);
    const rows: unknown[] = [];
    const errors = read(schema, values, (columns, count) => {
      for (let row = 0; row < count; row++)
        rows.push(schema.attributes.map(({ kind }, at) => values.decode(kind, columns[at]![row]!)));
    });
    expect(errors.length).to.be.at.most(dataErrorsMax + 1);
    return { rows, errors };
  });
}

const csv: FuzzTarget = {
  name: "csv",
  promise: "never throws; a file means the same in whatever pieces it comes",
  model: (chance) => Buffer.from(chance.pick(csvModels)),
  words: factWords,
  check(input) {
    for (const rfc4180 of [false, true])
      for (const delimiter of ["\t", ","]) {
        const form = { delimiter, rfc4180, headers: rfc4180 };
        const of = (bytes: Uint8Array | Uint8Array[]) =>
          outcome((schema, values, sink) =>
            readCsv({ bytes, path: "r.csv", schema, format: form }, values, sink),
          );
        const cut = input.length >> 1;
        expect(of([input.subarray(0, cut), input.subarray(cut)])).to.deep.equal(of(input));
      }
  },
};

const json: FuzzTarget = {
  name: "json",
  promise: "never throws",
  model: (chance) => Buffer.from(chance.pick(jsonModels)),
  words: factWords,
  check(bytes) {
    outcome((schema, values, sink) => readJson({ bytes, path: "r.json", schema }, values, sink));
  },
};

/** A database of one table, made once. */
const database = ((): Uint8Array => {
  const folder = mkdtempSync(join(tmpdir(), "calm-fuzz-"));
  const path = join(folder, "r.sqlite");
  try {
    const opened = new sqlite.Database(path);
    opened.exec("CREATE TABLE r (a, b); INSERT INTO r VALUES (1, 'a'), (-2, x'ff'), (2.5, NULL)");
    opened.close();
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
})();

const sqliteFile: FuzzTarget = {
  name: "sqlite",
  promise: "throws nothing but what SQLite says of the file",
  model: () => database,
  check(input) {
    const folder = mkdtempSync(join(tmpdir(), "calm-fuzz-"));
    const path = join(folder, "r.sqlite");
    writeFileSync(path, input);
    const opened = new sqlite.Database(path);
    try {
      outcome((schema, values, sink) => {
        const from = opened as unknown as SqlDatabase;
        return readSqlite({ database: from, table: "r", path, schema }, values, sink);
      });
    } catch (error) {
      if (!(error instanceof sqlite.SQLite3Error)) throw error;
    } finally {
      opened.close();
      rmSync(folder, { recursive: true });
    }
  },
};

/** What reads programs, and files of facts. */
export const textTargets: readonly FuzzTarget[] = [parser, formatter, csv, json, sqliteFile];
