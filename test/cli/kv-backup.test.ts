// Backups of a node that runs, over HTTP and of stores with a program of one's own: real processes.
import { spawnSync } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { KvClient } from "../../src/client/kv-client.ts";
import { builtCommand } from "../support/built-command.ts";
import { ClusterNode } from "../support/cluster.ts";

describe("backups of a store", function () {
  this.timeout(180_000);
  let folder: string;
  let node: ClusterNode;
  const others: ClusterNode[] = [];
  const secret = "s3cret";

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "calm-kv-backup-"));
    writeFileSync(join(folder, "token"), `${secret}\n`);
    writeFileSync(join(folder, "clients"), "clients\n");
    writeFileSync(
      join(folder, "mine.dl"),
      '#define MORE_RULES\n#include "kv.dl"\n.decl two(k1: symbol) snapshot\n' +
        "two(k1) :- live(k1, a, _, _, _), live(k1, b, _, _, _), a != b.\n",
    );
    const tokens = ["--token", join(folder, "token"), "--client-token", join(folder, "clients")];
    const program = ["--program", join(folder, "mine.dl")];
    const data = ["--data", join(folder, "a")];
    node = new ClusterNode("a", [...data, ...tokens, ...program], ["kv", "serve"]);
    await node.start();
  });
  afterEach(async () => {
    for (const other of others.splice(0)) await other.kill();
  });
  after(async () => {
    await node.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  function kv(...words: readonly string[]) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [builtCommand(), "kv", ...words],
      { cwd: folder, encoding: "utf8" },
    );
    return { status, stdout, stderr };
  }

  it("are whole while the node is written to, hold what was acknowledged, and start", async () => {
    const client = new KvClient(node.url, { token: secret });
    for (let at = 0; at < 50; at++) await client.put("before", String(at), "x".repeat(10_000));
    const enough = new AbortController();
    const writing = (async () => {
      for (let at = 0; !enough.signal.aborted; at++)
        await client.put("during", String(at), "y".repeat(10_000));
    })();
    const response = await fetch(`${node.url}/v1/store/backup`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    expect(response.headers.get("content-type")).to.equal("application/x-tar");
    writeFileSync(join(folder, "a.tar"), Buffer.from(await response.arrayBuffer()));
    enough.abort();
    await writing;
    const url = ["--url", node.url, "--token", "token"];
    const copied = kv("backup", "copy", ...url);
    expect(copied.stdout, copied.stderr).to.match(
      /^node a: \d+ files, \d+ bytes, copied to copy\n/,
    );
    expect(statSync(join(folder, "copy", "key.pem")).mode & 0o777).to.equal(0o600);
    const { status, stdout } = kv("restore", "a.tar", "--data", "r/a", "--format", "json");
    expect(status).to.equal(0);
    expect(JSON.parse(stdout)).to.include({ name: "a", to: "r/a" });
    const verified = kv("verify", "r/a", "--program", "mine.dl", "--format", "json");
    expect(JSON.parse(verified.stdout)).to.deep.include({ name: "a", wrong: [] });
    const again = new ClusterNode(
      "a",
      ["--data", join(folder, "r/a"), "--program", join(folder, "mine.dl")],
      ["kv", "serve"],
    );
    others.push(again);
    await again.start();
    const found: string[] = [];
    for await (const { k2 } of new KvClient(again.url).scan({ k1: "before" })) found.push(k2);
    expect(found).to.have.length(50);
    const tar = spawnSync("tar", ["-tf", join(folder, "a.tar")], { encoding: "utf8" });
    if (tar.error === undefined)
      expect(tar.stdout.trimEnd().split("\n")).to.include.members(["key.pem", "node.json"]);
  });

  it("are for operators, and not for clients", async () => {
    const asked = async (token?: string): Promise<number> => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const response = await fetch(`${node.url}/v1/store/backup`, { headers, method: "HEAD" });
      return response.status;
    };
    expect(await asked()).to.equal(401);
    expect(await asked("clients")).to.equal(403);
    expect(await asked(secret)).to.equal(200);
    const refused = kv("backup", "none", "--url", node.url, "--token", "clients");
    expect(refused.status).to.equal(1);
    expect(refused.stderr).to.contain("403");
  });

  it("are of a folder or of a node, not of both", () => {
    const { status, stderr } = kv("backup", "x", "--data", "copy", "--url", node.url);
    expect(status).to.equal(2);
    expect(stderr).to.contain("give one of them");
  });

  it("are refused where they are cut off, none, or of a later version", () => {
    kv("backup", "whole", "--data", "a");
    const tar = readFileSync(join(folder, "a.tar"));
    writeFileSync(join(folder, "cut.tar"), tar.subarray(0, tar.length - 3_000));
    expect(kv("restore", "cut.tar", "--data", "c1").stderr).to.contain("ends early");
    writeFileSync(join(folder, "none.tar"), "x".repeat(2_000));
    expect(kv("restore", "none.tar", "--data", "c2").stderr).to.contain("no archive");
    expect(kv("restore", "absent", "--data", "c3").status).to.equal(1);
    expect(kv("restore", "whole", "--data", "a").stderr).to.contain("not empty");
    const path = join(folder, "whole", "node.json");
    const said = JSON.parse(readFileSync(path, "utf8")) as object;
    writeFileSync(path, JSON.stringify({ ...said, format: 99 }));
    const later = kv("restore", "whole", "--data", "c4");
    expect(later.status).to.equal(1);
    expect(later.stderr).to.contain("format 99");
  });

  it("are verified by their own program, and no other", () => {
    kv("backup", "mine", "--data", "a");
    expect(kv("verify", "mine", "--program", "mine.dl")).to.include({ status: 0 });
    const other = kv("verify", "mine");
    expect(other.status).to.equal(1);
    expect(other.stderr).to.contain("of another program");
    writeFileSync(join(folder, "wrong.dl"), ".decl p(x: number)\np(y) :- q(y).\n");
    expect(kv("verify", "mine", "--program", "wrong.dl").status).to.equal(1);
    expect(kv("verify", "mine", "--program", "absent.dl").status).to.equal(2);
    const files = readdirSync(join(folder, "mine")).filter((name) => name.startsWith("tail-"));
    truncateSync(join(folder, "mine", files[0] ?? ""), 100);
    expect(kv("verify", "mine", "--program", "mine.dl").stdout).to.match(/damaged|at the end/);
  });
});
