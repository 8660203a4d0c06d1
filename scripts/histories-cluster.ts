// The processes of `npm run histories`, three nodes of the ordered plane and three members of etcd,
// and what goes wrong with them.
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

import type { Random } from "../src/base/random.ts";
import { ClusterNode, until } from "../test/support/cluster.ts";
import { EtcdCluster } from "../test/support/etcd-cluster.ts";
import { type NodeFault, pause, ProxiedNodes } from "./proxied-nodes.ts";
import { statusOf } from "../test/server/ordered/planes.ts";

/** What has gone wrong, and how often. */
export type FaultCounts = Record<
  | NodeFault
  | "full disks"
  | "members of etcd killed"
  | "members of etcd stopped for a while"
  | "members of etcd cut off"
  | "majorities of etcd lost",
  number
>;

const nodeNames = ["n1", "n2", "n3"] as const;

/** What a node may keep: the disk of one is as small as this, where that can be had. */
const diskMiB = 64;

/** Longer than anything waits for an answer. */
const stoppedMs = [4_000, 8_000] as const;

/** The processes, and what is between them. */
export class HistoriesCluster {
  private readonly ownCounts: Omit<FaultCounts, NodeFault> = {
    "full disks": 0,
    ...{ "members of etcd killed": 0, "members of etcd stopped for a while": 0 },
    ...{ "members of etcd cut off": 0, "majorities of etcd lost": 0 },
  };
  private readonly folder: string;
  private readonly etcd: EtcdCluster;
  private readonly machines = new ProxiedNodes({
    ...{ downMs: [100, 2_000], stoppedMs, cutMs: [1_000, 5_000] },
  });
  /** Where the small disk is; absent where none can be made. */
  private disk: string | undefined;

  private constructor(folder: string, etcd: EtcdCluster) {
    this.folder = folder;
    this.etcd = etcd;
  }

  /** Starts all of them; returns when the nodes have met. */
  static async start(folder: string, program: string): Promise<HistoriesCluster> {
    const cluster = new HistoriesCluster(folder, await EtcdCluster.start(nodeNames.length));
    try {
      await cluster.startNodes(program);
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  get nodes(): readonly ClusterNode[] {
    return this.machines.nodes;
  }

  get counts(): FaultCounts {
    return { ...this.machines.counts, ...this.ownCounts };
  }

  /** What nodes said that ended by themselves. */
  get endings(): readonly string[] {
    return this.machines.endings.map((ending) => ending.replaceAll(`${this.folder}/`, ""));
  }

  /** Whether no disk can be filled: no file system can be mounted here. */
  get noDisk(): boolean {
    return this.disk === undefined;
  }

  /** Lets things go wrong, one after the other, with nodes and beside that with etcd, until it is
   * told to end; then all is well again. */
  async suffer(chance: Random, ends: AbortSignal): Promise<void> {
    await Promise.all([this.sufferNodes(chance, ends), this.sufferEtcd(chance, ends)]);
  }

  /** Returns when all nodes have carried out the whole log, with their hash. */
  async settled(deadlineMs: number): Promise<string> {
    let states: readonly string[] = [];
    await until("all nodes have carried out the log", deadlineMs, async () => {
      for (const node of this.nodes) await this.machines.revive(node);
      const all = await Promise.all(this.nodes.map(statusOf)).catch(() => []);
      states = all.map(({ completed }) => `${completed.epoch} ${completed.hash}`);
      const tail = Math.max(0, ...all.map(({ log }) => log.tail));
      const [first] = states;
      return first?.startsWith(`${tail} `) === true && states.every((state) => state === first);
    }).catch((error: unknown) => {
      const said = this.nodes.flatMap(({ name, lastSaid }) => [`${name}:`, ...lastSaid]);
      throw new Error([String(error), ...states, ...said].join("\n"));
    });
    return states[0] ?? "";
  }

  async close(): Promise<void> {
    await this.machines.close();
    await this.etcd.stop();
    if (this.disk !== undefined) execFileSync("umount", [this.disk]);
    this.disk = undefined;
  }

  private async startNodes(program: string): Promise<void> {
    this.disk = smallDisk(join(this.folder, "n3"));
    await this.machines.start(nodeNames, (name, peers) => {
      const place = `${nodeNames.indexOf(name as (typeof nodeNames)[number])}/0`;
      return new ClusterNode(name, [
        ...[program, "--data", join(this.folder, name, "data"), "--ordered"],
        ...["--log", `etcd:${this.etcd.endpoints.join(",")}`, "--checkpoint-interval", "5"],
        ...["--replicas", String(nodeNames.length), "--place", place, ...peers],
      ]);
    });
    const deadlineMs = Date.now() + 20_000;
    for (const node of this.nodes)
      await until("the nodes have met", deadlineMs, async () => {
        const response = await fetch(`${node.url}/v1/ordered`);
        const { members } = (await response.json()) as { members: { connected: boolean }[] };
        return members.length === 2 && members.every(({ connected }) => connected);
      });
  }

  // ---- what goes wrong with nodes ----

  private async sufferNodes(chance: Random, ends: AbortSignal): Promise<void> {
    for (;;) {
      await pause(chance.between(300, 1_500), ends);
      if (ends.aborted) return;
      const node = chance.pick(this.nodes);
      const kind = chance.below(4);
      if (kind === 0) await this.machines.kill(node, chance, ends);
      else if (kind === 1) await this.machines.stop(node, chance, ends);
      else if (kind === 2) await this.machines.cut(node, chance, ends);
      else await this.fillDisk(chance, ends);
    }
  }

  /** Leaves no byte on the disk of a node; whether it ends by that or not, it is there again once
   * there is room. */
  private async fillDisk(chance: Random, ends: AbortSignal): Promise<void> {
    const node = this.nodes.at(-1);
    if (this.disk === undefined || node === undefined) return;
    this.ownCounts["full disks"]++;
    const ballast = join(this.disk, "ballast");
    fill(ballast);
    await pause(chance.between(1_000, 4_000), ends);
    rmSync(ballast);
    await this.machines.revive(node);
  }

  // ---- what goes wrong with etcd ----

  private async sufferEtcd(chance: Random, ends: AbortSignal): Promise<void> {
    const { etcd, ownCounts: counts } = this;
    for (;;) {
      await pause(chance.between(1_000, 4_000), ends);
      if (ends.aborted) return;
      const at = chance.below(etcd.size);
      const kind = chance.below(7);
      if (kind < 2) {
        counts["members of etcd killed"]++;
        await etcd.kill(at);
        await pause(chance.between(500, 3_000), ends);
        etcd.revive(at);
      } else if (kind < 4) {
        counts["members of etcd stopped for a while"]++;
        etcd.pause(at, true);
        await pause(chance.between(...stoppedMs), ends);
        etcd.pause(at, false);
      } else if (kind < 6) {
        counts["members of etcd cut off"]++;
        etcd.cut(at, true);
        await pause(chance.between(1_000, 4_000), ends);
        etcd.cut(at, false);
      } else {
        counts["majorities of etcd lost"]++;
        const two = [at, (at + 1) % etcd.size];
        for (const one of two) etcd.pause(one, true);
        await pause(chance.between(1_000, 3_000), ends);
        for (const one of two) etcd.pause(one, false);
      }
    }
  }
}

/** Makes a folder a disk of its own, that can be filled; undefined where that is not allowed. */
function smallDisk(folder: string): string | undefined {
  mkdirSync(folder, { recursive: true });
  try {
    const options = ["-t", "tmpfs", "-o", `size=${diskMiB}m`];
    execFileSync("mount", [...options, "tmpfs", folder], { stdio: "ignore" });
    return folder;
  } catch {
    return undefined;
  }
}

/** Writes to a file until the disk is full. */
function fill(path: string): void {
  const file = openSync(path, "w");
  try {
    for (let bytes = 1 << 20; bytes >= 1; bytes >>= 4)
      try {
        for (;;) writeSync(file, Buffer.alloc(bytes, 1));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
  } finally {
    closeSync(file);
  }
}
