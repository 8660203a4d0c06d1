import { expect } from "chai";

import { compile } from "../../src/compile.ts";
import { ask, type Answer } from "../../src/engine/ask.ts";
import { Database } from "../../src/engine/database.ts";
import { Maintained } from "../../src/engine/maintained.ts";
import type { EvaluateOptions } from "../../src/engine/run.ts";

const declared = ".decl edge, path(x: number, y: number)";

/** A database with the paths over some edges, of which one is gone since. */
function opened(): Database {
  const { plan } = compile(`${declared}
    path(x, y) :- edge(x, y).
    path(x, z) :- path(x, y), edge(y, z).`).compiled!;
  const database = new Database(plan);
  const kept = new Maintained(plan, database);
  for (const x of [1, 2, 3, 4]) kept.insert(0, [x, x + 1]);
  kept.run();
  kept.remove(0, [3, 4]);
  kept.run();
  return database;
}

function asked(text: string, database: Database, name: string, options?: EvaluateOptions): Answer {
  const { plan } = compile(`${declared}\n${text}`).compiled!;
  return ask(plan, database, name, options);
}

const numbers = ({ relation }: Answer): number[] => [...relation.column(0)].toSorted();

describe("a question on a database", () => {
  it("is evaluated on what is there, which is not changed and not computed again", () => {
    const database = opened();
    const before = database.relations.map(({ size }) => size);
    const answer = asked(
      `edge(7, 8).
       path(x, y) :- edge(y, x).
       .decl hidden, near, far(x: number)
       hidden(2). hidden(9).
       near(y) :- path(1, y).
       far(y) :- near(x), path(_, y), !hidden(y), x != y.`,
      database,
      "far",
    );
    expect(numbers(answer)).to.deep.equal([3, 5]);
    expect(answer.evaluation.complete).to.equal(true);
    const derived = answer.evaluation.rules.map(({ rule }) => rule.text.split("(")[0]);
    expect(new Set(derived)).to.deep.equal(new Set(["near", "far"]));
    expect(database.relations.map(({ size }) => size)).to.deep.equal(before);
  });

  it("may be for a relation that is there", () => {
    const database = opened();
    const { relation, evaluation } = asked("", database, "path");
    expect(relation).to.equal(database.relation("path"));
    expect([relation.size, evaluation.strata]).to.deep.equal([4, []]);
  });

  it("has the errors of its rules, and nothing is run where a functor is missing", () => {
    const database = opened();
    const failed = asked(".decl by(x: number)  by(1 / (x - 2)) :- edge(x, _).", database, "by");
    expect(failed.evaluation.complete).to.equal(false);
    expect(failed.evaluation.diagnostics.map(({ code }) => code)).to.deep.equal([
      "division-by-zero",
    ]);
    const text = `.functor twice(x: number): number
      .decl by(x: number)  by(1).  by(@twice(x)) :- edge(x, _).`;
    const missing = asked(text, database, "by");
    expect(missing.evaluation.diagnostics.map(({ code }) => code)).to.deep.equal([
      "missing-functor",
    ]);
    expect({ ...missing.evaluation, diagnostics: [] }).to.deep.equal({
      ...{ diagnostics: [], strata: [], rules: [], complete: false },
    });
    expect(missing.relation.size).to.equal(0);
    const functors = { twice: (x: bigint) => 2n * x };
    expect(numbers(asked(text, database, "by", { functors }))).to.deep.equal([1, 2, 4, 8]);
  });

  it("is for a relation that the plan has", () => {
    expect(() => asked("", opened(), "nothing")).to.throw("the plan has the relation nothing");
  });
});
