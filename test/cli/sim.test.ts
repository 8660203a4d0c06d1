import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { calm, inFolder } from "../programs/calm.ts";

const reach = `
.decl edge(x: number, y: number)
.input edge
.decl path(x: number, y: number)
path(x, y) :- edge(x, y).
path(x, z) :- path(x, y), edge(y, z).
.output path
`;

const sinks = `
.decl edge(x: number, y: number)
.input edge
.decl sink(x: number)
sink(y) :- edge(_, y), !edge(y, _).
.output sink
`;

const edges = "1\t2\n2\t3\n3\t4\n4\t5\n5\t6\n6\t7\n7\t1\n7\t8\n";

async function simulated(
  text: string,
  ...flags: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  return inFolder(async (folder) => {
    writeFileSync(join(folder, "edge.facts"), edges);
    return calm(["sim", "-", "-F", folder, ...flags], text);
  });
}

describe("calm sim", () => {
  it("brings a monotone program to the answer of one machine, whatever happens", async () => {
    const { code, stdout, stderr } = await simulated(reach, "--nodes", "4", "--seed", "7");
    expect(stderr).to.equal("");
    expect(code).to.equal(0);
    expect(stdout).to.contain("4 nodes, 8 facts in ").and.to.contain("seed 7\nlevel M: ");
    expect(stdout).to.match(
      /\nconverged after \d+ ms: all nodes have one machine's answer, 56 tuples\n$/,
    );
  });

  it("prints the same for the same seed, and has the kinds of faults that are asked for", async () => {
    const flags = ["--nodes", "3", "--faults", "loss,crash", "--format", "json"];
    const [one, same, other] = [
      await simulated(reach, ...flags),
      await simulated(reach, ...flags),
      await simulated(reach, ...flags, "--seed", "2"),
    ];
    expect(same.stdout).to.equal(one.stdout);
    expect(other.stdout).not.to.equal(one.stdout);
    const report = JSON.parse(one.stdout) as {
      readonly right: boolean;
      readonly faults: object;
      readonly answer: readonly string[];
      readonly outputs: Readonly<Record<string, readonly string[]>>;
    };
    expect(report.right).to.equal(true);
    expect(Object.keys(report.faults).toSorted()).to.deep.equal(["crash", "loss"]);
    expect(report.answer).to.have.length(56);
    expect(report.outputs["c"]).to.deep.equal(report.answer);
  });

  it("shows what two runs of a program put out differently, where order matters", async () => {
    const { code, stdout } = await simulated(sinks, "--nodes", "2", "--faults", "delay");
    expect(code).to.equal(1);
    expect(stdout).to.contain("level F2: nothing is promised\n");
    expect(stdout).to.contain("the answer depends on the order in which things arrive\n");
    expect(stdout).to.match(/\nput out with seed \d+ only:\n {2}sink\(\d\)\n/);
    expect(stdout).to.contain("though one machine with all input does not:\n  sink(");
  });

  it("has the answer of one machine of any program that waits for seals", async () => {
    const flags = ["--nodes", "3", "--await-ready", "--seed", "5"];
    const { code, stdout } = await simulated(sinks, ...flags);
    expect(code).to.equal(0);
    expect(stdout).to.contain("level F2: every node waits until all have sealed their input");
    expect(stdout).to.match(/: all nodes have one machine's answer, 1 tuple\n$/);
  });

  it("runs a program that coordinates by itself, each node with its share before its first step", async () => {
    const { code, stdout } = await calm(
      ["sim", "programs/multicast.dl", "-F", "programs", "--nodes", "2", "--seed", "3"],
      "",
    );
    expect(code).to.equal(0);
    expect(stdout).to.contain("level coordinating: ").and.to.contain("converged after ");
  }).timeout(180_000);

  it("runs a program in parts, and says what each node holds and sends", async () => {
    const parts = reach.replace("edge(x: number, y: number)", "$& partition(x)");
    const { code, stdout, stderr } = await simulated(parts, "--nodes", "3", "--seed", "2");
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
    expect(stdout).to.contain("level M: every tuple comes to be at its owners, and nothing");
    expect(stdout.match(/^ {2}[abc] +\d+ tuples? +\d+ facts? sent$/gm)).to.have.length(3);
    expect(stdout).to.contain("together the nodes have one machine's answer, 56 tuples\n");
    const json = await simulated(parts, "--nodes", "3", "--seed", "2", "--format", "json");
    const { loads, answer, outputs } = JSON.parse(json.stdout) as {
      readonly loads: Readonly<Record<string, { readonly tuples: number; readonly sent: number }>>;
      readonly answer: readonly string[];
      readonly outputs: Readonly<Record<string, readonly string[]>>;
    };
    expect(Object.keys(loads)).to.deep.equal(["a", "b", "c"]);
    expect(Object.values(loads).some(({ sent }) => sent > 0)).to.equal(true);
    // Each tuple is at one owner.
    expect(Object.values(outputs).flat().toSorted()).to.deep.equal(answer);
  });

  it("runs a negation in parts, once clients have sealed all keys", async () => {
    const parts = sinks.replace("edge(x: number, y: number)", "$& partition(x)");
    const { code, stdout } = await simulated(parts, "--seed", "4");
    expect(code).to.equal(0);
    expect(stdout).to.match(/^3 nodes, \d+ facts and 8 seals in \d+ requests, seed 4\n/);
    expect(stdout).to.contain("level F1: every tuple comes to be at its owners, once its keys");
    expect(stdout).to.match(/: together the nodes have one machine's answer, 1 tuple\n$/);
  });

  it("runs a negation in parts whose rules seal the keys", async () => {
    await inFolder(async (folder) => {
      writeFileSync(join(folder, "taken.facts"), "1\n3\n");
      writeFileSync(join(folder, "room.facts"), "1\n2\n3\n4\n");
      const text = `
        .decl taken(x: number) partition(x)
        .decl room(x: number) partition(x)
        .input taken, room
        .seal taken(x) :- room(x).
        .decl free(x: number)
        free(x) :- room(x), !taken(x).
        .output free`;
      const { code, stdout } = await calm(["sim", "-", "-F", folder, "--format", "json"], text);
      expect(code).to.equal(0);
      const { answer } = JSON.parse(stdout) as { readonly answer: readonly string[] };
      expect(answer).to.deep.equal(["free(2)", "free(4)"]);
    });
  });

  it("says why a program cannot be run in parts", async () => {
    const parts = reach.replace("edge(x: number, y: number)", "$& partition(x)");
    const { code, stdout, stderr } = await simulated(
      `${parts}.decl none()\nnone() :- !edge(_, _).\n.output none\n`,
    );
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: "" });
    expect(stderr).to.contain("error[");
  });

  it("writes all that happens to a file", async () => {
    await inFolder(async (folder) => {
      const trace = join(folder, "trace.txt");
      const { code } = await simulated(reach, "--trace", trace, "--nodes", "2");
      expect(code).to.equal(0);
      const lines = readFileSync(trace, "utf8").split("\n");
      expect(lines[0]).to.equal("    0 a begins life 1 with 0 records");
      expect(lines.at(-2)).to.match(/ the network has converged$/);
    });
  });

  it("refuses kinds of faults and numbers of nodes that there are not", async () => {
    const unknown = await simulated(reach, "--faults", "loss,rain");
    expect(unknown.code).to.equal(2);
    expect(unknown.stderr).to.contain('not "loss,rain"').and.to.contain("the kinds are delay, ");
    expect((await simulated(reach, "--nodes", "0")).code).to.equal(2);
    expect((await simulated(reach, "--nodes", "27")).code).to.equal(2);
    expect((await simulated(reach, "--seed", "x")).code).to.equal(2);
  });

  it("says what is wrong with a program, and runs nothing", async () => {
    const { code, stdout, stderr } = await simulated("p(x) :- q(x).");
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: "" });
    expect(stderr).to.contain("error[");
  });
});
