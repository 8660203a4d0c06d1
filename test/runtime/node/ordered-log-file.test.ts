import { expect } from "chai";

import type { Appended } from "../../../src/calvin/ordered-log.ts";
import type { EpochRecord } from "../../../src/calvin/record.ts";
import { OrderedLogError } from "../../../src/runtime/ordered-log-error.ts";
import type { FileLogOptions } from "../../../src/runtime/node/file-log-options.ts";
import { openFileLog } from "../../../src/runtime/node/open-file-log.ts";
import type { FileLog } from "../../../src/runtime/node/ordered-log-file.ts";
import { chainOf } from "../../support/epochs.ts";
import { recordsFrom } from "../../support/ordered-logs.ts";
import { type Remains, SimulatedDisk, systemError } from "../../support/simulated-disk.ts";

const records = chainOf(12, "a");
const remains: readonly Remains[] = ["nothing", "half", "zeros", "all"];

function opened(disk: SimulatedDisk, options: Partial<FileLogOptions> = {}): Promise<FileLog> {
  const limits = { segmentBytes: 900, recentRecords: 2 };
  const files = options.files ?? disk.machine();
  return openFileLog("l", { program: "p1", limits, ...options, files });
}

/** A disk with all records, as whoever closed the log has left it. */
async function written(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk();
  const log = await opened(disk);
  await Promise.all(records.map((record) => log.append(record)));
  await log.close();
  return disk;
}

async function errorOf(promise: Promise<unknown>): Promise<OrderedLogError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).to.be.instanceOf(OrderedLogError);
  return error as OrderedLogError;
}

describe("an ordered log in files, of a machine that stops", () => {
  it("has what it told to be appended, after each byte and change of a name", async () => {
    for (let budget = 1; ; budget++) {
      const disk = new SimulatedDisk();
      disk.budget = budget;
      const told = { appended: 0, truncated: 0 };
      const stopped = disk.stopped();
      const life = async (): Promise<void> => {
        const log = await opened(disk);
        for (let at = 0; at < 8; at += 2) {
          const pair = records.slice(at, at + 2).map((record) => log.append(record));
          expect(await Promise.all(pair)).to.deep.equal(["appended", "appended"]);
          told.appended = at + 2;
          if (at === 4) await log.truncateBefore(4);
        }
        await log.close();
      };
      await Promise.race([life(), stopped]);
      const ended = disk.budget > 0;
      disk.crash(remains[budget % remains.length] ?? "all");

      const log = await opened(disk);
      const label = `budget ${budget}`;
      const tail = await log.tail();
      expect(tail, label).to.be.at.least(told.appended);
      const first = await log.read(1, 1).then(
        () => 1,
        () => 4,
      );
      expect(await recordsFrom(log, first), label).to.deep.equal(records.slice(first - 1, tail));
      // It goes on where it was, and what it says then is there again.
      for (const record of records.slice(tail, 8))
        expect(await log.append(record), label).to.equal("appended");
      await log.close();
      const again = await opened(disk);
      expect(await recordsFrom(again, first), label).to.deep.equal(records.slice(first - 1, 8));
      expect(again.torn, label).to.equal(undefined);
      await again.close();
      if (ended) {
        expect(budget, "bytes").to.be.greaterThan(1_500);
        break;
      }
    }
  });

  it("writes what was appended together with one fsync", async () => {
    const disk = new SimulatedDisk();
    const log = await opened(disk, { limits: {} });
    await log.append(records[0] as EpochRecord);
    let syncs = 0;
    disk.before = (operation) => (syncs += operation === "sync" ? 1 : 0);
    await Promise.all(records.slice(1).map((record) => log.append(record)));
    expect(syncs).to.equal(1);
    await log.close();
  });

  it("does not know of appends that the disk refused, and stops", async () => {
    for (const [code, known] of [
      ["ENOSPC", "disk-full"],
      ["EIO", "disk-failed"],
    ] as const)
      for (const operation of ["write", "sync"]) {
        const disk = new SimulatedDisk();
        const log = await opened(disk);
        await log.append(records[0] as EpochRecord);
        disk.before = (done, path) => {
          if (done === operation && path.includes("epochs-")) throw systemError(code);
        };
        const pending: Promise<Appended>[] = records.slice(1, 4).map((one) => log.append(one));
        expect(await Promise.all(pending)).to.deep.equal(["unknown", "unknown", "unknown"]);
        // What the disk did not take once it is not asked for again (fsyncgate).
        disk.before = () => undefined;
        expect((await errorOf(log.append(records[1] as EpochRecord))).code).to.equal(known);
        expect(await recordsFrom(log, 1)).to.deep.equal(records.slice(0, 1));
        await log.close();
        disk.crash("nothing");
        const again = await opened(disk);
        for (const record of records) expect(await again.append(record)).to.equal("appended");
        await again.close();
      }
  });
});

describe("an ordered log in files that were damaged", () => {
  it("is refused, at the place, wherever a bit of what was durable is another one", async () => {
    const whole = await written();
    const paths = whole.paths.filter((path) => path.includes("epochs-"));
    expect(paths.length).to.equal(2);
    let refused = 0;
    for (const path of paths)
      for (let at = 0; at < whole.bytesOf(path).length; at += 11) {
        const disk = new SimulatedDisk();
        for (const other of whole.paths) disk.files.set(other, { ...contentOf(whole, other) });
        disk.damage(path, (bytes) => {
          bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
          return bytes;
        });
        const last = path === paths.at(-1) && at >= whole.bytesOf(path).length - 16;
        const error = await opened(disk).then(
          (log) => log.close(),
          (thrown: unknown) => thrown as OrderedLogError,
        );
        // The mark at the very end says what is durable before it, and nothing says so of the mark.
        if (last) continue;
        expect(error?.code, `${path} at ${at}`).to.equal("damaged");
        expect(error?.message).to.match(/epochs-\d+ at byte \d+: .*whole up to epoch \d+.*promote/);
        refused++;
      }
    expect(refused).to.be.greaterThan(100);
  });

  it("is refused so, too, once a crash has taken the mark at its end, and it was opened since", async () => {
    const disk = await written();
    const path = disk.paths.findLast((one) => one.includes("epochs-")) ?? "";
    const { length } = disk.bytesOf(path);
    disk.damage(path, (bytes) => bytes.slice(0, length - 5));
    await (await opened(disk)).close();
    expect(disk.bytesOf(path).length).to.equal(length);
    disk.damage(path, (bytes) => {
      bytes[length - 20] = (bytes[length - 20] ?? 0) ^ 1;
      return bytes;
    });
    expect((await errorOf(opened(disk))).code).to.equal("damaged");
  });

  it("is refused where a file is missing", async () => {
    const disk = await written();
    disk.files.delete("l/epochs-1");
    const { code, message } = await errorOf(opened(disk));
    expect(code).to.equal("damaged");
    expect(message).to.include("epochs-1: the file is missing");
  });

  it("is refused where what says what it is cannot be read, or is of another version", async () => {
    for (const [text, code] of [
      ["{", "damaged"],
      ["null", "damaged"],
      ['{"format":2}', "damaged"],
      ['{"format":1}', "unknown-format"],
      ['{"format":9}', "unknown-format"],
    ] as const) {
      const disk = await written();
      disk.damage("l/log.json", () => new TextEncoder().encode(text));
      expect((await errorOf(opened(disk))).code, text).to.equal(code);
    }
    const disk = await written();
    disk.files.delete("l/log.json");
    expect((await errorOf(opened(disk))).code).to.equal("damaged");
  });

  it("is refused, or is as it was, wherever a bit of what says what it is is another one", async () => {
    const whole = await written();
    const { length } = whole.bytesOf("l/log.json");
    for (let at = 0; at < length * 8; at += 3) {
      const disk = await written();
      disk.damage("l/log.json", (bytes) => {
        bytes[at >> 3] = (bytes[at >> 3] ?? 0) ^ (1 << (at & 7));
        return bytes;
      });
      const log = await opened(disk).catch((error: unknown) => error);
      const path = `bit ${at}`;
      if (log instanceof OrderedLogError)
        expect(log.code, path).to.be.oneOf(["damaged", "unknown-format"]);
      else {
        expect(await recordsFrom(log as FileLog, 1), path).to.deep.equal(records);
        await (log as FileLog).close();
      }
    }
  });

  it("is refused to another program, and to a second process", async () => {
    const disk = await written();
    expect((await errorOf(opened(disk, { program: "p2" }))).code).to.equal("other-program");
    const files = disk.machine();
    const log = await opened(disk, { files });
    expect((await errorOf(opened(disk, { files }))).code).to.equal("in-use");
    await log.close();
  });
});

function contentOf(disk: SimulatedDisk, path: string) {
  const bytes = disk.bytesOf(path);
  return { bytes, synced: bytes.length };
}
