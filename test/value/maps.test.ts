import { expect } from "chai";
import fc from "fast-check";

import { Maps } from "../../src/value/maps.ts";
import { runs } from "./arbitrary.ts";

const words = fc.oneof(
  fc.integer({ min: -4, max: 4 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.nat({ max: 31 }).map((bit) => 1 << bit),
);
const entries = fc.array(fc.tuple(words, fc.nat({ max: 5 })), { maxLength: 40 });
type Entries = readonly (readonly [number, number])[];

describe("maps", () => {
  it("are one word if and only if they have the same entries, however they came about", () => {
    const maps = new Maps();
    fc.assert(
      fc.property(entries, entries, fc.boolean(), (a, b, again) => {
        const [mapA, mapB] = [built(maps, a), built(maps, again ? a.toReversed() : b)];
        const [modelA, modelB] = [model(a), model(again ? a.toReversed() : b)];
        expect(mapA === mapB).to.equal(sorted([...modelA]) === sorted([...modelB]));
        expect(sorted(maps.entries(mapA))).to.equal(sorted([...modelA]));
      }),
      runs,
    );
  });

  it("are joined key by key", () => {
    const maps = new Maps();
    fc.assert(
      fc.property(entries, entries, words, (a, b, other) => {
        const joined = maps.union(built(maps, a), built(maps, b), Math.max);
        const wanted = model([...a, ...b]);
        expect(sorted(maps.entries(joined))).to.equal(sorted([...wanted]));
        expect(maps.union(built(maps, b), built(maps, a), Math.max)).to.equal(joined);
        expect(maps.size(joined)).to.equal(wanted.size);
        expect(maps.has(joined, other)).to.equal(wanted.has(other));
        for (const [key, value] of wanted) expect(maps.at(joined, key)).to.equal(value);
      }),
      runs,
    );
  });

  it("keep of a map the keys that another has", () => {
    const maps = new Maps();
    fc.assert(
      fc.property(entries, entries, (a, b) => {
        const both = maps.intersection(built(maps, a), built(maps, b));
        const others = model(b);
        const wanted = [...model(a)].filter(([key]) => others.has(key));
        expect(both).to.equal(built(maps, wanted));
        expect(maps.size(both)).to.equal(wanted.length);
      }),
      runs,
    );
  });

  it("share what they have in common", () => {
    const maps = new Maps();
    let map = 0;
    const many = 20_000;
    for (let key = 0; key < many; key++)
      map = maps.union(map, maps.leaf(Math.imul(key, 0x9e3779b1), 0), Math.max);
    expect(maps.size(map)).to.equal(many);
    // A path of its own for each map, and no more.
    expect(maps.memoryBytes).to.be.below(many * 30 * 28 * 2);
  });
});

function built(maps: Maps, some: Entries): number {
  return some.reduce((map, [key, value]) => maps.union(map, maps.leaf(key, value), Math.max), 0);
}

function model(some: Entries): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const [key, value] of some) found.set(key, Math.max(value, found.get(key) ?? 0));
  return found;
}

function sorted(some: Entries): string {
  return some
    .toSorted(([a], [b]) => a - b)
    .map((entry) => entry.join(":"))
    .join(" ");
}
