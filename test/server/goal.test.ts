// Goals: patterns of constants, variables and structures.
import { expect } from "chai";

import { answers, readGoal } from "../../src/server/goal.ts";
import type { Value } from "../../src/value/schema.ts";
import { programOf } from "./nodes.ts";

describe("goals", () => {
  const { schema } = programOf(`
    .type Pair = [x: number, y: symbol]
    .type Tree = Leaf {} | Fork {left: Tree, right: Tree}
    .decl r(n: number, f: float, s: symbol)
    .decl pair(p: Pair)
    .decl tree(t: Tree)
    .input r, pair, tree`);

  function asked(goal: string, tuples: readonly (readonly Value[])[]): unknown {
    const read = readGoal(goal, schema);
    return "kind" in read ? read.messages : answers(read, tuples);
  }

  it("have constants of the kinds of their columns, and variables", () => {
    const tuples = [
      [1n, 1.5, "a"],
      [-2n, 1.5, "b"],
      [1n, 2, "c"],
    ];
    expect(asked("r(1, F, S)", tuples)).to.deep.equal([
      [1.5, "a"],
      [2, "c"],
    ]);
    expect(asked("r(-2, 1.5, S)?", tuples)).to.deep.equal([["b"]]);
    expect(asked("r(_, F, _).", tuples), "each answer once").to.deep.equal([[1.5], [2]]);
    expect(asked('r(1, 2, "c")', tuples)).to.deep.equal([[]]);
    expect(asked('r(1, 2, "d")', tuples)).to.deep.equal([]);
  });

  it("look into records and branches", () => {
    const pairs = [[[1n, "a"]], [[2n, "b"]], [null]];
    expect(asked("pair([X, Y])", pairs)).to.deep.equal([
      [1n, "a"],
      [2n, "b"],
    ]);
    expect(asked("pair(nil)", pairs)).to.deep.equal([[]]);
    const leaf = { branch: "Leaf", fields: [] };
    const fork = (left: Value, right: Value): Value => ({ branch: "Fork", fields: [left, right] });
    const trees = [[leaf], [fork(leaf, leaf)], [fork(leaf, fork(leaf, leaf))]];
    expect(asked("tree($Fork(X, X))", trees)).to.deep.equal([[leaf]]);
    expect(asked("tree($Fork($Leaf(), $Fork(_, _)))", trees)).to.deep.equal([[]]);
  });

  it("are refused with all that is wrong with them", () => {
    const wrong: Readonly<Record<string, readonly string[]>> = {
      "s(1)": ['there is no relation "s"'],
      "r(1, 2)": ['relation "r" has 3 columns, and the goal 2'],
      'r("a", "b", 1)': ['"a" is no number', '"b" is no float', "1 is no symbol"],
      "r(X, _, X)": ["variable X stands for values of different types"],
      "r(1 + 1, _, _)": ["a goal has constants, variables and _ alone: nothing is computed"],
      "pair([1])": ["a record is no Pair"],
      "tree($Other())": ["$Other is no Tree"],
      "r(_,_,_) :- r(_,_,_)": ["a goal is one atom, such as path(1, X)"],
    };
    for (const [goal, messages] of Object.entries(wrong))
      expect(asked(goal, []), goal).to.deep.equal(messages);
    for (const goal of ["r(", "r(_,_,_), r(_,_,_)", "", "."])
      expect(asked(goal, []), goal).to.have.length.above(0);
  });
});
