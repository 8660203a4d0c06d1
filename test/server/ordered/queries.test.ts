// Questions to two partitions in two replicas, as four processes: at each level, what it promises.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { NodeClient } from "../../../src/client/node-client.ts";
import { NodeError } from "../../../src/client/node-error.ts";
import type { Answers } from "../../../src/client/queries.ts";
import { calm } from "../../programs/calm.ts";
import { type ClusterNode, until } from "../../support/cluster.ts";
import { Plane, statusOf } from "./planes.ts";

const text = `
// Who follows whom is free; who is blocked is decided in an order.
.decl follows(x: number, y: number)
.input follows
.decl blocked(x: number) ordered(x)
.decl reaches(x: number, y: number)
.calm ordered reaches "of those who are blocked at one moment"
reaches(x, y) :- follows(x, y), !blocked(y).
reaches(x, z) :- reaches(x, y), follows(y, z), !blocked(z).
.decl reached(n: number)
.calm ordered reached "of one moment"
reached(n) :- n = count : { reaches(_, _) }.
.decl known(x: number)
known(x) :- follows(x, _).
known(y) :- follows(_, y).
.output known
.transaction block(x: number) {
  abort("blocked already") :- blocked(x).
  +blocked(x).
}
.transaction follow(x: number, y: number) {
  abort("blocked") :- blocked(x) ; blocked(y).
  +follows(x, y).
}
`;

describe("questions to an ordered plane", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "calm-queries-"));
  const program = join(folder, "social.dl");
  let plane: Plane;
  before(async () => {
    writeFileSync(program, text);
    plane = new Plane({ program, partitions: 2, replicas: 2 });
    await plane.start();
  });
  after(async () => {
    await plane.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const client = ({ url }: ClusterNode): NodeClient =>
    new NodeClient(url, { retry: { attemptsMax: 1 } });

  function problem(asked: Promise<Answers>): Promise<string> {
    return asked.then(
      () => "answered",
      (error: unknown) => (error instanceof NodeError ? error.code : String(error)),
    );
  }

  function pairs({ tuples }: Answers): string {
    return tuples
      .map((of) => of.map(String).join("-"))
      .toSorted()
      .join(" ");
  }

  it("are answered with all that was acknowledged before, at whatever node, if they are strict", async () => {
    for (let x = 0; x < 12; x++) {
      const writer = plane.nodes[x % 4]!;
      const reader = plane.nodes[(x + 1 + (x % 3)) % 4]!;
      await client(writer).insert("follows", [[x, x + 1]]);
      const found = await client(reader).query(`reaches(${x}, Y)`, { at: "strict" });
      expect(pairs(found), `after ${x}`).to.equal(String(x + 1));
      expect(found.epoch).to.be.greaterThan(0);
      const total = ((x + 1) * (x + 2)) / 2;
      const counted = await client(writer).query("reached(N)", { at: "strict" });
      expect(counted.tuples).to.deep.equal([[total]]);
    }
    // What is monotone can be asked so, too.
    const known = await client(plane.nodes[3]!).query("known(X)", { at: "strict" });
    expect(known.tuples).to.have.length(13);
  });

  it("follow a session: facts, transactions, and what was seen, from node to node", async () => {
    const writer = client(plane.nodes[0]!).session();
    await writer.insert("follows", [
      [100, 101],
      [101, 102],
    ]);
    await writer.ordered().transaction("block", [102]);
    for (const node of plane.nodes) {
      const reader = client(node).session(writer.current.text);
      const found = await reader.query("reaches(100, Y)");
      expect([found.at, pairs(found)]).to.deep.equal(["session", "101"]);
      expect((await reader.query("known(102)")).holds).to.equal(true);
      expect(reader.current.text).to.include(`epoch:${String(found.epoch)}`);
    }
    const never = client(plane.nodes[1]!).session("epoch:100000");
    expect(await problem(never.query("blocked(X)", { timeoutMs: 50 }))).to.equal("behind");
  });

  it("have one answer at one epoch, at every node and for good", async () => {
    await plane.settled();
    const answers = new Map<number, string>();
    const { completed } = await statusOf(plane.nodes[0]!);
    for (let epoch = 0; epoch <= completed.epoch; epoch++)
      for (const node of plane.nodes) {
        const found = await client(node).query("reaches(X, Y)", { at: epoch });
        const shown = `${pairs(found)} ${JSON.stringify(Object.entries(found.frontier ?? {}).toSorted())}`;
        expect(shown, `${node.name}, epoch ${epoch}`).to.equal(answers.get(epoch) ?? shown);
        answers.set(epoch, shown);
        expect(found.epoch).to.equal(epoch);
      }
    expect(new Set(answers.values()).size).to.be.greaterThan(10);
    const next = completed.epoch + 1;
    expect(await problem(client(plane.nodes[2]!).query("blocked(X)", { at: next }))).to.equal(
      "ahead",
    );
    // Who waits for an epoch gets it when it comes.
    const late = client(plane.nodes[2]!).query("blocked(X)", { at: next, timeoutMs: 20_000 });
    await client(plane.nodes[1]!).transaction("block", [555]);
    expect((await late).tuples).to.deep.include([555]);
  });

  it("are not answered strictly while a member is silent, and otherwise are", async () => {
    const still = plane.at(1, 1);
    await still.halt();
    try {
      const { code, stderr } = await calm([
        ...["query", "reaches(0, Y)", "--at", "strict", "--timeout", "500"],
        ...["--url", plane.nodes[0]!.url],
      ]);
      expect([code, stderr]).to.deep.equal([1, stderr]);
      expect(stderr).to.include("does not say which facts it has acknowledged");
      const own = await client(plane.nodes[0]!).query("reaches(0, Y)");
      expect([own.at, own.tuples.length]).to.deep.equal(["local", 12]);
    } finally {
      still.signal("SIGCONT");
    }
    await until("a strict question is answered", Date.now() + 100_000, async () => {
      const asked = client(plane.nodes[0]!).query("reaches(0, Y)", { at: "strict" });
      return (await problem(asked)) === "answered";
    });
  });

  it("are asked from the command line, and note what was seen", async () => {
    const file = join(folder, "session");
    const ask = (...argv: string[]) => calm(["query", ...argv, "--url", plane.nodes[2]!.url]);
    const first = await ask("reaches(0, Y)", "--at", "strict", "--session", file, "--limit", "2");
    expect([first.code, first.stdout.split("\n")[0]]).to.deep.equal([0, "Y"]);
    expect(first.stdout).to.match(/\nat epoch \d+\n$/);
    expect(first.stderr).to.include("there are more answers");
    expect(readFileSync(file, "utf8")).to.match(/^epoch:\d+\n$/);
    const json = await ask("reaches(0, 3)", "--session", file, "--format", "json");
    expect(JSON.parse(json.stdout)).to.include({ at: "session", holds: true });
    expect(await ask("blocked(0)")).to.include({ code: 1 });
    expect((await ask("blocked(0)")).stdout).to.match(/^no\nat epoch \d+\n$/);
    expect((await ask("blocked(0)", "--at", "99999")).stderr).to.include("is not carried out here");
    expect((await ask("blocked(0)", "--at", "session")).code).to.equal(2);
    expect((await ask("blocked(0)", "--at", "soon")).code).to.equal(2);
  });
});
