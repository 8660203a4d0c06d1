import { expect } from "chai";

import { random } from "../../../src/base/random.ts";
import type { OrderedLog } from "../../../src/calvin/ordered-log.ts";
import { openEtcdLog } from "../../../src/runtime/node/ordered-log-etcd.ts";
import { chainOf, hashOf } from "../../support/epochs.ts";
import { EtcdCluster, etcdMissing } from "../../support/etcd-cluster.ts";
import { contend, expectChain, nameOf, recordsFrom, settled } from "../../support/ordered-logs.ts";

const limits = { callMs: 1_000, pollMs: 50 };

describe("an ordered log in etcd", () => {
  let cluster: EtcdCluster;
  const opened: OrderedLog[] = [];

  const open = async (prefix: string, program = "p1"): Promise<OrderedLog> => {
    const { endpoints } = cluster;
    const log = await openEtcdLog({ endpoints, prefix, program, hash: hashOf, limits });
    opened.push(log);
    return log;
  };

  before(async function () {
    if (etcdMissing()) this.skip();
    this.timeout(180_000);
    cluster = await EtcdCluster.start(3);
  });

  after(async function () {
    this.timeout(180_000);
    for (const log of opened) await log.close();
    await (cluster as EtcdCluster | undefined)?.stop();
  });

  it("loses and reorders nothing while members are killed, stopped and cut off", async function () {
    this.timeout(180_000);
    const seed = 11;
    const chance = random(seed);
    const logs = [await open("faults"), await open("faults"), await open("faults")];
    const own = (writer: number): Promise<OrderedLog> =>
      Promise.resolve(logs[writer] as OrderedLog);
    const over = new AbortController();
    const seen: string[] = [];
    const told = (logs[2] as OrderedLog).subscribe(
      1,
      (record) => void seen.push(nameOf(record)),
      over.signal,
    );
    // One fault after each few appends, and its end after some more: a minority at a time.
    let appended = 0;
    let mend: () => void = () => undefined;
    const counts = { kill: 0, pause: 0, cut: 0 };
    let faults = Promise.resolve();
    const strike = async (): Promise<void> => {
      mend();
      const at = chance.below(cluster.size);
      const fault = (["kill", "pause", "cut"] as const)[
        (counts.kill + counts.pause + counts.cut) % 3
      ];
      if (fault === "kill") {
        await cluster.kill(at);
        mend = () => cluster.revive(at);
      } else if (fault === "pause") {
        cluster.pause(at, true);
        mend = () => cluster.pause(at, false);
      } else {
        cluster.cut(at, true);
        mend = () => cluster.cut(at, false);
      }
      counts[fault ?? "cut"]++;
    };
    const { epochs, conflicts } = await contend(own, 3, 24, () => {
      if (++appended % 8 === 0) faults = faults.then(strike);
    });
    await faults;
    mend();

    const records = await recordsFrom(logs[0] as OrderedLog, 1);
    expectChain(records);
    expect(records.length, `seed ${seed}`).to.equal(72);
    for (const [name, epoch] of epochs) expect(nameOf(records[epoch - 1]), name).to.equal(name);
    expect(new Set(records.map(nameOf)).size).to.equal(72);
    while (seen.length < records.length) await (logs[0] as OrderedLog).tail();
    over.abort();
    await told;
    expect(seen).to.deep.equal(records.map(nameOf));
    expect(conflicts).to.be.greaterThan(0);
    for (const count of Object.values(counts)) expect(count).to.be.at.least(2);
  });

  it("does not know of appends while no majority answers, and knows afterwards", async function () {
    this.timeout(120_000);
    const log = await open("majority");
    const [first, second] = chainOf(2, "a");
    if (first === undefined || second === undefined) throw new Error("two records");
    expect(await settled(log, first)).to.equal(true);
    for (let at = 0; at < 3; at++) cluster.pause(at, true);
    expect(await log.append(second)).to.equal("unknown");
    for (let at = 0; at < 3; at++) cluster.pause(at, false);
    expect(await settled(log, second)).to.equal(true);
    expect(await recordsFrom(log, 1)).to.deep.equal([first, second]);
  });

  it("has what was appended after all members were killed", async function () {
    this.timeout(120_000);
    const log = await open("all");
    const records = chainOf(10, "a");
    for (const record of records) expect(await settled(log, record)).to.equal(true);
    for (let at = 0; at < 3; at++) await cluster.kill(at);
    for (let at = 0; at < 3; at++) cluster.revive(at);
    expect(await recordsFrom(log, 1)).to.deep.equal(records);
  });

  it("reads many long records", async function () {
    this.timeout(120_000);
    const log = await open("long");
    const records = chainOf(8, `long ${"x".repeat(1_000_000)}`);
    for (const record of records) expect(await settled(log, record)).to.equal(true);
    expect(await recordsFrom(log, 1)).to.deep.equal(records);
  });

  it("is one program's", async () => {
    await open("programs");
    const error = await open("programs", "p2").catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: "other-program" });
  });
});
