// A log in memory, as the next life in the same process is given it.
import { expect } from "chai";

import { memoryLog } from "../../src/server/memory-log.ts";
import type { LogRecord } from "../../src/transducer/protocol.ts";

describe("a log in memory", () => {
  const batch = (number: number): LogRecord => {
    const facts = [{ relation: 0, values: [String(number)] }];
    return { kind: "batch", batch: { origin: "a/1", from: number, facts } };
  };

  it("tells what is durable once the caller has given up its turn", async () => {
    const told: number[] = [];
    const log = memoryLog({ kept: [true], onFlushed: (count) => told.push(count) });
    expect([log.append([batch(1)]), log.append([batch(2)])]).to.deep.equal([1, 2]);
    expect(told).to.deep.equal([]);
    await Promise.resolve();
    expect(told).to.deep.equal([2]);
  });

  it("gives another life what was written, and counts anew", () => {
    const options = { kept: [true], onFlushed: () => undefined };
    const first = memoryLog(options);
    first.append([batch(1), batch(2)]);
    const second = memoryLog(options, first.written());
    expect(second.records).to.deep.equal([batch(1), batch(2)]);
    second.forgetRecords();
    expect(second.records).to.deep.equal([]);
    expect(second.append([batch(3)])).to.equal(1);
    expect(second.written()).to.deep.equal([batch(1), batch(2), batch(3)]);
  });

  it("does not keep what is gone for long", () => {
    const log = memoryLog({ kept: [true], onFlushed: () => undefined });
    for (let number = 1; number <= 100_000; number++) {
      log.append([batch(number)]);
      if (number % 100 === 0)
        log.append([{ kind: "gone", gone: new Map([["a/1", [number - 99, number - 1]]]) }]);
    }
    const written = log.written();
    expect(written.length).to.be.below(20_000);
    const left = written.flatMap((one) => (one.kind === "batch" ? [one.batch.from] : []));
    for (let number = 100; number <= 100_000; number += 100) expect(left).to.include(number);
  });
});
