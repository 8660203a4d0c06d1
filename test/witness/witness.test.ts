import { expect } from "chai";

import type { Program } from "../../src/analysis/program.ts";
import { understand } from "../../src/understand.ts";
import { Answers } from "../../src/witness/answers.ts";
import { cone } from "../../src/witness/cone.ts";
import { printFact } from "../../src/witness/fact.ts";
import { exhaustively } from "../../src/witness/search.ts";
import { witness, type WitnessOptions, type WitnessResult } from "../../src/witness/witness.ts";

const difference = `
  .decl A(x: number) .decl B(x: number) .input A, B
  .decl minus(x: number) .output minus
  minus(x) :- A(x), !B(x).`;

describe("a witness", () => {
  it("is the same for the same program and options", () => {
    const [first, second] = [1, 2].map(() => found(difference, "minus", { seed: 7 }));
    expect(first).to.deep.equal(second);
    expect(first?.kind).to.equal("found");
  });

  it("is as small whatever the seed", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const result = found(difference, "minus", { seed });
      if (result.kind !== "found") expect.fail(`seed ${seed} finds none`);
      expect([result.before.length, result.added.length], `seed ${seed}`).to.deep.equal([1, 1]);
      expect(result.withdrawn).to.have.length(1);
    }
  });

  it("is not looked for when there is no time", () => {
    const result = found(difference, "minus", { goOn: () => false });
    expect(result).to.deep.equal({ kind: "none", steps: 1, exhausted: false });
  });

  it("is found by trying all small inputs in turn, too", () => {
    const program = programOf(difference);
    const of = cone(program, place(program, "minus"));
    const answers = new Answers(of, {});
    const { growth } = exhaustively(of, answers, () => answers.steps < 50);
    const facts = (some: readonly number[] = []): string[] =>
      some.map((at) => printFact(program, answers.fact(at)));
    expect([facts(growth?.before), facts(growth?.added)]).to.deep.equal([["A(1)"], ["B(1)"]]);
  });

  it("needs the functors of the program", () => {
    const text = `
      .functor next(x: number): number
      .decl A(x: number) .input A
      .decl alone(x: number) .output alone
      alone(x) :- A(x), !A(@next(x)).`;
    const without = found(text, "alone", {});
    expect(without).to.include({ kind: "none", unsearched: 'functor "next" is not given' });
    const result = found(text, "alone", { functors: { next: (x: bigint) => x + 1n } });
    if (result.kind !== "found") expect.fail("there is none");
    expect([result.before, result.added].flat().map(({ values }) => values)).to.deep.equal([
      [0n],
      [1n],
    ]);
  });
});

function found(text: string, name: string, options: WitnessOptions): WitnessResult {
  const program = programOf(text);
  return witness(program, place(program, name), options);
}

function programOf(text: string): Program {
  const { program } = understand(text);
  if (program === undefined) throw new Error("the program has errors");
  return program;
}

function place({ relations }: Program, name: string): number {
  return relations.findIndex((relation) => relation.name === name);
}
