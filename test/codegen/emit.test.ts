import { expect } from "chai";

import { hasErrors } from "../../src/base/diagnostic.ts";
import { renderConcise } from "../../src/base/render.ts";
import { compiled, interpreted } from "../../src/codegen/backend.ts";
import { emit } from "../../src/codegen/emit.ts";
import { emittedKeyed } from "../../src/codegen/emit-keyed.ts";
import { emittedListed } from "../../src/codegen/emit-listed.ts";
import type { SetForm } from "../../src/codegen/store.ts";
import { compile } from "../../src/compile.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { transactionPlan } from "../../src/plan/transaction.ts";
import { understand } from "../../src/understand.ts";
import type { Domain } from "../../src/value/schema.ts";
import { runCases } from "../support/cases.ts";
import { constant, planOf, rowsOf } from "./hand-plan.ts";

/** The code of every stratum that has rules. */
function code(
  text: string,
  domain: Domain,
  form: SetForm = "table",
  tallied: boolean = false,
): string {
  const { plan, errors } = planned(text, domain);
  if (plan === undefined) return errors;
  return plan.strata
    .map((_, at) =>
      plan.stratum(
        at,
        plan.relations.map(() => -1),
      ),
    )
    .filter(({ once, rounds }) => once.length + rounds.length > 0)
    .map((stratum) => emit({ ...stratum, forms: plan.relations.map(() => form), tallied }))
    .join("\n");
}

function planned(text: string, domain: Domain): { plan: Plan | undefined; errors: string } {
  const { compiled: program, diagnostics } = compile(text, { domain });
  const errors = hasErrors(diagnostics) ? renderConcise(diagnostics) : "";
  return { plan: program?.plan, errors };
}

/** The functions alone, without the fetching of arrays, and of an insertion its first line. */
function loops(text: string): string {
  const functions = text.slice(text.indexOf("\n//") + 1, text.lastIndexOf("\nreturn"));
  return functions
    .replaceAll(/^( *)(\$\d+: )?(\{ \/\/ .*)\n[^]*?\n\1\}\n/gm, "$1$3 }\n")
    .replaceAll(/^ {2}(let|const) .*\n|^\n/gm, "");
}

/** The code of transactions, without the lines of hashes. */
function transactions(text: string, domain: Domain): string {
  const { program, diagnostics } = understand(text, { domain });
  if (program === undefined) return renderConcise(diagnostics);
  return program.transactions
    .flatMap((of) => {
      const { keyed, listed } = transactionPlan(program, of);
      const emitted =
        (keyed && emittedKeyed(keyed, domain)) ?? (listed && emittedListed(listed, domain));
      return emitted?.text ?? [];
    })
    .join("\n")
    .replaceAll(/^ *(mix|word) = .*\n/gm, "");
}

describe("generated code", () => {
  runCases("codegen", {
    code: (text, [domain]) => code(text, domain === "32" ? 32 : 64),
    bits: (text) => code(text, 32, "bits"),
    blocks: (text) => code(text, 32, "blocks"),
    transactions: (text, [domain]) => transactions(text, domain === "32" ? 32 : 64),
    tallied: (text) => code(text, 32, "table", true),
    loops: (text, [domain]) => loops(code(text, domain === "32" ? 32 : 64)),
  });

  it("is a function of the plan, byte for byte", () => {
    const text = `.decl e(x: number, y: symbol)  .decl p(x: number, y: symbol, n: number)
      p(x, cat(y, "!"), n) :- e(x, y), n = count : { e(_, y) }, x > 3000000000.
      p(x, y, n + 1) :- p(x, y, n), e(n, y).`;
    expect(code(text, 64)).to.equal(code(text, 64)).and.to.contain("constant0");
    expect(code(text, 64)).not.to.equal(code(text, 32));
  });

  it("cannot be broken out of by names and constants", () => {
    const text = `*/ throw 1; // \u2028 throw 2; \n throw 3; "\\`;
    const hand = {
      relations: { [`a.b-${text}`]: ["symbol"] as const, [text]: ["symbol"] as const },
      computes: [0, 1],
      once: [
        {
          slots: 0,
          root: { kind: "derive", relation: 1, values: [constant("symbol", text)] } as const,
        },
      ],
    };
    for (const backend of [compiled, interpreted])
      expect(rowsOf(hand, backend)[text]).to.deep.equal([text]);
    expect(emit(planOf(hand).stratum(0, []))).to.match(
      /^"use strict";\nconst \w+\$1 = stores\[1\];\n/,
    );
  });

  it("encodes each constant once, at its place", () => {
    const text = `.decl a(x: symbol, y: symbol, n: number)  .decl b(n: number)
      a("p", "q", 5000000000) :- b(5000000000).  a("q", "p", 1) :- b(-5000000000).`;
    const used = code(text, 64).match(/^const constant.*/gm) ?? [];
    expect(used.map((line) => line.slice(line.indexOf("//")))).to.deep.equal([
      "// 5000000000",
      '// "p"',
      '// "q"',
      "// -5000000000",
    ]);
  });
});
