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

/** What an index has to hold, by key. */
function groups(
  tuples: Tuples,
  columns: readonly number[],
  to: number,
): ReadonlyMap<string, number[]> {
  const found = new Map<string, number[]>();
  for (let row = 0; row < to; row++) {
    const key = columns.map((column) => tuples.columns[column]![row]!).join();
    const rows = found.get(key);
    if (rows === undefined) found.set(key, [row]);
    else rows.push(row);
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
