import { expect } from "chai";

import { random, type Random } from "../../src/base/random.ts";
import { groupOf } from "../../src/codegen/group.ts";
import { type Grouped, Intersection } from "../../src/codegen/intersection.ts";
import type { IndexForm } from "../../src/codegen/store.ts";
import { GroupIndex } from "../../src/engine/group-index.ts";
import { Memory } from "../../src/engine/memory.ts";
import { Tuples } from "../../src/engine/tuples.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

/** A relation and how it is grouped: by all columns but the first, or but the last. */
type Side = Grouped & { readonly place: number };

function side(
  arity: number,
  place: number,
  form: IndexForm,
  tabled: boolean,
  rows: readonly number[][],
): Side {
  const memory = new Memory();
  const store = new Tuples(arity, memory);
  for (const row of rows) store.insert(row);
  const columns = Array.from({ length: arity }, (_, at) => at).filter((at) => at !== place);
  const index = new GroupIndex(store, columns, form, memory);
  index.extend(store.size);
  return { store, index, form, columns, tabled, place };
}

/** Rows in groups of very different sizes: few keys, a square more words for each than before, each
 * `apart` from the next that there can be. */
function skewedRows(arity: number, place: number, next: Random, apart: number): number[][] {
  const rows: number[][] = [];
  for (let key = 0; key < 8; key++) {
    for (let word = 0; word < 3 ** (key % 7); word++) {
      const row = Array.from({ length: arity }, (_, at) => key + at);
      row[place] = apart * (next.below(1200) - 600);
      rows.push(row);
    }
  }
  return rows;
}

function slotOf({ store, index, columns, place }: Side, key: number): number {
  const all = Array.from({ length: store.arity }, (_, at) => key + at);
  return groupOf(
    store,
    index,
    columns,
    all.filter((_, at) => at !== place),
  );
}

function wordsOf({ store, place }: Side, key: number): Set<number> {
  const found = new Set<number>();
  for (let row = 0; row < store.size; row++) {
    const other = place === 0 ? 1 : 0;
    if (store.columns[other]![row] === key + other) found.add(store.columns[place]![row]!);
  }
  return found;
}

describe(`an intersection (SEED=${seed})`, () => {
  for (const form of ["rows", "values"] as const) {
    for (const tabled of [true, false]) {
      for (const arities of [
        [2, 2],
        [3, 2],
        [2, 4],
        [2, 3, 2],
      ]) {
        const kind = `${form}${tabled ? " with a table" : ""} of ${arities.join(", ")} columns`;
        for (const [words, apart] of [
          ["dense", 1],
          ["sparse", 1_000_003],
        ] as const)
          it(`of groups of ${kind}, ${words} words, is what they have in common, each word once`, () => {
            const next = random(seed);
            const sides = arities.map((arity, at) => {
              const place = at === 0 ? arity - 1 : 0;
              const rows = skewedRows(arity, place, next, apart);
              return side(arity, place, form, tabled, rows);
            });
            const intersection = new Intersection(sides);
            let found = 0;
            for (let round = 0; round < 400; round++) {
              if (round % 100 === 0) intersection.begin();
              // The group of an outer loop stays while the inner one goes on.
              const keys = sides.map((_, at) => (at === 0 ? next.below(9) : (round >> 4) % 9));
              const slots = sides.map((one, at) => slotOf(one, keys[at]!));
              let count = intersection.meet(slots[0]!, slots[1]!);
              for (let at = 2; at < sides.length; at++)
                count = intersection.narrow(at, slots[at]!, count);
              const words = [...intersection.words.subarray(0, count)];
              const wanted = sides
                .map((one, at) => wordsOf(one, keys[at]!))
                .reduce((a, b) => new Set([...a].filter((word) => b.has(word))));
              expect(words.toSorted((a, b) => a - b)).to.deep.equal(
                [...wanted].toSorted((a, b) => a - b),
              );
              found += count;
            }
            expect(found).to.be.greaterThan(100);
          });
      }
    }
  }
});
