import { expect } from "chai";

import { bytesOfBits } from "../../src/engine/bits-set.ts";
import { Memory } from "../../src/engine/memory.ts";
import { noRanges, widened } from "../../src/engine/ranges.ts";
import { formFor, newSet, type FormRules, type KeptSet } from "../../src/engine/set-choice.ts";

const never: FormRules = {
  ...{ rowsMin: 0, bitsBytesMin: 0, bitsBytesPerRow: 0, blockDensityMin: Infinity },
};
const table = { form: "table" } as KeptSet;

/** So many pairs whose second words are side by side, `apart` for each first word. */
function pairs(rows: number, apart: number): readonly Int32Array[] {
  return [
    Int32Array.from({ length: rows }, (_, row) => 1000 * Math.floor(row / apart)),
    Int32Array.from({ length: rows }, (_, row) => row % apart),
  ];
}

describe("the form of a set", () => {
  it("is bits where these take no more bytes than may be, or than rows are worth", () => {
    const columns = pairs(64, 8);
    const ranges = widened(noRanges(2), columns, 0, 64);
    const bytes = bytesOfBits(ranges);
    expect(bytes).to.be.above(64);
    const formOf = (rules: Partial<FormRules>, rows = 64): string =>
      formFor({ ...never, ...rules }, table, columns, rows, ranges);
    expect(formOf({ bitsBytesMin: bytes })).to.equal("bits");
    expect(formOf({ bitsBytesMin: bytes - 1 })).to.equal("table");
    expect(formOf({ bitsBytesPerRow: bytes / 64 })).to.equal("bits");
    expect(formOf({ bitsBytesPerRow: bytes / 64 }, 63)).to.equal("table");
  });

  it("is blocks where so many pairs share one, until half as many do", () => {
    const columns = pairs(64, 8);
    const ranges = widened(noRanges(2), columns, 0, 64);
    const formOf = (blockDensityMin: number, set: KeptSet = table, of = columns): string =>
      formFor({ ...never, blockDensityMin }, set, of, 64, ranges);
    expect([formOf(8), formOf(8.1)]).to.deep.equal(["blocks", "table"]);
    const blocks = (count: number): KeptSet => ({ form: "blocks", blocks: count }) as KeptSet;
    expect([formOf(8, blocks(16)), formOf(8, blocks(17))]).to.deep.equal(["blocks", "table"]);
    expect(formOf(0, table, columns.slice(1)), "of words").to.equal("table");
    expect(formOf(0, table, [...columns, ...columns]), "of longer tuples").to.equal("table");
  });

  it("is that of what is made, with room for what is to come", () => {
    const columns = pairs(64, 8);
    const ranges = widened(noRanges(2), columns, 0, 64);
    for (const form of ["table", "blocks", "bits"] as const) {
      const set = newSet(form, { ...never, bitsBytesPerRow: 8 }, columns, new Memory(), 64, ranges);
      expect(set.form).to.equal(form);
      expect(set.rowsMax).to.be.above(63);
      for (let row = 0; row < 64; row++) {
        const tuple = Int32Array.from(columns, (words) => words[row]!);
        expect([set.has(tuple), set.add(tuple, row), set.has(tuple)]).to.deep.equal([
          ...[false, true, true],
        ]);
      }
    }
  });
});
