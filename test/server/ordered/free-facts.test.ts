// Free facts at an ordered plane: transactions see them up to the frontier of their epoch, the same
// at both replicas.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

import { project } from "../../programs/folder.ts";
import { until } from "../../support/cluster.ts";
import { asked, Plane, statusOf, transact } from "./planes.ts";

const election = `
  .decl vote(voter: symbol, of: symbol)
  .input vote
  .decl elected(seat: symbol, votes: number) ordered(seat)
  .transaction tally(seat: symbol) {
    abort("tallied already") :- elected(seat, _).
    +elected(seat, n) :- n = count : { vote(_, seat) }.
  }
  .transaction check(seat: symbol, votes: number) {
    abort("other votes") :- !elected(seat, votes).
  }`;

describe("free facts at an ordered plane", function () {
  this.timeout(180_000);
  let plane: Plane | undefined;
  afterEach(() => plane?.close());

  for (const storage of ["memory", "lmdb"])
    it(`that transactions insert are there after a checkpoint and a crash, with rows in ${storage}`, async () => {
      const program = `${project}/programs/bank.dl`;
      const of = new Plane({ program, settings: ["--storage", storage] });
      plane = of;
      await of.start();
      const node = of.at(0, 0);
      for (let round = 0; round < 3; round++) {
        const paying = Array.from({ length: 40 }, (_, at) =>
          transact(node, "pay", [`${round}-${at}`, "ada", "ben", 1]).catch(() => undefined),
        );
        await Promise.race(paying);
        const made = await asked(node, "/v1/ordered/checkpoint", { method: "POST" });
        expect(made.status, JSON.stringify(made.body)).to.equal(200);
        await node.kill();
        const epochs = (await Promise.all(paying)).map((answer) => Number(answer?.body["epoch"]));
        await node.start();
        const { log } = await statusOf(node);
        await of.settled(log.tail);
        const told = epochs.flatMap((epoch, at) => (epoch > 0 ? [`${round}-${at}`] : []));
        expect(told.length).to.be.greaterThan(0);
        await until("all receipts are there", Date.now() + 100_000, async () => {
          const { body } = await asked(node, "/v1/relations/receipt?limit=1000");
          const receipts = new Set((body["tuples"] as string[][]).map(([id]) => id));
          return told.every((id) => receipts.has(id));
        });
      }
    });

  it("are counted by transactions once a majority holds them", async () => {
    const of = new Plane({ program: "program.dl", replicas: 2 });
    plane = of;
    writeFileSync(join(of.folder, "program.dl"), election);
    await of.start();
    const [one, other] = [of.at(0, 0), of.at(1, 0)];
    const headers = { "content-type": "application/json" };
    const votes = [
      ["ada", "mayor"],
      ["ben", "mayor"],
      ["cho", "judge"],
    ];
    for (const [at, vote] of votes.entries()) {
      const init = { method: "POST", headers, body: JSON.stringify([vote]) };
      const { status } = await asked(at % 2 === 0 ? one : other, "/v1/facts/vote", init);
      expect(status).to.equal(200);
    }
    for (const node of [one, other])
      await until("the frontier names all", Date.now() + 100_000, async () => {
        const { frontier } = await statusOf(node);
        return Object.values(frontier).reduce((sum, count) => sum + count, 0) === 3;
      });
    expect((await transact(other, "tally", ["mayor"])).body).to.include({ inserted: 1 });
    expect((await transact(one, "check", ["mayor", 2])).status).to.equal(200);
    expect((await transact(one, "check", ["mayor", 3])).body["reason"]).to.equal("other votes");
    await of.settled();
    await other.kill();
    await other.start();
    await of.settled((await statusOf(one)).log.tail);
  });
});
