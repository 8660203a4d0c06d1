// Ordered planes of real processes, for tests: started, asked, killed, stopped for a while.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { assert } from "../../../src/base/assert.ts";
import { ClusterNode, until } from "../../support/cluster.ts";

/** What a plane is made of. */
export type PlaneOptions = {
  /** A path; one that is not absolute is in the folder of the plane. */
  readonly program: string;
  readonly partitions?: number;
  readonly replicas?: number;
  /** Where the log is; in files of the first node unless given. */
  readonly log?: string;
  readonly settings?: readonly string[];
  /** Of one node. */
  readonly settingsOf?: (name: string) => readonly string[];
};

/** How things stand, as a node says. */
export type Status = {
  readonly completed: { readonly epoch: number; readonly hash: string };
  readonly log: { readonly tail: number };
  readonly checkpoint?: number;
  readonly horizon: number;
  readonly frontier: Readonly<Record<string, number>>;
  readonly restarts: number;
  readonly place: { readonly replica: number; readonly partition: number };
};

/** An answer over HTTP. */
export type Answered = { readonly status: number; readonly body: Record<string, unknown> };

/** The processes of one ordered plane. */
export class Plane {
  readonly nodes: ClusterNode[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), "calm-ordered-"));
  private readonly options: PlaneOptions;

  constructor(options: PlaneOptions) {
    this.options = options;
  }

  /** Starts all nodes, by replicas and partitions; they have met when it returns. */
  async start(): Promise<void> {
    const { program, partitions = 1, replicas = 1, settings = [] } = this.options;
    const places = Array.from({ length: partitions * replicas }, (_, at) => ({
      name: `r${Math.floor(at / partitions)}p${at % partitions}`,
      place: `${Math.floor(at / partitions)}/${at % partitions}`,
    }));
    for (const { name, place } of places) {
      const peers = places
        .filter((other) => other.name !== name)
        .flatMap((other) => {
          const up = this.nodes.find((node) => node.name === other.name);
          const url = up === undefined ? "" : `=ws://127.0.0.1:${up.listens}`;
          return ["--peer", `${other.name}${url}`];
        });
      const [first] = this.nodes;
      const here = first === undefined ? `file:${join(this.folder, "log")}` : first.url;
      const node = new ClusterNode(name, [
        ...[resolve(this.folder, program), "--data", join(this.folder, name), "--ordered"],
        ...["--log", this.options.log ?? here],
        ...["--partitions", String(partitions), "--replicas", String(replicas)],
        ...["--place", place, ...peers, ...settings, ...(this.options.settingsOf?.(name) ?? [])],
      ]);
      this.nodes.push(node);
      await node.start();
    }
    for (const node of this.nodes)
      await until("the members have met", Date.now() + 100_000, async () => {
        const { body } = await asked(node, "/v1/ordered");
        const members = body["members"] as { readonly place?: unknown }[];
        return members.length === places.length - 1 && members.every((of) => of.place);
      });
  }

  /** The node at a place. */
  at(replica: number, partition: number): ClusterNode {
    const { partitions = 1 } = this.options;
    const node = this.nodes[replica * partitions + partition];
    assert(node !== undefined, "there is a node at the place");
    return node;
  }

  /** Returns when all nodes that are up have carried out the whole log, with the hashes of their
   * partitions, of which those of one partition are equal; the log has at least so many epochs. */
  async settled(least = 0): Promise<ReadonlyMap<number, string>> {
    const up = this.nodes.filter((node) => node.up);
    const hashes = new Map<number, string>();
    await until("all is carried out", Date.now() + 100_000, async () => {
      hashes.clear();
      const states = await Promise.all(up.map((node) => statusOf(node)));
      const tail = Math.max(...states.map(({ log }) => log.tail));
      for (const { place, completed } of states) {
        const known = hashes.get(place.partition) ?? completed.hash;
        if (completed.epoch !== tail || tail < least) return false;
        assert(known === completed.hash, `replicas of partition ${place.partition} are equal`);
        hashes.set(place.partition, known);
      }
      return true;
    });
    return hashes;
  }

  async close(): Promise<void> {
    for (const node of this.nodes.splice(0)) await node.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Returns what a node answers. */
export async function asked(
  node: ClusterNode,
  path: string,
  init?: RequestInit,
): Promise<Answered> {
  const response = await fetch(`${node.url}${path}`, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Returns how things stand with the ordered plane of a node. */
export async function statusOf(node: ClusterNode): Promise<Status> {
  return (await asked(node, "/v1/ordered")).body as Status;
}

/** Has a node carry out a transaction. */
export function transact(
  node: ClusterNode,
  name: string,
  args: readonly unknown[] | Readonly<Record<string, unknown>>,
  key?: string,
): Promise<Answered> {
  return asked(node, `/v1/transactions/${name}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(key !== undefined && { "idempotency-key": key }),
    },
    body: JSON.stringify({ args }),
  });
}
