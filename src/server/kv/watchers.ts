// Those who watch pairs of keys.
import { StepFault } from "../../transducer/transducer.ts";
import { type Cell, type Pair, pairText } from "./pair.ts";
import type { Store } from "./store.ts";
import { cellJson } from "./routes/pair.ts";

/** What is watched. */
export type Watched = Partial<Pair> & { readonly values: boolean };

/** Where events to one watcher go. */
export type WatchSink = {
  /** Returns whether the watcher keeps up; one that does not is let go, and may come back. */
  write(event: WatchEvent): boolean;
  end(reason: "behind" | "stopped"): void;
};

/** One event; who has it can go on from its id. */
export type WatchEvent = {
  readonly kind: "start" | "put" | "removed" | "failed" | "current";
  readonly id?: string;
  readonly [name: string]: unknown;
};

/** What is read at a pair, or why a rule of the program fails on it. */
type Found = { readonly pair: Pair; readonly cell?: Cell | undefined; readonly failed?: string };

type Watcher = { readonly watched: Watched; readonly sink: WatchSink };

/** The latest changes of a store, numbered from 1 in a life of its node, and who is told of them.
 * Only the keys of what changed are kept: who comes back is told what is there by then. */
export class Watchers {
  private readonly store: Store;
  private readonly watchers = new Set<Watcher>();
  private readonly latest: Pair[] = [];
  private last = 0;

  constructor(store: Store) {
    this.store = store;
  }

  get size(): number {
    return this.watchers.size;
  }

  /** Pairs have changed, durably, each named once or more. */
  changed(rows: readonly (readonly unknown[])[]): void {
    const pairs = new Map<string, Pair>();
    for (const [k1, k2] of rows as readonly (readonly [string, string])[])
      pairs.set(pairText({ k1, k2 }), { k1, k2 });
    const from = this.last;
    for (const pair of pairs.values()) {
      this.latest.push(pair);
      this.last++;
    }
    const { watchedMax } = this.store.limits;
    if (this.latest.length > 2 * watchedMax) this.latest.splice(0, this.latest.length - watchedMax);
    if (this.watchers.size === 0) return;
    // What is read now may follow from what is not durable yet: then it is told later.
    this.whenDurable(
      () => this.cellsOf([...pairs.values()]),
      (found) => {
        for (const [at, one] of found.entries())
          for (const watcher of [...this.watchers])
            if (isWatched(watcher.watched, one.pair))
              this.tell(watcher, eventOf(one, watcher.watched, this.id(from + at + 1)));
      },
    );
  }

  /** Tells a sink what is there, or what has changed since an event, and then what changes. Returns
   * what ends that. Throws a `StepFault` where a rule of the program fails on which pairs there
   * are; where it fails on one of them that is told. */
  watch(watched: Watched, from: string | undefined, sink: WatchSink): () => void {
    const watcher = { watched, sink };
    const after = from === undefined ? undefined : this.numberIn(from);
    const told = this.last;
    const pairs =
      after === undefined
        ? (): readonly Pair[] => this.store.pairs(watched)
        : (): readonly Pair[] => this.since(after).filter((pair) => isWatched(watched, pair));
    let left = false;
    this.whenDurable(
      () => this.cellsOf(pairs()),
      (found) => {
        if (left) return;
        this.watchers.add(watcher);
        this.tell(watcher, { kind: "start", reset: after === undefined });
        for (const one of found) {
          const told = one.cell !== undefined || one.failed !== undefined || after !== undefined;
          if (told && this.watchers.has(watcher))
            this.tell(watcher, eventOf(one, watched, undefined));
        }
        if (this.watchers.has(watcher)) this.tell(watcher, { kind: "current", id: this.id(told) });
      },
      () => {
        sink.end("stopped");
      },
    );
    return () => {
      left = true;
      this.watchers.delete(watcher);
    };
  }

  /** Ends all watching. */
  close(): void {
    for (const { sink } of [...this.watchers]) sink.end("stopped");
    this.watchers.clear();
  }

  /** What is at pairs: told together, unless a rule fails on one of them. */
  private cellsOf(pairs: readonly Pair[]): readonly Found[] {
    try {
      const cells = this.store.cellsAt(pairs);
      return pairs.map((pair, at) => ({ pair, cell: cells[at] }));
    } catch (error) {
      if (!(error instanceof StepFault)) throw error;
      return pairs.map((pair) => this.found(pair));
    }
  }

  private found(pair: Pair): Found {
    try {
      return { pair, cell: this.store.cell(pair.k1, pair.k2) };
    } catch (error) {
      if (!(error instanceof StepFault)) throw error;
      return { pair, failed: error.message };
    }
  }

  private tell(watcher: Watcher, event: WatchEvent): void {
    if (watcher.sink.write(event)) return;
    this.watchers.delete(watcher);
    watcher.sink.end("behind");
  }

  private whenDurable<T>(read: () => T, done: (value: T) => void, failed = (): void => undefined) {
    this.store.service.driver.onDurable(read, done, failed);
  }

  private get life(): string {
    const { origin } = this.store.service.node;
    return origin.slice(origin.lastIndexOf("/") + 1);
  }

  private id(number: number): string {
    return `${this.life}-${number}`;
  }

  /** The number of an event that can be gone on from. */
  private numberIn(id: string): number | undefined {
    const [, life, digits] = /^(\d+)-(\d{1,15})$/.exec(id) ?? [];
    const number = Number(digits);
    if (life !== this.life || number > this.last) return undefined;
    return number < this.last - this.latest.length ? undefined : number;
  }

  /** The pairs that have changed after an event, each once. */
  private since(number: number): Pair[] {
    const changed = this.latest.slice(this.latest.length - (this.last - number));
    return [...new Map(changed.map((pair) => [pairText(pair), pair])).values()];
  }
}

function isWatched({ k1, k2 }: Watched, pair: Pair): boolean {
  return (k1 === undefined || k1 === pair.k1) && (k2 === undefined || k2 === pair.k2);
}

function eventOf(
  { pair: { k1, k2 }, cell, failed }: Found,
  { values }: Watched,
  id: string | undefined,
): WatchEvent {
  const said = id === undefined ? {} : { id };
  if (failed !== undefined) return { kind: "failed", ...said, k1, k2, detail: failed };
  if (cell === undefined) return { kind: "removed", ...said, k1, k2 };
  return { kind: "put", ...said, ...cellJson(cell, values) };
}
