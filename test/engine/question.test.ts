import { expect } from "chai";

import { Database } from "../../src/engine/database.ts";
import { Maintained } from "../../src/engine/maintained.ts";
import { type Found, Question } from "../../src/engine/question.ts";
import { plan } from "../../src/plan/program.ts";
import { questionPlan, without } from "../../src/plan/question.ts";
import { understand } from "../../src/understand.ts";
import { LiveWords } from "../../src/value/live-words.ts";

/** A program that is kept up but for `path`, which is derived for each question. */
function opened(text: string) {
  const { program } = understand(text);
  const at = (name: string): number => program!.relations.findIndex((of) => of.name === name);
  const onDemand = new Set([at("path")]);
  const rest = plan(without(program!, onDemand));
  const database = new Database(rest);
  const kept = new Maintained(rest, database);
  const question = (columns: readonly number[]): Question =>
    new Question(questionPlan(program!, at("path"), columns, onDemand), database, {});
  return { database, kept, question, edge: at("edge") };
}

const closure = `.decl edge, path(x: number, y: number)
  path(7, 70).
  path(x, y) :- edge(x, y).
  path(x, z) :- path(x, y), edge(y, z).
  .output edge`;

const pairs = ({ columns, size }: Found): string[] =>
  Array.from({ length: size }, (_, row) => `${columns[0]![row]}-${columns[1]![row]}`).toSorted();

describe("a question that is asked again and again", () => {
  it("finds what follows for the values that are given, and for no others", () => {
    const { kept, question, edge, database } = opened(closure);
    for (const [x, y] of [
      [1, 2],
      [2, 3],
      [5, 6],
      [7, 1],
    ] as const)
      kept.insert(edge, [x, y]);
    kept.run();
    const from = question([0]);
    expect(pairs(from.ask([[1]]))).to.deep.equal(["1-2", "1-3"]);
    expect(pairs(from.ask([[5]]))).to.deep.equal(["5-6"]);
    expect(pairs(from.ask([[7]]))).to.deep.equal(["7-1", "7-2", "7-3", "7-70"]);
    expect(pairs(from.ask([[2], [5]]))).to.deep.equal(["2-3", "5-6"]);
    expect(pairs(from.ask([]))).to.deep.equal([]);
    expect(pairs(question([1]).ask([[3]]))).to.deep.equal(["1-3", "2-3", "7-3"]);
    const found = question([0, 1]).ask([
      [1, 3],
      [3, 1],
    ]);
    expect([pairs(found), found.evaluation.complete]).to.deep.equal([["1-3"], true]);
    expect(pairs(question([]).ask([[]])).length).to.equal(8);
    // The relations are kept up meanwhile.
    kept.remove(edge, [2, 3]);
    kept.insert(edge, [6, 4]);
    kept.run();
    expect(pairs(from.ask([[1]]))).to.deep.equal(["1-2"]);
    expect(pairs(from.ask([[5]]))).to.deep.equal(["5-4", "5-6"]);
    expect(database.relations.map(({ size }) => size)[edge]).to.equal(4);
  });

  it("is run on what is kept, which is not computed again", () => {
    const { kept, question, edge, database } = opened(`.decl edge, road, path(x: number, y: number)
      edge(3, 4).
      road(x, y) :- edge(x, y).
      road(x, y) :- edge(y, x).
      path(x, y) :- road(x, y), x != y.
      .output road`);
    kept.insert(edge, [1, 2]);
    kept.insert(edge, [2, 2]);
    kept.run();
    const found = question([0]).ask([[2], [3]]);
    expect(pairs(found)).to.deep.equal(["2-1", "3-4"]);
    const road = database.relations.findIndex(({ schema }) => schema.name === "road");
    const computed = found.evaluation.strata.flatMap(({ relations }) => relations);
    expect(computed).not.to.include.members([edge]).and.not.to.include.members([road]);
    expect([database.relations[edge]!.size, database.relations[road]!.size]).to.deep.equal([3, 5]);
  });

  it("gives many rows back after it, and finds others all the same", () => {
    const { kept, question, edge, database } = opened(closure);
    const rows = 5_000;
    for (let x = 0; x < rows; x++) kept.insert(edge, [0, x + 1]);
    kept.insert(edge, [1, 9_999]);
    kept.run();
    const from = question([0]);
    const before = database.memoryBytes;
    expect(from.ask([[0]]).size).to.equal(rows + 1);
    expect(pairs(from.ask([[1]]))).to.deep.equal(["1-9999"]);
    expect(from.ask([[0]]).size).to.equal(rows + 1);
    expect(database.memoryBytes).to.be.below(before + 16 * rows);
  });

  it("tells each time of its own errors", () => {
    const { kept, question, edge } = opened(`.decl edge, path(x: number, y: number)
      path(x, 6 / y) :- edge(x, y).
      .output edge`);
    for (const [x, y] of [
      [1, 0],
      [2, 3],
    ] as const)
      kept.insert(edge, [x, y]);
    kept.run();
    const from = question([0]);
    for (const [x, codes, found] of [
      [2, [], ["2-2"]],
      [1, ["division-by-zero"], []],
      [2, [], ["2-2"]],
    ] as const) {
      const answer = from.ask([[x]]);
      expect(answer.evaluation.diagnostics.map(({ code }) => code)).to.deep.equal(codes);
      expect(pairs(answer)).to.deep.equal(found);
      expect([answer.evaluation.complete, answer.evaluation.rules.length > 0]).to.deep.equal([
        ...[codes.length === 0, true],
      ]);
    }
  });

  it("has the words of its constants live, from the first time on", () => {
    const { kept, question, database } = opened(`.decl edge, path(x: symbol, y: symbol)
      path(x, "kept") :- edge(x, _).
      .output edge`);
    kept.run();
    const { values } = database;
    const from = question([0]);
    const shown = (): string[] => {
      const texts: string[] = [];
      const live = new LiveWords(values);
      live.add = (_, word) => texts.push(values.symbols.text(word));
      from.showWords(live);
      return texts;
    };
    expect(shown()).to.deep.equal([]);
    from.ask([[values.symbols.intern("x")]]);
    expect(shown()).to.include("kept");
  });
});
