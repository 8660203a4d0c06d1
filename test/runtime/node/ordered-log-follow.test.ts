import { expect } from "chai";

import type { EpochRecord } from "../../../src/calvin/record.ts";
import { OrderedLogError } from "../../../src/runtime/ordered-log-error.ts";
import { openFileLog } from "../../../src/runtime/node/open-file-log.ts";
import type { FileLog } from "../../../src/runtime/node/ordered-log-file.ts";
import {
  followLog,
  followSource,
  type FollowSource,
} from "../../../src/runtime/node/ordered-log-follow.ts";
import { chainOf } from "../../support/epochs.ts";
import { recordsFrom } from "../../support/ordered-logs.ts";
import { SimulatedDisk } from "../../support/simulated-disk.ts";

const records = chainOf(20, "a");

/** A machine with a log that leads or follows. */
class Machine {
  readonly disk = new SimulatedDisk();

  open(role: "leader" | "follower"): Promise<FileLog> {
    const limits = { segmentBytes: 2_000, recentRecords: 4 };
    const files = this.disk.machine();
    return openFileLog("l", { program: "p1", role, files, limits });
  }
}

/** Follows until the follower has an epoch, through a network that fails at times. */
async function followUpTo(epoch: number, log: FileLog, leader: FileLog): Promise<void> {
  const over = new AbortController();
  const served = followSource(leader);
  let fetches = 0;
  const source: FollowSource = {
    fetch: (...asked) =>
      ++fetches % 5 === 2 ? Promise.reject(new Error("cut")) : served.fetch(...asked),
  };
  const onLag = (): void => {
    if (log.link.epoch >= epoch) over.abort();
  };
  const options = { fetchRecords: 3, pollMs: 1, retryMs: 1, onLag };
  await followLog(log, source, over.signal, options);
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).to.be.instanceOf(OrderedLogError);
  return (error as OrderedLogError).code;
}

describe("a log that follows another one", () => {
  it("has what its leader had, and takes no appends", async () => {
    const leader = await new Machine().open("leader");
    for (const record of records) await leader.append(record);
    const machine = new Machine();
    const follower = await machine.open("follower");
    await followUpTo(20, follower, leader);
    expect(await recordsFrom(follower, 1)).to.deep.equal(records);
    const [next] = chainOf(1, "b", follower.link) as [EpochRecord];
    expect(await codeOf(follower.append(next))).to.equal("follower");
    await follower.close();
    expect(await codeOf(machine.open("leader")), "nobody promoted it").to.equal("follower");
    const again = await machine.open("follower");
    expect(await recordsFrom(again, 1)).to.deep.equal(records);
    await again.close();
    await leader.close();
  });

  it("loses what its dead leader had acknowledged and it had not fetched, and no more", async () => {
    const leader = await new Machine().open("leader");
    for (const record of records.slice(0, 12)) await leader.append(record);
    const follower = await new Machine().open("follower");
    await followUpTo(12, follower, leader);
    for (const record of records.slice(12))
      expect(await leader.append(record)).to.equal("appended");
    await leader.close();

    expect(await follower.promote()).to.equal(2);
    expect(await follower.tail()).to.equal(12);
    expect(await recordsFrom(follower, 1)).to.deep.equal(records.slice(0, 12));
    const [other] = chainOf(1, "b", follower.link) as [EpochRecord];
    expect(await follower.append(other)).to.equal("appended");
    expect(await follower.append(records[12] as EpochRecord), "lost").to.equal("conflict");
    await follower.close();
  });

  it("fences the leader before as soon as that hears of it, for good", async () => {
    const machine = new Machine();
    const leader = await machine.open("leader");
    for (const record of records.slice(0, 5)) await leader.append(record);
    const promoted = await new Machine().open("follower");
    await followUpTo(5, promoted, leader);
    await promoted.promote();
    // Who knows the new leader appends to the old one.
    expect(await codeOf(leader.append(records[5] as EpochRecord, 2))).to.equal("fenced");
    expect(await codeOf(leader.append(records[5] as EpochRecord))).to.equal("fenced");
    expect(await leader.tail()).to.equal(5);
    await leader.close();
    expect(await codeOf(machine.open("leader"))).to.equal("fenced");
    // Who knows the old leader alone appends to the new one.
    expect(await codeOf(promoted.append(records[5] as EpochRecord, 1))).to.equal("fenced");
    expect(await promoted.append(records[5] as EpochRecord, 2)).to.equal("appended");
    await promoted.close();
  });

  it("follows the new leader, and no earlier one", async () => {
    const first = await new Machine().open("leader");
    for (const record of records.slice(0, 6)) await first.append(record);
    const second = await new Machine().open("follower");
    const third = await new Machine().open("follower");
    await followUpTo(6, second, first);
    await followUpTo(4, third, first);
    await second.promote();
    for (const record of records.slice(6)) await second.append(record);
    await followUpTo(20, third, second);
    expect(third.term).to.equal(2);
    expect(await recordsFrom(third, 1)).to.deep.equal(records);
    const asked = followLog(third, followSource(first), new AbortController().signal);
    expect(await codeOf(asked)).to.equal("fenced");
    expect(first.role).to.equal("fenced");
    for (const log of [first, second, third]) await log.close();
  });

  it("says that it has other epochs than its leader", async () => {
    const first = await new Machine().open("leader");
    for (const record of records.slice(0, 6)) await first.append(record);
    const ahead = await new Machine().open("follower");
    const behind = await new Machine().open("follower");
    await followUpTo(6, ahead, first);
    await behind.enter(1);
    await behind.follow((await first.readTermed(1, 4)).slice(0, 4));
    await behind.promote();
    const never = new AbortController().signal;
    expect(await codeOf(followLog(ahead, followSource(behind), never)), "shorter").to.equal(
      "diverged",
    );
    for (const record of chainOf(5, "b", behind.link)) await behind.append(record);
    expect(await codeOf(followLog(ahead, followSource(behind), never)), "another").to.equal(
      "diverged",
    );
    for (const log of [first, ahead, behind]) await log.close();
  });

  it("goes on where its leader's log begins that was cut off", async () => {
    const leader = await new Machine().open("leader");
    for (const record of records) await leader.append(record);
    await leader.truncateBefore(9);
    for (const followed of [0, 5]) {
      const machine = new Machine();
      const follower = await machine.open("follower");
      await follower.enter(1);
      await follower.follow(records.slice(0, followed).map((record) => ({ term: 1, record })));
      await followUpTo(20, follower, leader);
      expect(await recordsFrom(follower, 9)).to.deep.equal(records.slice(8));
      expect(await codeOf(follower.read(8, 1))).to.equal("truncated");
      await follower.close();
      const again = await machine.open("follower");
      expect(await recordsFrom(again, 9)).to.deep.equal(records.slice(8));
      await again.promote();
      const [next] = chainOf(1, "b", again.link) as [EpochRecord];
      expect(await again.append(next)).to.equal("appended");
      await again.close();
    }
    await leader.close();
  });

  it("does so, too, where it stops after any byte and change of a name", async () => {
    const leader = await new Machine().open("leader");
    for (const record of records) await leader.append(record);
    await leader.truncateBefore(15);
    const before = new Machine();
    const behind = await before.open("follower");
    await behind.enter(1);
    await behind.follow(records.slice(0, 12).map((record) => ({ term: 1, record })));
    await behind.close();
    const putBack = before.disk.copyAll();
    for (let budget = 1; ; budget += 7) {
      putBack();
      before.disk.budget = budget;
      const stopped = before.disk.stopped();
      const life = async (): Promise<void> => {
        const follower = await before.open("follower");
        await followUpTo(20, follower, leader);
        await follower.close();
      };
      await Promise.race([life(), stopped]);
      const ended = before.disk.budget > 0;
      before.disk.crash("nothing");
      const again = await before.open("follower");
      await followUpTo(20, again, leader);
      expect(await recordsFrom(again, 15), `budget ${budget}`).to.deep.equal(records.slice(14));
      await again.close();
      if (ended) break;
    }
    await leader.close();
  });
});
