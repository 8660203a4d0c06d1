import { readFileSync } from "node:fs";

import { expect } from "chai";

import type { Program } from "../../src/analysis/program.ts";
import { type Random, random } from "../../src/base/random.ts";
import { PlannedTransaction } from "../../src/calvin/planned-transaction.ts";
import { interpreted } from "../../src/codegen/backend.ts";
import type { Pattern } from "../../src/calvin/transaction.ts";
import { understand } from "../../src/understand.ts";
import { transactionPlan } from "../../src/plan/transaction.ts";
import { keyOf } from "../../src/transducer/fact.ts";
import { printValue } from "../../src/value/print-value.ts";
import type { Value } from "../../src/value/schema.ts";
import { carriedOutInPlace } from "../support/in-place.ts";
import { MemoryState, outcomeText } from "../support/transactions.ts";

const seed = Number(process.env["SEED"] ?? 1);

/** Every way to name a row by its key: by arguments, constants, what is computed of them, and
 * through derived relations; keys that may be equal; rows that are told apart by other columns. */
const every = `
  .decl r(a: number, b: symbol, n: number, t: symbol) ordered(b, a)
  .decl flag(a: number) ordered(a)
  .decl one(a: number)
  one(a) :- t(a, _, _).
  one(a + 1) :- t(_, a, _).
  .decl big(a: number, b: symbol)
  big(a, "x") :- one(a), a > 1.
  .transaction t(p: number, q: number, s: symbol) {
    abort("third") :- r(p, s, n, "no"), n = q.
    abort("first") :- !r(p, s, _, "yes"), q = 3.
    abort(cat("flag ", s)) :- flag(p), !flag(q).
    -r(a, b, n, t), +r(a, b, n * 2, s) :- big(a, b), r(a, b, n, t).
    +r(p, s, m, t) :- r(q, s, n, t), m = n - q, m < 3, m != p.
    -r(q, s, q, "yes") :- p = p.
    +flag(k) :- k = p + q, one(1).
    -flag(2), +flag(2) :- r(1, "x", _, _).
  }
`;

function understood(text: string): Program {
  const { program, diagnostics } = understand(text);
  if (program === undefined) throw new Error(diagnostics.map((of) => of.message).join("\n"));
  return program;
}

function drawn(chance: Random, kind: string, numbers: number): Value {
  if (kind === "symbol") return chance.pick(["x", "y", "yes", "no"]);
  // Some are not exact as doubles.
  return chance.chance(0.02) ? 2n ** 62n + 1n : BigInt(chance.below(numbers));
}

/** Arguments that name other rows each, where there are as many numbers as parameters. */
function argumentsDrawn(chance: Random, kinds: readonly string[], numbers: number): Value[] {
  const first = chance.below(numbers);
  return kinds.map((kind, at) =>
    kind === "number" && numbers > kinds.length && chance.chance(0.98)
      ? BigInt((first + at) % numbers)
      : drawn(chance, kind, numbers),
  );
}

describe(`transactions that look up rows by their keys (SEED=${seed})`, () => {
  const bank = readFileSync(new URL("../../programs/bank.dl", import.meta.url), "utf8");
  const micro = readFileSync(
    new URL("../../bench/programs/ordered-micro.dl", import.meta.url),
    "utf8",
  );
  for (const [title, text, names, fewest] of [
    ["of a program that has every form", every, ["t"], 100],
    ["of the bank", bank, ["transfer", "open", "close"], 400],
    ["of the benchmark", micro, ["touch"], 100],
  ] as const)
    it(`do what the evaluation of their rules does: ${title}`, () => {
      const program = understood(text);
      const plans = program.transactions.map((of) => transactionPlan(program, of));
      expect(plans.filter(({ keyed }) => keyed).map(({ name }) => name)).to.include.members([
        ...names,
      ]);
      const codes = plans.flatMap((plan) => {
        const { keyed, ...rest } = plan;
        if (keyed === undefined) return [];
        const [code, general] = [new PlannedTransaction(plan), new PlannedTransaction(rest)];
        const closures = new PlannedTransaction(plan, { backend: interpreted });
        return [{ plan, code, closures, general }];
      });
      const chance = random(seed);
      const outcomes = new Set<string>();
      const ways = { code: 0, closures: 0, none: 0 };
      for (let round = 0; round < 400; round++) {
        const state = new MemoryState();
        const numbers = chance.chance(0.5) ? 4 : 14;
        for (let row = 0; row < numbers * 5; row++) {
          const relation = chance.below(program.relations.length);
          const { attributes = [], place } = program.relations[relation] ?? {};
          const key = place?.ordered;
          if (key === undefined) continue;
          const values = attributes.map(({ kind }) => drawn(chance, kind, numbers));
          const at = { relation, columns: key, values: key.map((of) => values[of] ?? null) };
          if (state.tuples(at).length === 0)
            state.rows.set(keyOf({ relation, values }), { relation, values });
        }
        for (const { plan, code, closures, general } of codes) {
          const kinds = plan.parameters.map(({ kind }) => kind);
          const args = argumentsDrawn(chance, kinds, numbers);
          const outcome = outcomeText(code.run(state, args), program);
          const expected = general.run(state, args);
          expect(outcome, `${plan.name}(${args.map(printValue).join()})`).to.equal(
            outcomeText(expected, program),
          );
          ways[carriedOutInPlace(code.direct, state, args, outcome, program)]++;
          const way = carriedOutInPlace(closures.direct, state, args, outcome, program);
          if (plan.keyed?.lookups.length !== 0) expect(way).not.to.equal("code");
          outcomes.add(outcome.replace(/[:(].*/, ""));
          // What it asks and changes is what it has said to touch.
          const text = ({ relation, values }: Pattern): string => keyOf({ relation, values });
          const { reads = [], writes = [] } = code.footprint(args) ?? {};
          const before = state.probes.length;
          code.run(state, args, code.footprint(args));
          const probes = state.probes.slice(before).map(text);
          expect([...reads, ...writes].map(text)).to.include.members(probes);
        }
      }
      expect(outcomes.size, "some abort, some do something").to.be.greaterThan(1);
      expect(ways.code, "many change rows where they are, by code").to.be.greaterThan(fewest);
      expect(ways.closures, "some by closures: two lookups of one row").to.be.greaterThan(20);
    });

  it("are no others: aggregates, rows that others lead to, and what may fail", () => {
    const program = understood(`
      .decl r(a: number, n: number) ordered(a)
      .transaction sums(p: number) { +r(p, n) :- n = count : { r(_, _) }. }
      .transaction follows(p: number) { -r(n, m) :- r(p, n), r(n, m). }
      .transaction divides(p: number, q: number) { +r(p / q, 1) :- q != 0. }
    `);
    for (const transaction of program.transactions)
      expect(transactionPlan(program, transaction).keyed, transaction.name).to.equal(undefined);
  });
});
