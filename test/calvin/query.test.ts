// Queries at a cut: the same answer at every replica, and that which the definition of the language
// gives for a serial reading of the log.
import { expect } from "chai";
import { type List, Set as Tuples } from "immutable";

import type { Program } from "../../src/analysis/program.ts";
import { type Random, random } from "../../src/base/random.ts";
import { CutQuery, type QueryLimits } from "../../src/calvin/query.ts";
import type { Row, View } from "../../src/calvin/transaction.ts";
import { cutQuestion } from "../../src/plan/cut-question.ts";
import { isBase } from "../../src/plan/transaction.ts";
import { printValue } from "../../src/value/print-value.ts";
import type { Value } from "../../src/value/schema.ts";
import { OrderedCluster } from "../support/ordered-cluster.ts";
import { understood, workloads } from "../support/ordered-workloads.ts";
import { answerText, tuplesText } from "../support/answers.ts";
import { reference } from "../support/reference.ts";

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
});
