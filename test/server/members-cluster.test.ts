// Real processes that join, leave and are forgotten while facts keep arriving.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { calm } from "../programs/calm.ts";
import { closureOf } from "../support/closure.ts";
import { ClusterNode, insertSurely, tuplesOf, until } from "../support/cluster.ts";
import { closure } from "./nodes.ts";

const seed = Number(process.env["SEED"] ?? "1");

describe(`members of a cluster of processes (SEED=${seed})`, () => {
  let folder = "";
  const nodes: ClusterNode[] = [];
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "calm-members-"))));
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it("join, leave and are forgotten, and no acknowledged fact is missing", async () => {
    const from = random(seed);
    const deadlineMs = Date.now() + 100_000;
    const program = join(folder, "closure.dl");
    writeFileSync(program, closure);
    const start = async (name: string, ...settings: readonly string[]): Promise<ClusterNode> => {
      const node = new ClusterNode(name, [program, "--data", join(folder, name), ...settings]);
      nodes.push(node);
      await node.start();
      return node;
    };
    const peer = (node: ClusterNode): string[] => [
      ...["--peer", `${node.name}=ws://127.0.0.1:${node.listens}`],
    ];
    const a = await start("a", "--peer", "b", "--peer", "c");
    const b = await start("b", ...peer(a), "--peer", "c");
    const c = await start("c", ...peer(a), ...peer(b));
    const edges: (readonly [number, number])[] = [];
    let requests = 0;
    const insert = async (among: readonly ClusterNode[], count: number): Promise<void> => {
      for (let at = 0; at < count; at++) {
        const tuples = [1, 2, 3].map(() => [from.below(14), from.below(14)] as const);
        const key = `r${++requests}`;
        await insertSurely(from.pick(among), "edge", tuples, key, deadlineMs);
        edges.push(...tuples);
      }
    };
    const lines = (): string[] => [...new Set(edges.map((edge) => edge.join("\t")))].toSorted();
    const holdAll = async (some: readonly ClusterNode[]): Promise<void> => {
      const wanted = lines();
      for (const node of some)
        await until(`${node.name} holds all`, deadlineMs, async () => {
          return (await tuplesOf(node, "edge")).join() === wanted.join();
        });
    };

    // One joins while facts arrive.
    const [d] = await Promise.all([start("d", "--join", a.url), insert([a, b, c], 4)]);
    await insert([d], 2);
    // One leaves while facts arrive elsewhere.
    const [left] = await Promise.all([
      calm(["node", "leave", "--url", b.url, "--wait", "30"]),
      insert([a, c, d], 4),
    ]);
    expect(left).to.deep.equal({ code: 0, stdout: "the node has left, and ends\n", stderr: "" });
    expect(await b.ended()).to.equal(0);
    // One is lost. What it had acknowledged others have.
    await insert([c], 2);
    await holdAll([a, d]);
    await c.kill();
    const [forgotten] = await Promise.all([
      calm(["node", "forget", "c", "--url", d.url]),
      insert([a, d], 4),
    ]);
    expect(forgotten.code).to.equal(0);
    expect(forgotten.stdout).to.match(/^c +0 +forgotten /m);

    const expected = closureOf(edges).toSorted();
    await holdAll([a, d]);
    for (const node of [a, d]) expect(await tuplesOf(node, "path")).to.deep.equal(expected);
    await until("a has heard of all", deadlineMs, async () => {
      const { stdout } = await calm(["node", "status", "--url", a.url]);
      return /^b +0 +left /m.test(stdout) && /^c +0 +forgotten /m.test(stdout);
    });
    const peers = await calm(["node", "peers", "--url", a.url, "--format", "json"]);
    const found = JSON.parse(peers.stdout) as { name: string }[];
    expect(found.map(({ name }) => name)).to.deep.equal(["d"]);
    // Those who left come back as they were, and anew.
    const again = await start("b", "--join", d.url);
    await insert([again], 1);
    await holdAll([a, d, again]);
  });
});
