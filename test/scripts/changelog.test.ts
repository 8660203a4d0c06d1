// What a release's section of the changelog is written from, in a repository of its own.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

import { expect } from "chai";

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const script = fileURLToPath(new URL("../../scripts/changelog.ts", import.meta.url));

describe("the changelog from commits", function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), "changelog-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  function git(...args: string[]): void {
    const who = ["-c", "user.name=a", "-c", "user.email=a@b"];
    const { status, stderr } = spawnSync("git", [...who, ...args], { cwd: folder });
    expect(status, String(stderr)).to.equal(0);
  }

  function commit(subject: string, ...paths: string[]): void {
    for (const path of paths) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), subject);
    }
    git("add", ".");
    git("commit", "-q", "-m", subject);
  }

  function changelog(...args: string[]) {
    const options = { cwd: folder, encoding: "utf8" } as const;
    const node = ["--import", tsx, script, ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, node, options);
    return { status, stdout, stderr };
  }

  before(() => {
    git("init", "-q");
    commit("Parse", "src/syntax/parse.ts");
    git("tag", "v1");
    commit("Lock", "src/calvin/locks.ts", "docs/ordered.md", "docs/glossary.md");
    commit("Find witnesses", "src/analysis/monotone-laws.ts", "test/analysis/laws.test.ts");
    commit("Print", "src/syntax/print.ts", "src/engine/print.ts", "src/syntax/format.ts");
    commit("Test more", "test/syntax/parse.test.ts", "bench/parse.ts");
    commit("Explain locks", "docs/ordered.md");
    commit("Unlock", "src/calvin/locks.ts");
  });

  it("has what came since the last tag, by area, the oldest first", () => {
    const { status, stdout } = changelog();
    expect(status).to.equal(0);
    expect(stdout.trim().split("\n")).to.deep.equal([
      ...["### The language", "- Print.", ""],
      ...["### The checker", "- Find witnesses.", ""],
      ...["### The ordered plane", "- Lock.", "- Unlock.", ""],
      ...["### Documentation", "- Explain locks."],
    ]);
  });

  it("has what came between two revisions", () => {
    expect(changelog("--from", "HEAD~3", "--to", "HEAD~1").stdout).to.equal(
      "### Documentation\n- Explain locks.\n\n",
    );
    expect(changelog("--to", "v1").stdout).to.equal("");
  });

  it("ends with 1 where git cannot say, and with 2 where it is used wrongly", () => {
    const unknown = changelog("--from", "v7");
    expect(unknown.status).to.equal(1);
    expect(unknown.stderr).to.contain("v7");
    expect(changelog("--since", "v1").status).to.equal(2);
    expect(changelog("--help")).to.include({ status: 0 });
  });
});
