// Two replicas over a log in etcd: a member of etcd dies, a replica loses its disk and comes back
// with the checkpoint of the other one.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

import { EtcdCluster, etcdMissing } from "../../support/etcd-cluster.ts";
import { until } from "../../support/cluster.ts";
import { project } from "../../programs/folder.ts";
import { asked, Plane, statusOf, transact } from "./planes.ts";

describe("an ordered plane over etcd", function () {
  this.timeout(120_000);
  let etcd: EtcdCluster | undefined;
  let plane: Plane | undefined;
  before(async function () {
    if (etcdMissing()) this.skip();
    etcd = await EtcdCluster.start(3);
  });
  afterEach(() => plane?.close());
  after(() => etcd?.stop());

  it("carries out transfers at two partitions of two replicas, while a node and a member of etcd die", async () => {
    const program = `${project}/programs/bank.dl`;
    const log = `etcd:${etcd?.endpoints.join(",") ?? ""}`;
    const settings = ["--cluster", "two-by-two"];
    const of = new Plane({ program, partitions: 2, replicas: 2, log, settings });
    plane = of;
    await of.start();
    const pay = async (count: number, name: string): Promise<void> => {
      const up = of.nodes.filter((node) => node.up);
      for (let at = 0; at < count; at++) {
        const node = up[at % up.length] ?? of.at(0, 0);
        const [from, to] = [["ada", "ben", "cho"][at % 3], ["ben", "cho", "ada"][at % 3]];
        const { status } = await transact(node, "transfer", [from, to, 1], `${name}-${at}`);
        expect(status).to.equal(200);
      }
    };
    await pay(12, "all");
    await etcd?.kill(0);
    await pay(12, "without-a-member");
    await of.at(1, 1).kill();
    await pay(12, "without-a-node");
    etcd?.revive(0);
    await of.at(1, 1).start();
    await pay(12, "all-again");
    await of.settled();
    const { body } = await asked(of.at(1, 1), "/v1/query?goal=total(X)&at=strict");
    expect(body["tuples"]).to.deep.equal([[12_500]]);
  });

  it("goes on without one of three, and installs a checkpoint where the log is cut off", async () => {
    const program = `${project}/programs/bank.dl`;
    const log = `etcd:${etcd?.endpoints.join(",") ?? ""}`;
    const storage = (name: string) => ["--storage", name === "r1p0" ? "lmdb" : "memory"];
    const of = new Plane({ program, replicas: 2, log, settingsOf: storage });
    plane = of;
    await of.start();
    const [one, other] = [of.at(0, 0), of.at(1, 0)];
    const pay = async (count: number, name: string): Promise<void> => {
      for (let at = 0; at < count; at++) {
        const node = at % 2 === 0 || !other.up ? one : other;
        const { status } = await transact(node, "transfer", ["ada", "ben", 1], `${name}-${at}`);
        expect(status).to.equal(200);
      }
    };
    await pay(10, "all");
    await etcd?.kill(1);
    await pay(10, "two");
    await of.settled();
    const checkpoint = { method: "POST" };
    for (const node of [one, other]) {
      const made = await asked(node, "/v1/ordered/checkpoint", checkpoint);
      expect(made.status).to.equal(200);
      expect(made.body["rows"]).to.be.at.least(3);
    }
    // Both know of both, so that the log is cut off at the next one.
    const { checkpoint: last = 0 } = await statusOf(other);
    await until("checkpoints are known", Date.now() + 100_000, async () => {
      const { body } = await asked(one, "/v1/ordered");
      const [member] = body["members"] as { readonly checkpoint?: number }[];
      return member?.checkpoint === last;
    });
    await pay(2, "more");
    await asked(one, "/v1/ordered/checkpoint", checkpoint);
    await other.kill();
    rmSync(join(of.folder, "r1p0", "rows"), { recursive: true });
    await pay(10, "alone");
    await other.start();
    const { log: known } = await statusOf(one);
    await of.settled(known.tail);
    expect((await statusOf(other)).horizon).to.be.above(0);
    await pay(4, "again");
    await of.settled();
  });
});
