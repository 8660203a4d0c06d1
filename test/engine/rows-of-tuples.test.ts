import { expect } from "chai";

import { Memory } from "../../src/engine/memory.ts";
import { Tuples } from "../../src/engine/tuples.ts";
import { LiveWords } from "../../src/value/live-words.ts";
import { Values } from "../../src/value/values.ts";
import { forced, forms } from "../support/forms.ts";

/** Rows of one word, from 0, with all but the first of these many visible. */
function ascending(size: number, memory = new Memory()): Tuples {
  const tuples = new Tuples(1, memory);
  for (let word = 0; word < size; word++) tuples.insert([word]);
  return tuples;
}

const words = ({ columns, size }: Tuples): number[] => [...columns[0]!.subarray(0, size)];

describe("the rows of tuples", () => {
  it("are dropped once, and counted up to a row", () => {
    const tuples = ascending(100);
    expect([tuples.keptBefore(41), tuples.kept]).to.deep.equal([41, 100]);
    tuples.coverDropped();
    for (const row of [3, 40, 3]) tuples.drop(row);
    expect(tuples.kept).to.equal(98);
    expect([0, 3, 4, 40, 41, 100].map((to) => tuples.keptBefore(to))).to.deep.equal([
      ...[0, 3, 3, 39, 39, 98],
    ]);
    expect([2, 3, 4, 40].map((row) => tuples.isDropped(row))).to.deep.equal([
      ...[false, true, false, true],
    ]);
  });

  it("without columns are one or none", () => {
    const tuples = new Tuples(0, new Memory());
    expect([tuples.has([]), tuples.append([], 5), tuples.append([], 5)]).to.deep.equal([
      ...[false, 1, 0],
    ]);
    tuples.from = tuples.to = tuples.settled = 1;
    expect(tuples.letGo([0])).to.deep.equal([]);
    expect([tuples.reform(), tuples.roomyFor(0)]).to.deep.equal([false, false]);
    tuples.remove(0);
    expect([tuples.size, tuples.from, tuples.to, tuples.settled]).to.deep.equal([0, 0, 0, 0]);
    expect(tuples.has([])).to.equal(false);
    tuples.putBack(0);
    expect([tuples.size, tuples.to, tuples.has([])]).to.deep.equal([1, 1, true]);
  });

  it("come in where a guard lets them, one by one or many at once", () => {
    const asked: number[] = [];
    const tuples = new Tuples(2, new Memory(), (tuple) => {
      asked.push(tuple[0]!);
      return tuple[0]! % 2 === 0;
    });
    expect([tuples.insert([1, 0]), tuples.insert([2, 0]), tuples.insert([2, 0])]).to.deep.equal([
      ...[false, true, false],
    ]);
    const column = Int32Array.of(3, 4, 2, 6, 8);
    expect(tuples.append([column, new Int32Array(5)], 4)).to.equal(2);
    expect(words(tuples)).to.deep.equal([2, 4, 6]);
    expect(asked).to.deep.equal([1, 2, 2, 3, 4, 2, 6]);
    expect(tuples.add([7, 7]), "of code, which asks by itself").to.equal(true);
  });

  it("are let go of once, if they were removed", () => {
    const tuples = ascending(100);
    tuples.coverDropped();
    for (const row of [5, 6, 70]) tuples.remove(row);
    expect(tuples.letGo([])).to.deep.equal([]);
    expect(tuples.letGo([70, 4, 5])).to.deep.equal([70, 5]);
    expect(tuples.letGo([5, 6, 70])).to.deep.equal([6]);
    expect([4, 5, 6, 7, 70].map((row) => tuples.isGone(row))).to.deep.equal([
      ...[false, true, true, false, true],
    ]);
    tuples.compact();
    expect(tuples.isGone(5)).to.equal(false);
    expect([tuples.size, tuples.kept, tuples.has([5]), tuples.has([7])]).to.deep.equal([
      ...[97, 97, false, true],
    ]);
    expect(tuples.insert([5])).to.equal(true);
    tuples.clear();
    expect([tuples.size, tuples.kept, tuples.has([7]), tuples.isDropped(5)]).to.deep.equal([
      ...[0, 0, false, false],
    ]);
  });

  it("keep their marks and their order when dropped ones are taken out", () => {
    const marks = [0, 1, 4, 5, 7, 10];
    for (const from of marks)
      for (const to of marks.filter((mark) => mark >= from))
        for (const settled of marks) {
          const tuples = ascending(10);
          Object.assign(tuples, { from, to, settled });
          tuples.coverDropped();
          for (const row of [0, 4, 5, 9]) tuples.drop(row);
          tuples.compact();
          expect(words(tuples)).to.deep.equal([1, 2, 3, 6, 7, 8]);
          const kept = [1, 2, 3, 6, 7, 8];
          const before = (mark: number): number => kept.filter((row) => row < mark).length;
          expect([tuples.from, tuples.to, tuples.settled], `${from}, ${to}, ${settled}`)
            .to.deep //
            .equal([from, to, settled].map(before));
        }
  });

  it("are in the order of their ranks then, where some were raised", () => {
    const tuples = ascending(6);
    tuples.from = tuples.to = tuples.settled = 6;
    tuples.rank();
    tuples.raise([]);
    expect(tuples.size).to.equal(6);
    tuples.raise([1, 3]);
    tuples.rank();
    tuples.raise([0]);
    expect([tuples.size, tuples.kept, tuples.to]).to.deep.equal([8, 6, 8]);
    expect([0, 1, 2, 3].map((row) => tuples.rankOf.of(row))).to.deep.equal([7, 6, 2, 6]);
    tuples.remove(4);
    tuples.compact();
    expect(words(tuples)).to.deep.equal([2, 5, 1, 3, 0]);
    expect([tuples.rankOf.some, tuples.has([4]), tuples.has([0])]).to.deep.equal([
      ...[false, false, true],
    ]);
  });

  for (const form of forms)
    it(`are found in a set that becomes ${form} if they were, dropped or not`, () => {
      const rules = { ...forced(form), rowsMin: 60 };
      const tuples = new Tuples(2, new Memory(), undefined, rules);
      const tuple = (at: number): number[] => [at % 7, at];
      for (let at = 0; at < 50; at++) tuples.insert(tuple(at));
      tuples.coverDropped();
      for (const row of [10, 20]) tuples.drop(row);
      for (const row of [30, 31, 40]) tuples.remove(row);
      expect(tuples.insert(tuple(31)), "as another row").to.equal(true);
      for (let at = 50; at < 70; at++) tuples.insert(tuple(at));
      expect(tuples.set.form).to.equal(form);
      const missing = Array.from({ length: 70 }, (_, at) => at).filter(
        (at) => !tuples.has(tuple(at)),
      );
      expect(missing).to.deep.equal([30, 40]);
      expect([tuples.insert(tuple(10)), tuples.insert(tuple(31))]).to.deep.equal([false, false]);
      tuples.putBack(40);
      const others = [Int32Array.of(0, 30 % 7), Int32Array.of(0, 30)];
      tuples.putBack(30, others, 1);
      tuples.removeWith(32, [Int32Array.of(32 % 7), Int32Array.of(32)], 0);
      expect([30, 32, 40].map((at) => tuples.has(tuple(at)))).to.deep.equal([true, false, true]);
      expect(tuples.kept).to.equal(68 - 1);
    });

  it("have far more room than they need from so many places for each on", () => {
    const tuples = ascending(1);
    tuples.reserve(1 << 15);
    const places = tuples.columns[0]!.length;
    expect(places).to.be.above(1 << 15);
    const most = Math.floor(places / 16);
    expect([tuples.roomyFor(most), tuples.roomyFor(most + 1)]).to.deep.equal([true, false]);
    const small = ascending(1);
    small.reserve((1 << 14) - 2);
    expect([small.columns[0]!.length, small.roomyFor(0)]).to.deep.equal([(1 << 14) - 1, false]);
    small.reserve((1 << 14) - 1);
    expect(small.roomyFor(0)).to.equal(true);
  });

  it("give room back where there is far too much", () => {
    const memory = new Memory();
    const tuples = ascending(40_000, memory);
    const most = memory.bytes;
    tuples.coverDropped();
    for (let row = 5; row < 40_000; row++) tuples.remove(row);
    tuples.compact(true);
    expect(memory.bytes)
      .to.be.below(most / 100)
      .and.to.equal(tuples.memoryBytes);
    expect(words(tuples)).to.deep.equal([0, 1, 2, 3, 4]);
    expect([4, 5].map((word) => tuples.has([word]))).to.deep.equal([true, false]);
    for (let word = 5; word < 5_000; word++) tuples.insert([word]);
    expect(words(tuples)).to.deep.equal(Array.from({ length: 5_000 }, (_, at) => at));
    // Without being told to they keep it.
    const kept = ascending(40_000);
    kept.coverDropped();
    for (let row = 0; row < 40_000; row++) kept.remove(row);
    kept.compact();
    expect(kept.columns[0]!.length).to.be.above(40_000);
  });

  it("have room for no more than are allowed", () => {
    const tuples = new Tuples(1, new Memory());
    tuples.allow(100);
    tuples.reserve(5_000);
    expect(tuples.columns[0]!.length).to.equal(101);
    tuples.reserve(50);
    expect(tuples.columns[0]!.length).to.equal(101);
  });

  it("are pushed from columns, as they are or with their numbers", () => {
    const tuples = new Tuples(2, new Memory());
    const from = Int32Array.from({ length: 40 }, (_, at) => 100 + at);
    tuples.pushRows([from, "rows"], [3, 39, 0]);
    tuples.pushRows([from, from], []);
    for (let at = 0; at < 30; at++) tuples.push([at, -at]);
    tuples.pushAll({ columns: [from, from], size: 40 });
    expect(tuples.size).to.equal(73);
    const row = (at: number): number[] => tuples.columns.map((column) => column[at]!);
    expect([0, 1, 2, 3, 32, 33, 72].map(row)).to.deep.equal([
      ...[
        [103, 3],
        [139, 39],
        [100, 0],
        [0, 0],
        [29, -29],
        [100, 100],
        [139, 139],
      ], //
    ]);
    expect(tuples.has([103, 3])).to.equal(false);
    expect(tuples.insert([7, 7])).to.equal(true);
  });

  it("have their words shown, but for those that were let go of", () => {
    const values = new Values(64);
    const live = new LiveWords(values);
    const shown: string[] = [];
    live.add = (kind, word) => shown.push(`${kind} ${word}`);
    const tuples = new Tuples(2, new Memory());
    for (let at = 0; at < 4; at++) tuples.insert([at, 10 + at]);
    tuples.coverDropped();
    for (const row of [1, 2]) tuples.remove(row);
    tuples.letGo([1]);
    tuples.showWords([{ kind: "symbol" }, { kind: "number" }], live);
    expect(shown).to.deep.equal([
      ...["symbol 0", "symbol 2", "symbol 3", "number 10", "number 12", "number 13"],
    ]);
  });
});
