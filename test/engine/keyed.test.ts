// Transactions that look rows up by their keys, in the ways in which they are carried out.
import { expect } from "chai";

import { PlannedTransaction } from "../../src/calvin/planned-transaction.ts";
import { interpreted } from "../../src/codegen/backend.ts";
import { KeyedRun } from "../../src/engine/keyed-run.ts";
import { transactionPlan } from "../../src/plan/transaction.ts";
import { understand } from "../../src/understand.ts";
import type { Domain, Value } from "../../src/value/schema.ts";
import { runCases } from "../support/cases.ts";
import { carriedOutInPlace } from "../support/in-place.ts";
import { understood } from "../support/ordered-workloads.ts";
import { outcomeText, statedState } from "../support/transactions.ts";

/** What calls do, one after the other, and what computed it in place: code, closures (parts), or
 * neither. All of it has to be what the evaluation of strata does. */
function carriedOut(input: string, domain: Domain): string {
  const [text = "", calls = ""] = input.split(/^%\n/m);
  const { program, diagnostics } = understand(text, { domain });
  if (program === undefined) throw new Error(diagnostics.map((of) => of.message).join("\n"));
  const codes = new Map(
    program.transactions.map((of) => {
      const plan = transactionPlan(program, of);
      const { keyed, listed: _, ...rest } = plan;
      if (keyed === undefined) throw new Error(`${of.name} does more than look rows up`);
      const byCode = new PlannedTransaction(plan);
      const byParts = new PlannedTransaction(plan, { backend: interpreted });
      return [of.name, { byCode, byParts, general: new PlannedTransaction(rest) }];
    }),
  );
  const state = statedState(program);
  const lines = calls.split("\n").flatMap((line) => {
    const [, name = "", list = ""] = /^(\w+)\((.*)\)$/.exec(line) ?? [];
    const { byCode, byParts, general } = codes.get(name)!;
    const columns = byCode.parameters.map((of) => `${of.name}: ${of.type}`).join(", ");
    const facts = `.decl f(${columns})\nf(${list}).`;
    const args: readonly Value[] = understand(facts, { domain }).program?.facts[0]?.values ?? [];
    const done = byCode.run(state, args);
    const outcome = outcomeText(done, program);
    expect(outcome, line).to.equal(outcomeText(general.run(state, args), program));
    const ways = [byCode, byParts].map(({ direct }) =>
      carriedOutInPlace(direct, state, args, outcome, program),
    );
    state.apply(done);
    return [line, `  ${outcome}`, `  in place by ${ways.join(", ")}`];
  });
  return lines.join("\n");
}

describe("transactions that look rows up by their keys", () => {
  runCases("keyed", {
    look: (input, [domain]) => carriedOut(input, domain === "32" ? 32 : 64),
  });

  it("take arguments of more bits than numbers have as what is left of them", () => {
    const program = understood(`
      .decl r(a: number, b: unsigned) ordered(a, b)
      .transaction t(a: number, b: unsigned) { +r(a, b). }`);
    const { keyed, plan } = transactionPlan(program, program.transactions[0]!);
    const run = new KeyedRun(keyed!, plan.domain, plan.structures);
    const [wide, narrow] = [2n ** 64n, [-1n, 2n ** 64n - 1n]] as const;
    expect(run.keys([wide - 1n, wide - 1n])).to.deep.equal([narrow]);
    expect(run.keys([-1n, -1n])).to.deep.equal([narrow]);
    expect(run.run([wide + 5n, wide + 6n], [[5n, 6n]], [undefined])).to.deep.equal({
      ...{ kind: "done", removed: [], inserted: [{ lookup: 0, values: [5n, 6n] }] },
    });
  });

  it("take them of 32 bits, too", () => {
    const { program } = understand(
      `.decl r(a: number, b: unsigned) ordered(a, b)
       .transaction t(a: number, b: unsigned) { +r(a, b). }`,
      { domain: 32 },
    );
    const { keyed, plan } = transactionPlan(program!, program!.transactions[0]!);
    const run = new KeyedRun(keyed!, plan.domain, plan.structures);
    const wide = 2n ** 32n;
    expect(run.keys([wide - 1n, wide - 1n])).to.deep.equal([[-1n, wide - 1n]]);
    expect(run.keys([wide + 5n, -1n])).to.deep.equal([[5n, wide - 1n]]);
  });
});
