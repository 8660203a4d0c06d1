// Those who watch a store whose disk, and readers, are as slow as chance wants.
import { expect } from "chai";

import { type Random, random } from "../../../src/base/random.ts";
import { type StoreLimits, storeLimits } from "../../../src/server/kv/limits.ts";
import { comparePairs, type Pair, pairText } from "../../../src/server/kv/pair.ts";
import type { Store } from "../../../src/server/kv/store.ts";
import { Watchers } from "../../../src/server/kv/watchers.ts";
import type { WatchEvent, Watching, WatchSink } from "../../../src/server/kv/watching.ts";

const seed = Number(process.env["SEED"] ?? "1");
const rounds = Number(process.env["ROUNDS"] ?? "60");

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A store of texts, which changes at once and tells so once its disk has it. */
class SlowStore {
  readonly watchers: Watchers;
  /** How many pairs were read, and of how many at once at most. */
  readonly read = { pairs: 0, most: 0 };
  private readonly now = new Map<string, Pair & { readonly text: string }>();
  private readonly disk: (() => void)[] = [];

  constructor(limits: Partial<StoreLimits> = {}) {
    const cell = (pair: Pair) => {
      const found = this.now.get(pairText(pair));
      const version = { dot: "a/1:1", type: "text/plain", data: found?.text ?? "" };
      return found && { k1: found.k1, k2: found.k2, versions: [version] };
    };
    const store = {
      limits: { ...storeLimits, ...limits },
      *pairsAfter(keys: Partial<Pair>) {
        const found = all().filter(
          ({ k1, k2 }) => (keys.k1 ?? k1) === k1 && (keys.k2 ?? k2) === k2,
        );
        yield* found.toSorted(comparePairs);
      },
      cellsAt: (pairs: readonly Pair[]) => {
        this.read.pairs += pairs.length;
        this.read.most = Math.max(this.read.most, pairs.length);
        return pairs.map(cell);
      },
      service: {
        node: { origin: "a/7" },
        driver: {
          onDurable: (look: () => unknown, done: (found: unknown) => void) => {
            const found = look();
            if (this.disk.length === 0) done(found);
            else
              this.disk.push(() => {
                done(found);
              });
          },
        },
      },
    };
    const all = (): readonly Pair[] => [...this.now.values()];
    this.watchers = new Watchers(store as unknown as Store);
  }

  put(pair: Pair, text: string): void {
    this.now.set(pairText(pair), { ...pair, text });
    this.changed(pair);
  }

  remove(pair: Pair): void {
    this.now.delete(pairText(pair));
    this.changed(pair);
  }

  private changed({ k1, k2 }: Pair): void {
    // What nobody reads when it happens is not told when the disk has it, either.
    const { asking } = this.watchers;
    this.disk.push(() => {
      if (asking) this.watchers.changed([[k1, k2]]);
    });
  }

  /** The disk has so many of the changes. */
  flush(count = Infinity): void {
    for (let at = 0; at < count && this.disk.length > 0; at++) this.disk.shift()?.();
  }

  holds(k1: string | undefined): Record<string, string> {
    const found = [...this.now.values()].filter((pair) => k1 === undefined || pair.k1 === k1);
    return Object.fromEntries(found.map((pair) => [pairText(pair), pair.text]));
  }
}

/** One who watches, and takes in what it is told as a client does. */
class Reader implements WatchSink {
  readonly k1: string | undefined;
  readonly told: WatchEvent[] = [];
  pairs = new Map<string, string>();
  /** What it knew at events that it can go on from. */
  readonly marks: { readonly id: string; readonly pairs: Map<string, string> }[] = [];
  ended: "behind" | "stopped" | undefined;
  private readonly room: () => boolean;
  private readonly watching: Watching;

  constructor(
    { watchers }: SlowStore,
    k1: string | undefined,
    room: () => boolean,
    before?: Reader["marks"][number],
  ) {
    this.k1 = k1;
    this.room = room;
    if (before !== undefined) this.pairs = new Map(before.pairs);
    const watched = { ...(k1 !== undefined && { k1 }), values: true };
    this.watching = watchers.watch(watched, before?.id, this);
  }

  get isCurrent(): boolean {
    return this.told.some(({ kind }) => kind === "current");
  }

  write(event: WatchEvent): boolean {
    expect(this.ended, "nothing comes after the end").to.equal(undefined);
    this.told.push(event);
    const { kind, id, k1 = "", k2 = "", text } = event as WatchEvent & Record<string, string>;
    if (kind === "start" && event["reset"] === true) this.pairs.clear();
    if (kind === "put") this.pairs.set(pairText({ k1, k2 }), text ?? "");
    if (kind === "removed") this.pairs.delete(pairText({ k1, k2 }));
    if (id !== undefined) this.marks.push({ id, pairs: new Map(this.pairs) });
    return this.room();
  }

  end(reason: "behind" | "stopped"): void {
    this.ended = reason;
  }

  resume(): void {
    this.watching.resume();
  }
}

/** Puts or removes somewhere. */
function change(store: SlowStore, from: Random, keys: number): void {
  const pair = { k1: from.pick(["a", "b"]), k2: String(from.below(keys)) };
  if (from.chance(0.3)) store.remove(pair);
  else store.put(pair, String(from.below(1_000)).repeat(1 + from.below(8)));
}

describe("those who watch a store", () => {
  it("know what it holds in the end, however it changes meanwhile and however slow they are", async () => {
    for (let round = 0; round < rounds; round++) {
      const from = random(seed + round);
      const said = `SEED=${seed + round} ROUNDS=1`;
      const limits = { readPairsMax: 1 + from.below(6), watchBytes: 1 + from.below(40) };
      const store = new SlowStore({ ...limits, watchedMax: 1_000 });
      const keys = 1 + from.below(60);
      for (let at = from.below(100); at > 0; at--) change(store, from, keys);
      const readers: Reader[] = [];
      for (let at = 0; at < 300; at++) {
        if (from.chance(0.5)) change(store, from, keys);
        if (from.chance(0.3)) store.flush(1 + from.below(4));
        if (from.chance(0.3)) await turn();
        const marks = readers.flatMap((reader) => reader.marks.map((mark) => ({ reader, mark })));
        const pace = from.pick([0, 0.5, 0.9, 1]);
        if (from.chance(0.02))
          readers.push(new Reader(store, from.pick(["a", undefined]), () => from.chance(pace)));
        else if (from.chance(0.02) && marks.length > 0) {
          const { reader, mark } = from.pick(marks);
          readers.push(new Reader(store, reader.k1, () => from.chance(pace), mark));
        } else if (from.chance(0.3) && readers.length > 0) from.pick(readers).resume();
      }
      // Turns of the loop that none of them has use for say that they have all.
      for (let idle = 0, before = -1; idle < 3;) {
        store.flush();
        for (const reader of readers) reader.resume();
        const told = readers.reduce((sum, reader) => sum + reader.told.length, 0);
        idle = told === before ? idle + 1 : 0;
        before = told;
        await turn();
      }
      for (const { pairs, k1, told, ended } of readers) {
        expect(ended, said).to.equal(undefined);
        expect(Object.fromEntries(pairs), said).to.deep.equal(store.holds(k1));
        expect(told.filter(({ kind }) => kind === "current").length, said).to.equal(1);
        const current = told.findIndex(({ kind }) => kind === "current");
        const named = told.findIndex(({ id }) => id !== undefined);
        if (told[0]?.["reset"] === true) expect(named, said).to.equal(current);
      }
      expect(store.read.most, said).to.be.at.most(limits.readPairsMax);
    }
  });

  it("are read no more for than they take", async () => {
    const store = new SlowStore({ readPairsMax: 10, watchBytes: 100 });
    for (let at = 0; at < 1_000; at++) store.put({ k1: "a", k2: String(at) }, "ten bytes!");
    store.flush();
    let room = false;
    const reader = new Reader(store, undefined, () => room);
    for (let at = 0; at < 10; at++) await turn();
    expect(store.read.pairs).to.be.at.most(10);
    expect(reader.told.map(({ kind }) => kind)).to.deep.equal(["start"]);
    // Changes of what it is to be told anyhow wait, too.
    for (let at = 0; at < 1_000; at++) store.put({ k1: "a", k2: String(at) }, "again ten!");
    store.flush();
    for (let at = 0; at < 10; at++) await turn();
    expect(store.read.pairs).to.be.at.most(10);
    room = true;
    reader.resume();
    while (!reader.isCurrent) await turn();
    expect(Object.fromEntries(reader.pairs)).to.deep.equal(store.holds(undefined));
  });

  it("leave turns to others while they are told what there is", async () => {
    const store = new SlowStore({ readPairsMax: 10 });
    for (let at = 0; at < 1_000; at++) store.put({ k1: "a", k2: String(at) }, "x");
    store.flush();
    const reader = new Reader(store, undefined, () => true);
    expect(reader.told.length).to.be.below(20);
    let turns = 0;
    for (; !reader.isCurrent; turns++) await turn();
    expect(turns).to.be.at.least(90);
  });

  it("are ended where more has changed than is kept, and then know that they have to begin anew", async () => {
    const store = new SlowStore({ watchedMax: 10 });
    let room = true;
    const reader = new Reader(store, undefined, () => room);
    store.put({ k1: "a", k2: "before" }, "1");
    store.flush();
    room = false;
    for (let at = 0; at < 30; at++) store.put({ k1: "a", k2: String(at) }, "1");
    store.flush();
    await turn();
    expect(reader.ended).to.equal("behind");
    const again = new Reader(store, undefined, () => true, reader.marks.at(-1));
    while (!again.isCurrent) await turn();
    expect(again.told[0]).to.deep.equal({ kind: "start", reset: true });
    expect(Object.fromEntries(again.pairs)).to.deep.equal(store.holds(undefined));
  });

  it("begin anew where they come back with an event that nobody was told of", async () => {
    const store = new SlowStore();
    store.put({ k1: "a", k2: "before" }, "1");
    store.flush();
    expect(store.watchers.asking).to.equal(false);
    const mark = { id: "7-0", pairs: new Map([["made up", "1"]]) };
    const reader = new Reader(store, undefined, () => true, mark);
    while (!reader.isCurrent) await turn();
    expect(reader.told[0]).to.deep.equal({ kind: "start", reset: true });
    expect(Object.fromEntries(reader.pairs)).to.deep.equal(store.holds(undefined));
  });

  it("are told together of what changes, with one look at the store", async () => {
    const store = new SlowStore();
    const readers = ["a", "a", undefined, "b"].map((k1) => new Reader(store, k1, () => true));
    await turn();
    const { pairs } = store.read;
    store.put({ k1: "a", k2: "x" }, "1");
    store.flush();
    expect(store.read.pairs).to.equal(pairs + 1);
    expect(readers.map(({ told }) => told.length)).to.deep.equal([3, 3, 3, 2]);
  });
});
