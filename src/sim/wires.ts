import type { Frame } from "../transducer/protocol.ts";

/** A frame on its way, on the connection of that number between the two. */
export type Wire = {
  readonly from: string;
  readonly to: string;
  readonly connection: number;
  readonly frame: Frame;
};

type Pair = {
  readonly ends: readonly [string, string];
  connection: number;
  /** Both ends were told that they are connected. */
  connected: boolean;
};

/** Which nodes are connected, and between which of them nothing goes. */
export class Wires {
  private readonly pairs: readonly Pair[];
  /** How many cuts there are from one node to another. */
  private readonly cuts = new Map<string, number>();

  constructor(links: readonly (readonly [string, string])[]) {
    this.pairs = links.map((ends) => ({ ends, connection: 0, connected: false }));
  }

  /** The number of the connection between two nodes; undefined where there is none. */
  connection(a: string, b: string): number | undefined {
    const pair = this.pairs.find(({ ends }) => ends.includes(a) && ends.includes(b));
    return pair?.connected === true ? pair.connection : undefined;
  }

  /** Whether frames go from one node to another. */
  passes(from: string, to: string): boolean {
    return !this.cuts.has(`${from}>${to}`);
  }

  /** The neighbours of a node. */
  neighbours(name: string): readonly string[] {
    return this.pairs.flatMap(({ ends: [a, b] }) => (a === name ? [b] : b === name ? [a] : []));
  }

  /** Connects all that can be connected; returns the ends of each new connection. */
  connect(
    alive: (name: string) => boolean,
    linked: (a: string, b: string) => boolean = () => true,
  ): (readonly [string, string])[] {
    return this.changed((pair) => {
      const [a, b] = pair.ends;
      const open = !pair.connected && this.passes(a, b) && this.passes(b, a);
      return open && alive(a) && alive(b) && linked(a, b);
    });
  }

  /** Breaks the connections between two groups of nodes; returns their ends. */
  disconnect(some: readonly string[], others: readonly string[]): (readonly [string, string])[] {
    return this.changed(({ connected, ends: [a, b] }) => {
      const between = (one: string, other: string): boolean =>
        some.includes(one) && others.includes(other);
      return connected && (between(a, b) || between(b, a));
    });
  }

  /** The ends of all connections. */
  connected(): (readonly [string, string])[] {
    return this.pairs.flatMap(({ connected, ends }) => (connected ? [ends] : []));
  }

  cut(from: readonly string[], to: readonly string[]): void {
    this.count(from, to, 1);
  }

  heal(from: readonly string[], to: readonly string[]): void {
    this.count(from, to, -1);
  }

  private changed(which: (pair: Pair) => boolean): (readonly [string, string])[] {
    const changing = this.pairs.filter(which);
    for (const pair of changing) {
      pair.connected = !pair.connected;
      if (pair.connected) pair.connection++;
    }
    return changing.map(({ ends }) => ends);
  }

  private count(from: readonly string[], to: readonly string[], by: 1 | -1): void {
    for (const a of from)
      for (const b of to) {
        const count = (this.cuts.get(`${a}>${b}`) ?? 0) + by;
        if (count === 0) this.cuts.delete(`${a}>${b}`);
        else this.cuts.set(`${a}>${b}`, count);
      }
  }
}
