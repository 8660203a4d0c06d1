// npm run demo:cluster: three processes share the dependencies of this repository's own packages,
// and come to the answer of one machine, whatever happens to them: one is killed and comes back,
// another is cut off for a while, and facts keep arriving. Exits with 1 if anything is missing.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { random } from "../src/base/random.ts";
import { builtCommand } from "../test/support/built-command.ts";
import { ClusterNode, insertSurely, Proxy, tuplesOf, until } from "../test/support/cluster.ts";
import { scriptOptions } from "./script-options.mjs";

scriptOptions({});

const startMs = Date.now();
const deadlineMs = startMs + 55_000;
const program = fileURLToPath(new URL("demo-cluster.dl", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "calm-cluster-"));
const seed = Number(process.env["SEED"] ?? "1");

function say(text: string): void {
  const seconds = ((Date.now() - startMs) / 1000).toFixed(1).padStart(5);
  process.stdout.write(`${seconds} s  ${text}\n`);
}

/** Who needs whom, by the lock file: the names of packages. */
function dependencies(): (readonly [string, string])[] {
  const text = readFileSync(new URL("../package-lock.json", import.meta.url), "utf8");
  type Entry = Partial<Record<"dependencies" | "devDependencies" | "optionalDependencies", object>>;
  const { packages } = JSON.parse(text) as { packages: Record<string, Entry> };
  const found = new Map<string, readonly [string, string]>();
  for (const [path, entry] of Object.entries(packages)) {
    const name = path === "" ? "." : path.slice(path.lastIndexOf("node_modules/") + 13);
    const { dependencies: own, devDependencies, optionalDependencies } = entry;
    for (const other of Object.keys({ ...own, ...devDependencies, ...optionalDependencies }))
      found.set(`${name}\t${other}`, [name, other]);
  }
  return [...found.values()];
}

function factsIn(name: string, tuples: readonly (readonly string[])[]): string {
  const into = join(folder, name);
  mkdirSync(into);
  writeFileSync(join(into, "needs.facts"), tuples.map((row) => `${row.join("\t")}\n`).join(""));
  return into;
}

/** The answer of one machine that holds everything. */
function alone(tuples: readonly (readonly string[])[]): string[] {
  const from = factsIn("all", tuples);
  const argv = [builtCommand(), "run", program, "-F", from, "-D", folder];
  const done = spawnSync(process.execPath, argv, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(done.stderr);
  const text = readFileSync(join(folder, "brings.csv"), "utf8");
  return text.split("\n").filter(Boolean).toSorted();
}

/** Follows the answers of a node, and counts them. */
async function follow(node: ClusterNode, count: (more: number) => void, signal: AbortSignal) {
  const response = await fetch(`${node.url}/v1/live/brings`, { signal });
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const events = (text + chunk).split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const [, data = "{}"] = /^data: (.*)$/m.exec(event) ?? [];
      count((JSON.parse(data) as { tuples?: unknown[] }).tuples?.length ?? 0);
    }
  }
}

async function demo(): Promise<void> {
  const from = random(seed);
  const all = from.shuffled(dependencies());
  const expected = alone(all);
  say(`one machine: ${all.length} dependencies, ${expected.length} answers`);
  // A third of them is there from the start, each node with its share; the rest arrives.
  const third = Math.floor(all.length / 3);
  const share = (at: number): string =>
    factsIn(
      `share-${at}`,
      all.slice(0, third).filter((_, of) => of % 3 === at),
    );
  const settings = (at: number, peers: readonly string[]): string[] => [
    ...[program, "--data", join(folder, `data-${at}`), "-F", share(at)],
    ...peers.flatMap((peer) => ["--peer", peer]),
  ];
  const a = new ClusterNode("a", settings(0, ["b", "c"]));
  await a.start();
  const b = new ClusterNode("b", settings(1, [`a=ws://127.0.0.1:${a.listens}`, "c"]));
  await b.start();
  // The connections of c can be cut.
  const proxies = [await Proxy.to(() => a.listens), await Proxy.to(() => b.listens)];
  const [toA, toB] = proxies.map(({ port }) => `ws://127.0.0.1:${port}`);
  const c = new ClusterNode("c", settings(2, [`a=${toA ?? ""}`, `b=${toB ?? ""}`]));
  await c.start();
  const nodes = [a, b, c];
  const abort = new AbortController();
  try {
    say("three nodes listen, each with its share");
    let live = 0;
    const following = follow(c, (more) => (live += more), abort.signal).catch(() => undefined);
    const rest = all.slice(third);
    const size = 8;
    const acknowledged: string[] = [];
    const sending: Promise<void>[] = [];
    const batches = Math.ceil(rest.length / size);
    let restarted: Promise<void> | undefined;
    for (let at = 0; at < batches; at++) {
      const tuples = rest.slice(at * size, (at + 1) * size);
      const node = nodes[at % 3] ?? a;
      const sent = insertSurely(node, "needs", tuples, `batch-${at}`, deadlineMs).then(() => {
        acknowledged.push(...tuples.map((row) => row.join("\t")));
      });
      // A failure is told where all of them are waited for.
      sent.catch(() => undefined);
      sending.push(sent);
      // What goes to a node that is down is sent again until it is back.
      if (node.up) await sent;
      if (at === Math.floor(batches / 5)) {
        await b.kill();
        say(`b is killed; live answers at c: ${live}, acknowledged: ${acknowledged.length}`);
      } else if (at === Math.floor((2 * batches) / 5)) {
        say(`b starts again; live answers at c: ${live}, acknowledged: ${acknowledged.length}`);
        restarted = b.start();
        await restarted;
      } else if (at === Math.floor((3 * batches) / 5)) {
        for (const proxy of proxies) proxy.cut();
        say(`c is cut off; live answers at c: ${live}, acknowledged: ${acknowledged.length}`);
      } else if (at === Math.floor((4 * batches) / 5)) {
        for (const proxy of proxies) proxy.heal();
        say(`the cut heals; live answers at c: ${live}, acknowledged: ${acknowledged.length}`);
      }
    }
    await Promise.all(sending);
    say(`all ${acknowledged.length} facts are acknowledged`);
    for (const node of nodes) {
      await until(`${node.name} has the answer of one machine`, deadlineMs, async () => {
        const found = await tuplesOf(node, "brings");
        return found.length === expected.length && found.every((row, at) => row === expected[at]);
      });
      await until(`${node.name} has all acknowledged facts`, deadlineMs, async () => {
        const held = new Set(await tuplesOf(node, "needs"));
        return acknowledged.every((row) => held.has(row));
      });
      say(`${node.name} has exactly the answer of one machine: ${expected.length}`);
    }
    await until("c has told all of it live", deadlineMs, () =>
      Promise.resolve(live === expected.length),
    );
    say(`live at c: ${live} answers, each told once`);
    abort.abort();
    await following;
    const codes = await Promise.all(nodes.map((node) => node.stop()));
    if (codes.some((code) => code !== 0)) throw new Error(`exit codes: ${codes.join(", ")}`);
  } finally {
    abort.abort();
    for (const node of nodes) await node.kill();
    for (const proxy of proxies) proxy.close();
  }
}

try {
  await demo();
  say("done: no acknowledged fact is missing");
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
