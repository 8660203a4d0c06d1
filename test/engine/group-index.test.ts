import { expect } from "chai";

import { random, type Random } from "../../src/base/random.ts";
import { groupOf } from "../../src/codegen/group.ts";
import { GroupIndex } from "../../src/engine/group-index.ts";
import { Memory } from "../../src/engine/memory.ts";
import { Tuples } from "../../src/engine/tuples.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

/** How the words of keys may lie: this decides between direct and hashed directories. */
const distributions: Record<string, (next: Random, at: number) => number> = {
  dense: (next) => next.below(300),
  "dense, far from zero": (next) => 0x40000000 + next.below(300),
  "dense, ascending": (_, at) => at >> 2,
  sparse: (next) => next.below(2 ** 32) | 0,
  "multiples of a power of two": (next) => (next.below(500) << 20) | 0,
  "dense first, then sparse": (next, at) => (at < 2000 ? next.below(200) : next.below(2 ** 32) | 0),
  "of few keys": (next) => next.below(3),
};

describe(`an index (SEED=${seed})`, () => {
  for (const [name, word] of Object.entries(distributions)) {
    for (const columns of [[0], [1], [0, 1], [0, 2], [0, 1, 2], [0, 1, 2, 3]]) {
      it(`on ${columns.join(", ")} whose words are ${name} finds the visible rows`, () => {
        const next = random(seed);
        const memory = new Memory();
        const tuples = new Tuples(5, memory);
        const index = new GroupIndex(tuples, columns, "rows", memory);
        const insert = (): void => {
          const { size } = tuples;
          tuples.insert([...[0, 1, 2, 3].map(() => word(next, size)), size]);
        };
        for (const to of [0, 1, 7, 30, 31, 500, 600, 700, 1500, 2500, 2600, 4000]) {
          while (tuples.size < to) insert();
          index.extend(to);
          // Rows that are not taken in stay unseen.
          if (next.chance(0.5)) insert();
          check(tuples, index, columns, to);
        }
        expect(index.memoryBytes + tuples.memoryBytes).to.equal(memory.bytes);
        index.release();
        expect(tuples.memoryBytes).to.equal(memory.bytes);
      });
    }
  }

  it("of values holds the words of the column that is left", () => {
    for (const columns of [[0], [1]]) {
      const next = random(seed);
      const memory = new Memory();
      const tuples = new Tuples(2, memory);
      const index = new GroupIndex(tuples, columns, "values", memory);
      for (const to of [3, 400, 450, 3000]) {
        while (tuples.size < to) tuples.insert([next.below(100), next.below(5000)]);
        index.extend(to);
        const rest = tuples.columns[1 - columns[0]!]!;
        for (const [key, rows] of groups(tuples, columns, to))
          expect(itemsOf(tuples, index, columns, key), key).to.deep.equal(
            rows.map((row) => rest[row]),
          );
      }
    }
  });

  it("of values tells how many of a group are of stable rows", () => {
    for (const columns of [[0], [1]]) {
      const next = random(seed);
      const memory = new Memory();
      const tuples = new Tuples(2, memory);
      const index = new GroupIndex(tuples, columns, "values", memory);
      index.tellStable();
      // Rounds with and without new rows, and one that begins anew with what there is.
      for (const [from, to] of [
        ...([
          [0, 3],
          [3, 400],
          [400, 400],
          [400, 450],
          [450, 3000],
        ] as const),
        ...([
          [3000, 3001],
          [3001, 3001],
          [0, 3001],
          [2000, 3600],
        ] as const),
      ] as const) {
        while (tuples.size < to) tuples.insert([next.below(100), next.below(5000)]);
        tuples.from = from;
        index.extend(to);
        for (const [key, rows] of groups(tuples, columns, to)) {
          const slot = groupOf(tuples, index, columns, key.split(",").map(Number));
          const stable = rows.filter((row) => row < from).length;
          expect(index.directory[slot + 1], `${key} of [0, ${from}, ${to})`).to.equal(stable);
        }
      }
    }
  });

  for (const [name, word] of Object.entries(distributions))
    for (const columns of [[0], [1], [0, 1], [0, 1, 2]])
      it(`on ${columns.join(", ")} whose words are ${name} leaves out what is let go of`, () => {
        const next = random(seed);
        const memory = new Memory();
        const tuples = new Tuples(4, memory);
        const index = new GroupIndex(tuples, columns, "rows", memory);
        const kept = new Set<number>();
        for (const to of [60, 90, 600, 620, 1400, 1500, 1500, 3500]) {
          for (let { size } = tuples; size < to; { size } = tuples)
            if (tuples.insert([...[0, 1, 2].map(() => word(next, size)), size])) kept.add(size);
          // Some of the rows that go may not have been taken in; those are not later, either.
          if (next.chance(0.7)) index.extend(to);
          const share = next.pick([0.01, 0.1, 0.3, 0.9, 1]);
          const going = [...kept].filter(() => next.chance(share));
          for (const row of going) {
            tuples.remove(row);
            kept.delete(row);
          }
          const left = tuples.letGo(next.shuffled(going));
          expect(left.length).to.equal(going.length);
          index.takeOut(left);
          index.extend(to);
          check(tuples, index, columns, to);
          const held = index.directory.filter((_, at) => at % 4 === 3);
          expect(held.reduce((sum, length) => sum + length, 0)).to.equal(kept.size);
        }
        expect(index.memoryBytes + tuples.memoryBytes).to.equal(memory.bytes);
        index.clear();
        expect(index.items.length).to.equal(0);
        expect(index.memoryBytes + tuples.memoryBytes).to.equal(memory.bytes);
      });

  it("of values leaves out as many of a word as rows are let go of", () => {
    for (const columns of [[0], [1]])
      for (const of of [3, 40, 2000]) {
        const next = random(seed + of);
        const tuples = new Tuples(2, new Memory());
        const index = new GroupIndex(tuples, columns, "values", new Memory());
        index.tellStable();
        const kept = new Set<number>();
        for (let round = 0; round < 12; round++) {
          for (let more = 200; more > 0; more--)
            if (tuples.insert([next.below(of), next.below(of)])) kept.add(tuples.size - 1);
          tuples.from = next.pick([tuples.from, tuples.size]);
          index.extend(tuples.size);
          const share = next.pick([0.01, 0.1, 0.5]);
          const going = [...kept].filter(() => next.chance(share));
          for (const row of going) {
            tuples.remove(row);
            kept.delete(row);
          }
          // Some come again, as other rows, while the index still has the old ones.
          for (const row of going.slice(0, 5)) {
            tuples.insert(tuples.columns.map((column) => column[row]!));
            kept.add(tuples.size - 1);
          }
          index.extend(tuples.size);
          tuples.from = tuples.size;
          index.takeOut(tuples.letGo(going));
          index.extend(tuples.size);
          const rest = tuples.columns[1 - columns[0]!]!;
          for (const [key, rows] of groups(tuples, columns, tuples.size)) {
            const values = rows.map((row) => rest[row]!).toSorted((a, b) => a - b);
            const found = itemsOf(tuples, index, columns, key).toSorted((a, b) => a - b);
            expect(found, key).to.deep.equal(values);
            if (values.length === 0) continue;
            const slot = groupOf(tuples, index, columns, key.split(",").map(Number));
            expect(index.directory[slot + 1], `stable of ${key}`).to.equal(values.length);
          }
        }
      }
  });

  it("has a place for each key where they fill a directory, or are one more", () => {
    for (const keys of [15, 16, 17, 31, 32, 33, 64, 65])
      for (const low of [0, -7, 1 << 30])
        for (const first of [1, 16, keys]) {
          const tuples = new Tuples(2, new Memory());
          const index = new GroupIndex(tuples, [0], "rows", new Memory());
          // The greatest comes first, and each twice.
          for (let row = 0; row < 2 * keys; row++)
            tuples.insert([low + keys - 1 - (row % keys), row]);
          for (const to of [first, keys, 2 * keys]) {
            index.extend(to);
            check(tuples, index, [0], Math.max(first, to));
          }
        }
  });

  it("of values leaves out a word as often as rows with it are let go of at once", () => {
    const tuples = new Tuples(2, new Memory());
    const index = new GroupIndex(tuples, [0], "values", new Memory());
    for (let row = 0; row < 40; row++) tuples.insert([row >> 3, row]);
    index.extend(40);
    // (1, 9) comes three times, as another row each, and goes twice.
    tuples.remove(9);
    tuples.insert([1, 9]);
    tuples.remove(40);
    tuples.insert([1, 9]);
    index.extend(42);
    expect(itemsOf(tuples, index, [0], "1")).to.deep.equal([8, 9, 10, 11, 12, 13, 14, 15, 9, 9]);
    index.takeOut(tuples.letGo([9, 40]));
    const held = itemsOf(tuples, index, [0], "1").toSorted((a, b) => a - b);
    expect(held).to.deep.equal([8, 9, 10, 11, 12, 13, 14, 15]);
  });
});

function check(tuples: Tuples, index: GroupIndex, columns: readonly number[], to: number): void {
  const expected = groups(tuples, columns, to);
  const wrong = [...expected].filter(
    ([key, rows]) => itemsOf(tuples, index, columns, key).join() !== rows.join(),
  );
  expect(wrong, `wrong groups of ${to} rows`).to.deep.equal([]);
  for (const absent of [-7, 12345, 0x7fffffff]) {
    const key = columns.map(() => absent).join();
    if (!expected.has(key)) expect(itemsOf(tuples, index, columns, key)).to.deep.equal([]);
  }
}

/** What an index has to hold, by key; nothing of a key whose rows are all gone. */
function groups(
  tuples: Tuples,
  columns: readonly number[],
  to: number,
): ReadonlyMap<string, number[]> {
  const found = new Map<string, number[]>();
  for (let row = 0; row < to; row++) {
    const key = columns.map((column) => tuples.columns[column]![row]!).join();
    const rows = found.get(key) ?? [];
    found.set(key, rows);
    if (!tuples.isGone(row)) rows.push(row);
  }
  return found;
}

function itemsOf(
  tuples: Tuples,
  index: GroupIndex,
  columns: readonly number[],
  key: string,
): number[] {
  const slot = groupOf(tuples, index, columns, key.split(",").map(Number));
  const start = index.directory[slot + 2]!;
  return [...index.items.subarray(start, start + index.directory[slot + 3]!)];
}
