// The log and checkpoints on a file system of a megabyte that is full: where the machine lets a test
// mount one. Elsewhere the simulated disk has the same errors (`ordered-log-file.test.ts`).
import { execFileSync } from "node:child_process";
import * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import type { EpochRecord } from "../../../src/calvin/record.ts";
import { newestCheckpoint, writeCheckpoint } from "../../../src/runtime/node/checkpoint-files.ts";
import { openFileLog } from "../../../src/runtime/node/open-file-log.ts";
import { OrderedLogError } from "../../../src/runtime/ordered-log-error.ts";
import { randomCheckpoint } from "../../support/checkpoints.ts";
import { recordAfter } from "../../support/epochs.ts";
import { expectChain, recordsFrom } from "../../support/ordered-logs.ts";

const of = { program: "p1", partition: 0, partitions: 1, record: "" };

describe("on a disk that is full", () => {
  let folder: string;
  let mounted = false;

  before(async function () {
    folder = await fs.mkdtemp(join(tmpdir(), "calm-full-"));
    try {
      const options = ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder];
      execFileSync("mount", options, { stdio: "ignore" });
      mounted = true;
    } catch {
      this.skip();
    }
  });

  after(async () => {
    if (mounted) execFileSync("umount", [folder]);
    await fs.rm(folder, { recursive: true });
  });

  beforeEach(() => fs.writeFile(join(folder, "ballast"), Buffer.alloc(300_000)));

  it("the log keeps what it told, stops, and goes on once there is room", async () => {
    const path = join(folder, "log");
    const open = () => openFileLog(path, { program: "p1" });
    let log = await open();
    const told: EpochRecord[] = [];
    for (;;) {
      const record = recordAfter(log.link, `r${told.length}`, 30_000);
      const appended = await log.append(record);
      if (appended !== "appended") {
        expect(appended).to.equal("unknown");
        break;
      }
      told.push(record);
    }
    expect(told.length).to.be.greaterThan(10);
    const refused = await log.append(told[0] as EpochRecord).catch((thrown: unknown) => thrown);
    expect(refused).to.be.instanceOf(OrderedLogError).and.include({ code: "disk-full" });
    expect(await recordsFrom(log, 1), "it can be read").to.deep.equal(told);
    await log.close();
    await fs.rm(join(folder, "ballast"));
    log = await open();
    const there = await recordsFrom(log, 1);
    expect(there.slice(0, told.length)).to.deep.equal(told);
    const next = recordAfter(log.link, "next");
    expect(await log.append(next)).to.equal("appended");
    await log.close();
    log = await open();
    const all = await recordsFrom(log, 1);
    expectChain(all);
    expect(all.at(-1)).to.deep.equal(next);
    await log.close();
    await fs.rm(path, { recursive: true });
  });

  it("the checkpoint before is kept, and another one is written once there is room", async () => {
    const path = join(folder, "checkpoints");
    const small = randomCheckpoint(1, 10);
    await writeCheckpoint(path, of, small);
    const large = { ...randomCheckpoint(2, 20), versions: many(30_000) };
    const error = await writeCheckpoint(path, of, large).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(OrderedLogError).and.include({ code: "disk-full" });
    expect(await fs.readdir(path)).to.deep.equal(["checkpoint-10"]);
    expect((await newestCheckpoint(path, of)).checkpoint?.state).to.deep.equal(small.state);
    await fs.rm(join(folder, "ballast"));
    await writeCheckpoint(path, of, { ...large, versions: many(1_000) });
    expect((await newestCheckpoint(path, of)).checkpoint?.versions.length).to.equal(1_000);
  });
});

function* many(count: number) {
  for (let at = 0; at < count; at++)
    yield { row: { relation: 0, values: [BigInt(at), "x".repeat(40)] }, from: 1, to: Infinity };
}
