// A plane of one node, as a process: what it answers, and what is there after it was killed.
import { expect } from "chai";

import { project } from "../../programs/folder.ts";
import { asked, Plane, statusOf, transact } from "./planes.ts";

for (const settings of [
  ["--storage", "memory"],
  ["--storage", "lmdb"],
  ["--checkpoint-by", "zigzag"],
  ["--checkpoint-by", "synchronous"],
])
  describe(`an ordered plane of one node, with ${settings.join(" ")}`, function () {
    this.timeout(180_000);
    oneNode(settings);
  });

function oneNode(settings: readonly string[]): void {
  let plane: Plane;
  before(async () => {
    plane = new Plane({ program: `${project}/programs/bank.dl`, settings });
    await plane.start();
  });
  after(() => plane.close());

  it("carries transactions out, by positions or names of their arguments", async () => {
    const node = plane.at(0, 0);
    const one = await transact(node, "transfer", ["ada", "ben", 100], "k1");
    expect(one.status).to.equal(200);
    expect(one.body).to.include({ id: "k1", status: "done", removed: 2, inserted: 2 });
    const named = await transact(node, "transfer", { cents: 50, to: "cho", from: "ben" });
    expect(named.body).to.include({ status: "done", removed: 2, inserted: 2 });
    expect(named.body["id"]).to.be.a("string");
  });

  it("says why one aborted, and changes nothing", async () => {
    const node = plane.at(0, 0);
    const { status, body } = await transact(node, "transfer", ["ada", "ben", 1_000_000], "k2");
    expect(status).to.equal(409);
    expect(body).to.include({ code: "aborted", reason: "insufficient funds", id: "k2" });
    const again = await transact(node, "transfer", ["ada", "ben", 1_000_000], "k2");
    expect(again.body).to.deep.equal(body);
  });

  it("refuses what is no transaction, and what are not its arguments", async () => {
    const node = plane.at(0, 0);
    const unknown = await transact(node, "transfr", []);
    expect(unknown.status).to.equal(404);
    expect(unknown.body).to.include({ code: "unknown-transaction" });
    expect(unknown.body["hint"]).to.equal('did you mean "transfer"?');
    const wrong = await transact(node, "transfer", ["ada", 3]);
    expect(wrong.status).to.equal(422);
    expect(wrong.body["errors"]).to.have.length(3);
    const large = await transact(node, "open", ["x".repeat(3_500_000)]);
    expect(large.status).to.equal(413);
  });

  it("lets transactions insert into free relations, which clients do not", async () => {
    const node = plane.at(0, 0);
    const { body } = await transact(node, "pay", ["r1", "ada", "ben", 1]);
    expect(body).to.include({ status: "done", removed: 2, inserted: 3 });
    const receipts = await asked(node, "/v1/relations/receipt");
    expect(receipts.body["tuples"]).to.deep.equal([["r1", "ada", "ben", 1]]);
    const headers = { "content-type": "application/json" };
    const facts = { method: "POST", headers, body: '[["r2","ada","ben",1]]' };
    const refused = await asked(node, "/v1/facts/receipt", facts);
    expect(refused.status).to.equal(409);
    expect(refused.body).to.include({ code: "not-an-input" });
  });

  it("has all that it had answered after it was killed, and answers the same again", async () => {
    const node = plane.at(0, 0);
    const { epoch } = (await transact(node, "transfer", ["ada", "cho", 7], "k3")).body;
    const before = await statusOf(node);
    await node.kill();
    await node.start();
    await plane.settled(before.completed.epoch);
    const state = await asked(node, `/v1/ordered/state/${before.completed.epoch}`);
    expect(state.body["hash"]).to.equal(before.completed.hash);
    const again = await transact(node, "transfer", ["ada", "cho", 7], "k3");
    expect(again.status).to.equal(200);
    expect(again.body["epoch"]).to.equal(epoch);
    const empty = await transact(node, "close", ["cho"]);
    expect(empty.body["reason"]).to.equal("not empty");
  });

  it("comes back from its checkpoint", async () => {
    const node = plane.at(0, 0);
    const made = await asked(node, "/v1/ordered/checkpoint", { method: "POST" });
    expect(made.status).to.equal(200);
    expect(made.body["epoch"]).to.equal((await statusOf(node)).completed.epoch);
    const { position } = (await transact(node, "transfer", ["ada", "ben", 2], "k5")).body;
    const { completed } = await statusOf(node);
    await node.kill();
    await node.start();
    await plane.settled(completed.epoch);
    const after = await statusOf(node);
    expect(after.checkpoint).to.equal(made.body["epoch"]);
    const path = `/v1/ordered/state/${completed.epoch}`;
    expect((await asked(node, path)).body["hash"]).to.equal(completed.hash);
    for (const [key, cents] of [
      ["k1", 100],
      ["k5", 2],
    ] as const) {
      const again = await transact(node, "transfer", ["ada", "ben", cents], key);
      expect(again.body["status"]).to.equal("done");
      if (key === "k5") expect(again.body["position"]).to.equal(position);
    }
  });

  it("comes back from a checkpoint that was made while transactions came", async () => {
    const node = plane.at(0, 0);
    const epochs: number[] = [];
    let over = false;
    const transfers = Array.from({ length: 4 }, async (_, of) => {
      for (let at = 0; !over || at < 8; at++) {
        const name = at % 2 === 0 ? ["ada", "ben"] : ["ben", "ada"];
        const { body } = await transact(node, "transfer", [...name, 1], `t${of}-${at}`);
        expect(body["status"]).to.equal("done");
      }
    });
    for (let at = 0; at < 3; at++) {
      const made = await asked(node, "/v1/ordered/checkpoint", { method: "POST" });
      expect(made.status).to.equal(200);
      epochs.push(Number(made.body["epoch"]));
    }
    over = true;
    await Promise.all(transfers);
    expect(epochs).to.deep.equal(epochs.toSorted((a, b) => a - b));
    const { completed } = await statusOf(node);
    await node.kill();
    await node.start();
    await plane.settled(completed.epoch);
    expect((await statusOf(node)).checkpoint).to.equal(epochs.at(-1));
    const path = `/v1/ordered/state/${completed.epoch}`;
    expect((await asked(node, path)).body["hash"]).to.equal(completed.hash);
    const again = await transact(node, "transfer", ["ada", "ben", 1], "t0-0");
    expect(again.body["status"]).to.equal("done");
  });
}
