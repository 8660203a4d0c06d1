import { readFileSync } from "node:fs";

import { expect } from "chai";

import { understand } from "../../src/understand.ts";
import type { Program } from "../../src/analysis/program.ts";
import { random } from "../../src/base/random.ts";
import { covered } from "../../src/calvin/footprint.ts";
import type { Pattern } from "../../src/calvin/transaction.ts";
import { printValue } from "../../src/value/print-value.ts";
import type { Value } from "../../src/value/schema.ts";
import { runCases } from "../support/cases.ts";
import {
  fits,
  MemoryState,
  outcomeText,
  rowText,
  statedState,
  transactionsOf,
} from "../support/transactions.ts";

const seed = Number(process.env["SEED"] ?? 1);

function understood(text: string): Program {
  const { program, diagnostics } = understand(text);
  if (program === undefined) throw new Error(diagnostics.map((of) => of.message).join("\n"));
  return program;
}

/** `name(1, "a")`: one call of a transaction, read as a fact of its parameters' types. */
function call(text: string, program: Program): { name: string; args: readonly Value[] } {
  const [, name = "", list = ""] = /^([\w.]+)\((.*)\)$/.exec(text) ?? [];
  const { parameters = [] } = program.transactions.find((of) => of.name === name) ?? {};
  const types = [...program.structures.values()].map((of) => {
    if (of.kind !== "record") throw new Error("arguments of records alone");
    return `.type ${of.name} = [${of.fields.map((one) => `${one.name}: ${one.type}`).join(", ")}]`;
  });
  const columns = parameters.map((of) => `${of.name}: ${of.type}`).join(", ");
  const { facts } = understood(`${types.join("\n")}\n.decl f(${columns})\nf(${list}).`);
  return { name, args: facts[0]?.values ?? [] };
}

/** What calls do, one after the other, and, if `whole`, what is there in the end. */
function transacted(program: Program, calls: readonly string[], whole: boolean): string {
  const codes = transactionsOf(program);
  const state = statedState(program);
  const lines = calls.map((line) => {
    const { name, args } = call(line, program);
    const outcome = codes.get(name)?.run(state, args);
    if (outcome === undefined) throw new Error(`no transaction ${name}`);
    state.apply(outcome);
    return `${line}\n  ${outcomeText(outcome, program)}`;
  });
  const rows = [...state.rows.values()].map((row) => rowText(row, program)).toSorted();
  return [...lines, ...(whole ? ["the rows are then", ...rows.map((row) => `  ${row}`)] : [])].join(
    "\n",
  );
}

function patternText({ relation, columns, values }: Pattern, { relations }: Program): string {
  const { name = "", attributes = [] } = relations[relation] ?? {};
  const terms = attributes.map((_, column) => {
    const at = columns.indexOf(column);
    return at < 0 ? "_" : printValue(values[at] ?? null);
  });
  return `${name}(${terms.join(", ")})`;
}

describe("transactions", () => {
  runCases("transactions", {
    // A program, a line `%`, and calls: each is carried out on what those before it left.
    transact(input) {
      const [text = "", calls = ""] = input.split(/^%\n/m);
      const program = understood(text);
      return transacted(program, calls.split("\n"), true);
    },
    // Calls of the transactions of a program that is shipped.
    shipped(input, [file = ""]) {
      const text = readFileSync(new URL(`../../programs/${file}`, import.meta.url), "utf8");
      return transacted(understood(text), input.split("\n"), false);
    },
    // The same, with what each call is known to touch before it runs, and what it probes.
    footprint(input) {
      const [text = "", calls = ""] = input.split(/^%\n/m);
      const program = understood(text);
      const codes = transactionsOf(program);
      const state = statedState(program);
      const shown = (patterns: readonly Pattern[]): string =>
        [...new Set(patterns.map((of) => patternText(of, program)))].toSorted().join(" ") || "-";
      return calls
        .split("\n")
        .flatMap((line) => {
          const { name, args } = call(line, program);
          const code = codes.get(name);
          const footprint = code?.footprint(args);
          state.probes.length = 0;
          code?.run(state, args);
          return [
            line,
            ...(footprint === undefined
              ? ["  by reconnaissance"]
              : [`  reads ${shown(footprint.reads)}`, `  writes ${shown(footprint.writes)}`]),
            `  probes ${shown(state.probes)}`,
          ];
        })
        .join("\n");
    },
  });
});

describe("what transactions can touch, whatever their arguments are", () => {
  const program = understood(`
.decl seen(x: number)
.decl gone(x: number)
.input seen, gone
.decl r(x: number, y: number) ordered(x)
.decl s(x: number, y: number) ordered(x)
.decl new(x: number)
new(x) :- seen(x), !gone(x).
.transaction nothing() { abort("never"). }
.transaction move(x: number) { -r(x, y), +s(x, y) :- r(x, y), n = count : { s(_, y) }, n < 3. }
.transaction free(x: number) { +seen(x), +r(x, x) :- new(x). -r(x, x). }
.transaction read(x: number) { abort("there") :- new(x). }
`);
  it("is what their rules read, and what they change", () => {
    const named = (of: readonly number[]): string =>
      of
        .map((at) => program.relations[at]?.name ?? "")
        .toSorted()
        .join(" ");
    const found = [...transactionsOf(program).values()].map(({ name, relations }) => {
      return `${name}: ${named(relations.reads)} / ${named(relations.writes)}`;
    });
    expect(found).to.deep.equal([
      ...["nothing:  / ", "move: r s / r s", "free: gone r seen / r seen", "read: gone seen / "],
    ]);
  });

  it("is known before where the arguments say it, of all that is read and written", () => {
    const known = [...transactionsOf(program).values()].map(
      (code) => code.footprint(code.parameters.map(() => 1n)) !== undefined,
    );
    expect(known).to.deep.equal([true, false, true, true]);
  });
});

const bank = understood(`
.decl balance(account: number, cents: number) ordered(account)
.decl vip(account: number)
.decl friend(x: number, y: number)
.input vip, friend
.decl trusted(x: number, y: number)
trusted(x, y) :- friend(x, y).
trusted(x, z) :- trusted(x, y), friend(y, z), !vip(z).
.transaction pay(from: number, to: number, cents: number) {
  abort("unknown") :- !balance(from, _) ; !balance(to, _).
  abort("not trusted") :- !trusted(from, to).
  abort("poor") :- balance(from, b), b < cents, !vip(from).
  -balance(from, b), +balance(from, b - cents) :- balance(from, b).
  -balance(to, b), +balance(to, b + cents) :- balance(to, b).
}
.transaction befriend(x: number) {
  abort("alone") :- 0 = count : { friend(x, _) }.
  +friend(x, y) :- balance(y, b), b >= 10, trusted(x, z), friend(z, y).
}
.transaction level(x: number) {
  -balance(y, b), +balance(y, m) :- friend(x, y), balance(y, b), m = max c : { balance(_, c) }.
}
`);

describe(`transactions on random states (SEED=${seed})`, () => {
  const codes = transactionsOf(bank);
  const names = bank.relations.map(({ name }) => name);
  const [balance, vip, friend] = ["balance", "vip", "friend"].map((name) => names.indexOf(name));

  function randomState(chance: ReturnType<typeof random>): MemoryState {
    const number = (): bigint => BigInt(chance.below(6));
    const accounts = chance.shuffled([0n, 1n, 2n, 3n, 4n, 5n]).slice(0, chance.below(7));
    return new MemoryState([
      ...accounts.map((of) => ({ relation: balance ?? -1, values: [of, number() * 5n] })),
      ...Array.from({ length: chance.below(3) }, () => ({
        relation: vip ?? -1,
        values: [number()],
      })),
      ...Array.from({ length: chance.below(9) }, () => ({
        relation: friend ?? -1,
        values: [number(), number()],
      })),
    ]);
  }

  it("depend on what they probe alone, which their footprint covers", () => {
    const chance = random(seed);
    let [changed, aborted, known] = [0, 0, 0];
    for (let round = 0; round < 1500; round++) {
      const state = randomState(chance);
      const code = codes.get(chance.pick([...codes.keys()]));
      if (code === undefined) throw new Error("no transaction");
      const args = code.parameters.map(() => BigInt(chance.below(6)));
      const outcome = code.run(state, args);
      if (outcome.kind === "aborted") aborted++;
      else if (outcome.inserted.length > 0) changed++;
      const { probes } = state;
      const footprint = code.footprint(args);
      if (footprint !== undefined) {
        known++;
        for (const probe of probes)
          expect(covered(probe, [...footprint.reads, ...footprint.writes])).to.equal(true);
      }
      // All that was not asked for is another thing.
      const rest = [...randomState(chance).rows.values()].filter(
        (row) => !probes.some((probe) => fits(row, probe)),
      );
      const same = [...state.rows.values()].filter((row) => probes.some((of) => fits(row, of)));
      const other = code.run(new MemoryState([...same, ...rest]), args);
      expect(outcomeText(other, bank)).to.equal(outcomeText(outcome, bank));
    }
    expect(changed).to.be.greaterThan(100);
    expect(aborted).to.be.greaterThan(100);
    expect(known).to.be.lessThan(1500);
  });
});
