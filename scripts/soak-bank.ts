// The ordered plane of a soak: a bank in two replicas, one of which is killed and stopped, and tellers
// who know what each of their accounts has to hold.
import { join } from "node:path";

import { random, type Random } from "../src/base/random.ts";
import { OrderedClient, TransactionUnknown } from "../src/client/ordered-client.ts";
import { NodeClient } from "../src/client/node-client.ts";
import { project } from "../test/programs/folder.ts";
import { Plane } from "../test/server/ordered/planes.ts";
import type { ClusterNode } from "../test/support/cluster.ts";
import { pause } from "./proxied-nodes.ts";

const tellers = 4;

/** What each teller begins with: the program gives its first account 10,000. */
const cents = 2_000;

/** How often a teller asks. */
const tellerMs = 800;

/** What went wrong with the second replica is longer than what a client waits for. */
const [callMs, stoppedMs] = [2_000, [4_000, 8_000]] as const;

/** A bank, and those who ask it. */
export class SoakBank {
  readonly counts = { done: 0, aborted: 0, again: 0, killed: 0, stopped: 0 };
  /** What tellers were told that is not as it was acknowledged. */
  readonly losses: string[] = [];
  private readonly plane = new Plane({
    ...{ program: join(project, "programs", "bank.dl"), replicas: 2 },
    settings: ["--checkpoint-interval", "10"],
  });
  private readonly balances = new Map<string, number>();

  get nodes(): readonly ClusterNode[] {
    return this.plane.nodes;
  }

  /** Where a node keeps its data; the first one keeps the log, too. */
  foldersOf(node: ClusterNode): string[] {
    const own = join(this.plane.folder, node.name);
    return node === this.nodes[0] ? [own, join(this.plane.folder, "log")] : [own];
  }

  async start(): Promise<void> {
    await this.plane.start();
    const client = this.client(0);
    for (let at = 0; at < tellers; at++) {
      const [one, other] = accountsOf(at);
      for (const account of [one, other]) await client.transaction("open", [account]);
      await client.transaction("transfer", ["ada", one, cents]);
      this.balances.set(one, cents).set(other, 0);
    }
  }

  /** Transfers until it is told to end. */
  async run(seed: number, ends: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: tellers }, (_, at) => this.tell(at, seed, ends)));
  }

  /** Lets things go wrong with the replica that does not keep the log, until it is told to end. */
  async suffer(chance: Random, ends: AbortSignal): Promise<void> {
    const node = this.plane.at(1, 0);
    for (;;) {
      await pause(chance.between(20_000, 60_000), ends);
      if (ends.aborted) return;
      if (chance.chance(0.5)) {
        this.counts.killed++;
        await node.kill();
        await pause(chance.between(500, 3_000), ends);
        await node.start();
      } else {
        this.counts.stopped++;
        node.signal("SIGSTOP");
        await pause(chance.between(...stoppedMs), ends);
        node.signal("SIGCONT");
      }
    }
  }

  /** Returns what is wrong once all is well again, after a loss of power at both replicas. */
  async wrong(): Promise<string[]> {
    for (const node of this.plane.nodes) await node.kill();
    for (const node of this.plane.nodes) await node.start();
    const hashes = await this.plane.settled();
    const wrong = hashes.size === 1 ? [] : ["the replicas of the bank differ"];
    const client = new NodeClient(this.plane.at(1, 0).url);
    for (const [account, balance] of this.balances) {
      const { tuples } = await client.query(`balance("${account}", Cents)`, { at: "strict" });
      const found = tuples.map((tuple) => Number(tuple.at(-1))).join();
      if (found !== String(balance)) wrong.push(`${account} has ${found}, not ${balance}`);
    }
    return wrong;
  }

  async stop(): Promise<(number | null)[]> {
    return Promise.all(this.plane.nodes.map((node) => node.stop()));
  }

  async close(): Promise<void> {
    for (const node of this.plane.nodes) node.signal("SIGCONT");
    await this.plane.close();
  }

  private async tell(at: number, seed: number, ends: AbortSignal): Promise<void> {
    const chance = random(seed * 1_000 + 500 + at);
    const client = this.client(at);
    for (let number = 0; !ends.aborted; number++) {
      await pause(chance.between(tellerMs / 2, (3 * tellerMs) / 2), ends);
      const [from, to] = chance.shuffled(accountsOf(at)) as [string, string];
      const sum = chance.between(1, cents);
      const has = this.balances.get(from) ?? 0;
      const expected = has < sum ? "aborted" : "done";
      const status = await this.ended(client, [from, to, sum], `${seed}-${at}-${number}`);
      this.counts[status]++;
      if (status !== expected)
        this.losses.push(`${sum} of the ${has} of ${from} to ${to}: ${status}, not ${expected}`);
      if (status !== "done") continue;
      this.balances.set(from, has - sum).set(to, (this.balances.get(to) ?? 0) + sum);
    }
  }

  /** Asks for a transfer, under one id, until somebody says how it ended. */
  private async ended(
    client: OrderedClient,
    args: readonly [string, string, number],
    id: string,
  ): Promise<"done" | "aborted"> {
    for (;;)
      try {
        return (await client.transaction("transfer", args, { id })).status;
      } catch (error) {
        if (!(error instanceof TransactionUnknown)) throw error;
        this.counts.again++;
      }
  }

  /** A client that begins with one node or the other. */
  private client(at: number): OrderedClient {
    const urls = this.plane.nodes.map(({ url }) => url);
    const own = at % 2 === 0 ? urls : urls.toReversed();
    return new OrderedClient(own, { callMs, retry: { attemptsMax: 2, maxMs: 500 } });
  }
}

function accountsOf(teller: number): [string, string] {
  return [`t${teller}a`, `t${teller}b`];
}
