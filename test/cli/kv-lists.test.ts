// What `calm kv` says of many pairs, of the store and of its nodes: real processes.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { expect } from "chai";

import { KvClient } from "../../src/client/kv-client.ts";
import { builtCommand } from "../support/built-command.ts";
import { ClusterNode, until } from "../support/cluster.ts";

describe("calm kv, of many pairs", function () {
  this.timeout(180_000);
  let folder: string;
  let node: ClusterNode;
  const others: ClusterNode[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "calm-kv-lists-"));
    node = new ClusterNode("a", ["--data", join(folder, "a"), "--fsync", "never"], ["kv", "serve"]);
    await node.start();
  });
  afterEach(async () => {
    for (const other of others.splice(0)) await other.kill();
  });
  after(async () => {
    await node.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  function started(name: string, ...settings: string[]): Promise<ClusterNode> {
    const fixed = ["--data", join(folder, name), "--fsync", "never"];
    const other = new ClusterNode(name, [...fixed, ...settings], ["kv", "serve"]);
    others.push(other);
    return other.start().then(() => other);
  }

  function kv(words: readonly string[], { url = node.url, input = "" } = {}) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [builtCommand(), "kv", ...words],
      { cwd: folder, encoding: "utf8", env: { ...process.env, CALM_URL: url }, input },
    );
    return { status, stdout, stderr };
  }

  function objects(text: string): Record<string, unknown>[] {
    return text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  it("scans by the first key, the second, or all, with values or without", () => {
    for (const [k1, k2, value] of [
      ["u:1", "name", "Ada"],
      ["u:1", "two", "a\nb"],
      ["u:2", "name", "Bob"],
    ] as const)
      expect(kv(["put", k1, k2, value]).status).to.equal(0);
    expect(kv(["scan", "u:1"]).stdout).to.equal('u:1\tname\tAda\nu:1\ttwo\t"a\\nb"\n');
    expect(kv(["scan", "--k2", "name", "--no-values"]).stdout).to.equal("u:1\tname\nu:2\tname\n");
    expect(kv(["scan", "*", "--k2", "name"]).stdout).to.equal("u:1\tname\tAda\nu:2\tname\tBob\n");
    expect(kv(["scan", "u:1", "--k2", "two"]).stdout).to.equal('u:1\ttwo\t"a\\nb"\n');
    expect(kv(["scan"]).stdout.split("\n")).to.have.length(4);
    const found = objects(kv(["scan", "u:2", "--format", "json"]).stdout);
    expect(found).to.have.length(1);
    expect(found[0]).to.include({ k1: "u:2", k2: "name", text: "Bob" });
    expect(kv(["scan", "nobody"])).to.include({ status: 1, stdout: "" });
    const { url } = node;
    expect(kv(["scan", "a", "b", "c"], { url }).status).to.equal(2);
    expect(kv(["scan", "--format", "xml"]).status).to.equal(2);
  });

  it("has keys that no path has", () => {
    for (const [k1, k2] of [
      [".", ".."],
      ["a/b", "*"],
      ["%2e", "ü"],
    ] as const) {
      expect(kv(["put", k1, k2, `${k1} ${k2}`]).status).to.equal(0);
      expect(kv(["get", k1, k2]).stdout).to.equal(`${k1} ${k2}`);
      expect(kv(["rm", k1, k2]).status).to.equal(0);
      expect(kv(["get", k1, k2]).status).to.equal(1);
    }
  });

  it("watches what is there, what changes, and goes on from where it was", async () => {
    kv(["put", "w", "x", "1"]);
    expect(kv(["watch", "w", "--once"]).stdout).to.equal("+ w\tx\t1\n");
    const watch = spawn(
      process.execPath,
      [builtCommand(), "kv", "watch", "w", "--url", node.url, "--format", "json"],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const told: Record<string, unknown>[] = [];
    const lines = createInterface({ input: watch.stdout });
    lines.on("line", (line) => told.push(JSON.parse(line) as (typeof told)[number]));
    const kinds = (): unknown[] => told.map(({ kind }) => kind);
    while (!kinds().includes("current")) await once(lines, "line");
    kv(["put", "w", "x", "2"]);
    kv(["put", "other", "x", "2"]);
    kv(["rm", "w", "x"]);
    while (!kinds().includes("removed")) await once(lines, "line");
    watch.kill("SIGTERM");
    await once(watch, "exit");
    // A put that takes the place of another may be told before and after that.
    const changes = kinds().filter((kind, at, all) => kind !== all[at - 1]);
    expect(changes).to.deep.equal(["start", "put", "current", "put", "removed"]);
    const { id } = told.find(({ kind }) => kind === "current") as { id: string };
    const since = kv(["watch", "w", "--once", "--from", id]);
    expect(since.stdout).to.equal("- w\tx\n");
  });

  it("says how things stand, as text and as JSON", () => {
    expect(kv(["status"]).stdout)
      .to.match(/^facts +\d+$/m)
      .and.match(/^state +running$/m);
    const { store, node: of } = JSON.parse(kv(["status", "--format", "json"]).stdout) as {
      store: object;
      node: { name: string };
    };
    expect(store).to.include.keys("facts", "tombstones", "gone", "watchers");
    expect(of.name).to.equal("a");
    expect(kv(["status"], { url: "http://127.0.0.1:9" }).status).to.equal(1);
  });

  it("exports what another store imports, siblings and bytes among it", async () => {
    const from = await started("from");
    const { url } = from;
    const client = new KvClient(url);
    await client.put("e", "text", "ä\n");
    await client.put("e", "json", { json: { n: [1] } });
    await client.put("e", "bytes", new Uint8Array([0, 255]), { type: "image/png" });
    await client.put("e", "both", "one");
    await client.put("e", "both", "two", { replaces: "none" });
    await client.put("..", ".", "dots");
    expect(kv(["export", "store.ndjson"], { url }).status).to.equal(0);
    const exported = readFileSync(join(folder, "store.ndjson"), "utf8");
    expect(kv(["export"], { url }).stdout).to.equal(exported);
    const to = await started("to");
    const imported = kv(["import", "store.ndjson"], { url: to.url });
    expect(imported).to.include({ status: 0, stderr: "calm: 5 pairs\n" });
    const shown = async (of: string): Promise<unknown[]> => {
      const cells: unknown[] = [];
      for await (const { k1, k2, type, text, json, base64, siblings = [] } of new KvClient(
        of,
      ).scan())
        cells.push([k1, k2, type, text, json, base64, siblings.map((one) => one.text)]);
      return cells;
    };
    expect(await shown(to.url)).to.deep.equal(await shown(url));
  });

  it("says which line of an import is wrong, and takes those before it", () => {
    const lines = '{"k1":"i","k2":"1","text":"x"}\n\n{"k1":"i"}\n{"k1":"i","k2":"3","text":"x"}\n';
    const wrong = kv(["import"], { input: lines });
    expect(wrong.status).to.equal(1);
    expect(wrong.stderr).to.contain("<stdin>:3").and.contain("it has no k1 and k2");
    expect(kv(["scan", "i", "--no-values"]).stdout).to.equal("i\t1\n");
    writeFileSync(join(folder, "none.ndjson"), "no JSON\n");
    expect(kv(["import", "none.ndjson"]).stderr).to.contain("none.ndjson:1");
    expect(kv(["import", "absent.ndjson"]).status).to.equal(2);
  });

  it("forgets a node that does not come back, and says so of one that is none", async () => {
    const [a, b] = ["fa", "fb"];
    const first = await started(a, "--peer", b);
    const second = await started(b, "--peer", `${a}=ws://127.0.0.1:${first.listens}`);
    const { url } = first;
    expect(kv(["put", "f", "x", "1", "--wait", "all"], { url }).status).to.equal(0);
    await second.kill();
    expect(kv(["forget", "nobody"], { url }).status).to.equal(1);
    expect(kv(["forget", b], { url }).status).to.equal(0);
    expect(kv(["put", "f", "x", "2", "--wait", "all"], { url }).status).to.equal(0);
    expect(kv(["status"], { url }).stdout).to.match(/fb +\d+ +forgotten/);
  });

  it("has reads follow writes at another node, by a session", async () => {
    const first = await started("sa", "--peer", "sb");
    const second = await started("sb", "--peer", `sa=ws://127.0.0.1:${first.listens}`);
    const writer = new KvClient(first.url).session();
    for (let at = 0; at < 50; at++) {
      await writer.put("s", "x", String(at));
      const reader = new KvClient(second.url).session(writer.current.text);
      expect((await reader.get("s", "x"))?.text).to.equal(String(at));
    }
    await second.kill();
    await writer.put("s", "x", "last");
    await second.start();
    const later = new KvClient(second.url).session(writer.current.text);
    await until("the node that was away has it", Date.now() + 100_000, async () => {
      const found = await later.get("s", "x").catch(() => undefined);
      if (found !== undefined) expect(found.text).to.equal("last");
      return found !== undefined;
    });
  });
});
