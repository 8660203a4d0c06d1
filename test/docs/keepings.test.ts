import { expect } from "chai";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { type Keeping, keepings, type Requirement } from "../../src/analysis/monotone-orders.ts";

const page = fileURLToPath(new URL("../../docs/language.md", import.meta.url));

/** How each functor of the table is written, if it is; its operands are x and y. */
const written: Readonly<Partial<Record<Keeping["functor"], string>>> = {
  ...{ sat_add: "x + y", sat_sub: "x - y", sat_mul: "x * y", add: "x + y", sub: "x - y" },
  ...{ mul: "x * y", div: "x / y", min: "min(x, y)", max: "max(x, y)", cat: "cat(x, y)" },
  ...{ to_float: "to_float(x)", lor: "x lor y", land: "x land y", lnot: "lnot x" },
  ...{ bor: "x bor y", band: "x band y", bnot: "bnot x", bshl: "x bshl y", bshr: "x bshr y" },
  ...{ bshru: "x bshru y" },
};

const needed: Readonly<Record<Requirement, (x: string) => string>> = {
  same: (x) => `${x} goes the same way`,
  opposite: (x) => `${x} goes the opposite way`,
  constant: (x) => `${x} stays`,
  finite: (x) => `${x} stays and is finite`,
  "not negative": (x) => `${x} stays, \`${x} >= 0\``,
  "not positive": (x) => `${x} stays, \`${x} <= 0\``,
  positive: (x) => `${x} stays, \`${x} > 0\``,
  "finite and positive": (x) => `${x} stays and is finite, \`${x} > 0\``,
};

/** The lattices whose values go in an order. */
const lattices: Readonly<Record<string, string>> = {
  ...{ up: "`Max<>`", down: "`Min<>`", "truth-up": "`Or<>`", "truth-down": "`And<>`" },
  ...{ "bits-up": "`Lub -> _ bor _`", "bits-down": "`Lub -> _ band _`", union: "`Union<T>`" },
};

function rows({ functor, orders, of, needs }: Keeping): string[] {
  const called = written[functor];
  if (called === undefined) return [];
  const kinds = of ?? (functor.startsWith("sat_") ? ["number", "unsigned"] : ["any"]);
  const conditions = needs.map((one, at) => needed[one](at === 0 ? "x" : "y"));
  const towards = orders.map((order) => lattices[order] ?? order).join(", ");
  return [`| \`${called}\` | ${kinds.join(", ")} | ${towards} | ${conditions.join("; ")} |`];
}

describe("docs/language.md", () => {
  it("has the table of what keeps the order of a lattice", () => {
    const text = readFileSync(page, "utf8");
    const start = text.indexOf("| functor | of | lattice | where |");
    const table = text.slice(start).split("\n\n")[0]?.split("\n").slice(2);
    expect(table).to.deep.equal(keepings.flatMap(rows));
  });
});
