// Those who watch pairs of keys.
import { StepFault } from "../../transducer/transducer.ts";
import { ChangeLog } from "./change-log.ts";
import { type Pair, pairText } from "./pair.ts";
import type { Store } from "./store.ts";
import {
  type Found,
  type Watched,
  Watching,
  type WatchSink,
  type WatchSource,
} from "./watching.ts";

/** The latest changes of a store and who is told of them: numbered from 1 in a life of its node. */
export class Watchers {
  private readonly store: Store;
  private readonly watchers = new Set<Watching>();
  private readonly log: ChangeLog;
  private readonly source: WatchSource;
  /** Whether anybody has watched: until then nobody can come back to what has changed. */
  private watched = false;

  constructor(store: Store) {
    const { limits } = store;
    this.store = store;
    this.log = new ChangeLog(limits.watchedMax);
    this.source = {
      ...{ log: this.log, limits },
      pairs: ({ k1, k2 }) =>
        store.pairsAfter(
          { ...(k1 !== undefined && { k1 }), ...(k2 !== undefined && { k2 }) },
          undefined,
        ),
      read: (pairs, done, failed) => {
        store.service.driver.onDurable(() => this.found(pairs), done, failed);
      },
      id: (number) => `${this.life}-${number}`,
    };
  }

  /** Whether it is to be told which pairs have changed. */
  get asking(): boolean {
    return this.watched;
  }

  get size(): number {
    return this.watchers.size;
  }

  /** Pairs have changed, durably, each named once or more. */
  changed(rows: readonly (readonly unknown[])[]): void {
    if (!this.watched) return;
    const changed = new Map<string, Pair>();
    for (const [k1, k2] of rows as readonly (readonly [string, string])[])
      changed.set(pairText({ k1, k2 }), { k1, k2 });
    const pairs = [...changed.values()];
    const from = this.log.last;
    const idle = [...this.watchers].filter((watcher) => watcher.idle);
    this.log.add(pairs);
    // Those who know all else are told together: it is read once.
    const together = pairs.length > this.store.limits.readPairsMax ? [] : idle;
    this.tellTogether(together, pairs, from);
    for (const watcher of [...this.watchers]) watcher.go();
  }

  /** Tells a sink what is there, or what has changed since an event, and then what changes. Throws
   * a `StepFault` where a rule of the program fails on which pairs there are; where it fails on one
   * of them that is told. */
  watch(watched: Watched, from: string | undefined, sink: WatchSink): Watching {
    const after = from === undefined || !this.watched ? undefined : this.numberIn(from);
    this.watched = true;
    const watcher: Watching = new Watching(watched, after, sink, this.source, () => {
      this.watchers.delete(watcher);
    });
    this.watchers.add(watcher);
    watcher.go();
    return watcher;
  }

  /** Ends all watching. */
  close(): void {
    for (const watcher of [...this.watchers]) watcher.end("stopped");
  }

  private tellTogether(watchers: readonly Watching[], pairs: readonly Pair[], from: number): void {
    const asking = watchers.filter((watcher) => pairs.some((pair) => watcher.asks(pair)));
    if (asking.length === 0) return;
    const { last } = this.log;
    for (const watcher of asking) watcher.await();
    // What is read now may follow from what is not durable yet: then it is told later.
    this.source.read(
      pairs,
      (found) => {
        for (const watcher of asking) {
          const asked = found.flatMap((one, at) =>
            watcher.asks(one.pair) ? [{ one, number: from + at + 1 }] : [],
          );
          const numbers = asked.map(({ number }) => number);
          watcher.tellChanges(
            asked.map(({ one }) => one),
            numbers,
            last,
          );
        }
      },
      () => {
        for (const watcher of asking) watcher.end("stopped");
      },
    );
  }

  /** What is at pairs: read together, unless a rule fails on one of them. */
  private found(pairs: readonly Pair[]): readonly Found[] {
    try {
      const cells = this.store.cellsAt(pairs);
      return pairs.map((pair, at) => foundAt(pair, cells[at]));
    } catch (error) {
      if (!(error instanceof StepFault)) throw error;
      return pairs.map((pair) => this.foundAlone(pair));
    }
  }

  private foundAlone(pair: Pair): Found {
    try {
      return foundAt(pair, this.store.cell(pair.k1, pair.k2));
    } catch (error) {
      if (!(error instanceof StepFault)) throw error;
      return { pair, failed: error.message };
    }
  }

  private get life(): string {
    const { origin } = this.store.service.node;
    return origin.slice(origin.lastIndexOf("/") + 1);
  }

  /** The number of an event that can be gone on from. */
  private numberIn(id: string): number | undefined {
    const [, life, digits] = /^(\d+)-(\d{1,15})$/.exec(id) ?? [];
    const number = Number(digits);
    return life === this.life && this.log.has(number) ? number : undefined;
  }
}

function foundAt(pair: Pair, cell: Found["cell"]): Found {
  return cell === undefined ? { pair } : { pair, cell };
}
