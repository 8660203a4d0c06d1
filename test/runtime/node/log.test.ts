// What a log keeps through each way in which its writing can end. It is long because it is the one
// list of these.
import { expect } from "chai";

import type { DurableLog } from "../../../src/runtime/node/durable-log.ts";
import { LogError } from "../../../src/runtime/node/durable-log.ts";
import { factLimits } from "../../../src/runtime/fact-bytes.ts";
import type { LogRecord } from "../../../src/transducer/protocol.ts";
import {
  batchOf,
  edge,
  goneOf,
  messagesOf,
  once,
  openWatched,
  type WatchedLog,
  word,
} from "../../support/logs.ts";
import { SimulatedDisk, systemError } from "../../support/simulated-disk.ts";

/** Records of one origin, `count` of them. */
function records(count: number, first = 1): LogRecord[] {
  return Array.from({ length: count }, (_, at) =>
    batchOf("n/1", first + at, [edge(first + at, 7)]),
  );
}

async function written(disk: SimulatedDisk, all: readonly LogRecord[]): Promise<DurableLog> {
  const watched = await openWatched("n", { files: disk.machine() });
  await watched.flushed(watched.log.append(all));
  await watched.log.close();
  return watched.log;
}

/** Whether an object is still held by another one. */
function reaches(from: object, wanted: object): boolean {
  const seen = new Set<unknown>();
  const search = (value: unknown): boolean => {
    if (value === wanted) return true;
    if (typeof value !== "object" || value === null || seen.has(value)) return false;
    seen.add(value);
    return Object.values(value).some(search);
  };
  return search(from);
}

async function refusal(opening: Promise<WatchedLog>): Promise<string> {
  try {
    const { log } = await opening;
    await log.close();
    return "opened";
  } catch (error) {
    expect(error).to.be.instanceOf(LogError);
    return (error as LogError).code;
  }
}

describe("the log of a node", () => {
  it("gives back what was appended, in its order, over several lives", async () => {
    const disk = new SimulatedDisk();
    const all = [
      batchOf("n/1", 1, [edge(1, 2), word("ä"), edge(3, 4)]),
      messagesOf("m/7", 1, [word("ä"), word("b")]),
      messagesOf("m/7", 3, [once(3)]),
    ];
    const first = await written(disk, all);
    expect(first.records).to.deep.equal([]);
    const second = await written(disk, records(3, 5));
    expect(second.records).to.deep.equal(all);
    const third = await written(disk, []);
    expect(third.records).to.deep.equal([...all, ...records(3, 5)]);
    expect(third.incarnation).to.be.greaterThan(second.incarnation);
  });

  it("keeps none of its records once they are forgotten", async () => {
    const disk = new SimulatedDisk();
    await written(disk, records(3));
    const { log } = await openWatched("n", { files: disk.machine() });
    const [first] = log.records;
    expect(first !== undefined && reaches(log, first)).to.equal(true);
    log.forgetRecords();
    expect(first !== undefined && reaches(log, first)).to.equal(false);
    await log.close();
  });

  it("writes what comes while the disk works with one fsync", async () => {
    const disk = new SimulatedDisk();
    const { log, flushed } = await openWatched("n", { files: disk.machine() });
    await flushed(log.append(records(1)));
    let syncs = 0;
    disk.before = (operation) => {
      syncs += operation === "sync" ? 1 : 0;
    };
    for (let number = 2; number <= 100; number++) log.append(records(1, number));
    await flushed(100);
    expect(syncs).to.equal(1);
    await log.close();
  });

  it("tells nothing before the disk has it, with --fsync always", async () => {
    const disk = new SimulatedDisk();
    const { log, flushed, told } = await openWatched("n", { files: disk.machine() });
    await flushed(log.append(records(1)));
    let toldAtSync = -1;
    disk.before = (operation) => {
      if (operation === "sync") toldAtSync = told();
    };
    await flushed(log.append(records(1, 2)));
    expect(toldAtSync).to.equal(1);
    await log.close();
  });

  for (const fsync of ["interval", "never"] as const)
    it(`does not wait for the disk with --fsync ${fsync}, but at the end of a file`, async () => {
      const disk = new SimulatedDisk();
      const limits = { segmentBytes: 200, syncIntervalMs: 3_600_000 };
      const options = { files: disk.machine(), fsync, limits };
      const { log, flushed } = await openWatched("n", options);
      const synced: string[] = [];
      disk.before = (operation, path) => {
        if (operation === "sync") synced.push(path);
      };
      await flushed(log.append(records(1)));
      expect(synced).to.deep.equal([]);
      for (let number = 2; number <= 20; number++) await flushed(log.append(records(1, number)));
      expect(synced.slice(0, 2)).to.deep.equal(["n/tail-1", "n/tail-2"]);
      await log.close();
      disk.crash("nothing");
      const again = await openWatched("n", { files: disk.machine(), limits });
      expect(again.log.records).to.deep.equal(records(20));
    });

  it("gets what was written to the disk in intervals, with --fsync interval", async () => {
    const disk = new SimulatedDisk();
    const limits = { syncIntervalMs: 1 };
    const options = { files: disk.machine(), fsync: "interval", limits } as const;
    const { log } = await openWatched("n", options);
    const synced = new Promise<void>((resolve) => {
      disk.before = (operation) => {
        if (operation === "sync") resolve();
      };
    });
    log.append(records(1));
    await synced;
    await log.close();
  });

  it("survives writes that take only some of the bytes", async () => {
    const disk = new SimulatedDisk();
    disk.writeMax = 3;
    await written(disk, records(20));
    expect((await written(disk, [])).records).to.deep.equal(records(20));
  });

  for (const [code, kind, operation] of [
    ["ENOSPC", "disk-full", "write"],
    ["EIO", "disk-failed", "write"],
    ["EIO", "disk-failed", "sync"],
  ] as const)
    it(`stops, and has lost nothing that it told, when ${operation} fails: ${code}`, async () => {
      const disk = new SimulatedDisk();
      const { log, flushed, told, failures } = await openWatched("n", { files: disk.machine() });
      await flushed(log.append(records(5)));
      disk.writeMax = 20;
      let left = 2;
      disk.before = (done) => {
        if (done === operation && --left < 0) throw systemError(code);
      };
      for (let number = 6; log.failure === undefined; number++)
        await flushed(log.append(records(1, number)));
      const before = told();
      expect(failures.map((failure) => failure.code)).to.deep.equal([kind]);
      log.append(records(1, 100));
      await log.close();
      expect(told()).to.equal(before);

      disk.crash("half");
      const again = await written(disk, []);
      expect(again.records.length).to.be.at.least(before);
      expect(again.records).to.deep.equal(records(again.records.length));
    });

  it("tells a torn end from damage: what was durable is set aside, not cut off", async () => {
    const disk = new SimulatedDisk();
    await written(disk, records(8));
    let torn = 0;
    const putBack = disk.copyAll();
    const { length } = disk.bytesOf("n/tail-1");
    for (let at = 0; at < length; at++) {
      putBack();
      disk.damage("n/tail-1", (bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ 0x10;
        return bytes;
      });
      const { log } = await openWatched("n", { files: disk.machine() });
      const [repair] = log.repairs;
      expect(log.records).to.deep.equal(records(log.records.length));
      expect(repair, `byte ${at}`).to.not.equal(undefined);
      if (repair?.kind === "damaged") {
        expect(disk.bytesOf(`${repair.setAside}/tail-1`).length).to.equal(length);
        expect(repair.bytes).to.equal(length - repair.offset);
      } else torn++;
      await log.close();
      // It is whole again.
      const again = await written(disk, []);
      expect(again.repairs).to.deep.equal([]);
      expect(again.records).to.deep.equal(log.records);
    }
    // Damage to the mark itself, at the very end, is all that looks like a crash.
    expect(torn).to.equal(16);
  });

  it("tells a torn end from damage once a crash has taken the mark at its end", async () => {
    const disk = new SimulatedDisk();
    await written(disk, records(8));
    const cut = () => {
      const { length } = disk.bytesOf("n/tail-1");
      disk.damage("n/tail-1", (bytes) => bytes.subarray(0, length - 16));
    };
    cut();
    expect((await written(disk, [])).records).to.deep.equal(records(8));
    disk.damage("n/tail-1", (bytes) => {
      const at = bytes.length - 17;
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      return bytes;
    });
    const { repairs } = await written(disk, []);
    expect(repairs.map(({ kind }) => kind)).to.deep.equal(["damaged"]);
  });

  it("cuts off what follows a hole that nobody was told is durable", async () => {
    const disk = new SimulatedDisk();
    const { log, flushed } = await openWatched("n", { files: disk.machine(), fsync: "never" });
    for (let number = 1; number <= 5; number++) await flushed(log.append(records(1, number)));
    disk.crash("all");
    // The disk had the pages after the third record before those of it.
    const { length } = disk.bytesOf("n/tail-1");
    disk.damage("n/tail-1", (bytes) => bytes.fill(0, length - 90, length - 60));
    const again = await openWatched("n", { files: disk.machine() });
    expect(again.log.repairs.map(({ kind }) => kind)).to.deep.equal(["torn-tail"]);
    expect(again.log.records.length).to.be.within(1, 3);
    expect(again.log.records).to.deep.equal(records(again.log.records.length));
    await again.log.close();
  });

  it("has made durable what it gives back, though the process before was killed", async () => {
    const disk = new SimulatedDisk();
    const first = await openWatched("n", { files: disk.machine(), fsync: "never" });
    await first.flushed(first.log.append(records(5)));
    const second = await openWatched("n", { files: disk.machine() });
    expect(second.log.records).to.deep.equal(records(5));
    disk.crash("nothing");
    const third = await openWatched("n", { files: disk.machine() });
    expect(third.log.records).to.deep.equal(records(5));
    await third.log.close();
  });

  it("sets aside what is whole and cannot be read, and never cuts it off", async () => {
    const disk = new SimulatedDisk();
    await written(disk, [
      batchOf("n/1", 1, [edge(1, 2)]),
      batchOf("n/1", 2, [word("a"), word("b")]),
    ]);
    const limits = { recordFactsMax: 1 };
    const { log } = await openWatched("n", { files: disk.machine(), limits });
    expect(log.repairs.map(({ kind }) => kind)).to.deep.equal(["damaged"]);
    expect(disk.paths.some((path) => path.startsWith("n/damaged-"))).to.equal(true);
    expect(log.records).to.deep.equal([batchOf("n/1", 1, [edge(1, 2)])]);
    await log.close();
  });

  it("goes on without the files that follow one that is missing", async () => {
    const disk = new SimulatedDisk();
    const limits = { segmentBytes: 200 };
    const first = await openWatched("n", { files: disk.machine(), limits });
    for (let number = 1; number <= 20; number++)
      await first.flushed(first.log.append(records(1, number)));
    await first.log.close();
    await disk.machine().remove("n/tail-2");
    const { log } = await openWatched("n", { files: disk.machine(), limits });
    expect(log.records.length).to.be.greaterThan(1).and.lessThan(10);
    expect(log.records).to.deep.equal(records(log.records.length));
    const [repair] = log.repairs;
    expect(repair?.kind === "damaged" && repair.reason).to.equal("the file is missing");
    expect(disk.paths.filter((path) => path.startsWith("n/damaged-")).length).to.be.greaterThan(0);
    await log.close();
  });

  it("leaves out what is of no use any more, when it has grown and when it is opened", async () => {
    const disk = new SimulatedDisk();
    const limits = { segmentBytes: 500, compactionBytesMin: 2_000, compactionFactor: 2 };
    const first = await openWatched("n", { files: disk.machine(), limits });
    for (let life = 1; life <= 90; life++) {
      const facts = [edge(1, 2), edge(2, 3), once(life)];
      await first.flushed(first.log.append([messagesOf(`m/${life}`, 1, facts)]));
    }
    await first.log.close();
    const messages = disk.paths.filter((path) => path.startsWith("n/base-"));
    expect(messages.length).to.be.greaterThan(0);
    const again = await openWatched("n", { files: disk.machine(), limits });
    const facts = again.log.records.flatMap((record) =>
      record.kind === "messages" ? record.facts : [],
    );
    expect(facts.filter(({ relation }) => relation === 2).length, "each event").to.equal(90);
    expect(facts.filter(({ relation }) => relation === 0).length).to.be.lessThan(90);
    const last = again.log.records.at(-1);
    expect(last?.kind === "messages" && last.from + last.facts.length - 1).to.equal(3);
    await again.log.close();
  });

  for (const segmentBytes of [500, 5_000])
    it(`leaves that out over lives that write less, in files of ${segmentBytes}`, async () => {
      const disk = new SimulatedDisk();
      const limits = { segmentBytes, compactionBytesMin: 2_000, compactionFactor: 2 };
      const sizes: number[] = [];
      for (let life = 1; life <= 20; life++) {
        const files = disk.machine();
        const { log, flushed } = await openWatched("n", {
          files,
          limits: { ...limits, segmentsMax: 999 },
        });
        for (let number = 1; number <= 40; number++)
          await flushed(
            log.append([
              messagesOf("m/1", 80 * (life - 1) + 2 * number - 1, [edge(1, 2), edge(2, 3)]),
            ]),
          );
        await log.close();
        const paths = disk.paths.filter((path) => /^n\/(?:base|tail)-/.test(path));
        sizes.push(paths.reduce((sum, path) => sum + disk.bytesOf(path).length, 0));
      }
      expect(sizes[0]).to.be.lessThan(2_000);
      expect(Math.max(...sizes)).to.be.within(2_000, 5_000);
    });

  it("has as many files as it may after many short lives", async () => {
    const disk = new SimulatedDisk();
    for (let number = 1; number <= 50; number++) await written(disk, records(1, number));
    expect((await written(disk, [])).records).to.deep.equal(records(50));
    expect(disk.paths.length).to.be.lessThan(25);
  });

  it("knows what is gone after many short lives, and once its end is damaged", async () => {
    const disk = new SimulatedDisk();
    const all = [...records(20), goneOf("n/1", 1, 3, 7, 12), ...records(30, 21)];
    const left = [goneOf("n/1", 1, 3, 7, 12), ...records(3, 4), ...records(38, 13)];
    for (const record of all) await written(disk, [record]);
    expect((await written(disk, [])).records).to.deep.equal(left);
    const [base = ""] = disk.paths.filter((path) => path.startsWith("n/base-"));
    disk.bytesOf(base)[disk.bytesOf(base).length - 30]! ^= 1;
    const { records: found, repairs } = await written(disk, []);
    expect(repairs.map(({ kind }) => kind)).to.deep.equal(["damaged"]);
    expect(found.length).to.be.within(2, left.length - 1);
    expect(found).to.deep.equal(left.slice(0, found.length));
    expect((await written(disk, [])).records).to.deep.equal(found);
  });

  it("remembers symbols by file, so that each can be read alone", async () => {
    const disk = new SimulatedDisk();
    const limits = { segmentBytes: 300 };
    const { log, flushed } = await openWatched("n", { files: disk.machine(), limits });
    const all = Array.from({ length: 30 }, (_, at) =>
      batchOf("n/1", at + 1, [word("a word that comes again"), word(`word ${at % 7}`)]),
    );
    for (const record of all) await flushed(log.append([record]));
    await log.close();
    expect(disk.paths.length).to.be.greaterThan(3);
    expect((await written(disk, [])).records).to.deep.equal(all);
    expect(factLimits.symbolsMax).to.be.greaterThan(1000);
  });
});

describe("the data folder of a node", () => {
  it("is of one node and one program", async () => {
    const disk = new SimulatedDisk();
    await written(disk, records(1));
    const files = disk.machine();
    expect(await refusal(openWatched("n", { files, name: "other" }))).to.equal("other-node");
    expect(await refusal(openWatched("n", { files, program: "p2" }))).to.equal("other-program");
    expect(await refusal(openWatched("n", { files }))).to.equal("opened");
  });

  it("is held by one process", async () => {
    const disk = new SimulatedDisk();
    const files = disk.machine();
    const { log } = await openWatched("n", { files });
    expect(await refusal(openWatched("n", { files }))).to.equal("in-use");
    await log.close();
    expect(await refusal(openWatched("n", { files }))).to.equal("opened");
  });

  it("is refused where it does not say whose it is, or in a later format", async () => {
    const disk = new SimulatedDisk();
    await written(disk, records(1));
    const putBack = disk.copyAll();
    const open = (): Promise<string> => refusal(openWatched("n", { files: disk.machine() }));
    await disk.machine().remove("n/node.json");
    expect(await open()).to.equal("damaged");
    for (const [text, code] of [
      ["{", "damaged"],
      ["{}", "damaged"],
      ['{"format":2,"name":"n","program":"p1","incarnation":-1}', "damaged"],
      ['{"format":1}', "unknown-format"],
      ['{"format":5}', "unknown-format"],
    ] as const) {
      putBack();
      disk.damage("n/node.json", () => new TextEncoder().encode(text));
      expect(await open(), text).to.equal(code);
    }
  });

  it("is read in the format before, and is of this one from then on", async () => {
    const disk = new SimulatedDisk();
    await written(disk, records(3));
    const state = async (): Promise<string> =>
      new TextDecoder().decode(await disk.machine().read("n/node.json"));
    expect(await state()).to.contain('"format": 4');
    const before = (await state()).replace('"format": 4', '"format": 3');
    disk.damage("n/node.json", () => new TextEncoder().encode(before));
    const { log } = await openWatched("n", { files: disk.machine() });
    expect(log.records).to.deep.equal(records(3));
    await log.close();
    expect(await state()).to.contain('"format": 4');
  });

  it("begins a life that no other had: after a copy is put back, or the clock is", async () => {
    const disk = new SimulatedDisk();
    const lives: number[] = [];
    const live = async (nowMs: number): Promise<void> => {
      const { log } = await openWatched("n", { files: disk.machine(), nowMs: () => nowMs });
      lives.push(log.incarnation);
      await log.close();
    };
    await live(1_000_000);
    const putBack = disk.copyAll();
    await live(1_000_001);
    await live(1_000_002);
    putBack();
    await live(1_000_003);
    await live(900_000);
    await live(800_000);
    expect(lives).to.deep.equal(lives.toSorted((a, b) => a - b));
    expect(new Set(lives).size).to.equal(lives.length);
    expect(Number.isSafeInteger(2 ** 11 * Date.UTC(2100, 0))).to.equal(true);
  });

  it("keeps its life durable before the first record, whatever the policy", async () => {
    const disk = new SimulatedDisk();
    const { log } = await openWatched("n", { files: disk.machine(), fsync: "never" });
    disk.crash("nothing");
    const again = await openWatched("n", { files: disk.machine(), nowMs: () => 0 });
    expect(again.log.incarnation).to.equal(log.incarnation + 1);
    await again.log.close();
  });
});
