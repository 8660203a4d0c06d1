import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

import { exitCodes } from "../../src/cli/exit.ts";
import { calm, inFolder } from "../programs/calm.ts";
import { runCases } from "../support/cases.ts";

async function network(text: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await calm(["explain", "-", "--network", ...args], text);
  return stdout + stderr;
}

async function transactions(text: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await calm(["explain", "-", "--transactions", ...args], text);
  return stdout + stderr;
}

describe("calm explain", () => {
  runCases("explain", { network, transactions });

  it("plans with the facts that it is given as an evaluation of them does", async () => {
    await inFolder(async (folder) => {
      const program = `.decl step(x: number, y: number)
.input step
.decl way(x: number, y: number)
way(x, y) :- step(x, y).
way(x, w) :- way(x, y), way(y, z), step(z, w).
.output way`;
      const path = join(folder, "program.dl");
      writeFileSync(path, program);
      const rows = Array.from({ length: 2000 }, (_, x) => `${x}\t${(x * 7 + 3) % 2000}\n`);
      writeFileSync(join(folder, "step.facts"), rows.join(""));
      const plan = async (...args: string[]): Promise<string> =>
        (await calm(["explain", path, "--plan", ...args])).stdout;
      expect(await plan("-F", folder)).to.contain("binding (_,z) composed with");
      expect(await plan()).not.to.contain("composed with");
    });
  });

  it("exits with what it finds", async () => {
    const refused = `.decl a(x: number) partition(x)
.input a
.decl n(k: number)
n(k) :- k = count : { a(_) }.
.output n`;
    expect((await calm(["explain", "-", "--network"], refused)).code).to.equal(exitCodes.problem);
    const accepted = ".decl a(x: number) partition(x)\n.input a\n.output a";
    expect((await calm(["explain", "-", "--network"], accepted)).code).to.equal(exitCodes.ok);
  });

  for (const args of [
    ["--network", "--plan"],
    ["--network", "--nodes", "0"],
    ["--network", "--nodes", "1001"],
    ["--network", "--format", "yaml"],
    ["--nodes", "2"],
    ["--transactions", "--nodes", "2"],
    ["--transactions", "--strata"],
    ["--format", "json"],
  ])
    it(`does not take ${args.join(" ")}`, async () => {
      const { code, stdout } = await calm(["explain", "-", ...args], ".decl a(x: number)\na(1).");
      expect({ code, stdout }).to.deep.equal({ code: exitCodes.usage, stdout: "" });
    });
});
