import { expect } from "chai";
import { is } from "immutable";

import type { Literal, Program, Relation, Rule, Term } from "../../src/analysis/program.ts";
import { random, type Random } from "../../src/base/random.ts";
import { compiled, interpreted } from "../../src/codegen/backend.ts";
import { compile } from "../../src/compile.ts";
import { understand } from "../../src/understand.ts";
import { demand } from "../../src/plan/demand.ts";
import { readings } from "../../src/plan/demand-strata.ts";
import { plan } from "../../src/plan/program.ts";
import { structured } from "../../src/value/schema.ts";
import { run, type Run } from "../differential/ways.ts";
import { generateProgram } from "../support/generate-program.ts";
import { textOfProgram } from "../support/generated-program.ts";
import { determined } from "../support/reference.ts";
import { programOf } from "./demanded.ts";

// SEED=n starts there, PROGRAMS=n is how many: SEED=1 PROGRAMS=100000 is a long test.
const first = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["PROGRAMS"] ?? 150);
const questionsTried = 3;
const limits = { maxTuples: 20_000, maxRounds: 1_000 };
const all = { relations: "*", exclude: [] } as const;

function evaluated(program: Program): Run {
  return run({ program, plan: plan(program) }, interpreted, { limits });
}

/** The program with a new relation `question` as its only output: some columns of some relation, for
 * some values of others; where another relation has no tuple like that, and how many it has. */
function asking(program: Program, { answers }: Run, chance: Random): Program | undefined {
  const { relations, rules, strata } = program;
  const derived = [...new Set(rules.map(({ head }) => head.relation))];
  if (derived.length === 0) return undefined;
  const at = chance.pick(derived);
  const { name, attributes, span } = relations[at]!;
  const tuples = answers.get(name)!.toArray();
  const tuple = tuples.length === 0 ? undefined : chance.pick(tuples);
  const terms = attributes.map(({ kind: of }, variable): Term => {
    const value = tuple?.get(variable);
    if (value === undefined || structured(of) || chance.chance(0.5))
      return { kind: "variable", variable };
    return { kind: "constant", of, value };
  });
  const known = terms.filter(({ kind }) => kind === "variable");
  /** An atom of some relation, about values that are known. */
  const other = (): { relation: number; terms: Term[]; span: Relation["span"] } => {
    const relation = chance.pick(derived);
    const columns = relations[relation]!.attributes.map(({ kind }): Term => {
      const fitting = terms.filter((_, column) => attributes[column]!.kind === kind);
      return chance.chance(0.8) && fitting.length > 0 ? chance.pick(fitting) : anonymous;
    });
    return { relation, terms: columns, span };
  };
  const body: Literal[] = [{ kind: "atom", relation: at, terms, span }];
  const asked = [...known];
  const variables = attributes.map(({ name: column, kind }) => ({ name: column, kind }));
  const columns = attributes.filter((_, column) => known.includes(terms[column]!));
  if (chance.chance(0.4)) body.push({ kind: "negation", ...other() });
  if (chance.chance(0.4)) {
    const variable = variables.push({ name: "n", kind: "number" }) - 1;
    const counted: Literal[] = [{ kind: "atom", ...other() }];
    body.push({ kind: "aggregate", variable, name: "count", of: "number", body: counted, span });
    asked.push({ kind: "variable", variable });
    columns.push({ name: "n", type: "number", kind: "number" });
  }
  const rule: Rule = { head: { relation: relations.length, terms: asked }, body, variables, span };
  const question: Relation = { name: "question", attributes: columns, inlined: false, span };
  const stratum = { relations: [relations.length], rules: [rules.length], recursive: false };
  const parameters = new Map<string, string>();
  return {
    ...program,
    relations: [...relations, question],
    rules: [...rules, rule],
    strata: [...strata, stratum],
    directives: [{ word: "output", relation: relations.length, parameters, span }],
  };
}

const anonymous: Term = { kind: "anonymous" };

/** Fails unless every relation is in one stratum, and rules read what is complete by then. */
function checkStrata({ relations, rules, strata }: Program): void {
  const stratumOf = new Map(
    strata.flatMap(({ relations: members }, at) => members.map((relation) => [relation, at])),
  );
  const members = strata.flatMap((stratum) => stratum.relations);
  expect(members.toSorted((a, b) => a - b)).to.deep.equal([...relations.keys()]);
  expect(strata.flatMap((stratum) => stratum.rules)).to.have.members([...rules.keys()]);
  for (const [at, stratum] of strata.entries()) {
    for (const rule of stratum.rules)
      expect(stratumOf.get(rules[rule]!.head.relation)).to.equal(at);
  }
  for (const { head, body, complete } of readings(rules)) {
    const [reader, read] = [stratumOf.get(head)!, stratumOf.get(body)!];
    expect(read).to.be.most(complete ? reader - 1 : reader);
    if (read === reader) expect(strata[read]!.recursive).to.equal(true);
  }
}

describe("demand", () => {
  it(`derives the same answers from less, in random programs (seeds from ${first})`, function () {
    this.timeout(count * 4000);
    let [compared, filled, lessened] = [0, 0, 0];
    for (let seed = first; seed < first + count; seed++) {
      const text = textOfProgram(generateProgram(seed, 64), { plain: false });
      const { program: written } = understand(text);
      if (written === undefined || !determined(written)) continue;
      const wanted = evaluated(written);
      if (wanted.diagnostics.length > 0) continue;
      const chance = random(seed);
      for (let tried = 0; tried < questionsTried; tried++) {
        const program = asking(written, wanted, chance);
        if (program === undefined) continue;
        const demanded = demand(program, all);
        if (demanded === program) continue;
        checkStrata(demanded);
        const full = evaluated(program);
        const less = evaluated(demanded);
        // What can fail may come to be asked of rows that another order leaves out.
        if (less.diagnostics.length > 0) continue;
        const where = `SEED=${seed} PROGRAMS=1, question ${tried + 1}\n${text}`;
        for (const [name, tuples] of less.answers) {
          // What stands before `{` is the relation that a version is part of.
          const whole = full.answers.get(name.replace(/\{.*/, ""));
          if (whole !== undefined && !name.startsWith("?"))
            expect(tuples.isSubset(whole), `${name} is true: ${where}`).to.equal(true);
        }
        const [answer, same] = [full.answers.get("question"), less.answers.get("question")];
        expect(is(answer, same), `the same answer: ${where}`).to.equal(true);
        compared += 1;
        filled += answer!.isEmpty() ? 0 : 1;
        lessened += derived(less) < derived(full) ? 1 : 0;
      }
    }
    if (count < 100) return;
    const shares = `${compared} compared, ${filled} filled, ${lessened} derive less`;
    expect(compared, shares).to.be.greaterThan(count);
    expect(filled / compared, shares).to.be.greaterThan(0.5);
    expect(lessened / compared, shares).to.be.greaterThan(0.4);
  });

  function derived({ answers }: Run): number {
    return [...answers.values()].reduce((sum, tuples) => sum + tuples.size, 0);
  }

  /** A hundred cycles of a hundred vertices. */
  const cycles = Array.from({ length: 10_000 }, (_, at) => {
    const next = at % 100 === 99 ? at - 99 : at + 1;
    return `edge(${at}, ${next}).`;
  }).join(" ");

  /** How many tuples relations hold in the end, by name. */
  function sizes(text: string): Map<string, number> {
    const { compiled: found } = compile(text, { magic: { relations: "*" } });
    const { database, diagnostics } = run(found!, compiled, {});
    expect(diagnostics).to.deep.equal([]);
    return new Map(database.relations.map(({ schema, size }) => [schema.name, size]));
  }

  const directions = [
    ["left", "path(x, y), edge(y, z)", 100],
    ["right", "edge(x, y), path(y, z)", 10_000],
    ["both", "path(x, y), path(y, z)", 10_000],
  ] as const;
  for (const [name, body, size] of directions) {
    it(`touches only what is reachable from the constant: ${name} recursion`, () => {
      const found = sizes(`.decl edge, path(x: number, y: number)
        .decl from(y: number)
        ${cycles}
        path(x, y) :- edge(x, y).
        path(x, z) :- ${body}.
        from(y) :- path(512, y).
        .output from`);
      expect(found.get("from")).to.equal(100);
      expect(found.get("path")).to.equal(0);
      expect(found.get("path{bf}")).to.equal(size);
      expect(found.get("?path{bf}")).to.equal(size / 100);
    });
  }

  it("asks backwards where the second column is given", () => {
    const found = sizes(`.decl edge, path(x: number, y: number)
      .decl to(x: number)
      ${cycles}
      path(x, y) :- edge(x, y).
      path(x, z) :- edge(x, y), path(y, z).
      to(x) :- path(x, 512).
      .output to`);
    expect(found.get("path{fb}")).to.equal(100);
  });

  it("keeps counters and choices as they are", () => {
    const text = `.decl e(x: number) .decl n, m, r(x: number, i: number)
      .decl out(i: number)
      e(7). e(5). e(6).
      m(x, autoinc()) :- e(x).
      n(x, autoinc()) :- e(x), x > 5.
      r(x, i) :- m(x, i). r(x, i) :- n(x, i).
      out(i) :- r(6, i).
      .output out`;
    const program = programOf(text);
    const demanded = demand(program, all);
    const names = demanded.relations.map(({ name }) => name);
    expect(names).to.deep.equal(["e", "n", "m", "r", "out", "r{bf}", "?r{bf}"]);
    const [full, less] = [evaluated(program), evaluated(demanded)];
    for (const name of ["n", "m", "out"])
      expect(is(full.answers.get(name), less.answers.get(name)), name).to.equal(true);
  });

  it("returns the program itself where nothing is asked or nothing chosen", () => {
    const rules = ".decl e, p(x: number) e(1). p(x) :- e(x).";
    const silent = programOf(rules);
    expect(demand(silent, all)).to.equal(silent);
    const put = programOf(`${rules} .decl q(x: number) q(x) :- p(x). .output q`);
    expect(demand(put, { relations: [], exclude: [] })).to.equal(put);
    expect(demand(put, { relations: "*", exclude: ["p", "q"] })).to.equal(put);
  });

  it("bounds the ways in which a relation is asked", () => {
    const columns = Array.from({ length: 6 }, (_, at) => `c${at}`);
    const questions = Array.from({ length: 64 }, (_, mask) => {
      const terms = columns.map((_column, at) => ((mask >> at) & 1 ? "1" : "_"));
      return `out(${mask}) :- p(${terms.join(", ")}).`;
    });
    const program = programOf(`.decl e, p(${columns.map((c) => `${c}: number`).join(", ")})
      .decl out(n: number)
      e(1, 1, 1, 1, 1, 1).
      p(${columns.join()}) :- e(${columns.join()}).
      ${questions.join("\n")}
      .output out`);
    expect(demand(program, all).relations.length).to.be.most(3 + 2 * 8);
    expect(evaluated(demand(program, all)).answers.get("out")!.size).to.equal(64);
  });

  it("is asked for by pragmas, by qualifiers and by options", () => {
    const text = (pragma: string, qualifier: string): string => `${pragma}
      .decl e(x: number, y: number) .input e
      .decl p(x: number, y: number) ${qualifier}
      p(x, y) :- e(x, y).
      .decl out(y: number) .output out
      out(y) :- p(1, y).`;
    const rewritten = (source: string, magic = {}): boolean =>
      compile(source, { magic }).compiled!.program.relations.some(({ name }) => name === "p{bf}");
    expect(rewritten(text("", ""))).to.equal(false);
    expect(rewritten(text('.pragma "magic-transform" "*"', ""))).to.equal(true);
    expect(rewritten(text('.pragma "magic-transform" "out, p"', ""))).to.equal(true);
    expect(rewritten(text('.pragma "magic-transform" "*"', "no_magic"))).to.equal(false);
    expect(rewritten(text("", "magic"))).to.equal(true);
    expect(rewritten(text("", ""), { relations: ["p"] })).to.equal(true);
    expect(rewritten(text('.pragma "magic-transform" "*"', ""), { relations: [] })).to.equal(false);
    const excluded = '.pragma "magic-transform" "*" .pragma "magic-transform-exclude" "p"';
    expect(rewritten(text(excluded, ""))).to.equal(false);
  });

  it("warns of names in pragmas that are no relations", () => {
    const { diagnostics } = compile('.pragma "magic-transform" "q" .decl p(x: number) p(1).');
    const warnings = diagnostics.map(({ severity, code, message }) => [severity, code, message]);
    expect(warnings).to.deep.equal([
      ["warning", "unknown-relation", 'relation "q" is not declared'],
    ]);
  });
});
