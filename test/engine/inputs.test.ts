import { expect } from "chai";

import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { Inputs } from "../../src/engine/inputs.ts";
import type { Relation } from "../../src/engine/relation.ts";
import { LiveWords } from "../../src/value/live-words.ts";

const { plan } = compile(`.decl a, p(x: number)
  a(5). p(8).
  p(x) :- a(x).
  .decl most(x: number, y: Max<number>)
  .decl same(x: number, y: number) eqrel
  .decl one(x: number, y: number) choice-domain x`).compiled!;
const [a, p, most, same, one] = ["a", "p", "most", "same", "one"].map((name) =>
  plan.relations.findIndex((of) => of.name === name),
) as [number, number, number, number, number];

function opened(fill: (database: Database) => void = () => undefined) {
  const database = new Database(plan);
  fill(database);
  const derived = plan.relations.map((_, at) => at === p);
  const inputs = new Inputs(plan, database, derived);
  return { database, inputs };
}

const rowsOf = (relation: Relation): string[] => {
  const columns = relation.schema.attributes.map((_, at) => relation.column(at));
  return Array.from({ length: relation.size }, (_, row) =>
    columns.map((words) => words[row]).join(),
  );
};

describe("what was put into a database", () => {
  it("is a relation itself where that holds nothing else, as it came", () => {
    const { database, inputs } = opened();
    expect([a, p, most, same, one].map((at) => inputs.plain(at))).to.deep.equal([
      ...[true, false, false, false, false],
    ]);
    expect(inputs.given(a)).to.equal(database.relations[a]);
    for (const at of [p, most, same, one])
      expect(inputs.given(at)).not.to.equal(database.relations[at]);
  });

  it("is what is in from the beginning, and what comes in, once", () => {
    const { database, inputs } = opened(({ relations }) => {
      relations[a]!.insert([1]);
      relations[p]!.insert([2]);
      relations[same]!.insert([3, 4]);
    });
    expect(rowsOf(inputs.given(same)).toSorted()).to.deep.equal(["3,3", "3,4", "4,3", "4,4"]);
    expect([inputs.insert(p, [2]), inputs.insert(p, [3]), inputs.insert(p, [3])]).to.deep.equal([
      ...[false, true, false],
    ]);
    // What rules derived is not given by that: it comes in for the first time.
    database.relations[p]!.insert([9]);
    expect(inputs.insert(p, [9])).to.equal(true);
    expect(inputs.append(p, [Int32Array.of(9, 10, 10, 11)], 3)).to.equal(1);
    expect(rowsOf(inputs.given(p))).to.deep.equal(["2", "3", "9", "10"]);
    expect(inputs.append(a, [Int32Array.of(1, 2)], 2)).to.equal(1);
    expect(inputs.insert(one, [1, 2])).to.equal(true);
    expect(inputs.insert(one, [1, 3]), "given, though it was not chosen").to.equal(true);
    expect(rowsOf(database.relations[one]!)).to.deep.equal(["1,2"]);
  });

  it("holds whatever rules derive: what the text states, or somebody inserted", () => {
    const { inputs } = opened();
    expect([inputs.holdsAny(p), inputs.holdsAny(most)]).to.deep.equal([true, false]);
    inputs.insert(most, [1, 2]);
    inputs.insert(p, [3]);
    expect(inputs.holdsAny(most)).to.equal(true);
    expect([3, 8, 5].map((word) => inputs.holds(p, [word]))).to.deep.equal([true, true, false]);
  });

  it("is removed once, when all of it is taken out, unless it came again", () => {
    const { database, inputs } = opened(({ relations }) => {
      for (const word of [1, 2, 3, 5]) relations[a]!.insert([word]);
      relations[p]!.append([Int32Array.of(2, 5, 8, 9)], 4);
      relations[a]!.mark();
    });
    expect([inputs.remove(a, [1]), inputs.remove(a, [1])]).to.deep.equal([true, false]);
    expect(inputs.remove(a, [7]), "it was not there").to.equal(false);
    expect(inputs.remove(a, [5]), "the text states it").to.equal(false);
    expect(inputs.remove(a, [2])).to.equal(true);
    expect([inputs.insert(a, [2]), inputs.insert(a, [2])], "as new").to.deep.equal([true, false]);
    inputs.insert(a, [6]);
    expect(inputs.remove(a, [6]), "which no run has seen").to.equal(true);
    const words = [2];
    expect(inputs.remove(p, words)).to.equal(true);
    words[0] = 77;
    expect(inputs.remove(p, [8]), "it was inserted, too").to.equal(true);
    expect(inputs.append(a, [Int32Array.of(1, 3, 4)], 3), "one again, one new").to.equal(2);
    expect(inputs.remove(a, [3])).to.equal(true);
    const taken = inputs.takeOut();
    expect([...taken.keys()].toSorted((x, y) => x - y)).to.deep.equal([a, p]);
    expect(taken.get(p)).to.deep.equal({ tuples: [[2], [8]], rows: [] });
    const { rows, tuples } = taken.get(a)!;
    expect([rows.length, tuples]).to.deep.equal([1, []]);
    expect(database.relations[a]!.tuples.columns[0]![rows[0]!]).to.equal(3);
    expect(rowsOf(inputs.given(a)).toSorted()).to.deep.equal(["1", "2", "4", "5"]);
    expect(rowsOf(inputs.given(p)).toSorted()).to.deep.equal(["5", "9"]);
    expect(rowsOf(database.relations[p]!), "rules may derive it").to.include("2");
    expect([...inputs.takeOut()], "nothing more").to.deep.equal([]);
  });

  it("is nothing to tell of where it only came and went", () => {
    const { database, inputs } = opened();
    database.relations[a]!.mark();
    inputs.insert(a, [6]);
    inputs.remove(a, [6]);
    expect([...inputs.takeOut()]).to.deep.equal([]);
    expect(rowsOf(inputs.given(a))).to.deep.equal([]);
    expect(database.relations[a]!.hasWithdrawn).to.equal(true);
    inputs.insert(a, [7]);
    inputs.remove(a, [7]);
    inputs.insert(a, [7]);
    inputs.insert(p, [9]);
    inputs.remove(p, [9]);
    inputs.insert(p, [9]);
    expect([...inputs.takeOut()]).to.deep.equal([]);
    expect(rowsOf(inputs.given(a))).to.deep.equal(["7"]);
  });

  it("is all that a relation holds once it is restored, with what the text states", () => {
    const { database, inputs } = opened();
    for (const word of [1, 2]) inputs.insert(p, [word]);
    inputs.insert(a, [3]);
    database.relations[p]!.append([Int32Array.of(20, 21)], 2);
    for (const at of [a, p]) inputs.restore(at);
    expect(rowsOf(database.relations[p]!)).to.deep.equal(["1", "2", "8"]);
    expect(rowsOf(database.relations[a]!)).to.deep.equal(["3", "5"]);
  });

  it("has its words shown, also of what is to be removed", () => {
    const { plan: symbols } = compile(`.decl a, p(x: symbol)
      p("stated"). p(x) :- a(x).`).compiled!;
    const database = new Database(symbols);
    const inputs = new Inputs(symbols, database, [false, true]);
    const words = ["given", "going", "gone"].map((text) => database.values.symbols.intern(text));
    inputs.insert(1, [words[0]!]);
    for (const [at, word] of [
      [0, words[1]!],
      [1, words[2]!],
    ] as const) {
      inputs.insert(at, [word]);
      inputs.remove(at, [word]);
    }
    const shown = new Set<string>();
    const live = new LiveWords(database.values);
    live.add = (_, word) => shown.add(database.values.symbols.text(word));
    inputs.showWords(live);
    expect([...shown].toSorted()).to.deep.equal(["given", "going", "gone", "stated"]);
  });
});
