import { expect } from "chai";
import { calm, inFolder } from "../programs/calm.ts";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluateAlone } from "../../src/transducer/alone.ts";
import { tuplesIn } from "../../src/transducer/stored.ts";

async function answers(
  text: string,
  ...flags: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  return inFolder(async (folder) => {
    const path = join(folder, "program.dl");
    writeFileSync(path, text);
    const { code, stdout, stderr } = await calm(["run", path, "--format", "csv", ...flags]);
    return { code, stdout, stderr: stderr.replaceAll(path, "program.dl") };
  });
}

describe("a node alone", () => {
  it("gives up the values of what has gone between its steps, if nobody else holds any", () => {
    const text = `.decl tally(n: number)
      tally(0).
      tally(n + 1) :+ tally(n), n < 400.
      -tally(n) :+ tally(n), n < 400.
      .decl named(name: symbol) snapshot
      named(cat("what is counted by now comes to ", to_string(n))) :- tally(n).
      .output named`;
    const { plan, network } = compile(text).compiled!;
    const held = [true, false].map((unshared) => {
      const database = new Database(plan);
      const reclaims = { bytesMin: 0, growth: 0, gone: 0 };
      const { complete } = evaluateAlone(database, { plan, network: network!, unshared, reclaims });
      expect(complete).to.equal(true);
      const named = plan.relations.findIndex(({ name }) => name === "named");
      expect(tuplesIn(database, named)).to.deep.equal([["what is counted by now comes to 400"]]);
      return database.values.heldBytes;
    });
    expect(held[0]).to.be.below(held[1]! / 20);
  });

  it("puts in what `:+` derives before the next step, and takes out what `-` names", async () => {
    const { stdout, code } = await answers(`
      .decl tally(n: number)
      tally(0).
      tally(n + 1) :+ tally(n), n < 5.
      -tally(n) :+ tally(n), n < 5.
      .decl last(n: number) snapshot
      last(n) :- tally(n), n = 5.
      .output last`);
    expect({ stdout, code }).to.deep.equal({ stdout: "5\n", code: 0 });
  });

  it("leaves as it is what is put in and taken out in one step", async () => {
    const { stdout } = await answers(`
      .decl r(n: number) memory
      r(1).
      .decl once() memory
      once() :+ true.
      r(1) :+ !once().
      -r(1) :+ !once().
      r(2) :+ !once().
      -r(2) :+ !once().
      .output r`);
    expect(stdout).to.equal("1\n");
  });

  it("has an event for one step, and keeps what follows from it where it is told to", async () => {
    const { stdout } = await answers(`
      .decl tick(n: number) event
      tick(1).
      tick(n + 1) :+ tick(n), n < 3.
      .decl seen(n: number)
      seen(n) :+ tick(n).
      .output seen`);
    expect(stdout).to.equal("1\n2\n3\n");
  });

  it("is told what it sends to itself, and loses what it sends to nobody", async () => {
    const { stdout } = await answers(`
      .decl start(n: number)
      start(1).
      .decl heard(n: number)
      heard(n)@v :~ start(n), Id(v).
      heard(n + 10)@"nobody" :~ start(n).
      heard(n + 20) :~ start(n).
      .output heard`);
    expect(stdout).to.equal("1\n");
  });

  it("is stopped where it never comes to rest", async () => {
    const text = `
      .decl n(x: number)
      n(0).
      n(x + 1) :+ n(x).
      .output n`;
    const { code, stderr } = await answers(text, "--max-steps", "20");
    expect(code).to.equal(3);
    expect(stderr).to.include("error[too-many-steps]: after 20 steps");
  });
});
