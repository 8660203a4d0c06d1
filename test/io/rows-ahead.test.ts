// Rows that another thread reads get the words that one thread would have given them.
import { expect } from "chai";

import { plainCsv } from "../../src/io/csv.ts";
import { readCsv } from "../../src/io/read-csv.ts";
import type { RowsRead } from "../../src/io/row-buffer.ts";
import { readableAhead, RowsReader, RowsWriter, sharedRows } from "../../src/io/rows-ahead.ts";
import type { Domain, Schema } from "../../src/value/schema.ts";
import { Values } from "../../src/value/values.ts";
import { schemaOf } from "./tools.ts";

const schema = schemaOf("symbol", "number", "float", "unsigned");
const format = plainCsv;

/** Lines some of whose values come again, and some of which are no inline words. */
function linesOf(from: number, to: number): string {
  const lines: string[] = [];
  for (let at = from; at < to; at++) {
    const wide = `${at % 3 === 0 ? at % 7 : `-90071992547409${at % 89}`}`;
    lines.push(`symbol ${at % 1_000}\t${wide}\t${at / 8}\t${9_000_000_000 + (at % 500)}\n`);
  }
  return lines.join("");
}

describe("rows that are read ahead", () => {
  for (const domain of [32, 64] as const satisfies Domain[])
    it(`get the words of one thread in the domain of ${domain} bits`, () => {
      const text = domain === 64 ? linesOf : (from: number, to: number) => small(from, to);
      const [before, ahead, after] = [text(0, 40_000), text(30_000, 60_000), text(55_000, 70_000)];
      const wanted = read([before + ahead + after], domain);
      const shared = sharedRows(schema, domain);
      write(shared, ahead, domain);
      const values = new Values(domain);
      const reader = new RowsReader(shared, values);
      const found = read(
        (function* () {
          yield Buffer.from(before);
          yield* reader.rows();
          reader.stop();
          yield Buffer.from(after);
        })(),
        domain,
        values,
      );
      expect(reader.finished).to.equal(true);
      expect(found.errors).to.deep.equal([]);
      expect(found.words).to.deep.equal(wanted.words);
      expect(found.words.length).to.equal(4 * 85_000);
      expect(values.symbols.size).to.equal(1_000);
    });

  it("end before what is wrong, so that the lines before it are counted", () => {
    const shared = sharedRows(schema, 64);
    write(shared, `${linesOf(0, 20_000)}broken\n${linesOf(0, 9)}`, 64);
    const reader = new RowsReader(shared, new Values(64));
    expect(countOf(reader)).to.equal(16_384);
    expect(reader.finished).to.equal(false);
    const { errors } = read(
      (function* () {
        yield { columns: [0, 1, 2, 3].map(() => new Int32Array(16_384)), count: 16_384 };
        yield Buffer.from("broken\n");
      })(),
      64,
    );
    expect(errors).to.deep.equal([16_385]);
  });

  it("end where new symbols are too long together", () => {
    const symbols = schemaOf("symbol");
    const shared = sharedRows(symbols, 64);
    const long = "x".repeat(1_000);
    const lines = Array.from({ length: 5_000 }, (_, at) => `${at} ${long}\n`).join("");
    write(shared, `${"short\n".repeat(20_000)}${lines}`, 64, symbols);
    const reader = new RowsReader(shared, new Values(64));
    expect(countOf(reader)).to.equal(16_384);
    expect(reader.finished).to.equal(false);
  });

  it("are not waited for for ever, and end where nobody waits", () => {
    const shared = sharedRows(schema, 64);
    const late = new RowsReader(shared, new Values(64), 20);
    expect(countOf(late)).to.equal(0);
    late.stop();
    expect(late.finished).to.equal(false);
    let begun = false;
    new RowsWriter(shared, new Values(64)).run(() => (begun = true));
    expect(begun).to.equal(false);
    // A thread that goes on after that has read nothing that anybody takes.
    const slow = sharedRows(schema, 64);
    const impatient = new RowsReader(slow, new Values(64), 20);
    expect(countOf(impatient)).to.equal(0);
    write(slow, linesOf(0, 10), 64);
    impatient.stop();
    expect(impatient.finished).to.equal(false);
    // What would have to wait for room ends where it is told to.
    const full = sharedRows(schema, 64);
    const gone = new RowsReader(full, new Values(64));
    const columns = [0, 1, 2, 3].map(() => new Int32Array(1));
    let blocks = 0;
    new RowsWriter(full, new Values(64)).run((put) => {
      for (; ; blocks++) {
        if (blocks === 4) gone.stop();
        put(columns, 1);
      }
    });
    expect(blocks).to.equal(4);
    expect(gone.finished).to.equal(false);
  });

  it("are none of structures, and none without columns", () => {
    expect(readableAhead(schema)).to.equal(true);
    expect(readableAhead(schemaOf("symbol", "record pair"))).to.equal(false);
    expect(readableAhead(schemaOf())).to.equal(false);
  });
});

function small(from: number, to: number): string {
  const lines: string[] = [];
  for (let at = from; at < to; at++)
    lines.push(`symbol ${at % 1_000}\t-${at}\t${at / 8}\t${3_000_000_000 + at}\n`);
  return lines.join("");
}

function write(
  shared: ReturnType<typeof sharedRows>,
  text: string,
  domain: Domain,
  of: Schema = schema,
): void {
  const values = new Values(domain);
  new RowsWriter(shared, values).run((put) => {
    const input = { bytes: Buffer.from(text), path: "", schema: of, format, continued: true };
    return readCsv(input, values, put).length === 0;
  });
}

/** The words of all rows, and the lines of errors. */
function read(
  pieces: Iterable<Uint8Array | RowsRead | string>,
  domain: Domain,
  values = new Values(domain),
) {
  const words: number[] = [];
  const bytes = (function* () {
    for (const piece of pieces) yield typeof piece === "string" ? Buffer.from(piece) : piece;
  })();
  const errors = readCsv({ bytes, path: "", schema, format }, values, (columns, count) => {
    for (let row = 0; row < count; row++) for (const column of columns) words.push(column[row]!);
  });
  return { words, errors: errors.map(({ line }) => line) };
}

function countOf(reader: RowsReader): number {
  let sum = 0;
  for (const { count } of reader.rows()) sum += count;
  return sum;
}
