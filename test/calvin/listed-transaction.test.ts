// Transactions that take lists apart, sum over them and follow rows to others, carried out by code
// and by the evaluation of strata.
import { readFileSync } from "node:fs";

import { expect } from "chai";

import { type Random, random } from "../../src/base/random.ts";
import { MemoryStorage } from "../../src/calvin/memory-storage.ts";
import { Partitions } from "../../src/calvin/partitions.ts";
import { PlannedTransaction } from "../../src/calvin/planned-transaction.ts";
import type { WholeRecord } from "../../src/calvin/record.ts";
import { Replica } from "../../src/calvin/replica.ts";
import type { Row } from "../../src/calvin/transaction.ts";
import { interpreted } from "../../src/codegen/backend.ts";
import { isBase, keyColumns, transactionPlan } from "../../src/plan/transaction.ts";
import type { Value } from "../../src/value/schema.ts";
import { carriedOutInPlace } from "../support/in-place.ts";
import { understood } from "../support/ordered-workloads.ts";
import { MemoryState, outcomeText } from "../support/transactions.ts";

const seed = Number(process.env["SEED"] ?? 1);
const seeds = Number(process.env["SEEDS"] ?? 16);

const tpcc = readFileSync(new URL("../../programs/tpcc.dl", import.meta.url), "utf8");

/** What a list can be asked, and what the text states. */
const derived = `
  .type List = [name: symbol, n: number, rest: List]
  .decl r(a: number, b: symbol, n: number) ordered(a, b)
  .decl next(a: number, to: number) ordered(a)
  .decl free(a: number, b: symbol)
  .decl price(n: number, of: number)
  price(0, 5). price(1, 7). price(1, 9). price(3, 11).
  .decl rest(n: number, l: List)
  rest(0, l) :- t(_, _, l).
  rest(n + 1, l) :- rest(n, [_, _, l]).
  .decl item(at: number, name: symbol, n: number)
  item(at, s, n) :- rest(at, [s, n, _]).
  .decl named(name: symbol, most: number, least: number, total: number, times: number)
  named(s, x, m, q, c) :-
    item(_, s, _), x = max n : { item(_, s, n) }, m = min n : { item(_, s, n) },
    q = sum n : { item(_, s, n) }, c = count : { item(_, s, _) }.
  // Each leads to the other.
  .decl even(n: number) .decl odd(n: number)
  even(0) :- t(_, _, _).
  odd(n + 1) :- even(n), item(n, _, _).
  even(n + 1) :- odd(n), item(n, _, _).
`;

/** What a transaction can do with it: each program has some of these. */
const effects = [
  'abort("none") :- 0 = count : { item(_, _, _) }, p > 2.',
  'abort(cat("twice ", n)) :- named(n, _, _, _, 3).',
  'abort("no price") :- item(_, _, n), !price(n, _), n > 3.',
  'abort("follows") :- next(p, q), next(q, p), !r(p, s, _).',
  "abort(n) :- named(n, x, x, _, _), s < n, !item(0, n, _).",
  "-r(p, n, k), +r(p, n, k + q) :- named(n, _, _, q, _), r(p, n, k).",
  "+r(p, n, f) :- item(_, n, k), price(k, f), !r(p, n, _), k != 2.",
  "-next(p, q), +next(p, o) :- next(p, q), next(q, o).",
  "+next(q, m) :- next(p, q), named(s, m, _, _, _), !next(q, _).",
  "+next(m, p - 1) :- named(_, m, _, _, _), !next(m, _).",
  "+free(x, n) :- named(n, x, y, _, _), x != y.",
  '+free(n, "even") :- even(n), n > 1, !odd(0).',
  "-r(q, s, k) :- next(p, q), r(q, s, k), l = nil.",
  "-r(p, s, k), +r(p, s, k) :- r(p, s, k).",
  "-r(p, n, k) :- rest(_, [n, k, [n, k, _]]).",
  "+r(p, s, m * 2) :- m = max n : { item(_, _, n), !price(n, _) }, !r(p, s, _).",
];

function listDrawn(chance: Random, drawn: () => Value[]): Value {
  let list: Value = null;
  for (let length = chance.below(5); length > 0; length--) list = [...drawn(), list];
  return list;
}

function number(chance: Random, below: number): Value {
  // Some are not exact as doubles.
  return chance.chance(0.01) ? 2n ** 62n : BigInt(chance.below(below));
}

describe(`transactions that go through lists (SEED=${seed}, SEEDS=${seeds})`, () => {
  it("do what the evaluation of their rules does", () => {
    const ends = { done: 0, changed: 0, aborted: 0, none: 0 };
    for (let program = 0; program < seeds; program++) {
      const chance = random(seed * 1000 + program);
      const some = effects.filter(() => chance.chance(0.3));
      const rules = (some.length > 0 ? some : effects).join("\n");
      const text = `${derived} .transaction t(p: number, s: symbol, l: List) { ${rules} }`;
      try {
        compared(text, chance, ends);
      } catch (error) {
        throw new Error(`seed ${seed * 1000 + program}\n${rules}`, { cause: error });
      }
    }
    expect(ends.changed).to.be.greaterThan(seeds * 2);
    expect(ends.aborted).to.be.greaterThan(seeds);
    expect(ends.none, "numbers that are not exact").to.be.within(1, seeds * 3);
  });

  it("are left to strata where they change more rows than are held against each other", () => {
    const program = understood(`
      .type List = [n: number, m: number, rest: List]
      .decl r(n: number, of: number) ordered(n)
      .decl rest(at: number, l: List)
      rest(0, l) :- put(l).
      rest(at + 1, l) :- rest(at, [_, _, l]).
      .transaction put(l: List) {
        -r(n, of) :- rest(_, [n, _, _]), r(n, of).
        +r(n, 1) :- rest(_, [n, _, _]).
        +r(m, 1) :- rest(_, [_, m, _]).
      }
    `);
    const plans = program.transactions.map((of) => transactionPlan(program, of));
    const [code] = plans.map((plan) => new PlannedTransaction(plan));
    const keys = program.relations.map((_, at) => keyColumns(program, at));
    const relation = program.relations.findIndex(({ name }) => name === "r");
    for (const [count, again] of [
      [256, 0],
      [256, 20],
      [257, 0],
    ] as const) {
      let list: Value = null;
      for (let at = 0; at < count + again; at += 2) {
        const [n, m] = [at, Math.min(at + 1, count - 1)].map((of) => BigInt(of % count));
        list = [n ?? 0n, m ?? 0n, list];
      }
      const versions = [{ row: { relation, values: [2n, 5n] }, from: 0, to: Infinity }];
      const storage = new MemoryStorage(versions, keys);
      const outcome = code?.listed?.carryOut(storage, [list], 5, false);
      const ended = outcome?.kind === "done" && [outcome.removed, outcome.inserted];
      expect(ended, `${count} and ${again}`).to.deep.equal(count <= 256 && [1, count]);
      expect(storage.size).to.equal(count <= 256 ? count + 1 : 1);
    }
  });

  it("leave a replica of TPC-C in the state in which strata leave it", () => {
    const program = understood(tpcc);
    const keys = program.relations.map((_, at) => keyColumns(program, at));
    const partitions = new Partitions(1, keys);
    const stated = program.facts.filter(({ relation }) => isBase(program, relation));
    const run = (options: object): unknown => {
      const codes = new Map(
        program.transactions.map((of) => {
          const { listed, ...plan } = transactionPlan(program, of);
          const isListed = listed !== undefined && !("backend" in options);
          return [of.name, new PlannedTransaction(isListed ? { ...plan, listed } : plan, options)];
        }),
      );
      expect(codes.get("placeOrder")?.listed === undefined).to.equal("backend" in options);
      const versions = stated.map(({ relation, values }) => ({
        ...{ row: { relation, values }, from: 0, to: Infinity },
      }));
      const storage = new MemoryStorage(versions, keys);
      const replica = new Replica({ partition: 0, partitions, keys, codes, storage });
      const chance = random(seed);
      const ends: unknown[] = [];
      for (let epoch = 1; epoch <= 12; epoch++) {
        const answers = replica.apply(orders(chance, epoch), []).answers;
        ends.push(...answers.map(({ id, result }) => ({ id, result })));
      }
      return { ends, hash: replica.completed.hash };
    };
    expect(run({})).to.deep.equal(run({ backend: interpreted }));
  });
});

/** Holds what code does against what strata do, on some states. */
function compared(text: string, chance: Random, ends: Record<string, number>): void {
  const program = understood(text);
  const [transaction] = program.transactions;
  if (transaction === undefined) throw new Error("there is a transaction");
  const { keyed: _, ...plan } = transactionPlan(program, transaction);
  const { listed, ...rest } = plan;
  expect(listed, "it looks each row up by its key").not.to.equal(undefined);
  const [code, general] = [new PlannedTransaction(plan), new PlannedTransaction(rest)];
  const names = (): string => chance.pick(["x", "y", "z"]);
  const at = (of: string): number => program.relations.findIndex(({ name }) => name === of);
  for (let round = 0; round < 15; round++) {
    const rows: Row[] = [];
    const add = (of: string, ...values: Value[]): void => {
      rows.push({ relation: at(of), values });
    };
    for (let a = 0n; a < 4n; a++) {
      for (const b of ["x", "y", "z"]) if (chance.chance(0.5)) add("r", a, b, number(chance, 5));
      if (chance.chance(0.7)) add("next", a, number(chance, 4));
      if (chance.chance(0.2)) add("free", a, names());
    }
    const state = new MemoryState(rows);
    const list = listDrawn(chance, () => [names(), number(chance, 5)]);
    const args = [number(chance, 4), names(), list];
    const expected = outcomeText(general.run(state, args), program);
    const way = carriedOutInPlace(code.listed, state, args, expected, program);
    const end = expected.replace(/:.*/, "");
    ends[way === "none" ? way : end === "aborted" ? end : end === expected ? "done" : "changed"]!++;
  }
}

/** Orders of a few warehouses, some of which name what there is not. */
function orders(chance: Random, epoch: number): WholeRecord {
  const requests = Array.from({ length: 10 }, (_, at) => {
    const list = listDrawn(chance, () => [
      BigInt(chance.between(1, 4)),
      BigInt(chance.chance(0.1) ? 2 : 1),
      BigInt(chance.between(1, 9)),
    ]);
    const customer = BigInt(chance.between(1, chance.chance(0.1) ? 9 : 3));
    return {
      ...{ id: `${epoch}.${at}`, attempt: 0, transaction: "placeOrder" },
      args: [1n, 1n, customer, list],
    };
  });
  const batches = [{ sequencer: "s/1", number: epoch, requests }];
  return { epoch, previous: "", nowMs: 0, seed: 0, frontier: new Map(), engine: "", batches };
}
