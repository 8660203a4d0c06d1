import { expect } from "chai";

import { Reconnaissance } from "../../src/calvin/reconnaissance.ts";
import { textOf } from "../../src/calvin/gathered.ts";
import type { Pattern } from "../../src/calvin/transaction.ts";
import type { Value } from "../../src/value/schema.ts";
import { understood } from "../support/ordered-workloads.ts";
import { transactionsOf } from "../support/transactions.ts";

const program = understood(`
  .decl next(x: number, y: number) ordered(x)
  .decl seen(x: number, y: number, n: number) ordered(y, x)
  .decl note(x: number)
  .input note
  .transaction follow(x: number) {
    abort("end") :- next(x, y), next(y, y).
    -next(z, w), +seen(x, z, w), +seen(z, x, w), +note(w) :- next(x, y), next(y, z), next(z, w).
  }
  .transaction set(x: number, y: number) { +next(x, y). }
`);
const codes = transactionsOf(program);
const keys = [[0], [1, 0]];

/** What is asked for, step by step, and what is found in the end. */
function explored(name: string, args: readonly Value[], rows: readonly (readonly Value[])[]) {
  const code = codes.get(name);
  if (code === undefined) throw new Error(`no transaction ${name}`);
  const run = new Reconnaissance(code, args, keys);
  const asked: string[][] = [];
  for (;;) {
    const step = run.step();
    const text = (patterns: readonly Pattern[]): string[] => patterns.map(textOf).toSorted();
    if (step.kind === "known")
      return { asked, reads: text(step.footprint.reads), writes: text(step.footprint.writes) };
    asked.push(text(step.patterns));
    for (const pattern of step.patterns) {
      const tuples = rows.filter((row) =>
        pattern.columns.every((column, at) => row[column] === pattern.values[at]),
      );
      run.learn(pattern, pattern.relation === 0 ? tuples : []);
    }
  }
}

describe("what a transaction touches", () => {
  it("is found by asking for what it asks for, each once, until that is nothing new", () => {
    const rows = [1n, 2n, 3n, 4n].map((x) => [x, x + 1n]);
    const { asked, reads, writes } = explored("follow", [1n], rows);
    expect(asked.flat().length).to.equal(new Set(asked.flat()).size);
    expect(asked[0]).to.deep.equal(["0(0: 1)"]);
    expect(reads).to.deep.equal(asked.flat().toSorted());
    expect(reads).to.include.members(["0(0: 1)", "0(0: 2)", "0(0: 3)"]);
    // The keys alone of ordered relations, and an input as a whole.
    expect(writes).to.deep.equal(["0(0: 3)", "1(1: 1,0: 3)", "1(1: 3,0: 1)", "2()"]);
  });

  it("is nothing but what it reads where it is aborted", () => {
    const { reads, writes } = explored(
      "follow",
      [1n],
      [
        [1n, 2n],
        [2n, 2n],
      ],
    );
    expect(reads).to.include.members(["0(0: 1)", "0(0: 2)"]);
    expect(writes).to.deep.equal([]);
  });

  it("is known without asking where its arguments say so", () => {
    expect(explored("set", [1n, 2n], [])).to.deep.equal({
      ...{ asked: [], reads: [], writes: ["0(0: 1)"] },
    });
  });
});
