// A disk that does not take a checkpoint: the node goes on, and makes one once there is room.
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { project } from "../../programs/folder.ts";
import { until } from "../../support/cluster.ts";
import { asked, Plane, statusOf, transact } from "./planes.ts";

describe("an ordered plane whose disk takes no checkpoint", function () {
  this.timeout(120_000);
  let plane: Plane | undefined;
  afterEach(() => plane?.close());

  it("goes on, says so to who asks for one and in the log, and makes one once it can", async () => {
    const program = join(project, "programs", "bank.dl");
    const of = new Plane({ program, settings: ["--checkpoint-interval", "1"] });
    plane = of;
    await of.start();
    const node = of.at(0, 0);
    const pay = async (key: string): Promise<void> => {
      const { status } = await transact(node, "transfer", ["ada", "ben", 1], key);
      expect(status).to.equal(200);
    };
    const made = (): Promise<boolean> =>
      statusOf(node).then(({ checkpoint, completed }) => checkpoint === completed.epoch);
    await pay("first");
    await until("there is a checkpoint", Date.now() + 60_000, made);
    const { checkpoint } = await statusOf(node);

    // Where a file is no folder can be written to.
    const folder = join(of.folder, "r0p0", "checkpoints");
    renameSync(folder, `${folder}.kept`);
    writeFileSync(folder, "");
    await pay("second");
    const refused = await asked(node, "/v1/ordered/checkpoint", { method: "POST" });
    expect([refused.status, refused.body["code"]]).to.deep.equal([503, "disk-failed"]);
    await until("the log says so", Date.now() + 60_000, () =>
      Promise.resolve(node.lastSaid.some((line) => line.includes("the one before stays"))),
    );
    expect((await statusOf(node)).checkpoint).to.equal(checkpoint);
    await pay("third");

    rmSync(folder);
    renameSync(`${folder}.kept`, folder);
    await until("there is another checkpoint", Date.now() + 60_000, made);
    expect(node.lastSaid.some((line) => line.includes('"level":"error"'))).to.equal(false);
    expect(await node.stop()).to.equal(0);
  });
});
