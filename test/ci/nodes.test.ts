import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { project } from "../programs/folder.ts";

const cache = mkdtempSync(join(tmpdir(), "calm-nodes-"));
const script = join(project, "scripts/test-nodes.ts");

/** What `npm run test:nodes` prints when it is given these words. */
function testNodes(...words: readonly string[]) {
  const args = ["--import", "tsx", script, ...words];
  return spawnSync(process.execPath, args, { encoding: "utf8", cwd: project });
}

describe("npm run test:nodes", () => {
  before(() => {
    // Where npm would install version 99: this one, so that the test needs no network.
    const system = process.platform === "win32" ? "win" : process.platform;
    const bin = join(cache, "99/node_modules", `node-${system}-${process.arch}`, "bin");
    mkdirSync(bin, { recursive: true });
    symlinkSync(process.execPath, join(bin, process.platform === "win32" ? "node.exe" : "node"));
  });
  after(() => {
    rmSync(cache, { recursive: true });
  });

  it("says for each version how many tests passed, and fails with those that fail", () => {
    const passing = testNodes("--cache", cache, "--only=99,99", "test/base/suggest.test.ts");
    expect(passing.stdout).to.match(/(?:\nv[\d.]+ +[1-9]\d* passed, 0 failed, 0 skipped .*){2}\n$/);
    expect(passing.status).to.equal(0);

    const none = testNodes("--only", "99", "--cache", cache, "test/no.test.ts");
    expect(none.stdout).to.match(/\nv[\d.]+ +ended with 1 /);
    expect(none.status).to.equal(1);
  });

  it("runs the versions that the workflow runs, and says how it is used", () => {
    const { stdout, status } = testNodes("--help");
    expect(status).to.equal(0);
    expect(stdout).to.include("Node 20, 22 and 24").and.to.include("example: ");
    const workflow = readFileSync(join(project, ".github/workflows/ci.yml"), "utf8");
    expect(workflow).to.include('node: ["20.19", "22", "24"]');
  });

  it("refuses what is no version, or no flag of its own, before it runs anything", () => {
    for (const words of [["--only", "22x"], ["--only"]]) {
      const { stdout, stderr, status } = testNodes("--cache", cache, ...words);
      expect([stdout, status], words.join(" ")).to.deep.equal(["", 2]);
      expect(stderr).to.match(/^npm run test:nodes: .+\n\nusage: /);
    }
    expect(existsSync(join(cache, "22x"))).to.equal(false);
  });
});
