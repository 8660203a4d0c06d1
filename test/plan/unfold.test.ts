// Questions without the relations between what is asked and what that follows from. That they have
// the same answers is tested on random facts (`test/transducer/matching.test.ts`).
import { expect } from "chai";

import type { Rule, Term } from "../../src/analysis/program.ts";
import { printRule } from "../../src/analysis/dump.ts";
import { assert } from "../../src/base/assert.ts";
import { readSnapshots } from "../../src/plan/question.ts";
import { unfolded } from "../../src/plan/unfold.ts";
import { programOf } from "./demanded.ts";

/** What `question(…) :- relation(…).` becomes, for a program that has a relation `question`. */
function question(text: string, relation: string): string {
  const program = programOf(text);
  const place = (name: string) => program.relations.findIndex((of) => of.name === name);
  const [asked, at] = [program.relations[place("question")], place(relation)];
  assert(asked !== undefined && at >= 0, "both are there");
  const terms = asked.attributes.map((_, variable): Term => ({ kind: "variable", variable }));
  const { span } = asked;
  const rule: Rule = {
    head: { relation: place("question"), terms },
    body: [{ kind: "atom", relation: at, terms, span }],
    variables: asked.attributes,
    span,
  };
  return printRule(program.relations, unfolded(program, rule, at, readSnapshots(program)));
}

const store = `
  .decl put(k: symbol, d: number, v: symbol)
  .decl gone(k: symbol, d: number)
  .input put, gone
  .decl live(k: symbol, d: number, v: symbol) snapshot
  live(k, d, v) :- put(k, d, v), !gone(k, d), d != 0.`;

describe("what a question is unfolded to", () => {
  it("is the body of the rule of what is asked, and of that what it reads", () => {
    const text = `${store}
      .decl seen(k: symbol, d: number) snapshot
      seen(key, dot) :- live(key, dot, _).
      .decl question(k: symbol, d: number)`;
    expect(question(text, "seen")).to.equal("question(k, d) :- put(k, d, v), !gone(k, d), d != 0.");
  });

  it("keeps constants of an atom, and relations that are not derived when they are read", () => {
    const text = `${store}
      .decl first(k: symbol, v: symbol) snapshot
      first(k, v) :- live(k, 1, v), live(k, 2, v).
      .decl question(k: symbol, v: symbol)`;
    expect(question(text, "first")).to.equal(
      "question(k, v) :- put(k, 1, v), !gone(k, 1), 1 != 0, put(k, 2, v), !gone(k, 2), 2 != 0.",
    );
  });

  it("stops at what joins more than its tuples, unless that is all there is", () => {
    const text = `${store}
      .decl named(k: symbol) snapshot
      named(k) :- live(k, _, _).
      .decl both(k: symbol, d: number) snapshot
      both(k, d) :- named(k), live(k, d, _).
      .decl alone(k: symbol) snapshot
      alone(k) :- named(k).`;
    expect(question(`${text} .decl question(k: symbol, d: number)`, "both")).to.equal(
      "question(k, d) :- named(k), put(k, d, v), !gone(k, d), d != 0.",
    );
    expect(question(`${text} .decl question(k: symbol)`, "alone")).to.equal(
      "question(k) :- put(k, d, v), !gone(k, d), d != 0.",
    );
  });

  it("leaves alone what several rules derive, or one by itself, or with a functor", () => {
    const text = `${store}
      .decl two(k: symbol, d: number) snapshot
      two(k, d) :- live(k, d, _).
      two(k, d) :- gone(k, d).
      .decl chain(d: number, e: number) snapshot
      chain(d, e) :- chain(d, f), chain(f, e).
      .decl next(k: symbol, d: number) snapshot
      next(k, d + 1) :- live(k, d, _).
      .decl same(d: number, e: number) snapshot
      same(d, d) :- live(_, d, _).
      .decl far(d: number, e: number) snapshot
      far(d, e) :- live(_, d, _), live(_, e, _), d + 1 < e.
      .decl question(k: symbol, d: number)`;
    for (const name of ["two", "next"])
      expect(question(text, name)).to.equal(`question(k, d) :- ${name}(k, d).`);
    for (const name of ["chain", "same", "far"])
      expect(question(text, name)).to.equal(`question(k, d) :- ${name}(k, d).`);
  });
});
