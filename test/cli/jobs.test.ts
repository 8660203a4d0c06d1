import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { builtCommand } from "../support/built-command.ts";

// It takes long enough that threads are started.
const program = `.decl e(x: number, y: number)  .decl p(x: number, y: number)
  .decl q(x: number, y: number)  .output q
  e(n, (n * 7 + 1) % 1500) :- n = range(0, 1500).
  e(n, (n * 3 + 2) % 1500) :- n = range(0, 1500).
  p(x, y) :- e(x, y).
  p(x, z) :- p(x, y), e(y, z).
  q(x, y) :- p(x, y), x < 40.
  q(x, z) :- q(x, y), p(y, z), z % 10 = 1.`;

describe("calm run --jobs", () => {
  let folder = "";
  const run = (...flags: string[]) => {
    const args = [builtCommand(), "run", join(folder, "p.dl"), "-D", folder, ...flags];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    return { status, stderr };
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "calm-jobs-"));
    writeFileSync(join(folder, "p.dl"), program);
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("writes the same for each number of threads, and ends with them", () => {
    expect(run().status).to.equal(0);
    const wanted = readFileSync(join(folder, "q.csv"));
    for (const jobs of ["2", "3", "auto"]) {
      const { status, stderr } = run("-j", jobs, "--stats");
      expect(status, stderr).to.equal(0);
      if (jobs !== "auto") expect(stderr).to.include(`\n${jobs} jobs: `);
      expect(readFileSync(join(folder, "q.csv")).equals(wanted)).to.equal(true);
    }
  });

  it("says where a limit is met, as one thread does", () => {
    const { status, stderr } = run("-j", "2", "--max-tuples", "50000");
    expect(status).to.equal(3);
    expect(stderr).to.include("too-many-tuples");
    expect(run("-j", "2", "--max-memory", "1").stderr).to.include("out-of-memory");
  });

  it("refuses what is no number of threads", () => {
    const { status, stderr } = run("-j", "0");
    expect(status).to.equal(2);
    expect(stderr).to.include('--jobs takes a number from 1 on, not "0"');
  });
});
