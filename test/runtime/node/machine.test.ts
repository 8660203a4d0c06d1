// The log on the disk of this machine, and processes that want the same folder.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { LogError } from "../../../src/runtime/node/durable-log.ts";
import { machineFiles } from "../../../src/runtime/node/files.ts";
import { lockFolder } from "../../../src/runtime/node/folder-lock.ts";
import { loadIdentity } from "../../../src/runtime/node/identity.ts";
import { programHash } from "../../../src/runtime/node/program-hash.ts";
import { batchOf, edge, openWatched } from "../../support/logs.ts";

describe("a data folder on this machine", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "calm-log-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("keeps a log, through files that end and through compaction", async () => {
    const limits = { segmentBytes: 1024, compactionBytesMin: 2048, compactionFactor: 2 };
    const all = Array.from({ length: 600 }, (_, at) =>
      batchOf("n/1", 3 * at + 1, [edge(at, 1), edge(at, 2), edge(at, 3)]),
    );
    for (const fsync of ["never", "interval", "always"] as const) {
      const place = join(folder, fsync, "data");
      for (let from = 0; from < 600; from += 150) {
        const { log, flushed } = await openWatched(place, { limits, fsync });
        expect(log.records.length).to.equal(from);
        for (let at = from; at < from + 150; at += 10)
          await flushed(log.append(all.slice(at, at + 10)));
        await log.close();
        expect(log.failure).to.equal(undefined);
      }
      const { log } = await openWatched(place, { limits, fsync });
      expect(log.records).to.deep.equal(all);
      expect(log.repairs).to.deep.equal([]);
      await log.close();
      const names = await machineFiles.list(place);
      expect(names.some((name) => name.startsWith("base-"))).to.equal(true);
    }
  });

  it("has its end cut off and the rest read, where a process was killed", async () => {
    const first = await openWatched(folder);
    const records = [batchOf("n/1", 1, [edge(1, 2)]), batchOf("n/1", 2, [edge(2, 3)])];
    for (const record of records) await first.flushed(first.log.append([record]));
    await first.log.close();
    const path = join(folder, "tail-1");
    const whole = readFileSync(path);
    // As long as it has not become durable: without the mark of the end.
    for (let length = whole.length - 17; length > 0; length -= 7) {
      rmSync(path, { force: true });
      rmSync(join(folder, "tail-2"), { force: true });
      writeFileSync(path, whole.subarray(0, length));
      const { log } = await openWatched(folder);
      expect(log.repairs.map(({ kind }) => kind)).to.deep.equal(["torn-tail"]);
      expect(log.records).to.deep.equal(records.slice(0, log.records.length));
      await log.close();
    }
  });

  it("holds a key that nobody else can read", async () => {
    await loadIdentity(folder);
    expect(statSync(join(folder, "key.pem")).mode & 0o077).to.equal(0);
    writeFileSync(join(folder, "key.pem"), "no key");
    expect(await refusal(loadIdentity(folder))).to.equal("damaged");
  });

  it("is held by a process as long as it runs, also when its number comes again", async () => {
    const lock = join(folder, "lock");
    const hold = (holder: unknown): void => writeFileSync(lock, JSON.stringify(holder));
    const taken = async (): Promise<string> => {
      try {
        await (
          await lockFolder(folder, machineFiles)
        )();
        return "taken";
      } catch (error) {
        return (error as LogError).code;
      }
    };
    const release = await lockFolder(folder, machineFiles);
    const own = JSON.parse(readFileSync(lock, "utf8")) as { started: string };
    expect(own).to.include({ host: hostname(), pid: process.pid });
    expect(await taken(), "of this process").to.equal("in-use");
    await release();
    expect(await taken()).to.equal("taken");

    const ended = spawnSync(process.execPath, ["--version"]).pid;
    hold({ host: hostname(), pid: ended, started: own.started });
    expect(await taken(), "of one that has ended").to.equal("taken");
    hold({ host: hostname(), pid: process.ppid, started: "another time" });
    expect(await taken(), "of one whose number another has now").to.equal("taken");
    hold({ host: hostname(), pid: process.pid, started: "another time" });
    expect(await taken(), "of one whose number this one has now").to.equal("taken");
    hold({ host: `not ${hostname()}`, pid: 1, started: "" });
    expect(await taken(), "of another machine").to.equal("in-use");
    rmSync(lock);
    writeFileSync(lock, "");
    expect(await taken(), "of one that the power took").to.equal("taken");
    expect(await machineFiles.list(folder)).to.deep.equal([]);
  });

  it("is another's after a process was killed, with all that this one was told", async () => {
    const script = fileURLToPath(new URL("../../support/appending.ts", import.meta.url));
    const child = spawn(process.execPath, ["--import", "tsx", script, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let told = 0;
    let text = "";
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (data: Buffer) => {
        text += data.toString();
        told = Number(text.slice(0, text.lastIndexOf("\n")).split("\n").at(-1));
        if (told > 300) resolve();
      });
    });
    expect(await refusal(openWatched(folder))).to.equal("in-use");
    const killed = new Promise((resolve) => child.on("close", resolve));
    child.kill("SIGKILL");
    await killed;
    const { log } = await openWatched(folder);
    expect(log.records.length).to.be.at.least(told);
    expect(log.records).to.deep.equal(
      log.records.map((_, at) => batchOf("n/1", at + 1, [edge(at + 1, 1)])),
    );
    await log.close();
  });
});

describe("the hash of a program", () => {
  it("is of its text and its modules, each for itself", () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const hashes = [
      programHash("ab"),
      programHash("a", [bytes("b")]),
      programHash("a", [bytes("b"), bytes("")]),
      programHash("", [bytes("ab")]),
      programHash("a", [bytes("c")]),
    ];
    expect(new Set(hashes).size).to.equal(hashes.length);
    expect(programHash("a", [bytes("b")]))
      .to.equal(hashes[1])
      .and.to.match(/^[0-9a-f]{64}$/);
  });
});

async function refusal(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return "done";
  } catch (error) {
    return error instanceof LogError ? error.code : String(error);
  }
}
