// Nodes as real processes: killed, cut off, healed, in random schedules; and asked by commands.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { calm } from "../programs/calm.ts";
import { closureOf } from "../support/closure.ts";
import { ClusterNode, insertSurely, Proxy, tuplesOf, until } from "../support/cluster.ts";
import { closure } from "./nodes.ts";

const seed = Number(process.env["SEED"] ?? "1");

describe(`a cluster of processes (SEED=${seed})`, () => {
  let folder = "";
  const nodes: ClusterNode[] = [];
  const proxies: Proxy[] = [];
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "calm-cluster-"))));
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.kill();
    for (const proxy of proxies.splice(0)) proxy.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("ends with the answer of one machine, whatever happens to it", async () => {
    const from = random(seed);
    const deadlineMs = Date.now() + 100_000;
    const program = join(folder, "closure.dl");
    writeFileSync(program, closure);
    const start = async (name: string, peers: readonly string[]): Promise<ClusterNode> => {
      const settings = [program, "--data", join(folder, name)];
      const node = new ClusterNode(name, [...settings, ...peers.flatMap((of) => ["--peer", of])]);
      nodes.push(node);
      await node.start();
      return node;
    };
    const a = await start("a", ["b", "c"]);
    const toA = await Proxy.to(() => a.listens);
    const b = await start("b", [`a=ws://127.0.0.1:${toA.port}`, "c"]);
    const toB = await Proxy.to(() => b.listens);
    const c = await start("c", [`a=ws://127.0.0.1:${a.listens}`, `b=ws://127.0.0.1:${toB.port}`]);
    proxies.push(toA, toB);

    const edges = Array.from({ length: 60 }, () => [from.below(12), from.below(12)] as const);
    const acknowledged = new Set<string>();
    const sending: Promise<void>[] = [];
    for (let at = 0; at < edges.length; at += 3) {
      const tuples = edges.slice(at, at + 3);
      const sent = insertSurely(from.pick([a, b, c]), "edge", tuples, `r${at}`, deadlineMs);
      sending.push(sent.then(() => tuples.forEach((row) => acknowledged.add(row.join("\t")))));
      const node = from.pick([a, b, c]);
      const proxy = from.pick(proxies);
      if (from.chance(0.15)) await (node.up ? node.kill() : node.start());
      else if (from.chance(0.3)) proxy.cut();
      else if (from.chance(0.5)) proxy.heal();
    }
    for (const proxy of proxies) proxy.heal();
    for (const node of nodes) if (!node.up) await node.start();
    await Promise.all(sending);

    const expected = closureOf(edges).toSorted();
    for (const node of nodes) {
      // An answer may be there before all that it follows from.
      await until(`${node.name} has all acknowledged facts`, deadlineMs, async () => {
        const held = new Set(await tuplesOf(node, "edge"));
        return [...acknowledged].every((edge) => held.has(edge));
      });
      expect(await tuplesOf(node, "path")).to.deep.equal(expected);
    }

    const status = await calm(["node", "status", "--url", a.url]);
    expect(status.stdout).to.match(/^node +a \(life \d+\)\nstate +running\n/);
    const peers = await calm(["node", "peers", "--url", a.url, "--format", "json"]);
    const found = JSON.parse(peers.stdout) as { name: string; lacks: number }[];
    expect(found.map(({ name }) => name)).to.deep.equal(["b", "c"]);
    const drained = await calm(["node", "drain", "--url", a.url]);
    expect(drained).to.deep.equal({
      ...{ code: 0, stderr: "" },
      stdout: "the node takes no more facts, and may be stopped\n",
    });
    expect(await a.stop()).to.equal(0);
    const nobody = await calm(["node", "status", "--url", a.url]);
    expect([nobody.code, nobody.stderr]).to.deep.equal([
      1,
      `calm: no node answers at ${a.url}: ECONNREFUSED\n`,
    ]);
  });
});
