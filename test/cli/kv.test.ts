// `calm kv` as a user meets it: real processes.
import { spawnSync } from "node:child_process";
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { builtCommand } from "../support/built-command.ts";
import { ClusterNode } from "../support/cluster.ts";

describe("calm kv", function () {
  this.timeout(180_000);
  let folder: string;
  let node: ClusterNode;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "calm-kv-test-"));
    node = new ClusterNode("a", ["--data", join(folder, "a")], ["kv", "serve"]);
    await node.start();
  });
  after(async () => {
    await node.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a command against the store. */
  function kv(words: readonly string[], input?: string | Buffer) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [builtCommand(), "kv", ...words],
      { cwd: folder, encoding: "utf8", env: { ...process.env, CALM_URL: node.url }, input },
    );
    return { status, stdout, stderr };
  }

  it("puts from an argument, standard input and a file, and gets the same bytes", () => {
    expect(kv(["put", "user:1", "name", "Ada Lovelace"]).stdout).to.match(/^a\/\d+:\d+\n$/);
    expect(kv(["get", "user:1", "name"]).stdout).to.equal("Ada Lovelace");
    expect(kv(["put", "user:1", "motto", "-"], "two\nlines\n").status).to.equal(0);
    expect(kv(["get", "user:1", "motto"]).stdout).to.equal("two\nlines\n");
    writeFileSync(join(folder, "picture"), Buffer.from([0, 255, 1, 254]));
    expect(kv(["put", "user:1", "picture", "--file", "picture"]).status).to.equal(0);
    const cell = JSON.parse(kv(["get", "user:1", "picture", "--format", "json"]).stdout) as object;
    expect(cell).to.deep.include({ type: "application/octet-stream", base64: "AP8B/g==" });
  });

  it("exits with 1 where there is nothing, and with 2 where it is used wrongly", () => {
    expect(kv(["get", "nobody", "name"]).status).to.equal(1);
    expect(kv(["rm", "nobody", "name"]).status).to.equal(1);
    expect(kv(["SELECT", "nobody"]).status).to.equal(1);
    for (const words of [[], ["gett", "a", "b"], ["put", "a", "b"], ["get", "a"]])
      expect(kv(words).status, words.join(" ")).to.equal(2);
    const away = kv(["get", "a", "b", "--url", "http://127.0.0.1:9"]);
    expect(away.status).to.equal(1);
    expect(away.stderr)
      .to.contain("no store answers at http://127.0.0.1:9")
      .and.contain("calm kv serve");
  });

  it("carries out the statements of the original", () => {
    expect(kv(["INSERT a b c d"]).status).to.equal(0);
    expect(JSON.parse(kv(["SELECT a"]).stdout)).to.deep.equal({ a: { b: "c d" } });
    expect(JSON.parse(kv(["SELECT * b"]).stdout)).to.deep.equal({ a: { b: "c d" } });
    expect(kv(["DELETE a b"]).status).to.equal(0);
    expect(kv(["SELECT a b"]).status).to.equal(1);
  });

  it("copies the folder of a node that runs, checks the copy, and starts from it", async () => {
    kv(["put", "kept", "here", "1"]);
    const copy = join(folder, "copy");
    expect(kv(["backup", "copy", "--data", "a"]).stdout).to.contain("node a: ");
    expect(statSync(join(copy, "key.pem")).mode & 0o777).to.equal(0o600);
    expect(kv(["verify", "copy"]).stdout).to.contain("whole");
    expect(kv(["backup", "copy", "--data", "a"]).status).to.equal(1);
    expect(kv(["restore", "copy", "--data", "restored"]).status).to.equal(0);
    const again = new ClusterNode("a", ["--data", join(folder, "restored")], ["kv", "serve"]);
    await again.start();
    try {
      expect(kv(["get", "kept", "here", "--url", again.url]).stdout).to.equal("1");
      const dot = (url: string): string => kv(["put", "x", "y", "1", "--url", url]).stdout;
      expect(dot(again.url)).not.to.equal(dot(node.url));
    } finally {
      await again.kill();
    }
  });

  it("says where a damaged folder is damaged", () => {
    kv(["backup", "damaged", "--data", "a"]);
    const file =
      readdirSync(join(folder, "damaged")).find((name) => name.startsWith("tail-")) ?? "";
    const path = join(folder, "damaged", file);
    const bytes = readFileSync(path);
    appendFileSync(path, "torn");
    expect(kv(["verify", "damaged"]).stdout).to.contain("4 bytes at the end");
    // A bit of the first frame, which names the log.
    bytes[30] = (bytes[30] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const found = kv(["verify", "damaged", "--format", "json"]);
    const { wrong, torn } = JSON.parse(found.stdout) as { wrong: string[]; torn: number };
    expect(wrong.length + torn).to.be.greaterThan(0);
  });
});
