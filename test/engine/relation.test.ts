import { expect } from "chai";

import { groupOf } from "../../src/codegen/group.ts";
import { LimitFault } from "../../src/engine/limit.ts";
import { Memory } from "../../src/engine/memory.ts";
import { columnsOf, droppedRowsMin, Relation } from "../../src/engine/relation.ts";
import { formRules } from "../../src/engine/set-choice.ts";
import { LiveWords } from "../../src/value/live-words.ts";
import { Values } from "../../src/value/values.ts";
import { relationOfNumbers } from "../support/relations.ts";

const pair = (kind: "number" | "symbol") =>
  ["x", "y"].map((name) => ({ name, type: kind, kind }) as const);

const equivalenceOf = (memory = new Memory(), kind: "number" | "symbol" = "number"): Relation =>
  new Relation({ name: "e", attributes: pair(kind), equivalence: true }, memory);

const columns = (...of: number[][]): Int32Array[] => of.map((words) => Int32Array.from(words));

const rowsOf = (relation: Relation): number[][] => columnsOf(relation).map((words) => [...words]);

/** A relation of two columns whose last is joined by the greater. */
function greatest(memory = new Memory()): Relation {
  const relation = relationOfNumbers(2, memory);
  relation.show(false);
  relation.joinBy([Math.max]);
  return relation;
}

/** A relation that holds (0, 0) to (count - 1, count - 1), all of which was there before. */
function marked(count: number): Relation {
  const relation = relationOfNumbers(2, new Memory());
  for (let at = 0; at < count; at++) relation.insert([at, at]);
  relation.mark();
  return relation;
}

function itemsOf(relation: Relation, column: number, word: number): number[] {
  const index = relation.index([column], "rows");
  index.extend(relation.rows);
  const slot = groupOf(relation.tuples, index, [column], [word]);
  const start = index.directory[slot + 2]!;
  return [...index.items.subarray(start, start + index.directory[slot + 3]!)];
}

describe("a relation", () => {
  it("takes tuples of its arity alone", () => {
    const relation = relationOfNumbers(2, new Memory());
    const arity = "a tuple of r has its arity";
    expect(() => relation.insert([1])).to.throw(arity);
    expect(() => relation.has([1, 2, 3])).to.throw(arity);
    expect(() => relation.append(columns([1]), 1)).to.throw(arity);
    expect(() => relation.column(2)).to.throw("relation r has a column 2");
    expect(relation.size).to.equal(0);
  });

  it("says by what it finds tuples", () => {
    const rules = { ...formRules, rowsMin: 1 };
    const bits = relationOfNumbers(2, new Memory(), rules);
    for (let at = 0; at < 100; at++) bits.insert([at >> 5, at & 31]);
    const forms = [relationOfNumbers(2, new Memory()), bits, greatest(), equivalenceOf()];
    expect(forms.map(({ form }) => form)).to.deep.equal(["table", "bits", "keys", "classes"]);
  });

  it("that is an equivalence is given many pairs, and says how many are new", () => {
    const relation = equivalenceOf();
    expect(relation.append(columns([1, 5], [2, 6]), 2)).to.equal(8);
    expect(relation.append(columns([2, 1, 7], [5, 6, 7]), 3)).to.equal(16 - 8 + 1);
    expect([relation.size, relation.has([6, 1]), relation.has([6, 7])]).to.deep.equal([
      ...[17, true, false],
    ]);
  });

  it("makes room before many tuples come, unless it keeps none", () => {
    const memory = new Memory();
    const relation = relationOfNumbers(2, memory);
    relation.reserve(10_000);
    const { bytes } = memory;
    for (let at = 0; at < 10_000; at++) relation.insert([at, at]);
    expect(memory.bytes).to.equal(bytes);
    const other = new Memory();
    const equivalence = equivalenceOf(other);
    const before = other.bytes;
    equivalence.reserve(10_000);
    expect(other.bytes).to.equal(before);
  });

  it("holds no more tuples than it is allowed to", () => {
    for (const relation of [relationOfNumbers(2, new Memory()), equivalenceOf()]) {
      relation.allow(4);
      relation.append(columns([1], [2]), 1);
      expect(() => {
        relation.append(columns([3, 4, 5, 6], [4, 5, 6, 7]), 4);
      }).to.throw(LimitFault);
    }
  });

  it("has one index on some columns, of the form that was asked for last", () => {
    const memory = new Memory();
    const relation = relationOfNumbers(12, memory);
    const wide = [relation.index([1, 11], "rows"), relation.index([11, 1], "rows")];
    expect(wide[0]).not.to.equal(wide[1]);
    const pairs = relationOfNumbers(2, memory);
    const rows = pairs.index([0], "rows");
    expect(pairs.index([0], "rows")).to.equal(rows);
    const values = pairs.index([0], "values");
    expect(pairs.index([0], "values")).to.equal(values);
    expect(pairs.indexBytes).to.equal(values.memoryBytes);
    const again = pairs.index([0], "rows");
    expect(again).not.to.equal(rows);
    expect(pairs.indexBytes, "of words there is none any more").to.equal(again.memoryBytes);
    const both = pairs.index([0], "values", true);
    expect(pairs.index([0], "rows")).to.equal(again);
    expect(pairs.indexBytes).to.equal(again.memoryBytes + both.memoryBytes);
    expect(relation.memoryBytes + pairs.memoryBytes).to.equal(memory.bytes);
  });

  it("has one index of each composition until it is finished", () => {
    const memory = new Memory();
    const [r, s] = [relationOfNumbers(2, memory), relationOfNumbers(2, memory)];
    const other = new Relation({ name: "other", attributes: pair("number") }, memory);
    for (const of of [r, s, other]) of.append(columns([1, 2], [2, 3]), 2);
    const first = r.composition(0, s, 0);
    expect(r.composition(0, s, 0)).to.equal(first);
    const all = [first, r.composition(1, s, 0), r.composition(0, s, 1), r.composition(0, other, 0)];
    expect(new Set(all).size).to.equal(4);
    expect(r.indexBytes).to.equal(all.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0));
    expect(s.indexBytes).to.equal(
      [0, 1].reduce((sum, at) => sum + s.index([at], "values").memoryBytes, 0),
    );
    r.finish();
    expect(r.indexBytes).to.equal(0);
    expect(r.memoryBytes + s.memoryBytes + other.memoryBytes).to.equal(memory.bytes);
  });
});

describe("what rules see of a relation", () => {
  const windows = ["stable", "delta", "full"] as const;

  /** From which row on, and before which, rules see rows in each window. */
  const seenOf = (relation: Relation): number[][] =>
    windows.map((window) => Object.values(relation.scanned(window)));

  it("are rows: none before the first round, then those of each round as new", () => {
    const relation = relationOfNumbers(2, new Memory());
    relation.append(columns([1, 2], [1, 2]), 2);
    relation.show(false);
    expect(seenOf(relation)).to.deep.equal([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(relation.advance()).to.equal(true);
    relation.insert([3, 3]);
    expect(seenOf(relation)).to.deep.equal([
      [0, 0],
      [0, 2],
      [0, 2],
    ]);
    expect(relation.advance()).to.equal(true);
    expect(seenOf(relation)).to.deep.equal([
      [0, 2],
      [2, 3],
      [0, 3],
    ]);
    expect(relation.advance()).to.equal(false);
    relation.show(true);
    expect(seenOf(relation)).to.deep.equal([
      [0, 3],
      [3, 3],
      [0, 3],
    ]);
  });

  it("are elements of an equivalence", () => {
    const relation = equivalenceOf();
    relation.append(columns([1, 5], [2, 6]), 2);
    relation.show(false);
    expect(seenOf(relation)).to.deep.equal([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(relation.advance()).to.equal(true);
    expect(seenOf(relation)).to.deep.equal([
      [0, 4],
      [0, 4],
      [0, 4],
    ]);
    relation.append(columns([7], [7]), 1);
    expect(relation.advance()).to.equal(true);
    expect(seenOf(relation)).to.deep.equal([
      [0, 5],
      [0, 1],
      [0, 5],
    ]);
    expect(relation.advance()).to.equal(false);
    relation.show(true);
    expect(seenOf(relation)).to.deep.equal([
      [0, 5],
      [0, 0],
      [0, 5],
    ]);
  });

  it("are the rows of keys, of which those that were dropped are taken out when they are most", () => {
    for (const { keys, times, rows } of [
      { keys: droppedRowsMin / 4, times: 4, rows: droppedRowsMin },
      { keys: 600, times: 2, rows: 1200 },
      { keys: 600, times: 3, rows: 600 },
    ]) {
      const relation = greatest();
      for (let word = 0; word < times; word++) {
        for (let key = 0; key < keys; key++) relation.insert([key, word]);
        relation.advance();
      }
      expect([relation.size, relation.rows]).to.deep.equal([keys, rows]);
      for (let key = 0; key < keys; key += 7) {
        expect(relation.has([key, times - 1])).to.equal(true);
        expect(relation.has([key, 0])).to.equal(false);
      }
    }
  });

  it("stays joined by key, though that is asked for twice, until it is finished", () => {
    const relation = greatest();
    relation.insert([1, 4]);
    relation.joinBy([Math.min]);
    relation.insert([1, 6]);
    expect(rowsOf(relation)).to.deep.equal([[1], [6]]);
    relation.advance();
    relation.insert([1, 8]);
    relation.finish(true);
    expect([relation.form, relation.joins, relation.rows]).to.deep.equal(["keys", true, 1]);
    relation.insert([1, 9]);
    relation.finish();
    expect([relation.form, relation.joins, relation.rows]).to.deep.equal(["table", false, 1]);
    expect(rowsOf(relation)).to.deep.equal([[1], [9]]);
    expect(relation.insert([1, 7])).to.equal(true);
    expect(relation.size).to.equal(2);
  });
});

describe("a relation between evaluations", () => {
  const state = ({ changed, hasWithdrawn, losing, holes }: Relation): boolean[] => [
    ...[changed, hasWithdrawn, losing, holes],
  ];

  it("says whether anything came in, was withdrawn, or was removed", () => {
    const relation = marked(4);
    expect(state(relation)).to.deep.equal([false, false, false, false]);
    relation.insert([9, 9]);
    expect(state(relation)).to.deep.equal([true, true, false, false]);
    relation.withdraw(4);
    expect(state(relation), "it came and went").to.deep.equal([false, true, false, true]);
    relation.remove(2);
    expect(state(relation)).to.deep.equal([false, false, true, true]);
    relation.insert([8, 8]);
    expect(state(relation)).to.deep.equal([true, false, true, true]);
    relation.mark();
    expect(state(relation)).to.deep.equal([false, false, false, true]);
  });

  it("says whether rows of before were dropped for others of their keys", () => {
    const relation = greatest();
    relation.insert([1, 4]);
    relation.advance();
    relation.mark();
    expect([relation.changed, relation.replaced]).to.deep.equal([false, false]);
    relation.insert([2, 4]);
    expect([relation.changed, relation.replaced]).to.deep.equal([true, false]);
    relation.insert([1, 5]);
    expect([relation.changed, relation.replaced]).to.deep.equal([true, true]);
    relation.mark();
    expect([relation.changed, relation.replaced]).to.deep.equal([false, false]);
  });

  it("gives columns without what was removed, and leaves the rows where they are", () => {
    const relation = marked(5);
    relation.remove(1);
    relation.remove(4);
    expect(rowsOf(relation)).to.deep.equal([
      [0, 2, 3],
      [0, 2, 3],
    ]);
    expect([relation.rows, relation.rowOf([3, 3])]).to.deep.equal([5, 3]);
  });

  it("finds no row that was dropped, also where its index has places", () => {
    const relation = relationOfNumbers(2, new Memory(), { ...formRules, rowsMin: 1 });
    for (let at = 0; at < 1024; at++) relation.insert([at >> 5, at & 31]);
    relation.mark();
    expect(relation.rowOf([0, 7])).to.equal(7);
    expect(relation.rowIndex().places).not.to.equal(undefined);
    relation.tuples.coverDropped();
    for (const row of [0, 7]) relation.tuples.drop(row);
    expect([0, 7, 8].map((word) => relation.rowOf([0, word]))).to.deep.equal([-1, -1, 8]);
  });

  it("holds a row that was withdrawn in no index", () => {
    const relation = marked(4);
    relation.insert([9, 1]);
    relation.withdraw(4);
    expect(itemsOf(relation, 1, 1)).to.deep.equal([1]);
    expect(relation.insert([9, 1])).to.equal(true);
    expect(itemsOf(relation, 1, 1)).to.deep.equal([1, 5]);
  });

  it("lets indexes hold what was removed until it is marked", () => {
    const relation = marked(4);
    expect(itemsOf(relation, 0, 2)).to.deep.equal([2]);
    relation.remove(2);
    expect(itemsOf(relation, 0, 2)).to.deep.equal([2]);
    relation.mark();
    expect(itemsOf(relation, 0, 2)).to.deep.equal([]);
    expect(itemsOf(relation, 0, 3)).to.deep.equal([3]);
    expect(relation.rows).to.equal(4);
  });

  it("loses many rows at once, also that of an atom without columns", () => {
    const relation = marked(6);
    relation.removeAll(columns([5, 0, 1, 3], [5, 0, 1, 3], [5, 0, 1, 3]), 1, 3);
    expect(rowsOf(relation)).to.deep.equal([
      [2, 3, 4, 5],
      [2, 3, 4, 5],
    ]);
    expect(relation.losing).to.equal(true);
    const atom = relationOfNumbers(0, new Memory());
    atom.insert([]);
    atom.mark();
    atom.removeAll(columns([0]), 0, 1);
    expect([atom.size, atom.has([]), atom.losing]).to.deep.equal([0, false, true]);
  });

  for (const [count, removed, rows] of [
    [droppedRowsMin, droppedRowsMin / 2 + 1, droppedRowsMin],
    [droppedRowsMin + 2, droppedRowsMin / 2 + 1, droppedRowsMin + 2],
    [droppedRowsMin + 2, droppedRowsMin / 2 + 2, droppedRowsMin / 2],
  ] as const)
    it(`has ${rows} rows left once ${removed} of ${count} are removed`, () => {
      const relation = marked(count);
      for (let row = 0; row < removed; row++) relation.remove(row);
      relation.mark();
      expect([relation.rows, relation.size]).to.deep.equal([rows, count - removed]);
      expect(relation.rowOf([count - 1, count - 1])).to.equal(rows - 1);
      expect(itemsOf(relation, 0, 0)).to.deep.equal([]);
      expect(itemsOf(relation, 0, count - 1)).to.deep.equal([rows - 1]);
    });

  it("puts tuples before the others, and takes them for those of before", () => {
    const relation = marked(5);
    relation.putFirst(columns([3, 1], [3, 1]));
    expect(rowsOf(relation)).to.deep.equal([
      [3, 1, 0, 2, 4],
      [3, 1, 0, 2, 4],
    ]);
    expect([relation.tuples.from, relation.tuples.to, relation.tuples.settled]).to.deep.equal([
      ...[2, 2, 2],
    ]);
    expect([0, 1, 2, 3, 4].map((at) => relation.rowOf([at, at]))).to.deep.equal([2, 1, 3, 0, 4]);
    const atom = relationOfNumbers(0, new Memory());
    atom.insert([]);
    atom.putFirst([]);
    expect([atom.size, atom.has([])]).to.deep.equal([1, true]);
    for (const other of [greatest(), equivalenceOf()])
      expect(() => {
        other.putFirst(columns([], []));
      }).to.throw("tuples have rows for good");
  });

  it("that is an equivalence shows the words of its elements", () => {
    const values = new Values(64);
    const relation = equivalenceOf(new Memory(), "symbol");
    const [a, b] = ["a", "b"].map((text) => values.symbols.intern(text));
    relation.insert([a!, b!]);
    const live = new LiveWords(values);
    relation.showWords(live);
    expect([a!, b!].map((word) => live.symbols.has(word))).to.deep.equal([true, true]);
  });

  it("keeps its room when it is cleared, unless that is to be given back", () => {
    const memory = new Memory();
    const relation = relationOfNumbers(2, memory);
    const little = memory.bytes;
    for (let at = 0; at < 50_000; at++) relation.insert([at, at]);
    relation.rowOf([1, 1]);
    const much = memory.bytes;
    relation.clear();
    expect([relation.size, memory.bytes]).to.deep.equal([0, much]);
    relation.insert([1, 1]);
    relation.clear(true);
    expect(memory.bytes).to.be.below(2 * little + (1 << 10));
    expect(relation.memoryBytes).to.equal(memory.bytes);
  });
});
