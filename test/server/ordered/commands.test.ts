// What is typed to nodes of the ordered plane: processes, of which one is killed.
import { expect } from "chai";

import { NodeClient } from "../../../src/client/node-client.ts";
import { calm } from "../../programs/calm.ts";
import { project } from "../../programs/folder.ts";
import { Plane } from "./planes.ts";

describe("commands for nodes of an ordered plane", function () {
  this.timeout(180_000);
  let plane: Plane;
  before(async () => {
    plane = new Plane({ program: `${project}/programs/bank.dl`, replicas: 2 });
    await plane.start();
  });
  after(() => plane.close());

  it("carry a transaction out once, also where the node that did it is gone", async () => {
    const [stays, goes] = [plane.at(0, 0), plane.at(1, 0)];
    const url = `${goes.url},${stays.url}`;
    const argv = ["txn", "transfer", "ada", "ben", "500", "--id", "mine", "--url", url];
    const first = await calm([...argv, "--format", "json"]);
    expect(first.stderr).to.equal("");
    expect(first.code).to.equal(0);
    expect(JSON.parse(first.stdout)).to.include({ id: "mine", status: "done", inserted: 2 });

    const aborted = await calm(["txn", "transfer", "ada", "ben", "-1", "--url", url]);
    expect(aborted.stderr).to.equal("calm: aborted: cents must be positive\n");
    expect(aborted.code).to.equal(1);

    await goes.kill();
    expect(await calm([...argv, "--format", "json"])).to.deep.equal(first);
    const client = new NodeClient(goes.url, { retry: { attemptsMax: 1 } });
    const again = await client
      .ordered([stays.url])
      .transaction("transfer", ["ada", "ben", 500], { id: "mine" });
    expect(again).to.deep.equal(JSON.parse(first.stdout));
  });

  it("say how things stand, and have a checkpoint made", async () => {
    const { url } = plane.at(0, 0);
    const made = await calm(["ordered", "checkpoint", "--url", url]);
    expect(made.stderr).to.equal("");
    expect(made.stdout).to.match(/^epoch \d+, \d+ rows, \d+ bytes\n$/);
    const status = await calm(["ordered", "status", "--url", url]);
    expect(status.stdout).to.include("r0p0, replica 0 partition 0");
    expect(status.stdout).to.match(/checkpoint {4}epoch \d+\n/);
  });
});
