// Queries at a cut: the same answer at every replica, and that which the definition of the language
// gives for a serial reading of the log.
import { expect } from "chai";
import { type List, Set as Tuples } from "immutable";

import type { Program } from "../../src/analysis/program.ts";
import { type Random, random } from "../../src/base/random.ts";
import {
  CutQuery,
  epochRefusal,
  type QueryLimits,
  type QueryStep,
} from "../../src/calvin/query.ts";
import type { Row, View } from "../../src/calvin/transaction.ts";
import { cutQuestion, cutRefusal } from "../../src/plan/cut-question.ts";
import { isBase } from "../../src/plan/transaction.ts";
import { printValue } from "../../src/value/print-value.ts";
import type { Value } from "../../src/value/schema.ts";
import { OrderedCluster } from "../support/ordered-cluster.ts";
import { understood, workloads } from "../support/ordered-workloads.ts";
import { reference } from "../support/reference.ts";
import { MemoryState, statedState } from "../support/transactions.ts";

const seed = Number(process.env["SEED"] ?? 1);
const seeds = Number(process.env["SEEDS"] ?? 4);

/** Asks the relations of a program for all tuples with some values. */
class Asking {
  asked = 0;
  found = 0;
  private readonly program: Program;
  private readonly stated: Program;
  private readonly limits: Partial<QueryLimits>;
  private readonly queries = new Map<string, CutQuery>();

  constructor(program: Program, limits: Partial<QueryLimits> = {}) {
    this.program = program;
    this.limits = limits;
    const facts = program.facts.filter(({ relation }) => !isBase(program, relation));
    this.stated = { ...program, facts };
  }

  /** What is wrong with the answer to a question that is drawn, on a view of these rows. */
  mistake(chance: Random, view: View, rows: readonly Row[]): string {
    const { program, stated } = this;
    const named = [...program.relations.entries()].filter(
      ([, { inlined, place }]) => !inlined && place?.arguments === undefined,
    );
    const [relation, { name, attributes }] = chance.pick(named);
    const facts = new Map<string, (readonly Value[])[]>();
    for (const row of rows) {
      const of = program.relations[row.relation]?.name ?? "";
      facts.set(of, [...(facts.get(of) ?? []), row.values]);
    }
    const all = reference(stated, facts).get(name) ?? Tuples<List<Value>>();
    const columns = [...attributes.keys()].filter(() => chance.chance(0.4));
    const like = all.isEmpty() ? undefined : chance.pick([...all]);
    const values = columns.map((at) => like?.get(at) ?? chance.pick(["ada", 0n, 1n]));
    if (like === undefined && columns.length > 0) return "";
    const expected = all.filter((tuple) =>
      columns.every(
        (at, of) => printValue(tuple.get(at) ?? null) === printValue(values[of] ?? null),
      ),
    );
    const step = this.query(relation, columns).answer(view, values);
    this.asked++;
    this.found += expected.size;
    const [is, has] = [answerText(step), tuplesText([...expected].map((of) => of.toArray()))];
    return is === has ? "" : `${name} with ${values.map(printValue).join()}: ${is}, and is ${has}`;
  }

  private query(relation: number, columns: readonly number[]): CutQuery {
    const key = `${relation} ${columns.join()}`;
    const known = this.queries.get(key);
    if (known !== undefined) return known;
    const made = new CutQuery(cutQuestion(this.program, relation, columns), {}, this.limits);
    this.queries.set(key, made);
    return made;
  }
}

function answerText(step: QueryStep): string {
  return step.kind === "answered" ? tuplesText(step.tuples) : JSON.stringify(step);
}

function tuplesText(tuples: readonly (readonly Value[])[]): string {
  return tuples
    .map((tuple) => `(${tuple.map(printValue).join(", ")})`)
    .toSorted()
    .join(" ");
}

/** Rules over what the workloads change: recursion, and what is absent, counted and summed. */
const programs: Readonly<
  Record<string, { program: Program; call: (typeof workloads)[string]["call"] }>
> = {
  "the lists": known("lists that are appended to and read"),
  "a bank": known("a bank"),
  "names that are given once": known("names that are given once"),
  "absence that others would end": known("absence that others would end"),
  "what is free and what is ordered": {
    program: understood(`
.decl follows(x: number, y: number)
.input follows
follows(0, 1).
.decl blocked(x: number) ordered(x)
.decl reaches(x: number, y: number)
.calm ordered reaches "of one epoch"
reaches(x, y) :- follows(x, y), !blocked(y).
reaches(x, z) :- reaches(x, y), follows(y, z), !blocked(z).
.decl alone(x: number)
.calm ordered alone "of one epoch"
alone(y) :- follows(_, y), !reaches(y, _).
.decl reached(x: number, n: number)
.calm ordered reached "of one epoch"
reached(x, n) :- follows(x, _), n = count : reaches(x, _).
.decl far(x: number, y: Max<number>)
.calm ordered far "of one epoch"
far(x, y) :- reaches(x, y).
.transaction follow(x: number, y: number) {
  abort("oneself") :- x = y.
  abort("around") :- reaches(y, x).
  +follows(x, y).
}
.transaction block(x: number) {
  +blocked(x).
}
.transaction unblock(x: number) {
  -blocked(x).
}
`),
    call: (chance) => {
      const [x, y] = [BigInt(chance.below(6)), BigInt(chance.below(6))];
      return chance.pick([
        { name: "follow", args: [x, y] },
        { name: "follow", args: [y, x] },
        { name: "block", args: [x] },
        { name: "unblock", args: [y] },
      ]);
    },
  },
};

function known(title: string): (typeof workloads)[string] {
  const found = workloads[title];
  if (found === undefined) throw new Error(`no workload "${title}"`);
  return found;
}

describe(`queries at a cut (SEED=${seed}, SEEDS=${seeds})`, () => {
  for (const [title, { program, call }] of Object.entries(programs))
    it(`are answered as the language says, at all replicas, at each epoch that is kept: ${title}`, async () => {
      // With few rounds and patterns, relations are fetched as a whole.
      const askings = [new Asking(program), new Asking(program, { roundsMax: 1, patternsMax: 1 })];
      for (let at = 0; at < seeds; at++) {
        const chance = random(seed * 1000 + at);
        await new OrderedCluster({
          ...{ program, call, calls: 40, seed: seed * 1000 + at },
          ...{ partitions: 1 + (at % 3), replicas: 1 + ((at + 1) % 2), sequencers: 2 },
          faults: { lost: 0.2, crash: 0.3, ambiguous: 0.2 },
          look: (view) => {
            const { epoch, rows } = view;
            const asking = chance.pick(askings);
            const said = `seed ${seed * 1000 + at}, epoch ${epoch}`;
            expect(asking.mistake(chance, view, rows), said).to.equal("");
          },
        }).run();
      }
      const [asked, found] = ["asked" as const, "found" as const].map((of) =>
        askings.reduce((sum, asking) => sum + asking[of], 0),
      );
      expect(asked, "questions").to.be.greaterThan(5 * seeds);
      expect(found, "answers").to.be.greaterThan(5 * seeds);
    });

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
