import { expect } from "chai";
import fc from "fast-check";

import { plainCsv } from "../../src/io/csv.ts";
import { dataErrorsMax } from "../../src/io/data-error.ts";
import { inputOptions } from "../../src/io/parameters.ts";
import type { CsvInput } from "../../src/io/read-csv.ts";
import { recordBytesMax } from "../../src/io/scanner.ts";
import type { Domain, ValueKind } from "../../src/value/schema.ts";
import { Values } from "../../src/value/values.ts";
import { runCases } from "../support/cases.ts";
import { integers, runs } from "../value/arbitrary.ts";
import { readRows, schemaOf } from "./tools.ts";

const span = { source: { path: "", text: "" }, start: 0, end: 0 };

describe("fact files", () => {
  // `read DOMAIN KINDS PARAMETERS`: the input is the file, with escapes, and ends with a newline
  // unless `unended` is among the parameters. Every case is read in all pieces.
  runCases("io/read", {
    read: (input, [domain = "", kinds = "", ...parameters]) => {
      const text = unescaped(input) + (parameters.includes("unended") ? "" : "\n");
      const file = fileOf(Buffer.from(text, "latin1"), kinds, parameters);
      const outcome = show(file, Number(domain) as Domain);
      for (let cut = 0; cut <= file.bytes.length; cut++) {
        const pieces = [file.bytes.subarray(0, cut), file.bytes.subarray(cut)];
        const again = show({ ...file, bytes: pieces }, Number(domain) as Domain);
        expect(again, `cut at ${cut}`).to.equal(outcome);
      }
      return outcome;
    },
  });

  it("mean the same however they are cut", () => {
    const byte = fc.constantFrom(...Buffer.from('01-.,"\t\n\r[]aé'));
    const kinds = fc.constantFrom("n", "nn", "sn", "ns", "uf", "ss", "");
    const parameters = fc.constantFrom(
      [],
      ["delimiter=,"],
      ["rfc4180=true"],
      ["headers=true"],
      ["delimiter=,-"],
    );
    const cuts = fc.array(fc.nat({ max: 60 }));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 60 }), kinds, parameters, cuts, (bytes, ...rest) => {
        const [kinds, parameters, cuts] = rest;
        const file = fileOf(Uint8Array.from(bytes), kinds, parameters);
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = places.map((from, at) => file.bytes.subarray(from, places[at + 1] ?? from));
        expect(show({ ...file, bytes: pieces }, 64)).to.equal(show(file, 64));
      }),
      { ...runs, numRuns: 3000 },
    );
  });

  it("are not kept: a piece may be overwritten when the next one is asked for", () => {
    const piece = new Uint8Array(3);
    function* pieces(): Generator<Uint8Array> {
      for (const text of ["1\t2", "\n3\t", "4\n5", "\t6\n"]) {
        piece.set(Buffer.from(text));
        yield piece;
      }
    }
    const file = { ...fileOf(new Uint8Array(0), "nn", []), bytes: pieces() };
    expect(show(file, 64)).to.equal("(1, 2)\n(3, 4)\n(5, 6)");
  });

  it("give no rows after an error, and no more errors than the limit", () => {
    const file = fileOf(Buffer.from(`1\n${"x\n".repeat(100)}`), "n", []);
    const { rows, errors } = readRows(file, new Values(64));
    expect(rows).to.deep.equal([]);
    expect(errors.length).to.equal(dataErrorsMax + 1);
    expect(errors.at(-1)).to.equal(
      "r.facts:22:1: error[too-many-errors] more than 20 errors; the rest of the file is not read",
    );
  });

  it("may have more rows than are handed on at once", () => {
    const count = 50_000;
    const text = Array.from({ length: count }, (_, at) => `${at}\ts${at % 7}\n`).join("");
    const { rows, errors } = readRows(fileOf(Buffer.from(text), "ns", []), new Values(64));
    expect(errors).to.deep.equal([]);
    expect(rows.length).to.equal(count);
    expect(rows.at(-1)).to.deep.equal([BigInt(count - 1), `s${(count - 1) % 7}`]);
  });

  it("number their symbols row by row, whatever the rows and columns that are read together", () => {
    const names = Array.from({ length: 40_000 }, (_, at) => [`a${at % 777}`, `b${at >> 3}`, "c"]);
    const bytes = Buffer.from(names.map((row) => `${row.join("\t")}\n`).join(""));
    for (const pieceBytes of [bytes.length, 65_536, 1_000]) {
      const values = new Values(64);
      const count = Math.ceil(bytes.length / pieceBytes);
      const pieces = Array.from({ length: count }, (_, at) =>
        bytes.subarray(at * pieceBytes, (at + 1) * pieceBytes),
      );
      const { rows } = readRows({ ...fileOf(bytes, "sss", []), bytes: pieces }, values);
      expect(rows.length).to.equal(names.length);
      const same = rows.every((row, at) => row.every((cell, of) => cell === names[at]![of]));
      expect(same).to.equal(true);
      const first = Array.from(new Set(names.flat()), (name) => values.symbols.intern(name));
      expect(first).to.deep.equal([...first.keys()]);
    }
  });

  it("may not have a record above the limit, in one piece or in many", () => {
    const bytes = new Uint8Array(recordBytesMax + 2).fill(97);
    bytes[recordBytesMax + 1] = 10;
    const half = bytes.length >> 1;
    for (const pieces of [[bytes], [bytes.subarray(0, -1), bytes.subarray(-1)]]) {
      const { errors } = readRows({ ...fileOf(bytes, "s", []), bytes: pieces }, new Values(64));
      expect(errors).to.deep.equal([
        "r.facts:1:1: error[record-too-long] the record has more than 16777216 bytes",
      ]);
    }
    const shorter = [bytes.subarray(0, half), bytes.subarray(half, -2)];
    const { rows, errors } = readRows(
      { ...fileOf(bytes, "s", []), bytes: shorter },
      new Values(64),
    );
    expect([rows.length, errors]).to.deep.equal([1, []]);
  });

  it("hold the integers of 64 bits, and no others", () => {
    const bounds = [0n, 10n ** 15n, 2n ** 53n, 10n ** 18n, 2n ** 63n, 10n ** 19n, 2n ** 64n];
    const near = bounds.flatMap((bound) => [-1n, 0n, 1n].map((step) => bound + step));
    const edges = [...near, ...near.map((value) => -value)];
    const [least, greatest] = [-(2n ** 63n), 2n ** 63n - 1n];
    const wide = fc.bigInt({ min: -(2n ** 64n), max: 2n ** 65n });
    const given = fc.tuple(fc.oneof(wide, fc.constantFrom(...edges)), fc.nat({ max: 21 }));
    const fits = (value: bigint, kinds: string): boolean =>
      kinds === "n" ? least <= value && value <= greatest : 0n <= value && value < 2n ** 64n;
    fc.assert(
      fc.property(given, fc.constantFrom("n", "u"), ([value, width], kinds) => {
        const digits = String(value < 0n ? -value : value).padStart(width, "0");
        const file = fileOf(Buffer.from(`${value < 0n ? "-" : ""}${digits}\n`), kinds, []);
        const { rows, errors } = readRows(file, new Values(64));
        expect(rows).to.deep.equal(fits(value, kinds) ? [[value]] : []);
        expect(errors.length).to.equal(fits(value, kinds) ? 0 : 1);
      }),
      { ...runs, numRuns: 5000 },
    );
  });

  it("hold short and long integers in any row and column, beside symbols", () => {
    const some = fc.array(integers(), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(some, fc.nat({ max: 40_000 }), fc.boolean(), (pool, count, broken) => {
        const rows = Array.from({ length: count }, (_, at) => {
          const [a, c] = [pool[at % pool.length]!, pool[(at * 7) % pool.length]!];
          return [BigInt.asIntN(64, a), `s${at % 9}`, BigInt.asUintN(64, c)];
        });
        // A row that is refused takes no long integer of its own into the next.
        const lines = rows.map((row) => row.join("\t"));
        if (broken) lines.splice(count >> 1, 0, `${2n ** 62n}\ta\tb`);
        const file = fileOf(Buffer.from(lines.map((line) => `${line}\n`).join("")), "nsu", []);
        const read = readRows(file, new Values(64));
        expect(read.errors.length).to.equal(broken ? 1 : 0);
        if (!broken) expect(read.rows).to.deep.equal(rows);
      }),
      { ...runs, numRuns: 20 },
    );
  });

  it("keep bytes that are no text", () => {
    const values = new Values(64);
    const bytes = Uint8Array.of(0xff, 0, 0xc3, 10);
    expect(readRows(fileOf(bytes, "s", []), values).errors).to.deep.equal([]);
    expect([...values.symbols.bytesOf(0)]).to.deep.equal([0xff, 0, 0xc3]);
  });
});

type File = CsvInput & { readonly bytes: Uint8Array };

function fileOf(bytes: Uint8Array, kinds: string, parameters: readonly string[]): File {
  const names: Record<string, ValueKind> = {
    n: "number",
    u: "unsigned",
    f: "float",
    s: "symbol",
  };
  const schema = schemaOf(...Array.from(kinds).flatMap((kind) => names[kind] ?? []));
  const pairs = parameters.filter((one) => one.includes("="));
  const directive = {
    word: "input" as const,
    parameters: new Map(pairs.map((one) => [/^[^=]*/.exec(one)![0], one.replace(/^[^=]*=/, "")])),
    span,
  };
  const { options } = inputOptions(directive, schema);
  const form = options?.form;
  const { format, columns } =
    form?.kind === "csv" ? form : { format: plainCsv, columns: undefined };
  return { bytes, path: "r.facts", schema, format, columns };
}

function show(file: CsvInput, domain: Domain): string {
  const { rows, errors } = readRows(file, new Values(domain));
  const texts = rows.map((row) => {
    const columns = row.map((value) =>
      typeof value === "string" ? quoted(value) : String(value as bigint | number),
    );
    return `(${columns.join(", ")})`;
  });
  return [...texts, ...errors].join("\n");
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function unescaped(text: string): string {
  const named: Record<string, string> = { t: "\t", r: "\r", n: "\n", "\\": "\\" };
  return Buffer.from(text)
    .toString("latin1")
    .replace(/\\(x[0-9a-f]{2}|.)/g, (_, escape: string) =>
      escape.startsWith("x")
        ? String.fromCharCode(parseInt(escape.slice(1), 16))
        : (named[escape] ?? escape),
    );
}
