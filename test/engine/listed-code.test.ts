import { expect } from "chai";

import { interpreted, type Backend } from "../../src/codegen/backend.ts";
import { listedEnds, listedProgram, type ListedProgram } from "../../src/engine/listed-code.ts";
import { transactionPlan } from "../../src/plan/transaction.ts";
import { understand } from "../../src/understand.ts";
import type { Domain, Value } from "../../src/value/schema.ts";

const lists = `
  .type List = [n: number, rest: List]
  .decl rest(l: List)
  rest(l) :- t(_, l).
  rest(l) :- rest([_, l]).
  .decl item(n: number)
  item(n) :- rest([n, _]).
  .decl price(n: number, name: symbol)
  price(1, "a"). price(1, "b"). price(3, "c").`;

function programOf(
  text: string,
  { domain = 64, backend }: { domain?: Domain; backend?: Backend } = {},
): ListedProgram | undefined {
  const { program, diagnostics } = understand(text, { domain });
  if (program === undefined) expect.fail(diagnostics.map(({ message }) => message).join("\n"));
  const { listed } = transactionPlan(program, program.transactions[0]!);
  expect(listed, "it goes through lists").not.to.equal(undefined);
  return listedProgram(listed!, domain, () => 0, backend);
}

/** How a transaction ends with a list of numbers, which has no rows to look up. */
function endOf({ code }: ListedProgram, numbers: readonly number[], first = 0): string {
  let list: Value = null;
  for (const number of numbers.toReversed()) list = [BigInt(number), list];
  const rows = { stores: [], at: 0, change: () => true, reason: "" };
  const end = code([BigInt(first), list], rows);
  if (end === listedEnds.aborted) return rows.reason;
  return end === listedEnds.left ? "left" : "done";
}

describe("a transaction that goes through lists", () => {
  it("finds what the text states by a value, and all of it", () => {
    const named = programOf(`${lists}
      .transaction t(p: number, l: List) { abort(s) :- item(n), price(n, s). }`)!;
    expect([[], [2], [3], [2, 3], [3, 1]].map((list) => endOf(named, list))).to.deep.equal([
      ...["done", "done", "c", "c", "a"],
    ]);
    const all = programOf(`${lists}
      .transaction t(p: number, l: List) { abort(s) :- item(n), price(_, s), n > 4. }`)!;
    expect([[4], [5]].map((list) => endOf(all, list))).to.deep.equal(["done", "a"]);
  });

  it("derives each tuple once, and leaves what is too much", () => {
    const two = programOf(`${lists}
      .transaction t(p: number, l: List) { abort("two") :- 2 = count : { item(_) }. }`)!;
    expect([[7], [7, 7], [7, 8], [7, 8, 7], [7, 8, 9]].map((list) => endOf(two, list)))
      .to.deep //
      .equal(["done", "done", "two", "two", "done"]);
    const many = programOf(`${lists}
      .decl up(n: number)
      up(0) :- t(_, _).
      up(n + 1) :- up(n), t(p, _), n < p.
      .transaction t(p: number, l: List) { abort("all") :- t(p, _), up(p). }`)!;
    expect(
      [254, 255].map((most) => endOf(many, [], most)),
      "256 tuples",
    ).to.deep.equal([...["all", "left"]]);
  });

  it("has what it looks up in the order of its plan", () => {
    const { stored } = programOf(`${lists}
      .decl r(a: number, b: number) ordered(b)
      .transaction t(p: number, l: List) { -r(a, n) :- item(n), r(a, n). }`)!;
    expect(stored.map(({ kind, relation, key }) => [kind, relation, key])).to.deep.equal([
      ["stored", 3, [1]],
    ]);
  });

  it("is none where plans are run as they are, or a number of the text is not exact", () => {
    const text = (kind: string, number: string): string => `
      .type List = [n: number, rest: List]
      .decl item(n: number)
      item(n) :- t(_, [n, _]).
      .decl limit(name: symbol, n: ${kind})
      limit("low", 0). limit("high", ${number}).
      .transaction t(p: number, l: List) { abort(s) :- item(_), limit(s, n), n > 5. }`;
    const most = Number.MAX_SAFE_INTEGER;
    for (const [kind, number, domain, isOne] of [
      ["number", `${most}`, 64, true],
      ["number", "9007199254740992", 64, false],
      ["number", `-${most}`, 64, true],
      ["number", "-9007199254740992", 64, false],
      ["unsigned", `${most}`, 64, true],
      ["unsigned", "9007199254740992", 64, false],
      ["unsigned", "4294967295", 32, true],
      ["number", "2147483647", 32, true],
    ] as const) {
      const made = programOf(text(kind, number), { domain });
      expect(made !== undefined, `${kind} ${number}`).to.equal(isOne);
      if (made === undefined) continue;
      expect(endOf(made, [1])).to.equal(number.startsWith("-") ? "done" : "high");
    }
    expect(programOf(text("number", "1"), { backend: interpreted })).to.equal(undefined);
  });
});
