import { expect } from "chai";

import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import { diagnosticOfFault } from "../../src/engine/fault-diagnostic.ts";
import { LimitFault, type Limits } from "../../src/engine/limit.ts";
import { RuleStatistics } from "../../src/engine/statistics.ts";
import type { RulePlan } from "../../src/plan/plan.ts";
import { EvaluationFault } from "../../src/value/fault.ts";

function said(text: string, limits: Limits = {}) {
  const { plan } = compile({ path: "test.dl", text }).compiled!;
  const { diagnostics } = evaluate(plan, new Database(plan), { limits });
  expect(diagnostics.length).to.equal(1);
  return diagnostics[0]!;
}

describe("what goes wrong while rules run", () => {
  it("is said at the rule, and where the component was asked for that it stands in", () => {
    const text = `
      .comp Half { .decl of(x: number)  .decl by(x: number)
        by(0).
        of(8 / x) :- by(x). }
      .init half = Half`;
    const { span, related, ...rest } = said(text);
    expect(rest).to.deep.equal({
      ...{ severity: "error", code: "division-by-zero", message: rest.message },
      notes: ["while evaluating half.of(8 / x) :- half.by(x)."],
    });
    expect(text.slice(span.start, span.end)).to.contain("8 / x");
    expect(related?.map(({ text }) => text)).to.deep.equal(["instantiated here"]);
    const plain = said(".decl a, b(x: number)  a(0).  b(1 / x) :- a(x).");
    expect("related" in plain).to.equal(false);
  });

  it("is said of a limit with what grew most, and what can be done", () => {
    const text = `.decl a, b, n(x: number)
      a(x) :- x = range(0, 5).
      b(x) :- a(x), x < 2.
      n(x) :- a(x).
      n(x + 1) :- n(x).`;
    const { span: _, ...rounds } = said(text, { maxRounds: 3 });
    expect(rounds).to.deep.equal({
      ...{ severity: "error", code: "too-many-rounds" },
      message: "the limit of 3 rounds is reached",
      notes: [
        "while evaluating n(x + 1) :- n(x).",
        'relation "a" grew most, by 5 tuples, from a(x) :- x = range(0, 5).',
      ],
      hint: "bound the recursion, give a relation a .limitsize, or raise the limit",
    });
    expect(said(text, { maxTuples: 30 }).hint).to.contain("give the relation a .limitsize");
    expect(said(text, { maxMemoryBytes: 1 })).to.deep.include({
      ...{ code: "out-of-memory", notes: [] },
      span: { source: { path: "facts", text: "" }, start: 0, end: 0 },
    });
  });

  it("is a warning at the rule where that goes on all the same", () => {
    const text = '.decl a, b(x: symbol)  a("x").  b(x) :- a(x), match("(", x).';
    const { span, message: _, ...warning } = said(text);
    expect(warning).to.deep.equal({
      ...{ severity: "warning", code: "bad-pattern" },
      notes: ['while evaluating b(x) :- a(x), match("(", x).'],
    });
    expect(text.slice(span.start, span.end)).to.contain("match");
  });

  it("names all relations of rules that begin alike", () => {
    const heads = [1, 2].map((relation) => ({ kind: "derive", relation, terms: [] }));
    const rule = { text: "b(x), c(x) :- a(x).", root: { kind: "fork", branches: heads } };
    const relations = ["a", "b", "c"].map((name) => ({ name, attributes: [] }));
    const statistics = new RuleStatistics();
    statistics.add(rule as unknown as RulePlan, 14, undefined);
    const fault = new LimitFault("too-many-tuples", "the limit of tuples is reached");
    const { notes } = diagnosticOfFault(fault, undefined, statistics, relations);
    expect(notes).to.deep.equal([
      'relations "b", "c" grew most, by 14 tuples, from b(x), c(x) :- a(x).',
    ]);
  });

  it("is ours where it is no fault of the program, and thrown on", () => {
    const statistics = new RuleStatistics();
    const of = (fault: unknown) => (): unknown =>
      diagnosticOfFault(fault, undefined, statistics, []);
    expect(of(new TypeError("ours"))).to.throw(TypeError, "ours");
    expect(of(new EvaluationFault("division-by-zero", "by zero"))()).to.deep.include({
      ...{ code: "division-by-zero", message: "by zero", notes: [] },
    });
    expect(of(new LimitFault("out-of-memory", "memory"))()).to.deep.include({
      ...{ code: "out-of-memory", message: "memory", notes: [] },
    });
  });
});
