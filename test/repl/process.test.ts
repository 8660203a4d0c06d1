import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("calm repl as a process", () => {
  it("answers what comes through a pipe, without prompts and colours", () => {
    const input = "edge(1, 2).\n-edge(2,\n2).\nedge(X, Y)?\nedge(\n";
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx", "src/cli/bin.ts", "repl", "--format", "jsonl"],
      { cwd: root, input, encoding: "utf8" },
    );
    expect(stdout).to.equal('{"X":1,"Y":2}\n');
    expect(stderr).to.include("note: edge(2, 2) is not there\n");
    expect(stderr).to.include("--> <repl>:5:6\n");
    expect(stderr).not.to.include("\x1b");
    expect(status).to.equal(1);
  }).timeout(180_000);
});
