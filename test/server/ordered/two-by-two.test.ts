// Two partitions, two replicas, as four processes: transfers at all of them, also while one is
// killed, or stands still.
import { expect } from "chai";

import { random } from "../../../src/base/random.ts";
import { calm } from "../../programs/calm.ts";
import { type ClusterNode, until } from "../../support/cluster.ts";
import { project } from "../../programs/folder.ts";
import { type Answered, asked, Plane, statusOf, transact } from "./planes.ts";

const seed = Number(process.env["SEED"] ?? "1");
const accounts = Array.from({ length: 8 }, (_, at) => `account ${at}`);

describe(`an ordered plane of two partitions and two replicas (SEED=${seed})`, function () {
  this.timeout(120_000);
  let plane: Plane;
  before(async () => {
    plane = new Plane({ program: `${project}/programs/bank.dl`, partitions: 2, replicas: 2 });
    await plane.start();
    for (const [at, account] of accounts.entries()) {
      const node = plane.nodes[at % plane.nodes.length];
      if (node === undefined) continue;
      expect((await transact(node, "open", [account])).status, account).to.equal(200);
      const funded = await transact(node, "transfer", ["ada", account, 1_000]);
      expect(funded.status).to.equal(200);
    }
  });
  after(() => plane.close());

  /** Transfers between accounts at some nodes, with a new name each. */
  async function transfers(nodes: readonly ClusterNode[], count: number, name: string) {
    const chance = random(seed);
    const calls = Array.from({ length: count }, (_, at) => {
      const [from, to] = [chance.pick(accounts), chance.pick(accounts)];
      const args = [from, to, chance.between(1, 300)];
      return { node: chance.pick(nodes), args, key: `${name}-${at}` };
    });
    const answers: Answered[] = [];
    const next = calls[Symbol.iterator]();
    const work = async (): Promise<void> => {
      for (const { node, args, key } of next)
        answers.push(await again(() => transact(node, "transfer", args, key)));
    };
    await Promise.all(Array.from({ length: 8 }, work));
    return answers;
  }

  it("carries out what is asked of any node, and all replicas are equal", async () => {
    const answers = await transfers(plane.nodes, 100, "first");
    expect(answers.map(({ status }) => status)).to.include(200);
    for (const { status } of answers) expect(status).to.be.oneOf([200, 409]);
    expect([...(await plane.settled()).keys()].toSorted()).to.deep.equal([0, 1]);
  });

  it("carries out once what is asked again, of others", async () => {
    const args = ["ada", "ben", 1];
    const answers = await Promise.all(
      plane.nodes.map((node) => transact(node, "transfer", args, "the-same")),
    );
    const positions = new Set(answers.map(({ body }) => body["position"]));
    expect(positions.size).to.equal(1);
    for (const { body } of answers) expect(body).to.include({ removed: 2, inserted: 2 });
  });

  it("goes on with one replica while a partition of the other one stands still", async () => {
    const still = plane.at(1, 1);
    still.signal("SIGSTOP");
    try {
      const answers = await transfers([plane.at(0, 0), plane.at(0, 1)], 60, "stopped");
      for (const { status } of answers) expect(status).to.be.oneOf([200, 409]);
    } finally {
      still.signal("SIGCONT");
    }
    await plane.settled();
  });

  for (const [replica, partition] of [
    [1, 0],
    [0, 1],
    [0, 0],
  ] as const)
    it(`comes back where the node of replica ${replica}, partition ${partition} is killed`, async () => {
      const killed = plane.at(replica, partition);
      const others = plane.nodes.filter((node) => node !== killed);
      const working = transfers(others, 60, `killed ${replica}/${partition}`.replace(/\W/g, "-"));
      await killed.kill();
      await killed.start();
      const answers = await working;
      for (const { status } of answers) expect(status).to.be.oneOf([200, 409]);
      const { log } = await statusOf(plane.at(0, 0));
      await plane.settled(log.tail);
    });

  it("has the same sum at every epoch that is kept, and says which are not", async () => {
    const total = (epoch: number, at: number) =>
      asked(plane.at(at % 2, (at >> 1) % 2), `/v1/query?goal=total(X)&at=${epoch}`);
    await plane.settled();
    const { log, horizon } = await statusOf(plane.at(0, 0));
    const first = Math.max(1, horizon);
    expect(log.tail - first, "epochs").to.be.greaterThan(50);
    for (let epoch = first; epoch <= log.tail; epoch++) {
      const { status, body } = await total(epoch, epoch);
      expect(status, `epoch ${epoch}: ${JSON.stringify(body)}`).to.equal(200);
      expect(body["tuples"], `epoch ${epoch}`).to.deep.equal([[12_500]]);
    }
    const urls = plane.nodes.map(({ url }) => url).join(",");
    for (const epoch of [first, (first + log.tail) >> 1, log.tail]) {
      const { code, stdout } = await calm(["query", "total(X)", "--at", `${epoch}`, "--url", urls]);
      expect(code).to.equal(0);
      expect(stdout, `epoch ${epoch}`).to.include("12500");
    }
    // The first round does not know of the checkpoints of those after it.
    const forgotten = async (): Promise<boolean> => {
      for (const node of plane.nodes)
        await asked(node, "/v1/ordered/checkpoint", { method: "POST" });
      const { status, body } = await total(first, 0);
      if (status !== 410) return false;
      expect(body).to.include({ code: "forgotten" });
      return true;
    };
    await until("the first epochs are forgotten", Date.now() + 100_000, forgotten);
    const { code, stderr } = await calm(["query", "total(X)", "--at", `${first}`, "--url", urls]);
    expect(code).to.equal(1);
    expect(stderr).to.match(/oldest|begin|kept/);
  });

  it("shows an epoch's hash, the same at both replicas", async () => {
    const { completed } = await statusOf(plane.at(0, 0));
    const path = `/v1/ordered/state/${completed.epoch}`;
    const [one, other] = await Promise.all([0, 1].map((of) => asked(plane.at(of, 1), path)));
    expect(one?.body["hash"]).to.equal(other?.body["hash"]);
  });
});

/** Asks again, under the same key, while the answer is that nobody knows, or there is none. */
async function again(ask: () => Promise<Answered>): Promise<Answered> {
  for (let tries = 0; ; tries++) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined && answer.status < 429) return answer;
    if (tries === 100) throw new Error(`no answer: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
