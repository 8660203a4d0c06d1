import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { analyse } from "../../src/analysis/analyse.ts";
import { hasAnonymous, partsOf } from "../../src/analysis/terms.ts";
import type { Literal, Program, Rule, Term } from "../../src/analysis/program.ts";
import { hasErrors } from "../../src/base/diagnostic.ts";
import { type Random, random } from "../../src/base/random.ts";
import { parse } from "../../src/syntax/parse.ts";
import { readCases } from "../support/cases.ts";
import { generateProgram } from "../support/generate-program.ts";
import { textOfProgram } from "../support/generated-program.ts";

const seed = Number(process.env["SEED"] ?? 1);
const mutants = Number(process.env["PROGRAMS"] ?? 800);

/** The inputs of analysis's own cases: each construct, right and wrong. */
function texts(): string[] {
  const folder = fileURLToPath(new URL("../cases/analysis/", import.meta.url));
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => readCases(readFileSync(folder + name, "utf8"), name))
    .map(({ input }) => input);
}

/** A text with some words, literals or operators replaced by others of it: it mostly parses. */
function mutated(text: string, { below, between, pick }: Random): string {
  const tokens = text.match(/"[^"\n]*"|\.?\w+|\s+|:-|[^\w\s]/g) ?? [];
  const words = tokens.filter((token) => token.trim() !== "");
  for (let round = between(0, 4); round > 0; round--) {
    const at = below(tokens.length);
    const token = tokens[at] ?? "";
    const alike = words.filter((word) => /\w/.test(word) === /\w/.test(token));
    if (token.trim() !== "" && alike.length > 0) tokens[at] = pick(alike);
  }
  return tokens.join("");
}

describe(`analysis of random programs (SEED=${seed})`, () => {
  it("never throws, and gives a program without errors or errors without a program", () => {
    const chance = random(seed);
    const originals = texts();
    let accepted = 0;
    for (let round = 0; round < mutants; round++) {
      const text = mutated(chance.pick(originals), chance);
      const { tree, diagnostics: syntax } = parse(text);
      const domain = chance.pick([32, 64] as const);
      const { program, diagnostics } = analyse(tree, { domain });
      expect(program === undefined, text).to.equal(hasErrors(diagnostics));
      if (program === undefined || hasErrors(syntax)) continue;
      accepted++;
      checkProgram(program, text);
    }
    expect(accepted).to.be.greaterThan(mutants / 20);
  });

  it("accepts most programs that were generated to be right", () => {
    const rounds = 200;
    let refused = 0;
    for (let round = 0; round < rounds; round++) {
      const text = textOfProgram(generateProgram(seed * 1000 + round, 64), { plain: false });
      const { program } = analyse(parse(text).tree);
      if (program === undefined) refused++;
      else checkProgram(program, text);
    }
    expect(refused).to.be.lessThan(rounds / 20);
  });
});

/** Checks what the types of `Program` promise and cannot say. */
function checkProgram(program: Program, text: string): void {
  const { relations, strata, rules } = program;
  const stratumOf = new Map(strata.flatMap((of, at) => of.relations.map((one) => [one, at])));
  const members = strata.flatMap((of) => of.relations);
  expect(members.length, text).to.equal(relations.length);
  expect(stratumOf.size, text).to.equal(relations.length);
  expect(
    strata.flatMap((of) => of.rules).toSorted((a, b) => a - b),
    text,
  ).to.deep.equal([...rules.keys()].filter((at) => rules[at]?.when === undefined));
  for (const [at, stratum] of strata.entries()) {
    for (const ruleAt of stratum.rules) {
      const rule = rules[ruleAt] as Rule;
      expect(stratumOf.get(rule.head.relation), text).to.equal(at);
      for (const { literal, aggregated } of allLiterals(rule.body)) {
        if (literal.kind !== "atom" && literal.kind !== "negation") continue;
        const relation = relations[literal.relation];
        expect(relation?.inlined, text).to.equal(false);
        expect(literal.terms.length, text).to.equal(relation?.attributes.length);
        const below = literal.kind === "negation" || aggregated ? 1 : 0;
        expect(stratumOf.get(literal.relation), text).to.be.at.most(at - below);
      }
    }
  }
  for (const rule of rules) checkVariables(rule, text);
}

/** Binds the literals of a rule one after the other, in any order that works. */
function checkVariables(rule: Rule, text: string): void {
  const bound = bindAll(rule.body, new Set(), text);
  for (const term of rule.head.terms)
    for (const variable of variablesOf(term)) expect(bound.has(variable), text).to.equal(true);
}

function bindAll(body: readonly Literal[], given: ReadonlySet<number>, text: string): Set<number> {
  const bound = new Set(given);
  const known = (terms: readonly Term[]) => terms.flatMap(variablesOf).every((of) => bound.has(of));
  const own = new Set(body.flatMap(ownVariables));
  let open = [...body];
  while (open.length > 0) {
    const rest = open.filter((literal) => !take(literal));
    expect(rest.length, `no literal can be next in\n${text}`).to.be.lessThan(open.length);
    open = rest;
  }
  return bound;

  function take(literal: Literal): boolean {
    switch (literal.kind) {
      case "atom": {
        const here = literal.terms.flatMap(patternVariables);
        const used = literal.terms.flatMap(variablesOf);
        if (!used.every((of) => bound.has(of) || here.includes(of))) return false;
        for (const variable of here) bound.add(variable);
        return true;
      }
      case "negation":
        return known(literal.terms);
      case "test":
        return known([literal.left, literal.right]);
      case "boolean":
        return true;
      case "comparison": {
        const { operator, left, right } = literal;
        const [isLeft, isRight] = [left, right].map((of) => known([of]) && !hasAnonymous(of));
        if (isLeft && isRight) return true;
        if (operator !== "=") return false;
        const target = isRight ? left : isLeft ? right : undefined;
        if (target?.kind !== "variable" && target?.kind !== "record") return false;
        const here = patternVariables(target);
        if (!variablesOf(target).every((of) => bound.has(of) || here.includes(of))) return false;
        for (const variable of here) bound.add(variable);
        return true;
      }
      case "range": {
        const { from, to, step, variable } = literal;
        if (!known(step === undefined ? [from, to] : [from, to, step])) return false;
        bound.add(variable);
        return true;
      }
      case "aggregate": {
        const inside = allLiterals(literal.body).flatMap((of) => ownVariables(of.literal));
        const value = literal.value === undefined ? [] : variablesOf(literal.value);
        const shared = [...inside, ...value].filter((of) => own.has(of) || given.has(of));
        if (!shared.every((of) => bound.has(of))) return false;
        const within = bindAll(literal.body, bound, text);
        expect(
          value.every((of) => within.has(of)),
          text,
        ).to.equal(true);
        bound.add(literal.variable);
        return true;
      }
    }
  }
}

function allLiterals(
  body: readonly Literal[],
  aggregated = false,
): { literal: Literal; aggregated: boolean }[] {
  return body.flatMap((literal) => [
    { literal, aggregated },
    ...(literal.kind === "aggregate" ? allLiterals(literal.body, true) : []),
  ]);
}

function ownVariables(literal: Literal): number[] {
  switch (literal.kind) {
    case "atom":
    case "negation":
      return literal.terms.flatMap(variablesOf);
    case "comparison":
    case "test":
      return [literal.left, literal.right].flatMap(variablesOf);
    case "range": {
      const { from, to, step, variable } = literal;
      return [variable, ...[from, to, ...(step === undefined ? [] : [step])].flatMap(variablesOf)];
    }
    case "aggregate":
      return [literal.variable];
    case "boolean":
      return [];
  }
}

function variablesOf(term: Term): number[] {
  return term.kind === "variable" ? [term.variable] : partsOf(term).flatMap(variablesOf);
}

/** The variables that get values where the term's value is known. */
function patternVariables(term: Term): number[] {
  if (term.kind === "variable") return [term.variable];
  return term.kind === "record" ? term.fields.flatMap(patternVariables) : [];
}
