import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { MemoryStorage } from "../../src/calvin/memory-storage.ts";
import type { LockKeys } from "../../src/calvin/footprint.ts";
import { type Changes, startOf, type Version } from "../../src/calvin/storage.ts";
import type { Row } from "../../src/calvin/transaction.ts";
import { printValue } from "../../src/value/print-value.ts";
import type { Value } from "../../src/value/schema.ts";
import { keyOf } from "../../src/transducer/fact.ts";
import { fits } from "../support/transactions.ts";

/** Also such as are not exact as doubles. */
const numbers = [0n, 1n, -3n, 2n ** 53n, 2n ** 53n + 1n, 1n << 40n];

const seed = Number(process.env["SEED"] ?? 1);

describe(`storage in memory (SEED=${seed})`, () => {
  const shows = (title: string, keys: LockKeys, asked: readonly (readonly number[])[]): void => {
    it(`shows rows as they were before each place, as far back as they are kept: ${title}`, () => {
      held(keys, asked);
    });
  };
  shows("without keys", [], [[], [0], [1], [0, 1], [1, 0]]);
  shows("with keys", [[0], [1, 0]], [[], [0]]);
  shows("with keys, and asked otherwise", [[0], [1, 0]], [[], [0], [0, 1], [1]]);

  const held = (keys: LockKeys, asked: readonly (readonly number[])[]): void => {
    const chance = random(seed);
    for (let round = 0; round < 40; round++) {
      let storage = new MemoryStorage([], keys);
      /** The rows before each place. */
      const past = [new Map<string, Row>(), new Map<string, Row>()];
      let horizon = 0;
      for (let at = 1; at < 40; at++) {
        const now = new Map(past[at]);
        const removed = [...now.values()].filter(() => chance.chance(0.2));
        for (const row of removed) now.delete(keyOf(row));
        const inserted = Array.from({ length: chance.below(4) }, () => ({
          relation: chance.below(2),
          values: [chance.pick(numbers), chance.pick(["a", "b"])],
        })).filter((row) => {
          const columns = keys[row.relation] ?? [];
          const values = columns.map((column) => row.values[column] ?? null);
          const pattern = { relation: row.relation, columns, values };
          const taken = [...now.values()].some((of) => columns.length > 0 && fits(of, pattern));
          if (past[at]?.has(keyOf(row)) === true || now.has(keyOf(row)) || taken) return false;
          now.set(keyOf(row), row);
          return true;
        });
        storage.apply(at, { removed, inserted });
        past.push(now);
        if (chance.chance(0.1)) horizon = chance.between(horizon, at);
        if (chance.chance(0.1)) storage.forget(horizon);
        if (chance.chance(0.1)) storage = new MemoryStorage(storage.versions(horizon), keys);
        const before = chance.between(Math.max(1, horizon), at + 1);
        const columns = chance.pick(asked);
        const sample = { relation: chance.below(2), values: [chance.pick(numbers), "a"] };
        const values = columns.map((column) => sample.values[column] ?? null);
        const pattern = { relation: sample.relation, columns, values };
        const found = [...storage.tuples(pattern, before)].map((of) =>
          keyOf({ ...pattern, values: of }),
        );
        const expected = [...(past[before]?.values() ?? [])].filter((row) => fits(row, pattern));
        expect(found.toSorted()).to.deep.equal(expected.map(keyOf).toSorted());
      }
      storage.forget(41);
      expect(storage.size).to.equal(past.at(-1)?.size);
    }
  };

  const ways: readonly (readonly [string, LockKeys, readonly (readonly number[])[]])[] = [
    ["without keys", [], [[], [0], [1], [0, 1]]],
    ["with keys", [[0]], [[], [0]]],
    ["with keys, and asked otherwise", [[0]], [[], [0], [1], [0, 1]]],
  ];
  for (const [title, keys, asked] of ways)
    it(`shows rows as they were though what does not meet ends in any order: ${title}`, () => {
      const chance = random(seed);
      for (let round = 0; round < 60; round++) {
        /** What changes, by the key that it is of, in the order of places. */
        const changes = Array.from({ length: 5 }, (): { at: number; changes: Changes }[] => []);
        let rows = new Map<bigint, Row>();
        const states: { at: number; rows: readonly Row[] }[] = [];
        for (let epoch = 1; epoch <= 4; epoch++)
          for (let at = startOf(epoch); at < startOf(epoch) + 6; at++) {
            states.push({ at, rows: [...rows.values()] });
            const key = BigInt(chance.below(5));
            const before = rows.get(key);
            const row = { relation: 0, values: [key, BigInt(chance.below(3))] };
            const goes = before !== undefined && chance.chance(0.3);
            rows = new Map(rows);
            if (goes) rows.delete(key);
            else rows.set(key, row);
            const removed = before === undefined ? [] : [before];
            changes[Number(key)]?.push({ at, changes: { removed, inserted: goes ? [] : [row] } });
          }
        states.push({ at: startOf(9), rows: [...rows.values()] });
        const storage = new MemoryStorage([], keys);
        let horizon = 0;
        for (let left = 24; left > 0; left--) {
          const next = chance.pick(changes.filter((of) => of.length > 0)).shift();
          if (next !== undefined) storage.apply(next.at, next.changes);
          if (chance.chance(0.05)) horizon = Math.max(horizon, chance.pick(states).at);
          if (chance.chance(0.1)) storage.forget(horizon);
        }
        storage.forget(horizon);
        const copied = new MemoryStorage(storage.versions(horizon), keys);
        for (const of of [storage, copied])
          for (const { at, rows } of states)
            for (const columns of at < horizon ? [] : asked)
              for (const values of [
                [1n, 2n],
                [2n, 0n],
              ].map((known) => columns.map((column) => known[column] ?? null))) {
                const pattern = { relation: 0, columns, values };
                const found = of
                  .tuples(pattern, at)
                  .map((values) => keyOf({ relation: 0, values }));
                const expected = rows.filter((row) => fits(row, pattern)).map(keyOf);
                expect(found.toSorted(), `round ${round}`).to.deep.equal(expected.toSorted());
              }
        storage.forget(startOf(9));
        expect(storage.size).to.equal(rows.size);
      }
    });

  for (const keys of [[], [[0]]] as LockKeys[]) {
    const title = keys.length > 0 ? "with a key" : "without one";

    it(`removes nothing that is not there, ${title}`, () => {
      const storage = new MemoryStorage([], keys);
      const [row, other] = [7n, 8n].map((n): Row => ({ relation: 0, values: [1n, n] }));
      const remove = (removed: Row | undefined, at: number) => () => {
        storage.apply(at, { removed: removed === undefined ? [] : [removed], inserted: [] });
      };
      if (row === undefined) throw new Error("there is a row");
      expect(remove(row, 5)).to.throw("was there");
      storage.apply(5, { removed: [], inserted: [row] });
      expect(remove(other, 6)).to.throw("was there");
      expect(remove(row, 5)).to.throw("was there");
      remove(row, 6)();
      expect(remove(row, 7)).to.throw("was there");
    });

    it(`has a row from the earlier of two places on, ${title}`, () => {
      const storage = new MemoryStorage([], keys);
      const row = { relation: 0, values: [1n, 7n] };
      const whole = { relation: 0, columns: [], values: [] };
      for (const at of [9, 5, 7]) storage.apply(at, { removed: [], inserted: [row] });
      const seen = [5, 6, 10].map((before) => storage.tuples(whole, before).length);
      expect([storage.size, ...seen]).to.deep.equal([1, 0, 1, 1]);
      storage.apply(6, { removed: [row], inserted: [] });
      const left = [5, 6, 7].map((before) => storage.tuples(whole, before).length);
      expect([storage.size, ...left]).to.deep.equal([1, 0, 1, 0]);
    });
  }

  it("finds rows by values that are equal, whatever they are made of", () => {
    const some: (() => Value)[] = [() => [1n, "a"], () => [2n, "a"], () => null, () => ""];
    some.push(
      () => ({ branch: "b", fields: [1n] }),
      () => NaN,
      () => 0.5,
      () => "null",
    );
    for (const keys of [[], [[0]]] as LockKeys[]) {
      const storage = new MemoryStorage([], keys);
      const inserted = some.map((of, at) => ({ relation: 0, values: [of(), BigInt(at)] }));
      storage.apply(1, { removed: [], inserted });
      for (const asked of [[0], [1], [1, 0]])
        for (const [at, of] of some.entries()) {
          const row = [of(), BigInt(at)];
          const values = asked.map((column) => row[column] ?? null);
          expect(storage.tuples({ relation: 0, columns: asked, values }, 2)).to.deep.equal([row]);
        }
      for (const of of some.slice(2, 4))
        storage.apply(2, {
          removed: inserted.filter(({ values }) => values[0] === of()),
          inserted: [],
        });
      const left = storage.tuples({ relation: 0, columns: [], values: [] }, 3).length;
      expect(left).to.equal(some.length - 2);
    }
  });

  it("gives all versions as they are at the moment of the call", () => {
    const row = (relation: number, k: bigint, n: bigint): Row => ({ relation, values: [k, n] });
    // Relation 0 is in columns, relation 1 has indexes.
    const storage = new MemoryStorage([], [[0], []]);
    const relations = [0, 1];
    const inserted = relations.flatMap((of) => [row(of, 1n, 2n ** 60n), row(of, 2n, 5n)]);
    storage.apply(3, { removed: [], inserted });
    storage.apply(5, { removed: relations.map((of) => row(of, 2n, 5n)), inserted: [] });
    const texts = (versions: Iterable<Version>): string[] =>
      [...versions].map(({ row, from, to }) => `${keyOf(row)} ${from} ${to}`).toSorted();
    const expected = (horizon: number): string[] =>
      inserted
        .map((of) => ({ row: of, from: 3, to: of.values[0] === 2n ? 5 : Infinity }))
        .filter(({ to }) => to >= horizon)
        .map(({ row, from, to }) => `${keyOf(row)} ${from} ${to}`)
        .toSorted();
    const versions = [0, 5, 6].map((horizon) => storage.versions(horizon));
    storage.apply(7, {
      removed: relations.map((of) => row(of, 1n, 2n ** 60n)),
      inserted: relations.flatMap((of) => [row(of, 1n, 6n), row(of, 2n, 2n ** 61n)]),
    });
    storage.forget(startOf(1));
    expect(versions.map(texts)).to.deep.equal([0, 5, 6].map(expected));
    expect(texts(storage.versions(8)).length).to.equal(4);
  });

  it("keeps nothing in columns that nobody sees from a horizon on that is ahead", () => {
    const storage = new MemoryStorage([], [[0]]);
    storage.forget(startOf(3));
    const rows = [1n, 2n].map((n) => ({ relation: 0, values: [1n, n] }));
    storage.apply(1, { removed: [], inserted: rows.slice(0, 1) });
    storage.apply(2, { removed: rows.slice(0, 1), inserted: [] });
    expect(storage.size).to.equal(0);
    storage.apply(3, { removed: [], inserted: rows.slice(1) });
    storage.apply(startOf(3), { removed: rows.slice(1), inserted: rows.slice(0, 1) });
    expect(storage.size).to.equal(2);
    storage.forget(startOf(3) + 1);
    expect(storage.size).to.equal(1);
  });

  it("keeps rows in columns while they are asked for by their key, in any order, or all of them", () => {
    const storage = new MemoryStorage([], [[1, 0], []]);
    const inserted = [0, 1].map((relation): Row => ({ relation, values: [1n, "a", 2n] }));
    storage.apply(1, { removed: [], inserted });
    const asked = (columns: readonly number[]): unknown => {
      const values = columns.map((column) => inserted[0]?.values[column] ?? null);
      return storage.tuples({ relation: 0, columns, values }, 2);
    };
    for (const columns of [[], [1, 0], [0, 1]])
      expect(asked(columns)).to.deep.equal([[1n, "a", 2n]]);
    expect(storage.tuples({ relation: 0, columns: [0, 1], values: [2n, "a"] }, 2)).to.be.empty;
    expect(storage.keyed(0)?.size).to.equal(1);
    for (const columns of [[0], [2], [2, 1]]) expect(asked(columns)).to.deep.equal([[1n, "a", 2n]]);
    expect([storage.keyed(0), storage.keyed(1)]).to.deep.equal([undefined, undefined]);
  });

  it("keeps two rows of one key, which nothing but an input can have", () => {
    const rows = [1n, 2n].map((n) => ({ relation: 0, values: [7n, n] }));
    const versions = rows.map((row) => ({ row, from: 0, to: Infinity }));
    const storage = new MemoryStorage(versions, [[0]]);
    const found = storage.tuples({ relation: 0, columns: [0], values: [7n] }, 1);
    expect(found).to.deep.equal(rows.map(({ values }) => values));
  });

  it("removes each of several rows of one key, and tells of all of them", () => {
    const rows = [1n, 2n, 3n].map((n) => ({ relation: 0, values: [7n, n] }));
    const versions = rows.map((row) => ({ row, from: 0, to: Infinity }));
    const storage = new MemoryStorage(versions, [[0]]);
    const left = (before: number): string[] => {
      const found = storage.tuples({ relation: 0, columns: [0], values: [7n] }, before);
      return found.map(([, n]) => printValue(n ?? null));
    };
    for (const [at, gone] of [
      [5, 2],
      [6, 0],
      [7, 1],
    ] as const) {
      const row = rows[gone];
      if (row !== undefined) storage.apply(at, { removed: [row], inserted: [] });
    }
    const seen = [5, 6, 7, 8].map(left);
    expect(seen.map((of) => of.toSorted().join())).to.deep.equal(["1,2,3", "1,2", "2", ""]);
    const all = [...storage.versions(0)].map(({ row, to }) => `${keyOf(row)} ${to}`).toSorted();
    expect(all).to.deep.equal(rows.map((row, of) => `${keyOf(row)} ${[6, 7, 5][of]}`));
    expect([...storage.versions(7)].length).to.equal(1);
    const more = new MemoryStorage(versions, [[0]]);
    expect([...more.versions(9)].length).to.equal(3);
  });

  it("finds each of the keys that come and go, while versions of them are forgotten", () => {
    const chance = random(seed);
    for (let round = 0; round < 60; round++) {
      const storage = new MemoryStorage([], [[0]]);
      const rows = new Map<bigint, Row>();
      const count = chance.pick([6, 20, 60]);
      for (let at = 1; at <= 150; at++) {
        const key = BigInt(chance.below(count));
        const before = rows.get(key);
        const row = { relation: 0, values: [key, BigInt(at)] };
        const goes = before !== undefined && chance.chance(0.6);
        const removed = before === undefined ? [] : [before];
        storage.apply(at, { removed, inserted: goes ? [] : [row] });
        if (goes) rows.delete(key);
        else rows.set(key, row);
        if (chance.chance(0.3)) storage.forget(chance.between(Math.max(1, at - 5), at + 1));
        if (at % 10 > 0) continue;
        const found = Array.from({ length: count }, (_, of) => {
          return storage.tuples({ relation: 0, columns: [0], values: [BigInt(of)] }, at + 1);
        });
        const expected = Array.from({ length: count }, (_, of) => {
          const there = rows.get(BigInt(of));
          return there === undefined ? [] : [there.values];
        });
        expect(found, `round ${round}, place ${at}`).to.deep.equal(expected);
      }
    }
  });

  it("keeps the versions of many keys and the many versions of one", () => {
    const storage = new MemoryStorage([], [[0]]);
    const row = (k: number, n: number): Row => ({
      relation: 0,
      values: [BigInt(k * 4096), BigInt(n)],
    });
    for (let k = 0; k < 5000; k++) storage.apply(1, { removed: [], inserted: [row(k, 0)] });
    for (let at = 2; at < 3000; at++)
      storage.apply(at, { removed: [row(7, at - 2)], inserted: [row(7, at - 1)] });
    for (let k = 0; k < 5000; k += 2) storage.apply(3000, { removed: [row(k, 0)], inserted: [] });
    const tuples = (k: number, before: number) =>
      storage.tuples({ relation: 0, columns: [0], values: [BigInt(k * 4096)] }, before);
    expect(tuples(7, 1001)).to.deep.equal([row(7, 999).values]);
    expect(tuples(8, 3000)).to.deep.equal([row(8, 0).values]);
    storage.forget(3001);
    expect(storage.size).to.equal(2500);
    for (let k = 0; k < 5000; k++) expect(tuples(k, 3001).length, `key ${k}`).to.equal(k % 2);
  });
});
