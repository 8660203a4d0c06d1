// Two replicas as processes, of which one leads the log and the other keeps a copy that follows:
// the leader is killed, an operator promotes the follower, the leader comes back.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { calm } from "../../programs/calm.ts";
import { project } from "../../programs/folder.ts";
import { ClusterNode, until } from "../../support/cluster.ts";
import { asked, statusOf, transact } from "./planes.ts";

const program = `${project}/programs/bank.dl`;

describe("an ordered plane whose log is followed", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "calm-follow-"));
  const nodes: ClusterNode[] = [];

  after(async () => {
    for (const node of nodes) await node.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const begun = async (name: string, place: string, ...settings: string[]) => {
    const node = new ClusterNode(name, [
      ...[program, "--data", join(folder, name), "--ordered", "--replicas", "2"],
      ...["--place", place, "--log", `file:${join(folder, `${name}-log`)}`, ...settings],
    ]);
    nodes.push(node);
    await node.start();
    return node;
  };

  const logOf = async (node: ClusterNode) => (await asked(node, "/v1/log")).body;

  const done = async (node: ClusterNode, name: string, ...args: (string | number)[]) => {
    const answer = await transact(node, name, args);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
    return Number(answer.body["epoch"]);
  };

  it("goes on at the follower, has all that it had fetched, and keeps the old leader out", async () => {
    const leader = await begun("a", "0/0", "--peer", "b");
    const at = `a=ws://127.0.0.1:${leader.listens}`;
    const follower = await begun("b", "1/0", "--peer", at, "--follow", leader.url);
    await done(leader, "open", "x");
    let epoch = await done(follower, "open", "y");
    for (let count = 0; count < 20; count++)
      epoch = await done(count % 2 === 0 ? leader : follower, "transfer", "ada", "x", 1);
    await until("the follower has all", Date.now() + 100_000, async () => {
      return Number((await logOf(follower))["tail"]) >= epoch;
    });
    expect(await logOf(follower)).to.include({ role: "follower", term: 1 });

    await leader.kill();
    const promoted = await calm(["ordered", "promote", "--url", follower.url]);
    expect(promoted.code, promoted.stderr).to.equal(0);
    expect(promoted.stdout).to.include("leads the log in term 2");
    const later = await done(follower, "transfer", "x", "y", 20);
    expect(later).to.be.greaterThan(epoch);
    const { completed } = await statusOf(follower);

    // Nobody has told it; it hears of the promotion by whoever was promoted, and ends.
    const back = leader.start().catch(() => undefined);
    expect(await leader.ended(), "its log was replaced").to.equal(1);
    await back;
    await done(follower, "transfer", "y", "x", 1);
    expect((await statusOf(follower)).completed.epoch).to.be.greaterThan(completed.epoch);

    // The follower comes back as the leader that it is, with the same flags.
    await follower.kill();
    await follower.start();
    expect(await logOf(follower)).to.include({ role: "leader", term: 2 });
    await done(follower, "transfer", "y", "x", 1);
  });

  it("is followed from where it begins, where it was cut off, with another replica's checkpoint", async () => {
    const leader = await begun("c", "0/0", "--peer", "d");
    const at = `c=ws://127.0.0.1:${leader.listens}`;
    const follower = await begun("d", "1/0", "--peer", at, "--follow", leader.url);
    for (let count = 0; count < 10; count++) await done(leader, "transfer", "ada", "ben", 1);
    const checkpoints = async (): Promise<void> => {
      for (const node of [leader, follower])
        await asked(node, "/v1/ordered/checkpoint", { method: "POST" });
    };
    const { program: of } = await logOf(leader);
    const first = `/v1/log/records?program=${String(of)}&term=1&from=1`;
    await until("the log is cut off", Date.now() + 100_000, async () => {
      await checkpoints();
      return (await fetch(`${leader.url}${first}`)).status === 410;
    });
    await follower.kill();
    rmSync(join(folder, "d-log"), { recursive: true });
    rmSync(join(folder, "d", "checkpoints"), { recursive: true });
    const epoch = await done(leader, "transfer", "ada", "ben", 1);
    await follower.start();
    await until("the follower has carried out all", Date.now() + 100_000, async () => {
      return (await statusOf(follower)).completed.epoch >= epoch;
    });
    // Its epochs up to there are of a checkpoint, which may have all of the past (a horizon of 0).
    expect((await statusOf(follower)).checkpoint).to.be.greaterThan(0);
    const [own, leaders] = [await statusOf(follower), await statusOf(leader)];
    if (own.completed.epoch === leaders.completed.epoch)
      expect(own.completed.hash).to.equal(leaders.completed.hash);

    await leader.kill();
    expect((await calm(["ordered", "promote", "--url", follower.url])).code).to.equal(0);
    await done(follower, "transfer", "ben", "ada", 11);
    const { body } = await asked(follower, "/v1/query?goal=balance(%22ada%22,X)&at=local");
    expect(body["tuples"]).to.deep.equal([[10_000]]);
  });
});
