import { expect } from "chai";

import { compiled, interpreted, javascript, webAssembly } from "../../src/codegen/backend.ts";
import type { Backend } from "../../src/codegen/backend.ts";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import { dump } from "../../src/plan/dump.ts";
import type { Plan } from "../../src/plan/plan.ts";

const facts = `
  .decl a(x: number)  a(x) :- x = range(0, 20).
  .decl e(x: number, y: number)  e(x, y) :- a(x), y = range(0, 200), y % 3 != x % 3.
  .decl same(x: number, y: number) eqrel  same(x, x + 2) :- a(x), x % 4 = 1.
  .decl p(x: number)  .decl q(x: number)`;

/** What a search goes through, a rule that has it, what p holds then, and how often the rule comes
 * to a tuple of it. */
const searches: readonly (readonly [string, string, readonly number[], number])[] = [
  ["scan  full e", "p(x) :- a(x), e(z, y), y > z + x + 150.", below20(), 20],
  ["scan  full same", "p(x) :- a(x), same(y, z), y > z + x - 18.", below20(), 20],
  [
    "probe full same",
    "p(x) :- a(x), x < 10. p(x + 8) :- p(x), same(x, y), y != x.",
    [...below20().filter((x) => x < 10 || x % 2 === 1), 21, 23, 25, 27],
    10,
  ],
  ["probe full e", "p(0). p(x + 1) :- p(x), e(x, y), y > 100 + x, x < 19.", below20(), 19],
  ["probe full e on [0] = (x) binding (_,y)\n +intersect", triangles(), below20(), 20],
  ["scan  delta p", "p(x) :- a(x). q(1) :- p(x), x > 5. p(x) :- q(x), x > 5.", below20(), 1],
];

function below20(): readonly number[] {
  return Array.from({ length: 20 }, (_, x) => x);
}

function triangles(): string {
  return "p(x) :- e(x, y), e(y, z), e(z, x).";
}

const backends: Record<string, Backend> = { compiled, javascript, webAssembly, interpreted };

for (const [name, backend] of Object.entries(backends)) {
  describe(`a search (${name})`, () => {
    for (const [what, rules, holds, firings] of searches) {
      it(`ends at its first match: ${rules}`, () => {
        const { compiled: program } = compile(`${facts}\n${rules}`);
        const plans: string[] = [];
        const plan: Plan = {
          ...program!.plan,
          stratum: (...known) => {
            const stratum = program!.plan.stratum(...known);
            plans.push(dump(stratum));
            return stratum;
          },
        };
        const found = [true, false].map((profiled) => {
          const database = new Database(plan);
          const { rules: ran } = evaluate(plan, database, { backend, profiled });
          const { tuples, size } = database.relation("p")!;
          const words = [...tuples.columns[0]!.subarray(0, size)].toSorted((a, b) => a - b);
          expect(words, `profiled: ${profiled}`).to.deep.equal(holds);
          return ran;
        });
        expect(plans.join("")).to.match(
          new RegExp(`first of\n +${what.replaceAll(/[[\]()]/g, String.raw`\$&`)}`),
        );
        const [profiled = []] = found;
        const searching = profiled.filter(({ rule }) =>
          JSON.stringify(rule.root, digits).includes('"first"'),
        );
        expect(searching.map(({ effort }) => effort!.firings)).to.deep.equal([firings]);
      });
    }
  });
}

/** Numbers of any size have no place in JSON. */
function digits(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
