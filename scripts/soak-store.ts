// The store of a soak: nodes as processes, what goes wrong with them, and one who watches.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Random } from "../src/base/random.ts";
import { KvClient } from "../src/client/kv-client.ts";
import { ClusterNode, until } from "../test/support/cluster.ts";
import { pause, ProxiedNodes } from "./proxied-nodes.ts";
import { contentsOf, type SoakClients } from "./soak-clients.ts";

/** How often nodes clean up. */
const gcIntervalMs = 1_000;

/** What is there for how long: nodes are stopped for longer than clients wait for an answer, and for
 * longer than peers do. */
const times = { downMs: [500, 5_000], stoppedMs: [8_000, 18_000], cutMs: [2_000, 20_000] } as const;

/** The processes of a store. */
export class SoakStore {
  readonly machines = new ProxiedNodes(times);
  private readonly folder = mkdtempSync(join(tmpdir(), "calm-soak-"));
  private readonly watched = new Map<string, string>();

  get nodes(): readonly ClusterNode[] {
    return this.machines.nodes;
  }

  foldersOf({ name }: ClusterNode): string[] {
    return [join(this.folder, name)];
  }

  async start(size: number): Promise<void> {
    const names = Array.from({ length: size }, (_, at) => `n${at + 1}`);
    await this.machines.start(names, (name, peers) => {
      const settings = ["--data", join(this.folder, name), "--gc-interval", String(gcIntervalMs)];
      return new ClusterNode(name, [...settings, ...peers], ["kv", "serve"]);
    });
  }

  /** Lets things go wrong until it is told to end. The first node is never killed: what it needs is
   * that of a process as old as the soak. */
  async suffer(chance: Random, ends: AbortSignal): Promise<void> {
    const { machines, nodes } = this;
    for (;;) {
      await pause(chance.between(10_000, 30_000), ends);
      if (ends.aborted) return;
      const drawn = chance.below(3);
      if (drawn === 0 && nodes.length > 1)
        await machines.kill(chance.pick(nodes.slice(1)), chance, ends);
      else if (drawn === 1) await machines.stop(chance.pick(nodes), chance, ends);
      else await machines.cut(chance.pick(nodes), chance, ends);
    }
  }

  /** Watches all pairs, at one node after the other. */
  async watch(ends: AbortSignal): Promise<void> {
    const client = new KvClient(this.nodes.map(({ url }) => url));
    try {
      for await (const change of client.watch({}, { values: false, signal: ends })) {
        if (change.kind === "start" && change.reset) this.watched.clear();
        if (change.kind === "put") this.watched.set(change.k1, change.etag);
        if (change.kind === "removed") this.watched.delete(change.k1);
      }
    } catch (error) {
      if (!isAbort(error)) throw error;
    }
  }

  /** Watches all pairs at some node until it has been told of all that is there, again and again. */
  async lookIn(chance: Random, ends: AbortSignal): Promise<void> {
    for (;;) {
      await pause(chance.between(1_000, 3_000), ends);
      if (ends.aborted) return;
      const client = new KvClient(chance.pick(this.nodes).url);
      try {
        for await (const { kind } of client.watch({}, { values: false, signal: ends }))
          if (kind === "current") break;
      } catch (error) {
        // Whoever looks in may be told to end at any moment.
        if (!isAbort(error)) throw error;
      }
    }
  }

  /** Returns what is wrong once all is well again and has lost power at once; nothing, when all nodes
   * have what clients were told, whoever watches was told of it, and what nobody needs is gone. */
  async wrong(clients: SoakClients, deadlineMs: number): Promise<string[]> {
    for (const node of this.nodes) await node.kill();
    for (const node of this.nodes) await node.start();
    let wrong: readonly string[] = [];
    const found = await until("all nodes agree with the clients", deadlineMs, async () => {
      wrong = await this.wrongNow(clients);
      return wrong.length === 0;
    }).then(
      () => [],
      () => [...wrong],
    );
    return found;
  }

  async stop(): Promise<(number | null)[]> {
    return Promise.all(this.nodes.map((node) => node.stop()));
  }

  async close(): Promise<void> {
    await this.machines.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async wrongNow(clients: SoakClients): Promise<string[]> {
    const wrong: string[] = [];
    const texts = new Set<string>();
    for (const node of this.nodes) {
      const contents = await contentsOf(node.url);
      const of = (problem: string): string => `${node.name}: ${problem}`;
      wrong.push(...clients.wrongIn(contents).map(of));
      texts.add(JSON.stringify([...contents]));
      const values = [...contents.values()].reduce((sum, { length }) => sum + length, 0);
      const response = await fetch(`${node.url}/v1/store`);
      const { facts, tombstones } = (await response.json()) as Record<string, number>;
      if (facts !== values || tombstones !== 0)
        wrong.push(of(`${facts ?? ""} facts, ${tombstones ?? ""} tombstones for ${values} values`));
    }
    if (texts.size > 1) wrong.push("the nodes differ");
    wrong.push(...(await this.wrongWatched()));
    return wrong;
  }

  private async wrongWatched(): Promise<string[]> {
    const tags = new Map<string, string>();
    const [{ url } = { url: "" }] = this.nodes;
    for await (const { k1, etag } of new KvClient(url).scan({}, { values: false }))
      tags.set(k1, etag);
    const unseen = [...tags].filter(([key, etag]) => this.watched.get(key) !== etag);
    const gone = [...this.watched.keys()].filter((key) => !tags.has(key));
    return [
      ...unseen.map(([key]) => `who watches was not told of ${key}`),
      ...gone.map((key) => `who watches was not told that ${key} is removed`),
    ];
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
