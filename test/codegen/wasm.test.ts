import { expect } from "chai";

import { compiled, javascript, webAssembly, type Backend } from "../../src/codegen/backend.ts";
import { indexNeeds, type FormedStratum } from "../../src/codegen/access.ts";
import { encoded } from "../../src/codegen/wasm/module.ts";
import { wasmListing } from "../../src/codegen/wasm/listing.ts";
import { wasmRule } from "../../src/codegen/wasm/rule.ts";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import type { Limits } from "../../src/engine/limit.ts";
import type { Domain } from "../../src/value/schema.ts";
import { runCases } from "../support/cases.ts";

describe("rules in WebAssembly", () => {
  runCases("codegen/wasm", {
    // A domain and a program; the text of its rules, or why they stay in JavaScript.
    rules: (input, args) => {
      const domain = Number(args[0] ?? 32) as Domain;
      return strata(input, domain).map(wasmListing).join("\n");
    },
  });

  it("are the same bytes each time, and other ones for another domain", () => {
    const text = `.decl e(x: number, y: number)  .decl p(x: number, y: number)
      p(x, y + 1) :- e(x, y), y < 5, !e(y, x).`;
    const bytes = (domain: Domain): readonly number[] =>
      strata(text, domain).flatMap((stratum) =>
        stratum.once.flatMap((rule) => [
          ...encoded(wasmRule(stratum, indexNeeds(stratum), rule).module),
        ]),
      );
    expect(bytes(32)).to.deep.equal(bytes(32));
    expect(bytes(32)).not.to.deep.equal(bytes(64));
  });

  it("count large and negative constants", () => {
    for (const word of [0, 63, 64, -64, -65, 8191, 8192, 2147483647, -2147483648]) {
      const text = `.decl a(x: number)  .decl b(x: number)
        a(${word}).  a(1).  b(x) :- a(x), x = ${word}.`;
      expect(ran(text, webAssembly).rows["b"]).to.equal(String(word));
    }
  });
});

const closure = `.decl e(x: number, y: number)  .decl p(x: number, y: number)
  e(n, (n * 7 + 1) % 400) :- n = range(0, 400).
  e(n, (n * 3 + 2) % 400) :- n = range(0, 400).
  p(x, y) :- e(x, y).
  p(x, z) :- p(x, y), e(y, z).`;

describe("the choice between JavaScript and WebAssembly", () => {
  it("goes by the rows that a rule has met", () => {
    expect(ran(closure, compiled).inWasm).to.deep.equal(["p(x, z) :- p(x, y), e(y, z)."]);
    expect(ran(closure, javascript).inWasm).to.deep.equal([]);
    expect(ran(closure, webAssembly).inWasm).to.have.members([
      "p(x, y) :- e(x, y).",
      "p(x, z) :- p(x, y), e(y, z).",
    ]);
  });

  it("leaves the rows and their order as they are", () => {
    const wanted = ran(closure, javascript).rows;
    expect(ran(closure, compiled).rows).to.deep.equal(wanted);
    expect(ran(closure, webAssembly).rows).to.deep.equal(wanted);
  });

  it("leaves limits where they are met", () => {
    for (const maxTuples of [1, 799, 800, 801, 5000, 50_000, 80_000]) {
      const [one, other] = [javascript, webAssembly].map((backend) =>
        ran(closure, backend, { limits: { maxTuples } }),
      );
      expect(other!.codes).to.deep.equal(one!.codes).and.to.deep.equal(["too-many-tuples"]);
      expect(other!.rows).to.deep.equal(one!.rows);
    }
  });

  it("is JavaScript where memory is not shared, and from where the shared one is full", () => {
    const wanted = ran(closure, javascript).rows;
    for (const pagesMax of [0, 1, 2, 4, 8, 16, 32]) {
      const { rows, inWasm } = ran(closure, webAssembly, { pagesMax });
      expect(rows, `${pagesMax} pages`).to.deep.equal(wanted);
      expect(inWasm.length > 0).to.equal(pagesMax > 0);
    }
  });
});

function strata(text: string, domain: Domain): FormedStratum[] {
  const { compiled: program } = compile(text, { domain });
  if (program === undefined) throw new Error("the program has errors");
  const { plan } = program;
  const sizes = plan.relations.map(() => -1);
  return plan.strata.map((_, at) => plan.stratum(at, sizes));
}

type Ran = {
  /** By relation: the words of its columns, in order. */
  readonly rows: Readonly<Record<string, string>>;
  readonly codes: readonly string[];
  /** The rules that went on in WebAssembly. */
  readonly inWasm: readonly string[];
};

function ran(
  text: string,
  backend: Backend,
  { limits = {}, pagesMax }: { readonly limits?: Limits; readonly pagesMax?: number } = {},
): Ran {
  const { compiled: program } = compile(text, { domain: 32 });
  if (program === undefined) throw new Error("the program has errors");
  const { plan } = program;
  const inWasm: string[] = [];
  const observed: Backend = (stratum) => (environment) =>
    backend(stratum)({ ...environment, onWasm: (rule) => inWasm.push(rule.text) });
  const database = new Database(plan, {}, pagesMax === undefined ? {} : { heapPagesMax: pagesMax });
  const { diagnostics } = evaluate(plan, database, { backend: observed, limits });
  const rows = database.relations.map((relation) => {
    const { name, attributes } = relation.schema;
    const columns = attributes.map((_, column) => relation.column(column));
    return [name, columns.map((column) => column.join()).join(" ")] as const;
  });
  return {
    rows: Object.fromEntries(rows),
    codes: diagnostics.map(({ code }) => code),
    inWasm: [...new Set(inWasm)],
  };
}
