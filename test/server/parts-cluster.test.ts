// A program in parts on real processes, of which one is killed while facts arrive.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { calm } from "../programs/calm.ts";
import { closureOf } from "../support/closure.ts";
import { ClusterNode, insertSurely, tuplesOf, until } from "../support/cluster.ts";

const seed = Number(process.env["SEED"] ?? "1");

const text = `
  .decl edge(x: number, y: number) partition(x)
  .decl hidden(x: number) partition(x)
  .input edge, hidden
  .decl path(x: number, y: number) partition(y)
  path(x, y) :- edge(x, y).
  path(x, z) :- path(x, y), edge(y, z).
  .decl shown(x: number) partition(x)
  shown(x) :- edge(x, _), !hidden(x).
  .output path, edge, shown`;

describe(`a program in parts on processes (SEED=${seed})`, () => {
  let folder = "";
  const nodes: ClusterNode[] = [];
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "calm-parts-"))));
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  async function started(name: string, ...peers: readonly string[]): Promise<ClusterNode> {
    const file = join(folder, "parts.dl");
    writeFileSync(file, text);
    const settings = [file, "--data", join(folder, name)];
    const node = new ClusterNode(name, [...settings, ...peers.flatMap((of) => ["--peer", of])]);
    nodes.push(node);
    await node.start();
    return node;
  }

  it("has all that was acknowledged, whatever happens to an owner", async () => {
    const from = random(seed);
    const deadlineMs = Date.now() + 100_000;
    const a = await started("a", "b", "c");
    const toA = `a=ws://127.0.0.1:${a.listens}`;
    const b = await started("b", toA, "c");
    const c = await started("c", toA, `b=ws://127.0.0.1:${b.listens}`);
    const edges = Array.from({ length: 60 }, () => [from.below(20), from.below(20)] as const);
    const sending: Promise<void>[] = [];
    for (let at = 0; at < edges.length; at += 5) {
      const node = from.pick([a, b]);
      sending.push(insertSurely(node, "edge", edges.slice(at, at + 5), `r${at}`, deadlineMs));
      if (at === 15) await c.kill();
    }
    await c.start();
    await Promise.all(sending);
    const expected = closureOf(edges).toSorted();
    for (const node of nodes) {
      await until(`${node.name} answers with all paths`, deadlineMs, async () => {
        return (await tuplesOf(node, "path")).length === expected.length;
      });
      expect(await tuplesOf(node, "path")).to.deep.equal(expected);
    }

    const [[key] = [0]] = edges;
    const url = ["--url", b.url];
    const sealed = await calm(["node", "seal", "hidden", "--key", String(key), ...url]);
    expect(sealed.stdout).to.match(new RegExp(`^hidden\\(${key}\\) is sealed at [abc]\n$`));
    await until("what is not hidden is shown", deadlineMs, async () => {
      return (await tuplesOf(a, "shown")).length === 1;
    });
    for (const node of nodes) await node.kill();
    for (const node of nodes) await node.start();
    await until("it is after a restart, too", deadlineMs, async () => {
      return (await tuplesOf(c, "shown")).join() === String(key);
    });
    const again = await fetch(`${a.url}/v1/facts/hidden`, {
      ...{ method: "POST", headers: { "content-type": "application/json" } },
      body: JSON.stringify([[key]]),
    });
    expect(again.status).to.equal(409);
    const wrong = await calm(["node", "seal", "hidden", "--key", "x", ...url, "--format", "json"]);
    expect(wrong.code).to.equal(1);
    expect(wrong.stderr).to.include('400: relation "hidden" is sealed by key: (x: number)\n');
  });

  it("moves what moves when processes join and leave while facts arrive", async () => {
    const from = random(seed);
    const deadlineMs = Date.now() + 100_000;
    const a = await started("a", "b", "c");
    const toA = `a=ws://127.0.0.1:${a.listens}`;
    const b = await started("b", toA, "c");
    await started("c", toA, `b=ws://127.0.0.1:${b.listens}`);
    const edges = Array.from({ length: 60 }, () => [from.below(20), from.below(20)] as const);
    const sending: Promise<void>[] = [];
    const load = (begin: number): void => {
      for (let at = begin; at < begin + 30; at += 5)
        sending.push(insertSurely(a, "edge", edges.slice(at, at + 5), `r${at}`, deadlineMs));
    };
    load(0);
    const d = new ClusterNode("d", [
      ...[join(folder, "parts.dl"), "--data", join(folder, "d"), "--join", a.url],
    ]);
    nodes.push(d);
    await d.start();
    load(30);
    const left = await calm(["node", "leave", "--url", b.url, "--wait", "30"]);
    expect([left.code, left.stderr]).to.deep.equal([0, ""]);
    nodes.splice(nodes.indexOf(b), 1);
    await Promise.all(sending);
    const expected = closureOf(edges).toSorted();
    for (const node of nodes) {
      await until(`${node.name} answers with all paths`, deadlineMs, async () => {
        return (await tuplesOf(node, "path")).length === expected.length;
      });
      expect(await tuplesOf(node, "path")).to.deep.equal(expected);
    }
  });
});
