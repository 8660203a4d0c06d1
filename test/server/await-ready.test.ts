// Nodes as real processes that answer once all input is sealed: each has a share, some are killed.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { calm } from "../programs/calm.ts";
import { ClusterNode, insertSurely, tuplesOf, until } from "../support/cluster.ts";

const seed = Number(process.env["SEED"] ?? "1");
const names = ["a", "b", "c"];

const report = `
  .decl edge(x: number, y: number)
  .input edge
  .decl path(x: number, y: number)
  path(x, y) :- edge(x, y).
  path(x, z) :- path(x, y), edge(y, z).
  .decl apart(x: number, y: number)
  apart(x, y) :- edge(x, _), edge(_, y), !path(x, y).
  .decl reached(x: number, n: number)
  reached(x, n) :- edge(x, _), n = count : { path(x, _) }.
  .output apart, reached`;

describe(`processes that wait for seals (SEED=${seed})`, () => {
  let folder = "";
  const nodes: ClusterNode[] = [];
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "calm-seals-"))));
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts a node of each name, each connected with those before it. */
  const start = async (settings: (name: string) => readonly string[]): Promise<void> => {
    for (const name of names) {
      const peers = names.flatMap((peer) => {
        const known = nodes.find((node) => node.name === peer);
        if (peer === name) return [];
        return ["--peer", known === undefined ? peer : `${peer}=ws://127.0.0.1:${known.listens}`];
      });
      const node = new ClusterNode(name, [
        ...settings(name),
        ...["--data", join(folder, "data", name)],
        ...peers,
      ]);
      nodes.push(node);
      await node.start();
    }
  };

  /** What one machine answers. */
  const answerOf = async (
    program: string,
    files: Readonly<Record<string, string>>,
    relation: string,
  ): Promise<string[]> => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, "whole", name, ".."), { recursive: true });
      writeFileSync(join(folder, "whole", name), text);
    }
    const ran = await calm(["run", program, "-F", join(folder, "whole"), "-D", "-"]);
    expect(ran.stderr).to.equal("");
    return tableOf(ran.stdout, relation);
  };

  it("answer as one machine does on all shares, and nobody does before", async () => {
    const from = random(seed);
    const deadlineMs = Date.now() + 100_000;
    const program = join(folder, "report.dl");
    writeFileSync(program, report);
    await start(() => [program, "--await-ready"]);
    const edges = Array.from({ length: 40 }, () => [from.below(9), from.below(9)]);
    const send = (share: number, node: ClusterNode): Promise<void> =>
      insertSurely(node, "edge", edges.slice(share * 10, share * 10 + 10), `r${share}`, deadlineMs);
    const [a, b, c] = nodes as [ClusterNode, ClusterNode, ClusterNode];
    const early = async (): Promise<void> => {
      for (const node of nodes) {
        if (!node.up) continue;
        const response = await fetch(`${node.url}/v1/relations/apart`);
        const { code } = (await response.json()) as { readonly code?: string };
        expect([response.status, code]).to.deep.equal([503, "not-ready"]);
      }
    };
    const seal = async (node: ClusterNode): Promise<void> => {
      const done = await calm(["node", "seal", "edge", "--url", node.url, "--format", "json"]);
      expect(done.stderr).to.equal("");
      const { relations } = JSON.parse(done.stdout) as { relations: { sealed: string[] }[] };
      expect(relations[0]?.sealed).to.contain(node.name);
    };
    await send(0, a);
    await send(1, b);
    await send(2, c);
    await early();
    await seal(a);
    await early();
    // One dies before it has sealed; what the others have sealed stays so meanwhile.
    const victim = from.pick([b, c]);
    const other = victim === b ? c : b;
    await victim.kill();
    await seal(other);
    await early();
    await victim.start();
    await early();
    await send(3, victim);
    await seal(victim);
    const text = edges.map((edge) => `${edge.join("\t")}\n`).join("");
    for (const node of nodes) {
      await until(`${node.name} answers`, deadlineMs, async () => {
        const response = await fetch(`${node.url}/readyz?verbose`);
        return !(await response.text()).includes("answers:");
      });
      for (const relation of ["apart", "reached"])
        expect(await tuplesOf(node, relation), `${relation} at ${node.name}`).to.deep.equal(
          await answerOf(program, { "edge.facts": text }, relation),
        );
    }
    // What is sealed stays sealed, and what was answered is answered, also after a crash.
    const before = await tuplesOf(victim, "reached");
    await victim.kill();
    await victim.start();
    for (const node of nodes) {
      const response = await fetch(`${node.url}/v1/facts/edge`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "[[100, 101]]",
      });
      const { code } = (await response.json()) as { readonly code?: string };
      expect([response.status, code]).to.deep.equal([409, "sealed"]);
    }
    expect(await tuplesOf(victim, "reached")).to.deep.equal(before);
    const status = await calm(["node", "status", "--url", victim.url]);
    expect(status.stdout).to.match(/\nrelation +sealed by +not by\nedge +a, b, c +- +complete\n/);
  });

  it("run a program that coordinates by itself, each with its share before its first step", async () => {
    const deadlineMs = Date.now() + 100_000;
    const program = join(folder, "multicast.dl");
    const text = readFileSync("programs/multicast.dl", "utf8");
    // What it expects is of its own graph.
    writeFileSync(program, text.replace(/^\.expect .*$/m, ""));
    const edges = ["1\t2\n", "2\t3\n", "3\t4\n", "6\t7\n", "7\t6\n"];
    const shares = names.map((_, at) => edges.filter((_, edge) => edge % names.length === at));
    const expected = await answerOf(program, { "multicast/edge.facts": edges.join("") }, "apart");
    for (const [at, name] of names.entries()) {
      mkdirSync(join(folder, name, "multicast"), { recursive: true });
      writeFileSync(join(folder, name, "multicast", "edge.facts"), shares[at]?.join("") ?? "");
    }
    await start((name) => [program, "-F", join(folder, name), "--seal"]);
    const victim = random(seed).pick(nodes);
    await victim.kill();
    await victim.start();
    for (const node of nodes) {
      await until(`${node.name} is ready`, deadlineMs, async () => {
        expect(expected).to.include.members(await tuplesOf(node, "apart"));
        return (await tuplesOf(node, "ready")).length === 1;
      });
      await until(`${node.name} has the answer`, deadlineMs, async () => {
        const apart = await tuplesOf(node, "apart");
        expect(expected).to.include.members(apart);
        return apart.length === expected.length;
      });
    }
  });
});

/** The tuples of a relation in what \`calm run -D -\` prints, sorted. */
function tableOf(text: string, relation: string): string[] {
  const lines = text.split("\n");
  const begin = lines.indexOf(relation);
  expect(begin, text).to.be.greaterThan(-1);
  const rest = lines.slice(begin + 3);
  return rest.slice(0, rest.indexOf("===============")).toSorted();
}
