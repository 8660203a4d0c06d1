import { expect } from "chai";

import type { LogRecord } from "../../../src/transducer/protocol.ts";
import { batchOf, edge, messagesOf, once, openWatched, word } from "../../support/logs.ts";
import { type Remains, SimulatedDisk } from "../../support/simulated-disk.ts";

const limits = { segmentBytes: 220, compactionBytesMin: 300, compactionFactor: 1, segmentsMax: 2 };
const remains: readonly Remains[] = ["nothing", "half", "zeros", "all"];

/** What a node appends in two lives, a few records at a time. */
function* steps(): Generator<LogRecord[]> {
  for (let number = 1; number <= 18; number += 3)
    yield [
      batchOf("n/1", number, [edge(number, 1), edge(number, 2)]),
      batchOf("m/1", number, [word("a word"), word(`word ${number}`)]),
      messagesOf("m/1", number, [once(number)]),
    ];
}

type Run = {
  readonly appended: LogRecord[];
  told: number;
  incarnation: number;
};

/** Opens, appends and closes, as far as the machine goes. */
async function live(disk: SimulatedDisk, run: Run): Promise<void> {
  const machine = disk.machine();
  const stopped = disk.stopped();
  const alive = (async () => {
    const before = run.appended.length;
    const { log, flushed } = await openWatched("n", {
      ...{ files: machine, limits },
      onFlushed: (count) => (run.told = before + count),
    });
    expect(log.incarnation, "a life of its own").to.be.greaterThan(run.incarnation);
    run.incarnation = log.incarnation;
    for (const records of steps()) {
      run.appended.push(...records);
      await flushed(log.append(records));
    }
    await log.close();
  })();
  await Promise.race([alive, stopped]);
}

/** What is read after a crash is what was appended, at least as far as it was told durable. */
async function check(disk: SimulatedDisk, run: Run): Promise<void> {
  const again = await openWatched("n", { files: disk.machine(), limits });
  const { records, repairs, incarnation } = again.log;
  expect(records.length).to.be.at.least(run.told);
  expect(records).to.deep.equal(run.appended.slice(0, records.length));
  expect(repairs.filter(({ kind }) => kind !== "torn-tail")).to.deep.equal([]);
  expect(incarnation).to.be.greaterThan(run.incarnation);

  const more = [batchOf("o/1", 1, [word("after the crash")])];
  await again.flushed(again.log.append(more));
  await again.log.close();
  const last = await openWatched("n", { files: disk.machine(), limits });
  expect(last.log.records).to.deep.equal([...records, ...more]);
  expect(last.log.repairs).to.deep.equal([]);
  await last.log.close();
}

describe("the log of a machine that stops", () => {
  it("has what was told durable, after each byte and change of a name", async () => {
    for (let budget = 1; ; budget++) {
      const disk = new SimulatedDisk();
      disk.budget = budget;
      const run: Run = { appended: [], told: 0, incarnation: 0 };
      await live(disk, run);
      const ended = disk.budget > 0;
      disk.crash(remains[budget % remains.length] ?? "all");
      await check(disk, run);
      if (ended) {
        expect(run.told).to.equal(18);
        expect(budget, "bytes").to.be.greaterThan(1200);
        expect(disk.paths.some((path) => path.startsWith("n/base-"))).to.equal(true);
        break;
      }
    }
  });

  it("has it, too, when a start after a crash is cut short", async () => {
    const disk = new SimulatedDisk();
    const first: Run = { appended: [], told: 0, incarnation: 0 };
    disk.budget = 1200;
    await live(disk, first);
    disk.crash("half");
    const putBack = disk.copyAll();
    // What was not told durable may be gone.
    first.appended.length = await count(disk);
    expect(first.appended.length).to.be.greaterThan(0);
    for (let budget = 1; ; budget++) {
      putBack();
      const run = { ...first, appended: [...first.appended] };
      disk.budget = budget;
      await live(disk, run);
      disk.crash(remains[budget % remains.length] ?? "all");
      await check(disk, run);
      if (run.told > first.told) break;
    }
  });
});

/** How many records are there. */
async function count(disk: SimulatedDisk): Promise<number> {
  const { log } = await openWatched("n", { files: disk.machine(), limits });
  const { length } = log.records;
  await log.close();
  return length;
}
