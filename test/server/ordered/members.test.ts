// Members of an ordered plane, as processes: one is dead for good, an operator removes it, and another
// one takes its place.
import { join } from "node:path";

import { expect } from "chai";

import { calm } from "../../programs/calm.ts";
import { project } from "../../programs/folder.ts";
import { ClusterNode, until } from "../../support/cluster.ts";
import { asked, Plane, statusOf, transact } from "./planes.ts";

const program = `${project}/programs/bank.dl`;

describe("the members of an ordered plane", function () {
  this.timeout(120_000);
  let plane: Plane;
  before(async () => {
    plane = new Plane({ program, replicas: 3 });
    await plane.start();
  });
  after(() => plane.close());

  async function pay(count: number, name: string): Promise<void> {
    for (let at = 0; at < count; at++) {
      const { status } = await transact(
        plane.at(0, 0),
        "transfer",
        ["ada", "ben", 1],
        `${name}-${at}`,
      );
      expect(status).to.equal(200);
    }
  }

  /** Makes checkpoints at the replicas that are up, once each knows of the others'; twice, since the
   * first one to make its own does not know of those after it. */
  async function checkpoints(): Promise<void> {
    const up = plane.nodes.filter((node) => node.up);
    for (let round = 0; round < 2; round++) {
      const made = new Map<string, unknown>();
      for (const node of up) {
        const { status, body } = await asked(node, "/v1/ordered/checkpoint", { method: "POST" });
        expect(status).to.equal(200);
        made.set(node.name, body["epoch"]);
      }
      for (const node of up)
        await until("checkpoints are known", Date.now() + 100_000, async () => {
          const { members } = (await asked(node, "/v1/ordered")).body as {
            readonly members: readonly { readonly name: string; readonly checkpoint?: number }[];
          };
          return members.every(
            ({ name, checkpoint }) => (made.get(name) ?? checkpoint) === checkpoint,
          );
        });
    }
  }

  /** Whether the log has an epoch still. */
  async function has(epoch: number): Promise<boolean> {
    const { program: of } = (await asked(plane.at(0, 0), "/v1/log")).body as { program?: string };
    const query = `program=${of ?? ""}&term=1&from=${epoch}&limit=1&wait=0`;
    const response = await fetch(`${plane.at(0, 0).url}/v1/log/records?${query}`);
    return response.status === 200;
  }

  const members = (...argv: string[]) =>
    calm(["ordered", "members", ...argv, "--url", plane.at(0, 0).url]);

  it("hold the log for one that is dead until it is removed, and are cut off behind the others then", async () => {
    await pay(5, "all");
    await plane.settled();
    await checkpoints();
    const dead = plane.at(2, 0);
    const { checkpoint = 0 } = await statusOf(dead);
    await dead.kill();
    await pay(5, "without");
    await plane.settled();
    await checkpoints();
    expect(await has(checkpoint + 1)).to.equal(true);

    const removed = await members("remove", dead.name);
    expect(removed).to.deep.include({ code: 0, stderr: "" });
    expect(removed.stdout).to.match(/r0p0.*\n.*r1p0.*\n$/);
    expect(removed.stdout).not.to.include("r2p0");
    expect((await members("remove", dead.name)).stdout).to.equal(removed.stdout);
    await pay(2, "removed");
    await plane.settled();
    await checkpoints();
    expect(await has(checkpoint + 1)).to.equal(false);
  });

  it("are joined by another one in its place, from a checkpoint of theirs", async () => {
    const [first] = plane.nodes.splice(2, 1);
    expect(first?.up).to.equal(false);
    const at = plane.at(0, 0);
    const unknown = await members("add", "late");
    expect(unknown.code).to.equal(1);
    expect(unknown.stderr).to.include("node late has not said where it is");
    const late = new ClusterNode("late", [
      ...[program, "--data", join(plane.folder, "late"), "--ordered", "--log", at.url],
      ...["--replicas", "3", "--place", "2/0", "--join", at.url],
    ]);
    plane.nodes.push(late);
    await late.start();
    await until("it says where it is", Date.now() + 100_000, async () => {
      const { code } = await members("add", "late");
      return code === 0;
    });
    expect((await members()).stdout).to.match(/late .*replica 2 partition 0 .*connected {2}/);
    await pay(3, "joined");
    await plane.settled();
    expect((await statusOf(late)).checkpoint).to.be.greaterThan(0);
    const { body } = await transact(late, "transfer", ["ada", "ben", 1], "at-the-late");
    expect(body).to.include({ status: "done" });
  });

  it("carry out no transactions while they are none, though they run", async () => {
    const out = plane.at(1, 0);
    expect((await members("remove", out.name)).code).to.equal(0);
    const refused = (key: string) => transact(out, "transfer", ["ada", "ben", 1], key);
    await until("it knows", Date.now() + 100_000, async () => {
      const { status, body } = await refused("removed");
      return status === 503 && body["code"] === "not-admitted";
    });
    expect((await asked(out, "/v1/query?goal=balance(A,B)&at=local")).status).to.equal(200);
    await pay(2, "without-it");
    expect((await members("add", out.name)).code).to.equal(0);
    await plane.settled();
    expect((await refused("added")).status).to.equal(200);
  });

  it("are who they were where a change is none, or is refused", async () => {
    const post = (body: string) =>
      asked(plane.at(0, 0), "/v1/ordered/members", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
    for (const body of ["{}", '{"add":"late","remove":"late"}', '{"add":3}', "[]"])
      expect((await post(body)).status, body).to.be.oneOf([400, 422]);
    const same = await post('{"add":"late"}');
    expect(same.status).to.equal(200);
    expect(same.body["members"]).to.deep.equal([
      { name: "r0p0", replica: 0, partition: 0 },
      { name: "r1p0", replica: 1, partition: 0 },
      { name: "late", replica: 2, partition: 0 },
    ]);
    expect((await members("add")).code).to.equal(2);
    expect((await members("append", "x")).code).to.equal(2);
  });
});
