// Nodes as processes that reach each other through proxies, and what goes wrong with them: for
// `npm run histories` and `npm run soak`.
import type { Random } from "../src/base/random.ts";
import { type ClusterNode, Proxy } from "../test/support/cluster.ts";

/** What goes wrong with nodes. */
export type NodeFault = "nodes killed" | "nodes stopped for a while" | "nodes cut off";

/** How long things go wrong for, in milliseconds: at least, and at most. */
export type FaultTimes = Readonly<
  Record<"downMs" | "stoppedMs" | "cutMs", readonly [number, number]>
>;

/** Makes a node of its name and the arguments that say how it reaches the others. */
export type MakeNode = (name: string, peers: readonly string[]) => ClusterNode;

/** Nodes that are there for a long time, whatever becomes of their processes. */
export class ProxiedNodes {
  readonly nodes: ClusterNode[] = [];
  /** How often what went wrong. */
  readonly counts: Record<NodeFault, number> = {
    "nodes killed": 0,
    "nodes stopped for a while": 0,
    "nodes cut off": 0,
  };
  /** What nodes said that ended by themselves. */
  readonly endings: string[] = [];
  private readonly times: FaultTimes;
  /** From each node to each other one, by both names. */
  private readonly proxies = new Map<string, Proxy>();

  constructor(times: FaultTimes) {
    this.times = times;
  }

  /** Starts nodes, one after the other. */
  async start(names: readonly string[], make: MakeNode): Promise<void> {
    for (const from of names)
      for (const to of names) if (from !== to) this.proxies.set(`${from} ${to}`, await this.to(to));
    for (const name of names) {
      const others = names.filter((other) => other !== name);
      const peers = others.flatMap((other) => {
        const port = this.proxies.get(`${name} ${other}`)?.port ?? 0;
        return ["--peer", `${other}=ws://127.0.0.1:${port}`];
      });
      const node = make(name, peers);
      this.nodes.push(node);
      await node.start();
    }
  }

  /** Has a node lose power for a while. */
  async kill(node: ClusterNode, chance: Random, ends: AbortSignal): Promise<void> {
    this.counts["nodes killed"]++;
    await node.kill();
    await pause(chance.between(...this.times.downMs), ends);
    await this.revive(node);
  }

  /** Has a node stand still for a while. */
  async stop(node: ClusterNode, chance: Random, ends: AbortSignal): Promise<void> {
    this.counts["nodes stopped for a while"]++;
    node.signal("SIGSTOP");
    await pause(chance.between(...this.times.stoppedMs), ends);
    node.signal("SIGCONT");
  }

  /** Keeps a node from the others, and not from its clients, for a while. */
  async cut({ name }: ClusterNode, chance: Random, ends: AbortSignal): Promise<void> {
    this.counts["nodes cut off"]++;
    const own = [...this.proxies].filter(([pair]) => pair.split(" ").includes(name));
    for (const [, proxy] of own) proxy.cut();
    await pause(chance.between(...this.times.cutMs), ends);
    for (const [, proxy] of own) proxy.heal();
  }

  /** Starts a node that does not run. */
  async revive(node: ClusterNode): Promise<void> {
    if (node.running) return;
    // It was not killed: it has ended by itself.
    if (node.up) this.endings.push(`${node.name}: ${endingOf(node)}`);
    await node.kill();
    await node.start();
  }

  async close(): Promise<void> {
    for (const node of this.nodes) {
      node.signal("SIGCONT");
      await node.kill();
    }
    for (const proxy of this.proxies.values()) proxy.close();
  }

  private to(name: string): Promise<Proxy> {
    return Proxy.to(() => this.nodes.find((node) => node.name === name)?.listens ?? 0);
  }
}

/** What a node said last that was wrong. */
function endingOf({ lastSaid }: ClusterNode): string {
  const wrong = lastSaid.findLast((line) => /"level":"(error|warn)"/.test(line));
  const line = wrong ?? lastSaid.at(-1) ?? "";
  try {
    const { msg, ...more } = JSON.parse(line) as Record<string, unknown>;
    const { detail, error } = more;
    return [msg, detail ?? error].filter((of) => typeof of === "string").join(": ");
  } catch {
    // What Node itself says is no JSON.
    return line;
  }
}

/** Returns after a while, or when it is told to end. */
export function pause(ms: number, ends: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      ends.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ends.aborted ? 0 : ms);
    ends.addEventListener("abort", done);
  });
}
