import type { Accepted } from "../transducer/protocol.ts";
import type { Checker } from "./checker.ts";
import type { Machine } from "./machine.ts";
import type { Portion } from "./parts.ts";
import type { Insert } from "./schedule.ts";

/** A request that was accepted, and who had its facts durably then, or when the node that accepted
 * it lost them with its log. */
export type Acknowledged = {
  readonly accepted: Accepted;
  readonly holders: readonly string[];
};

/** The requests that were accepted. */
export class Requests {
  private readonly acknowledged = new Map<string, Acknowledged>();
  private readonly portions: (insert: Insert) => readonly Portion[];
  private readonly whole = new Set<string>();

  /** `portions` says what is sent to which node. */
  constructor(portions: (insert: Insert) => readonly Portion[]) {
    this.portions = portions;
  }

  get count(): number {
    return this.acknowledged.size;
  }

  of(request: string): Acknowledged | undefined {
    return this.acknowledged.get(request);
  }

  /** Whether all of a request was accepted. */
  done(insert: Insert): boolean {
    const { request } = insert;
    if (this.whole.has(request)) return true;
    const done = this.portions(insert).every((portion) => this.acknowledged.has(portion.request));
    if (done) this.whole.add(request);
    return done;
  }

  accept(accepted: Accepted, node: string): void {
    this.acknowledged.set(accepted.request, { accepted, holders: [node] });
  }

  /** Checks that a node that has come back holds what it has to. */
  check({ name, node }: Machine, checker: Checker): void {
    for (const [request, { accepted, holders }] of this.acknowledged) {
      if (!holders.includes(name)) continue;
      const holds = node?.holds.get(accepted.origin) ?? 0;
      checker.check("acknowledged-kept", holds >= accepted.to, () => {
        return `${name} has lost ${request}, which was accepted`;
      });
    }
  }

  /** A machine is a member no more: what it held others hold, who do from now on. Returns the
   * requests that none of them holds. */
  depart(name: string, others: readonly Machine[]): string[] {
    const alone: string[] = [];
    for (const [request, { accepted, holders }] of this.acknowledged) {
      if (!holders.includes(name)) continue;
      const { origin, to } = accepted;
      const left = others.filter((other) => (other.disk.holds.get(origin) ?? 0) >= to);
      if (left.length === 0) alone.push(request);
      else this.acknowledged.set(request, { accepted, holders: left.map((other) => other.name) });
    }
    return alone;
  }

  /** A machine has an old log: what it lost is still there where others hold it. */
  lose({ name, disk }: Machine, machines: Iterable<Machine>, checker: Checker): void {
    const all = [...machines];
    for (const [request, { accepted, holders }] of this.acknowledged) {
      const { origin, to } = accepted;
      if (!holders.includes(name) || (disk.writtenHolds.get(origin) ?? 0) >= to) continue;
      const left = all.filter((other) => (other.disk.holds.get(origin) ?? 0) >= to);
      this.acknowledged.set(request, { accepted, holders: left.map((other) => other.name) });
      checker.forget(request);
    }
  }
}
