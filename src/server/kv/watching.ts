// One who watches pairs of keys: what to tell it next, as far as it takes what it is told.
import type { ChangeLog } from "./change-log.ts";
import type { StoreLimits } from "./limits.ts";
import type { Cell, Pair } from "./pair.ts";
import { firstOf, ReadAhead } from "./read-ahead.ts";
import { cellJson } from "./routes/pair.ts";

/** What is watched. */
export type Watched = Partial<Pair> & { readonly values: boolean };

/** Where events to one watcher go. */
export type WatchSink = {
  /** Returns whether there is room for more; if not, `resume` is to be called when there is. */
  write(event: WatchEvent): boolean;
  /** Ends it; the watcher may come back. `behind`: too much has changed since it was told last. */
  end(reason: "behind" | "stopped"): void;
};

/** One event; who has it can go on from its id. */
export type WatchEvent = {
  readonly kind: "start" | "put" | "removed" | "failed" | "current";
  readonly id?: string;
  readonly [name: string]: unknown;
};

/** What is read at a pair, or why a rule of the program fails on it. */
export type Found = { readonly pair: Pair; readonly cell?: Cell; readonly failed?: string };

/** Where a watcher has from what it tells. */
export type WatchSource = {
  readonly log: ChangeLog;
  readonly limits: Pick<StoreLimits, "readPairsMax" | "watchBytes">;
  /** The pairs that there are, and maybe others, in no case with those that come later. */
  pairs(keys: Partial<Pair>): Iterator<Pair>;
  /** Calls `done` with what is at pairs now, once that cannot be lost; `failed` where it may be. */
  read(pairs: readonly Pair[], done: (found: readonly Found[]) => void, failed: () => void): void;
  /** What a client shows to go on after the change of a number. */
  id(number: number): string;
};

/** Pairs to tell of, with the numbers of the changes that they are told as, if they are changes. */
type Page = {
  readonly pairs: readonly Pair[];
  readonly numbers?: readonly number[];
  upTo?: number;
};

/** One who watches. It takes what its sink has room for, page by page: what it has not been told
 * yet is in the store, or in the log of changes, for a while. */
export class Watching {
  readonly watched: Watched;
  private readonly sink: WatchSink;
  private readonly source: WatchSource;
  private readonly forget: () => void;
  private readonly ahead: ReadAhead;
  /** The pairs that there were at the start, while it is not told all of them, and those that were
   * read while there was no room to tell of them. */
  private opening: Iterator<Pair> | undefined;
  private unsent: Pair[] = [];
  /** Whether changes are next, not what there was at the start: these go by turns. */
  private changesNext = false;
  /** The number of the change up to which it is told all. */
  private told: number;
  /** Whether it has all up to the events that it is told, so that it can go on from each. */
  private named: boolean;
  private begun = false;
  private current = false;
  private open = true;
  /** Whether something is read for it, or its turn comes. */
  private busy = false;
  private left = false;

  /** `from` is the number of the change up to which it knows all; without it, it is told what there
   * is. Throws a `StepFault` where a rule fails on which pairs there are. */
  constructor(
    watched: Watched,
    from: number | undefined,
    sink: WatchSink,
    source: WatchSource,
    forget: () => void,
  ) {
    this.watched = watched;
    this.sink = sink;
    this.source = source;
    this.forget = forget;
    this.ahead = new ReadAhead(source.limits.readPairsMax);
    this.told = from ?? source.log.last;
    this.named = from !== undefined;
    if (from !== undefined) return;
    this.opening = source.pairs(watched);
    this.unsent = [...firstOf(this.opening, 1)];
  }

  /** Whether it is told all that there is, and has room for what changes. */
  get idle(): boolean {
    return this.current && this.open && !this.busy && this.told === this.source.log.last;
  }

  /** Whether a pair is watched. */
  asks(pair: Pair): boolean {
    const { k1, k2 } = this.watched;
    return (k1 === undefined || k1 === pair.k1) && (k2 === undefined || k2 === pair.k2);
  }

  /** Tells what comes next, while there is room. */
  go(): void {
    if (this.left) return;
    if (!this.source.log.has(this.told)) {
      this.end("behind");
      return;
    }
    if (this.busy || !this.open) return;
    const page = this.page();
    if (page !== undefined || !this.begun) this.read(page ?? { pairs: [] });
    else if (!this.current) {
      [this.current, this.named] = [true, true];
      this.tell({ kind: "current", id: this.source.id(this.told) });
    }
  }

  /** The sink can take more. */
  resume(): void {
    this.open = true;
    this.go();
  }

  /** What has changed is about to be read, for it and others. */
  await(): void {
    this.busy = true;
  }

  /** Tells of changes up to a number: what was read of those that are watched. */
  tellChanges(found: readonly Found[], numbers: readonly number[], upTo: number): void {
    this.busy = false;
    if (this.left) return;
    for (const [at, one] of found.entries()) {
      const number = numbers[at] ?? upTo;
      if (!this.open) return;
      this.tell(eventOf(one, this.watched, this.named ? this.source.id(number) : undefined));
      this.told = number;
      if (one.cell !== undefined) this.ahead.note(one.cell);
    }
    this.told = upTo;
    this.goOn();
  }

  /** Tells nothing more. */
  leave(): void {
    this.left = true;
    this.opening = undefined;
    this.forget();
  }

  /** Tells nothing more, and says why. */
  end(reason: "behind" | "stopped"): void {
    if (this.left) return;
    this.leave();
    this.sink.end(reason);
  }

  private page(): Page | undefined {
    const { log, limits } = this.source;
    const most = this.ahead.pairs(limits.watchBytes);
    if (this.opening !== undefined && !this.changesNext) {
      const pairs = this.unsent.splice(0, most);
      if (pairs.length === 0) pairs.push(...firstOf(this.opening, most));
      this.changesNext = true;
      if (pairs.length > 0) return { pairs };
      this.opening = undefined;
    }
    this.changesNext = false;
    const { changes, upTo } = log.after(this.told, most, (pair) => this.asks(pair));
    if (changes.length === 0) {
      this.told = upTo;
      return this.opening === undefined ? undefined : this.page();
    }
    const numbers = changes.map(({ number }) => number);
    return { pairs: changes.map(({ pair }) => pair), numbers, upTo };
  }

  private read({ pairs, numbers, upTo = this.told }: Page): void {
    this.busy = true;
    const done = (found: readonly Found[]): void => {
      if (!this.begun && !this.left) this.tell({ kind: "start", reset: !this.named });
      this.begun = true;
      if (numbers === undefined) this.tellOpening(found);
      else this.tellChanges(found, numbers, upTo);
    };
    this.source.read(pairs, done, () => {
      this.end("stopped");
    });
  }

  private tellOpening(found: readonly Found[]): void {
    this.busy = false;
    if (this.left) return;
    for (const [at, one] of found.entries()) {
      const { cell, failed } = one;
      if (cell === undefined && failed === undefined) continue;
      if (!this.open) {
        this.unsent = [...found.slice(at).map(({ pair }) => pair), ...this.unsent];
        return;
      }
      this.tell(eventOf(one, this.watched, undefined));
      if (cell !== undefined) this.ahead.note(cell);
    }
    this.goOn();
  }

  /** Goes on in a turn of its own, after others had theirs, if there is more. */
  private goOn(): void {
    if (this.current && this.told === this.source.log.last) return;
    this.busy = true;
    setImmediate(() => {
      this.busy = false;
      this.go();
    });
  }

  private tell(event: WatchEvent): void {
    if (!this.sink.write(event)) this.open = false;
  }
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
