import { expect } from "chai";

import { random, type Random } from "../../../src/base/random.ts";
import { WireError } from "../../../src/runtime/bytes.ts";
import { logLimits } from "../../../src/runtime/node/limits.ts";
import { RecordReader, RecordWriter } from "../../../src/runtime/node/record-bytes.ts";
import type { LogRecord } from "../../../src/transducer/protocol.ts";
import { rangesOf } from "../../../src/transducer/ranges.ts";
import { batchOf, edge, messagesOf, smallSchema, word } from "../../support/logs.ts";

const seed = Number(process.env["SEED"] ?? "1");

function randomRecord(from: Random): LogRecord {
  switch (from.below(4)) {
    case 0: {
      const [number, facts] = [from.between(1, 300), [edge(from.below(9), 7), word("ä")]];
      if (from.chance(0.5)) return batchOf("n/1", number, facts);
      return { kind: "batch", batch: { origin: "n/1", from: number, facts, split: 1 } };
    }
    case 1:
      return messagesOf("m/7", from.between(1, 300), [word("ä"), word("b")]);
    case 2: {
      const member = { epoch: from.between(1, 300), status: "member" } as const;
      return { kind: "members", members: new Map([["n", member]]) };
    }
    default: {
      const pairs = Array.from({ length: from.between(1, 8) }, () => {
        const first = from.between(1, 2 ** 40);
        return [first, first + from.below(300)];
      });
      return { kind: "gone", gone: new Map([[from.pick(["n/1", "ç/2"]), rangesOf(pairs.flat())]]) };
    }
  }
}

describe(`records of the log as bytes (SEED=${seed})`, () => {
  it("are read as they were written, what is gone among them", () => {
    const from = random(seed);
    const [writer, reader] = [
      new RecordWriter(smallSchema),
      new RecordReader(smallSchema, logLimits),
    ];
    for (let round = 0; round < 300; round++) {
      const record = randomRecord(from);
      expect(reader.read(writer.write(record))).to.deep.equal(record);
    }
  });

  it("are refused, never misread, when they are damaged, cut short or made up", () => {
    const from = random(seed + 1);
    let refused = 0;
    for (let round = 0; round < 2000; round++) {
      const bytes = new RecordWriter(smallSchema).write(randomRecord(from));
      let damaged = bytes.slice();
      if (from.chance(0.4)) damaged = bytes.slice(0, from.below(bytes.length));
      else if (from.chance(0.5)) damaged[from.below(damaged.length)] = from.below(256);
      else damaged = Uint8Array.from({ length: from.below(40) }, () => from.below(256));
      try {
        const record = new RecordReader(smallSchema, logLimits).read(damaged);
        // What is read is a record of this program: it can be written.
        new RecordWriter(smallSchema).write(record);
      } catch (error) {
        expect(error).to.be.instanceOf(WireError);
        refused++;
      }
    }
    expect(refused).to.be.greaterThan(900);
  });
});
