import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { renderConcise } from "../../src/base/render.ts";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import { Rerun } from "../../src/engine/rerun.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { printValue } from "../../src/value/print-value.ts";
import type { Value } from "../../src/value/schema.ts";

const seed = Number(process.env["SEED"] ?? 20261122);

/** A program that is evaluated again and again, by the names of its relations. */
function rerunOf(text: string): {
  readonly rerun: Rerun;
  readonly strata: readonly number[];
  readonly insert: (name: string, ...tuples: (readonly Value[])[]) => void;
  readonly tuples: (name: string) => string;
  readonly stratumOf: (name: string) => number;
  readonly plan: Plan;
} {
  const { compiled, diagnostics } = compile(text, {});
  if (compiled === undefined) expect.fail(renderConcise(diagnostics));
  const { plan } = compiled;
  const at = (name: string): number => plan.relations.findIndex((of) => of.name === name);
  const rerun = new Rerun(plan, {});
  return {
    rerun,
    strata: [...plan.strata.keys()],
    insert(name, ...tuples) {
      for (const tuple of tuples) rerun.insert(at(name), tuple);
    },
    tuples(name) {
      const tuples = rerun.tuples(at(name));
      expect(rerun.size(at(name))).to.equal(tuples.length);
      return tuples
        .map((tuple) => tuple.map(printValue).join())
        .toSorted()
        .join(" ");
    },
    stratumOf: (name) => plan.strata.findIndex((relations) => relations.includes(at(name))),
    plan,
  };
}

describe(`a program that is evaluated again and again (SEED=${seed})`, () => {
  const text = `
    .decl edge, path(x: number, y: number)
    .decl start, reached(x: number)
    start(0).
    path(100, 101).
    path(x, y) :- edge(x, y).
    path(x, z) :- path(x, y), edge(y, z).
    reached(y) :- start(x), path(x, y).
    .decl ways(n: number)
    ways(n) :- n = count : { path(_, _) }.`;

  it("gives each time what an evaluation gives on the same facts, and what the text states", () => {
    const next = random(seed);
    const { rerun, strata, insert, tuples, plan } = rerunOf(text);
    for (let time = 0; time < 40; time++) {
      rerun.clear();
      const edges = Array.from({ length: next.below(12) }, () => [next.below(6), next.below(6)]);
      insert("edge", ...edges.map((edge) => edge.map(BigInt)));
      // From the first insertion on it is an input like others.
      const starts = time > 20 && next.chance(0.5) ? [next.below(6)] : [];
      insert("start", ...starts.map((start) => [BigInt(start)]));
      const { complete, diagnostics } = rerun.evaluate(strata);
      expect([complete, diagnostics]).to.deep.equal([true, []]);

      const one = new Database(plan);
      for (const edge of edges) one.relation("edge")!.insert(edge);
      for (const start of starts) one.relation("start")!.insert([start]);
      evaluate(plan, one);
      for (const name of ["edge", "path", "start", "reached", "ways"]) {
        const columns = one
          .relation(name)!
          .schema.attributes.map((_, at) => one.relation(name)!.column(at));
        const rows = Array.from({ length: one.relation(name)!.size }, (_, row) =>
          columns.map((column) => column[row]).join(),
        );
        expect(tuples(name), `${name}, time ${time}`).to.equal(rows.toSorted().join(" "));
      }
    }
  });

  it("forgets what some strata compute, but not what the text states of it, nor its input", () => {
    const { rerun, strata, insert, tuples, stratumOf } = rerunOf(text);
    rerun.clear();
    insert("edge", [0n, 1n]);
    rerun.evaluate(strata);
    expect([tuples("path"), tuples("ways")]).to.deep.equal(["0,1 100,101", "2"]);
    rerun.clearStrata([stratumOf("path"), stratumOf("edge")]);
    expect(tuples("edge")).to.equal("0,1");
    expect([tuples("path"), tuples("ways")]).to.deep.equal(["100,101", "2"]);
    insert("edge", [1n, 2n]);
    rerun.evaluate([stratumOf("path")]);
    expect(tuples("path")).to.equal("0,1 0,2 1,2 100,101");
    expect(tuples("reached"), "other strata are as they were").to.equal("1");
    rerun.clearStrata(strata);
    rerun.evaluate(strata);
    expect(tuples("reached")).to.equal("1 2");
    expect([tuples("start"), tuples("ways")]).to.deep.equal(["0", "4"]);
  });

  it("tells each time of its own errors", () => {
    const { rerun, strata, insert, tuples } = rerunOf(`
      .decl by, given(x: number)
      given(6 / x) :- by(x).`);
    for (const [x, said] of [
      [2n, ""],
      [0n, "division-by-zero"],
      [3n, ""],
    ] as const) {
      rerun.clear();
      insert("by", [x]);
      const { diagnostics, complete, strata: shown } = rerun.evaluate(strata);
      expect(diagnostics.map(({ code }) => code).join()).to.equal(said);
      expect(complete).to.equal(said === "");
      expect(shown.length).to.equal(1);
    }
    expect(tuples("given")).to.equal("2");
  });

  it("begins with other values when those of the times before have become many", () => {
    const { rerun, strata, insert, tuples } = rerunOf(`
      .decl word, known, same(x: symbol)
      known("a").
      same(x) :- word(x), known(x).`);
    for (let time = 0; time < 40; time++) {
      rerun.clear();
      expect([tuples("word"), tuples("known"), tuples("same")]).to.deep.equal(["", '"a"', ""]);
      insert("word", ["a"], [`${time}`.repeat(1 << 19)]);
      rerun.evaluate(strata);
      expect(tuples("same")).to.equal('"a"');
    }
  });
});
