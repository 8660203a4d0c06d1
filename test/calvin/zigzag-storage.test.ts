import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { MemoryStorage } from "../../src/calvin/memory-storage.ts";
import type { Changes, Version } from "../../src/calvin/storage.ts";
import type { Row } from "../../src/calvin/transaction.ts";
import { printValue } from "../../src/value/print-value.ts";
import { ZigzagStorage } from "../../src/calvin/zigzag-storage.ts";

const seed = Number(process.env["SEED"] ?? 1);

function row(n: bigint): Row {
  return { relation: 0, values: [n] };
}

function texts(versions: Iterable<Version>): string[] {
  return [...versions]
    .map(({ row, from, to }) => `${row.values.map(printValue).join()}: ${from}-${to}`)
    .toSorted();
}

describe(`two copies of each row (SEED=${seed})`, () => {
  it("have what was before each point, in whatever order it and what is later comes", () => {
    const chance = random(seed);
    const counts = { stable: 0, ended: 0 };
    for (let run = 0; run < 60; run++) {
      let storage = new ZigzagStorage(new MemoryStorage());
      /** By rows: the versions that there were, with their ends. */
      const past: { row: Row; from: number; to: number }[] = [];
      const present = new Map<bigint, number>();
      let at = 1;
      for (let round = 0; round < 5; round++) {
        // Changes before the point and after it: those of one row in the order of their places.
        const changes = Array.from({ length: 5 }, (): { at: number; changes: Changes }[] => []);
        const point = at + chance.below(12);
        let expected: string[] = [];
        const horizon = Math.max(0, at - chance.below(12));
        const before = (): string[] => {
          const ended = past.filter(({ to }) => horizon <= to && to < point);
          const there = [...present].map(([n, from]) => ({ row: row(n), from, to: Infinity }));
          return texts([...ended, ...there]);
        };
        for (const end = at + 14; at < end; at++) {
          if (at === point) expected = before();
          const n = BigInt(chance.below(5));
          const from = present.get(n);
          const changed = { removed: [row(n)], inserted: [row(n)] };
          if (from === undefined) changed.removed = [];
          else {
            past.push({ row: row(n), from, to: at });
            present.delete(n);
          }
          if (from !== undefined && chance.chance(0.5)) changed.inserted = [];
          else present.set(n, at);
          changes[Number(n)]?.push({ at, changes: changed });
        }
        storage.approach(point);
        const isLeft = (): boolean =>
          changes.some(([first]) => first !== undefined && first.at < point);
        while (isLeft()) {
          const next = chance.pick(changes.filter((of) => of.length > 0)).shift();
          if (next !== undefined) storage.apply(next.at, next.changes);
        }
        const versions = storage.stable(horizon);
        const found: Version[] = [];
        const iterator = versions[Symbol.iterator]();
        // What is later goes on while these are written.
        for (let done = false; !done || changes.some((of) => of.length > 0);) {
          const next = chance.chance(0.5) ? iterator.next() : undefined;
          if (next?.done === true) done = true;
          else if (next !== undefined) found.push(next.value);
          const later = changes.filter((of) => of.length > 0);
          const change = chance.chance(0.5) && later.length > 0 ? chance.pick(later).shift() : null;
          if (change) storage.apply(change.at, change.changes);
        }
        expect(texts(found), `run ${run}, round ${round}`).to.deep.equal(expected);
        counts.stable += found.length;
        counts.ended += found.filter(({ to }) => to !== Infinity).length;
        storage.release();
        expect(storage.size, "rows that are there").to.equal(present.size);
        if (chance.chance(0.2)) storage.forget(horizon);
        if (chance.chance(0.2)) {
          const all = [...storage.versions(0)];
          storage = new ZigzagStorage(new MemoryStorage(all));
          expect(texts(storage.versions(0))).to.deep.equal(texts(all));
        }
        const whole = { relation: 0, columns: [], values: [] };
        expect([...storage.tuples(whole, at)].length).to.equal(present.size);
      }
    }
    expect(Math.min(counts.stable, counts.ended)).to.be.greaterThan(200);
  });

  it("have a row from the earlier of two places on, on either side of the point", () => {
    for (const [places, expected] of [
      [[7, 5], ["1: 5-Infinity"]],
      [[5, 7], ["1: 5-Infinity"]],
      // Before the point a free fact, from it on a transaction that inserts it; or neither.
      [[7, 12], ["1: 7-Infinity"]],
      [[12, 7], ["1: 7-Infinity"]],
      [[12, 14], []],
    ] as const) {
      const storage = new ZigzagStorage(new MemoryStorage());
      storage.approach(10);
      for (const at of places) storage.apply(at, { removed: [], inserted: [row(1n)] });
      expect(texts(storage.stable(0)), places.join()).to.deep.equal(expected);
      storage.release();
      const from = Math.min(...places);
      expect(texts(storage.versions(0))).to.deep.equal([`1: ${from}-Infinity`]);
      storage.approach(20);
      expect(texts(storage.stable(0))).to.deep.equal([`1: ${from}-Infinity`]);
    }
  });

  it("are not removed where there is none, nor changed before the point once it is written", () => {
    const storage = new ZigzagStorage(new MemoryStorage());
    storage.approach(10);
    storage.stable(0);
    expect(() => {
      storage.apply(9, { removed: [], inserted: [row(1n)] });
    }).to.throw("is carried out");
    storage.apply(10, { removed: [], inserted: [row(1n)] });
    storage.release();
    storage.apply(11, { removed: [], inserted: [row(2n)] });
    for (const n of [1n, 2n]) storage.apply(12, { removed: [row(n)], inserted: [] });
    expect(storage.size).to.equal(0);
    expect(() => {
      storage.apply(13, { removed: [row(1n)], inserted: [] });
    }).to.throw("was there");
  });

  it("forget what nobody sees from a horizon on, and no more", () => {
    const past = new MemoryStorage();
    const storage = new ZigzagStorage(past);
    storage.apply(1, { removed: [], inserted: [row(1n), row(2n), row(3n)] });
    for (const [at, n] of [
      [6, 1n],
      [7, 2n],
      [8, 3n],
    ] as const)
      storage.apply(at, { removed: [row(n)], inserted: [] });
    storage.forget(7);
    expect(past.size).to.equal(2);
    storage.approach(9);
    expect(texts(storage.stable(0))).to.deep.equal(["2: 1-7", "3: 1-8"]);
    expect(() => {
      storage.approach(10);
    }).to.throw("one checkpoint is made after the other");
  });
});
