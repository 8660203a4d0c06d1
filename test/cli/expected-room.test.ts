import { expect } from "chai";

import { makingRoom } from "../../src/cli/expected-room.ts";
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
      const bytes = makingRoom(pieces(), file.length, relation);
      const input = { bytes, path: "", schema: relation.schema, format: plainCsv };
      const errors = readCsv(input, new Values(32), (columns, count) => {
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
});
