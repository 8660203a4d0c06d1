import * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { random } from "../../../src/base/random.ts";
import type { OrderedLog } from "../../../src/calvin/ordered-log.ts";
import type { EpochRecord } from "../../../src/calvin/record.ts";
import { openHttpLog, httpFollowSource } from "../../../src/runtime/node/ordered-log-http.ts";
import { followLog } from "../../../src/runtime/node/ordered-log-follow.ts";
import { OrderedLogError } from "../../../src/runtime/ordered-log-error.ts";
import { chainOf, hashOf } from "../../support/epochs.ts";
import { LogServer, type LogServerOptions } from "../../support/log-server.ts";
import { contend, expectChain, nameOf, recordsFrom } from "../../support/ordered-logs.ts";

const records = chainOf(20, "a");
const program = "p1";
const limits = { callMs: 1_000, waitMs: 200, readMs: 5_000, retryMs: 5 };

describe("a log that a node serves", () => {
  let folder: string;
  let ends: (() => unknown)[] = [];

  beforeEach(async () => {
    folder = await fs.mkdtemp(join(tmpdir(), "calm-log-"));
  });

  afterEach(async () => {
    for (const end of ends.toReversed()) await end();
    ends = [];
    await fs.rm(folder, { recursive: true });
  });

  const start = async (name: string, options: LogServerOptions = {}): Promise<LogServer> => {
    const server = await LogServer.start(join(folder, name), options);
    ends.push(async () => {
      await server.stop();
      expect(server.faults).to.deep.equal([]);
    });
    return server;
  };

  const open = async (...servers: LogServer[]): Promise<OrderedLog> => {
    const urls = servers.map(({ url }) => url);
    const log = await openHttpLog({ urls, program, hash: hashOf, limits });
    ends.push(() => log.close());
    return log;
  };

  /** Has one server follow another until that is no leader any more, or the test ends. */
  const follow = (follower: LogServer, leader: LogServer): Promise<void> => {
    const source = httpFollowSource({ urls: [leader.url], program, limits });
    const over = new AbortController();
    const followed = followLog(follower.log, source, over.signal, { pollMs: 0, retryMs: 5 });
    ends.push(async () => {
      over.abort();
      await followed.catch(() => undefined);
      source.close();
    });
    return followed;
  };

  it("is followed, and goes on at the follower that is promoted", async () => {
    const leader = await start("leader");
    const follower = await start("follower", { role: "follower" });
    void follow(follower, leader);
    const log = await open(leader, follower);
    const seen: EpochRecord[] = [];
    const over = new AbortController();
    const told = log.subscribe(1, (record) => void seen.push(record), over.signal);
    for (const record of records.slice(0, 12))
      expect(await log.append(record)).to.equal("appended");
    await follower.log.grown(12, over.signal);
    await leader.stop();
    expect(await log.append(records[12] as EpochRecord), "nobody leads").to.equal("unknown");
    const response = await fetch(`${follower.url}/v1/log/promote`, { method: "POST" });
    expect(await response.json()).to.include({ role: "leader", term: 2, tail: 12 });
    for (const record of records.slice(12)) expect(await log.append(record)).to.equal("appended");
    while (seen.length < 20) await log.tail();
    over.abort();
    await told;
    expect(seen).to.deep.equal(records);
    const again = await fetch(`${follower.url}/v1/log/promote`, { method: "POST" });
    expect(again.status).to.equal(409);
  });

  it("that was replaced is fenced by the first who knows of it", async () => {
    const leader = await start("leader");
    const follower = await start("follower", { role: "follower" });
    void follow(follower, leader);
    const both = await open(leader, follower);
    const unaware = await open(leader);
    for (const record of records.slice(0, 5)) await both.append(record);
    await follower.log.grown(5, new AbortController().signal);
    await follower.log.promote();
    const other = await open(follower, leader);
    expect(await other.append(records[5] as EpochRecord)).to.equal("appended");
    // The old leader has not heard of it, and is asked first.
    expect(await unaware.tail()).to.equal(5);
    await follower.stop();
    expect(await other.append(records[6] as EpochRecord), "asks the old leader").to.equal(
      "unknown",
    );
    expect(leader.log.role).to.equal("fenced");
    expect(await unaware.append(records[5] as EpochRecord)).to.equal("unknown");
    expect(await leader.log.tail()).to.equal(5);
    const response = await fetch(`${leader.url}/v1/log/promote`, { method: "POST" });
    expect(((await response.json()) as { code: string }).code).to.equal("fenced");
  });

  it("that lacks what was seen of its leader is refused by who has seen it", async () => {
    const leader = await start("leader");
    const log = await open(leader);
    for (const record of records.slice(0, 8)) await log.append(record);
    const follower = await start("follower", { role: "follower" });
    const early = await fetch(`${follower.url}/v1/log/promote`, { method: "POST" });
    expect(early.status, "it has followed nobody").to.equal(409);
    await follower.log.enter(1);
    await follower.log.follow(await leader.log.readTermed(1, 6));
    await follower.log.promote();
    const both = await openHttpLog({
      urls: [leader.url, follower.url],
      ...{ program, hash: hashOf, limits },
    });
    ends.push(() => both.close());
    expect((await recordsFrom(both, 1)).length).to.equal(8);
    await leader.stop();
    const error = await both.read(9, 1).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(OrderedLogError).and.include({ code: "diverged" });
    // Who has carried it out in another life says so when it comes back.
    const epoch = 8;
    const known = { epoch, hash: hashOf(records[7] as EpochRecord) };
    const options = { urls: [follower.url], program, hash: hashOf, limits, known };
    const later = await openHttpLog(options).catch((thrown: unknown) => thrown);
    expect(later).to.include({ code: "diverged" });
    const fine = { epoch: 6, hash: hashOf(records[5] as EpochRecord) };
    const opened = await openHttpLog({ ...options, known: fine });
    await opened.close();
  });

  it("is of one program, has a secret, and refuses what is no record", async () => {
    const server = await start("leader", { token: "secret" });
    const options = { urls: [server.url], hash: hashOf, limits };
    const codeOf = async (opened: Promise<OrderedLog>): Promise<unknown> =>
      ((await opened.catch((thrown: unknown) => thrown)) as OrderedLogError).code;
    expect(await codeOf(openHttpLog({ ...options, program }))).to.equal("refused");
    const other = { ...options, program: "p2", token: "secret" };
    expect(await codeOf(openHttpLog(other))).to.equal("other-program");
    const none = { ...options, program, token: "secret", urls: [`${server.url}/elsewhere`] };
    expect(await codeOf(openHttpLog(none))).to.equal("refused");
    const headers = { authorization: "Bearer secret" };
    const path = `${server.url}/v1/log/records`;
    const bodies = ["", "x", Buffer.alloc(100, 0xff), Buffer.alloc(2 << 20)];
    for (const [at, body] of bodies.entries()) {
      const sent = { method: "POST", body, headers };
      const response = await fetch(`${path}?program=p1&term=1`, sent);
      expect(response.status, String(at)).to.equal(at === 3 ? 413 : 400);
    }
    for (const query of ["", "?program=p1", "?program=p1&term=-1", "?program=p1&term=1&from=0"])
      expect((await fetch(path + query, { headers })).status, query).to.equal(400);
    expect(await server.log.tail()).to.equal(0);
  });

  it("gives nothing that is missing, and none twice, while it is started anew at random", async function () {
    this.timeout(180_000);
    const seed = 5;
    const chance = random(seed);
    let server = await LogServer.start(join(folder, "restarted"));
    const { port } = server;
    const logs = await Promise.all([open(server), open(server), open(server)]);
    const over = new AbortController();
    const seen: string[] = [];
    const told = logs[2].subscribe(1, (record) => void seen.push(nameOf(record)), over.signal);
    let restarting = Promise.resolve();
    let restarts = 0;
    const { epochs } = await contend(
      (at) => Promise.resolve(logs[at] as OrderedLog),
      3,
      20,
      () => {
        if (!chance.chance(0.2)) return;
        restarting = restarting.then(async () => {
          await server.stop();
          server = await LogServer.start(join(folder, "restarted"), { port });
          restarts++;
        });
      },
    );
    await restarting;
    const all = await recordsFrom(logs[0], 1);
    expectChain(all);
    expect(all.length, `seed ${seed}`).to.equal(60);
    for (const [name, epoch] of epochs) expect(nameOf(all[epoch - 1])).to.equal(name);
    while (seen.length < all.length) await logs[0].tail();
    over.abort();
    await told;
    await server.stop();
    expect(seen).to.deep.equal(all.map(nameOf));
    expect(restarts).to.be.greaterThan(3);
  });
});
