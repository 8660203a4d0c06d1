// Queries at a cut, each for itself: what they ask for, and how they end.
import { expect } from "chai";

import { CutQuery, epochRefusal, type QueryLimits } from "../../src/calvin/query.ts";
import { cutQuestion, cutRefusal } from "../../src/plan/cut-question.ts";
import { printValue } from "../../src/value/print-value.ts";
import { answerText } from "../support/answers.ts";
import { understood } from "../support/ordered-workloads.ts";
import { MemoryState, statedState } from "../support/transactions.ts";

describe("a query at a cut", () => {
  it("ask for the rows that they need, as these turn out to be needed", () => {
    const program = understood(`
.decl next(x: number, y: number) ordered(x)
next(1, 2). next(2, 3). next(3, 4). next(7, 8).
.decl from(x: number, y: number)
.calm ordered from "of one epoch"
from(x, y) :- next(x, y).
from(x, z) :- from(x, y), next(y, z).
.transaction point(x: number, y: number) { +next(x, y). }
`);
    const state = statedState(program);
    const relation = program.relations.findIndex(({ name }) => name === "from");
    const question = cutQuestion(program, relation, [0]);
    const answer = new CutQuery(question).answer(state, [1n]);
    expect(answerText(answer)).to.equal("(1, 2) (1, 3) (1, 4)");
    expect(state.probes.map(({ values }) => values.map(printValue).join())).to.deep.equal([
      ...["1", "2", "3", "4"],
    ]);
    state.probes.length = 0;
    new CutQuery(question, {}, { roundsMax: 2 }).answer(state, [1n]);
    expect(state.probes.map(({ columns }) => columns.length)).to.deep.equal([1, 1, 0]);
  });

  it("ask for relations as a whole in place of many patterns or rounds, of each answer anew", () => {
    const program = understood(`
.decl some(x: number) ordered(x)
some(1). some(2). some(3).
.decl t(x: number, y: number) ordered(x)
t(1, 10). t(2, 20). t(7, 70).
.decl u(x: number, y: number) ordered(x)
u(10, 5).
.decl both(x: number, y: number)
.calm ordered both "of one epoch"
both(x, z) :- some(x), t(x, y), u(y, z).
.transaction set(x: number) { +some(x). +t(x, 1). +u(x, 1). }
`);
    const relation = program.relations.findIndex(({ name }) => name === "both");
    const question = cutQuestion(program, relation, []);
    const state = statedState(program);
    const asked = (limits: Partial<QueryLimits>): string[] => {
      const query = new CutQuery(question, {}, limits);
      const rounds = [1, 2].map(() => {
        state.probes.length = 0;
        expect(answerText(query.answer(state, []))).to.equal("(1, 5)");
        return state.probes
          .map(({ relation, values }) => {
            const { name = "" } = program.relations[relation] ?? {};
            return `${name}(${values.map(printValue).join()})`;
          })
          .toSorted();
      });
      expect(rounds[1], "the next answer").to.deep.equal(rounds[0]);
      return rounds[0] ?? [];
    };
    const few = ["some()", "t(1)", "t(2)", "t(3)", "u(10)", "u(20)"];
    for (const limits of [{}, { patternsMax: 3 }, { roundsMax: 3 }, { rowsMax: 6 }])
      expect(asked(limits), JSON.stringify(limits)).to.deep.equal(few);
    const whole = ["some()", "t()", "u(10)", "u(20)"];
    for (const limits of [{ patternsMax: 2 }, { patternsMax: 2, rowsMax: 7 }])
      expect(asked(limits)).to.deep.equal(whole);
    expect(asked({ roundsMax: 1 })).to.deep.equal(["some()", "t()", "u()"]);
    expect(asked({ roundsMax: 2 })).to.deep.equal([...few.slice(0, 4), "u()"]);
    const failed = new CutQuery(question, {}, { rowsMax: 5 });
    for (const _ of [1, 2]) {
      const end = failed.answer(state, []);
      expect(end.kind === "failed" && end.reason).to.equal("the answer needs more than 5 rows");
    }
    expect(failed.step().kind).to.equal("failed");
    failed.begin([]);
    expect(failed.step().kind).to.equal("ask");
  });

  it("end where they need more rows than they may, or an evaluation fails, alike each time", () => {
    const program = understood(`
.decl size(x: number, n: number) ordered(x)
size(1, 0). size(2, 5). size(3, 6).
.decl share(x: number, n: number)
.calm ordered share "of one epoch"
share(x, 100 / n) :- size(x, n).
.transaction grow(x: number, n: number) { +size(x, n). }
`);
    const state = new MemoryState(statedState(program).rows.values());
    const relation = program.relations.findIndex(({ name }) => name === "share");
    const query = new CutQuery(cutQuestion(program, relation, [0]));
    for (const _ of [1, 2]) {
      const failed = query.answer(state, [1n]);
      expect(failed.kind === "failed" && failed.reason).to.equal("the right side of / is 0");
      expect(answerText(query.answer(state, [2n]))).to.equal("(2, 20)");
    }
    const few = new CutQuery(cutQuestion(program, relation, []), {}, { rowsMax: 2 });
    expect(few.answer(state, [])).to.deep.equal({
      kind: "failed",
      reason: "the answer needs more than 2 rows",
    });
  });

  it("are refused where the answer is no function of a cut, and of epochs that are not kept", () => {
    const program = understood(`
.decl edge(x: number, y: number)
.input edge
.decl heard(x: number) message
heard(x)@n :~ edge(x, _), All(n).
.decl echo(x: number)
echo(x) :- heard(x).
.decl peer(x: symbol)
peer(x) :- All(x).
`);
    const why = (of: string) =>
      cutRefusal(
        program,
        program.relations.findIndex(({ name }) => name === of),
      );
    expect(why("edge")).to.equal(undefined);
    expect(why("echo")).to.include("send it");
    expect(why("peer")).to.include("the node");
    const kept = { completed: 7, oldest: 3 };
    expect([2, 3, 7, 8].map((epoch) => epochRefusal(epoch, kept)?.kind)).to.deep.equal([
      "forgotten",
      undefined,
      undefined,
      "ahead",
    ]);
  });
});
