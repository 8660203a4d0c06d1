// npm run demo:kv: a store on three processes takes puts at all of them while one is killed, another
// is cut off, a fourth joins and one leaves. Then nothing that was acknowledged is missing, nothing
// that was removed is there, and all nodes agree. Exits with 1 otherwise.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { random } from "../src/base/random.ts";
import { KvClient } from "../src/client/kv-client.ts";
import { ClusterNode, Proxy, until } from "../test/support/cluster.ts";
import { scriptOptions } from "./script-options.mjs";

scriptOptions({});

const startMs = Date.now();
const deadlineMs = startMs + 110_000;
const folder = mkdtempSync(join(tmpdir(), "calm-demo-kv-"));
const seed = Number(process.env["SEED"] ?? "1");

function say(text: string): void {
  const seconds = ((Date.now() - startMs) / 1000).toFixed(1).padStart(5);
  process.stdout.write(`${seconds} s  ${text}\n`);
}

function nodeOf(name: string, more: readonly string[]): ClusterNode {
  return new ClusterNode(name, ["--data", join(folder, name), ...more], ["kv", "serve"]);
}

/** What is to be there at each key: a value, or none. */
type Expected = Map<string, string | null>;

/** Puts and removes, each key once, at one node, and at others while it does not answer, until it is
 * told to end. */
async function write(name: string, urls: readonly string[], ends: AbortSignal): Promise<Expected> {
  const clients = urls.map((url) => new KvClient(url, { retry: { attemptsMax: 1 } }));
  const from = random(seed + name.charCodeAt(0));
  const expected: Expected = new Map();
  for (let at = 0; !ends.aborted; at++) {
    const key = `${name}:${at}`;
    const value = `${name} wrote ${at}`;
    let tries = 0;
    await until(`somebody takes ${key}`, deadlineMs, async () => {
      const client = clients[tries++ % clients.length];
      return (await client?.put(key, "value", value).catch(() => undefined)) !== undefined;
    });
    expected.set(key, value);
    // What was sent twice may be there under two dots, of which no node knows both yet: a remove
    // would name one.
    if (tries > 1 || from.below(4) > 0) continue;
    const done = await clients[0]?.remove(key, "value").catch(() => undefined);
    if (done === undefined) expected.delete(key);
    else if (done.removed.length > 0) expected.set(key, null);
  }
  return expected;
}

/** Everything that a node has: the texts at each first key, sorted. */
async function contents(node: ClusterNode): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { k1, text = "" } of new KvClient(node.url).scan()) found.set(k1, text);
  return found;
}

/** Returns what is wrong with the contents of a node. */
function wrongIn(found: ReadonlyMap<string, string>, expected: Expected): string[] {
  return [...expected].flatMap(([key, value]) => {
    const there = found.get(key) ?? null;
    return there === value ? [] : [`${key}: ${String(there)}, not ${String(value)}`];
  });
}

/** Returns at which keys nodes do not have the same, and what. */
function differences(found: readonly ReadonlyMap<string, string>[]): string[] {
  const keys = new Set(found.flatMap((of) => [...of.keys()]));
  return [...keys].flatMap((key) => {
    const texts = found.map((of) => of.get(key) ?? "none");
    return new Set(texts).size === 1 ? [] : [`${key}: ${texts.join(" | ")}`];
  });
}

async function demo(): Promise<void> {
  const a = nodeOf("a", ["--peer", "b", "--peer", "c"]);
  await a.start();
  const b = nodeOf("b", ["--peer", `a=ws://127.0.0.1:${a.listens}`, "--peer", "c"]);
  await b.start();
  // The connections of c can be cut.
  const proxies = [await Proxy.to(() => a.listens), await Proxy.to(() => b.listens)];
  const [toA, toB] = proxies.map(({ port }) => `ws://127.0.0.1:${port}`);
  const c = nodeOf("c", ["--peer", `a=${toA ?? ""}`, "--peer", `b=${toB ?? ""}`]);
  await c.start();
  say("three nodes of a store listen");
  const nodes = [a, b, c];
  const ends = new AbortController();
  try {
    const urls = nodes.map(({ url }) => url);
    const writers = nodes.map((node, at) =>
      write(node.name, [...urls.slice(at), ...urls.slice(0, at)], ends.signal),
    );
    // A failure is told where all of them are waited for.
    for (const writer of writers) writer.catch(() => undefined);
    const written = async (): Promise<number> => (await contents(a)).size;
    const more = async (what: string, count: number): Promise<void> => {
      const before = await written();
      await until(what, deadlineMs, async () => (await written()) >= before + count);
    };
    await more("writers write", 50);
    await b.kill();
    say(`kill -9 b, after ${await written()} pairs; its writer goes on elsewhere`);
    await more("writers write while b is away", 50);
    await b.start();
    say(`b is back, after ${await written()} pairs`);
    for (const proxy of proxies) proxy.cut();
    say("c is cut off, and takes puts all the same");
    await more("writers write while c is cut off", 50);
    for (const proxy of proxies) proxy.heal();
    say(`the cut heals, after ${await written()} pairs`);
    const d = nodeOf("d", ["--join", a.url]);
    await d.start();
    nodes.push(d);
    say("d joins while writes go on");
    await more("writers write while d joins", 50);
    const response = await fetch(`${b.url}/v1/leave?wait=30`, { method: "POST" });
    if (!response.ok) throw new Error(`b cannot leave: ${await response.text()}`);
    nodes.splice(nodes.indexOf(b), 1);
    say("b hands on what it holds, and leaves");
    await more("writers write after b has left", 50);
    await c.kill();
    await c.start();
    say("kill -9 c, and it is back");
    ends.abort();
    const expected = new Map((await Promise.all(writers)).flatMap((one) => [...one]));
    const kept = [...expected.values()].filter((value) => value !== null).length;
    say(`acknowledged: ${kept} values that are to be there, ${expected.size - kept} removed`);
    for (const node of nodes) {
      let wrong: string[] = [];
      await until(`${node.name} has it all`, deadlineMs, async () => {
        wrong = wrongIn(await contents(node), expected);
        return wrong.length === 0;
      }).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${wrong.slice(0, 10).join("\n")}`);
      });
      say(`${node.name} has all of it, and nothing that was removed`);
    }
    // What nobody was told of may still be on its way.
    let pairs = 0;
    let differing: string[] = [];
    await until("all agree", deadlineMs, async () => {
      const found = await Promise.all(nodes.map(contents));
      pairs = found[0]?.size ?? 0;
      differing = differences(found);
      return differing.length === 0;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${differing.slice(0, 10).join("\n")}`);
    });
    say(`all agree: ${pairs} pairs`);
    const codes = await Promise.all(nodes.map((node) => node.stop()));
    if (codes.some((code) => code !== 0)) throw new Error(`exit codes: ${codes.join(", ")}`);
  } finally {
    ends.abort();
    for (const node of [a, b, c, ...nodes]) await node.kill();
    for (const proxy of proxies) proxy.close();
  }
}

try {
  await demo();
  say("done: nothing that was acknowledged is missing");
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
