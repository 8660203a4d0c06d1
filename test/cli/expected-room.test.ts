import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { expectedNew, makingRoom } from "../../src/cli/expected-room.ts";
import { Memory } from "../../src/engine/memory.ts";
import { Relation } from "../../src/engine/relation.ts";
import { readCsv } from "../../src/io/read-csv.ts";
import { plainCsv } from "../../src/io/csv.ts";
import { Values } from "../../src/value/values.ts";
import { schemaOf } from "../io/tools.ts";

describe("room for the rows of a file", () => {
  for (const rows of [2 ** 20, 2 ** 16])
    it(`is made once for ${rows} rows, and few more`, () => {
      const line = Buffer.from("1234567\t7654321\n");
      const file = Buffer.alloc(rows * line.length);
      for (let row = 0; row < rows; row++)
        file.write(`${row + 1e6}\t${rows - row + 1e6}\n`, row * line.length, "latin1");
      const memory = new Memory();
      const relation = new Relation(schemaOf("number", "number"), memory);
      const pieceBytes = 2 ** 20;
      function* pieces(): Generator<Uint8Array> {
        for (let at = 0; at < file.length; at += pieceBytes)
          yield file.subarray(at, at + pieceBytes);
      }
      const sizes = new Set<number>();
      const values = new Values(32);
      const bytes = makingRoom(pieces(), file.length, relation, values);
      const input = { bytes, path: "", schema: relation.schema, format: plainCsv };
      const errors = readCsv(input, values, (columns, count) => {
        relation.append(columns, count);
        memory.reclaim();
        if (relation.size > 0.6 * rows) sizes.add(memory.bytes);
      });
      expect(errors).to.deep.equal([]);
      expect(relation.size).to.equal(rows);
      expect(sizes.size).to.equal(1);
      // Two words in columns, at most two in each of two times as many slots.
      expect(memory.bytes).to.be.below(8 * rows * 1.01 + 8 * 4 * rows);
    });

  it("is made once for the values that are no words themselves, which come again", () => {
    const draw = random(1);
    const drawn = Array.from({ length: 20_000 }, () => 2n ** 62n - BigInt(draw.below(2 ** 30)));
    const line = (): string => `${draw.pick(drawn)}\t${draw.pick(drawn)}\n`;
    const file = Buffer.from(Array.from({ length: 60_000 }, line).join(""));
    const relation = new Relation(schemaOf("number", "number"), new Memory());
    const values = new Values(64);
    const bytes = makingRoom([file], file.length, relation, values);
    const sizes = new Set<number>();
    const input = { bytes, path: "", schema: relation.schema, format: plainCsv };
    readCsv(input, values, (columns, count) => {
      relation.append(columns, count);
      if (relation.size > 10_000) sizes.add(values.wide.memoryBytes);
    });
    expect(values.wide.size).to.be.within(19_000, 20_000);
    expect([...sizes]).to.deep.equal([4 * 4 * 2 ** 15]);
  });

  it("is made for as many values as come where each is any of so many", () => {
    const draw = random(2);
    const seen = new Set<number>();
    const newIn = (count: number): number => {
      const before = seen.size;
      for (let at = 0; at < count; at++) seen.add(draw.below(50_000));
      return seen.size - before;
    };
    const [first, second] = [newIn(20_000), newIn(20_000)];
    const all = first + second + newIn(60_000);
    expect(expectedNew(first, second, 5)).to.be.within(0.97 * all, 1.03 * all);
    expect(expectedNew(100, 100, 8)).to.equal(800);
    expect(expectedNew(0, 0, 8)).to.equal(0);
    expect(expectedNew(100, 0, 8)).to.equal(100);
  });
});
