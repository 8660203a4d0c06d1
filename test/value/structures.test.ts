import { expect } from "chai";
import fc from "fast-check";

import { Records } from "../../src/value/records.ts";
import type { Value } from "../../src/value/schema.ts";
import { structureKind } from "../../src/value/structure.ts";
import { Values } from "../../src/value/values.ts";
import { runs } from "./arbitrary.ts";
import { anyValue, structures } from "./structure-types.ts";

const kinds = [...structures.keys()];
const list = structureKind("List");
const colour = structureKind("Colour");

for (const domain of [32, 64] as const) {
  describe(`structures in the ${domain}-bit domain`, () => {
    for (const kind of kinds) {
      const any = anyValue(kind, domain, fc.string({ unit: "binary", maxLength: 3 }), 4);

      it(`are words and values again: ${kind}`, () => {
        const values = new Values(domain, structures);
        fc.assert(
          fc.property(any, (value) => {
            expect(values.decode(kind, values.encode(kind, value))).to.deep.equal(value);
          }),
          { ...runs, numRuns: 120 },
        );
      });

      it(`are one word if and only if they are equal: ${kind}`, () => {
        const values = new Values(domain, structures);
        fc.assert(
          fc.property(any, any, (a, b) => {
            const [wordA, wordB] = [values.encode(kind, a), values.encode(kind, b)];
            const equal = textOf(a) === textOf(b);
            expect(wordA === wordB).to.equal(equal);
            expect(values.compare(kind, wordA, wordB) === 0).to.equal(equal);
          }),
          { ...runs, numRuns: 120 },
        );
      });

      it(`have one order: ${kind}`, () => {
        const values = new Values(domain, structures);
        fc.assert(
          fc.property(fc.array(any, { minLength: 3, maxLength: 3 }), (three) => {
            const sorted = three
              .map((value) => values.encode(kind, value))
              .sort((a, b) => values.compare(kind, a, b));
            const [a, b, c] = sorted as [number, number, number];
            expect(values.compare(kind, a, b)).to.be.at.most(0);
            expect(values.compare(kind, b, c)).to.be.at.most(0);
            expect(values.compare(kind, a, c)).to.be.at.most(0);
            expect(values.compare(kind, c, a)).to.be.at.least(0);
          }),
          { ...runs, numRuns: 120 },
        );
      });
    }
  });
}

describe("structures", () => {
  it("nest as deep as memory allows", () => {
    const values = new Values(64, structures);
    const pair = values.encode(structureKind("Pair"), [1n, "a"]);
    let word = 0;
    const deep = 200_000;
    for (let at = 0; at < deep; at++) word = values.structures.pack(list, undefined, [pair, word]);
    const text = values.print(list, word);
    expect(text.startsWith("[[1, a], [[1, a], ")).to.equal(true);
    expect(text.endsWith(`[[1, a], nil${"]".repeat(deep)}`)).to.equal(true);
    const value = values.decode(list, word);
    expect(values.encode(list, value)).to.equal(word);
    const other = values.structures.pack(list, undefined, [pair, word]);
    expect(values.compare(list, word, other)).to.be.below(0);
  });

  it("of an enumeration are the numbers of branches in the order of names", () => {
    const values = new Values(64, structures);
    const words = ["Blue", "Green", "Red"].map((branch) =>
      values.encode(colour, { branch, fields: [] }),
    );
    expect(words).to.deep.equal([0, 1, 2]);
    expect(values.records.table(2).size).to.equal(0);
  });

  it("are numbered from 1 in the table of their number of fields", () => {
    const records = new Records();
    expect(records.table(1).packed([7])).to.equal(1);
    expect(records.table(2).packed([7, 8])).to.equal(1);
    expect(records.table(2).packed([8, 7])).to.equal(2);
    expect(records.table(2).packed([7, 8])).to.equal(1);
    expect(records.table(0).packed([])).to.equal(1);
    expect(records.table(0).packed([])).to.equal(1);
  });

  it("keep their numbers while tables grow", () => {
    const table = new Records().table(3);
    const many = 50_000;
    for (let at = 0; at < many; at++) expect(table.packed([at % 7, at, -at])).to.equal(at + 1);
    const before = table.memoryBytes;
    for (let at = 0; at < many; at++) {
      expect(table.packed([at % 7, at, -at])).to.equal(at + 1);
      expect(table.field(at + 1, 1)).to.equal(at);
    }
    expect(table.size).to.equal(many);
    expect(table.memoryBytes)
      .to.equal(before)
      .and.to.be.above(many * 4 * 3);
  });
});

function textOf(value: Value): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "bigint" ? `${part}n` : typeof part === "number" ? `${part}f` : part,
  );
}
