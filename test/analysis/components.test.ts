import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { analyse } from "../../src/analysis/analyse.ts";
import { dumpProgram } from "../../src/analysis/dump.ts";
import { assert } from "../../src/base/assert.ts";
import { render, renderConcise } from "../../src/base/render.ts";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import { parse } from "../../src/syntax/parse.ts";
import { readCases } from "../support/cases.ts";

const folder = fileURLToPath(new URL("../cases/run/", import.meta.url));

/** What a program means, and what is said of it without its places. */
function meaning(text: string): { readonly dump: string; readonly said: readonly string[] } {
  const { tree, diagnostics } = parse(text);
  const analysis = analyse(tree);
  const { program } = analysis;
  const said = renderConcise([...diagnostics, ...analysis.diagnostics]).split("\n");
  return {
    dump: program === undefined ? "refused" : dumpProgram(program),
    said: said.map((line) => line.replace(/^[^ ]* /, "")).sort(),
  };
}

function withoutInstance(text: string): string {
  return text.replaceAll("only9.", "");
}

describe("the only instance of a component", () => {
  for (const file of readdirSync(folder).toSorted()) {
    it(`means what its component's text does, for the programs of ${file}`, () => {
      const programs = readCases(readFileSync(`${folder}${file}`, "utf8"), file);
      expect(programs).not.to.be.empty;
      for (const { input, title } of programs) {
        const alone = meaning(input);
        const inside = meaning(`.comp Only9 {\n${input}\n}\n.init only9 = Only9`);
        expect(withoutInstance(inside.dump), title).to.equal(alone.dump);
        expect(inside.said.map(withoutInstance).sort(), title).to.deep.equal(alone.said);
      }
    });
  }
});

describe("a fault in an instance", () => {
  it("says where the instance was made", () => {
    const text = [
      ".comp Ratio { .decl of(x: number) .decl by(x: number)",
      "  of(1 / x) :- by(x). }",
      ".init r = Ratio",
      "r.by(0).",
    ].join("\n");
    const { compiled } = compile(text);
    assert(compiled !== undefined, "it is a program");
    const { diagnostics } = evaluate(compiled.plan, new Database(compiled.plan));
    expect(render(diagnostics, { color: false }).trimEnd().split("\n")).to.deep.equal([
      "error[division-by-zero]: the right side of / is 0",
      "  --> program.dl:2:3",
      "   |",
      " 2 |   of(1 / x) :- by(x). }",
      "   |   ^^^^^^^^^^^^^^^^^^^",
      " 3 | .init r = Ratio",
      "   | --------------- instantiated here",
      "   = note: while evaluating r.of(1 / x) :- r.by(x).",
    ]);
  });
});

describe("the size of what components may make", () => {
  const chain = (depth: number, twice: string): string =>
    Array.from({ length: depth }, (_, at) => {
      const next =
        at + 1 === depth ? "" : `.init a = C${at + 1} ${twice.replace("N", `C${at + 1}`)}`;
      return `.comp C${at} { .decl r(x: number) r(1). ${next} }`;
    }).join("\n") + "\n.init c = C0";

  it("reaches instances that lie in one another a hundred deep, and no deeper", () => {
    expect(meaning(chain(100, "")).said.filter((line) => line.startsWith("error"))).to.be.empty;
    expect(meaning(chain(101, "")).said.filter((line) => line.startsWith("error"))).to.deep.equal([
      "error[limit-exceeded] instances lie in one another more than 100 deep",
    ]);
  });

  it("ends with an error where instances double forty times", () => {
    expect(meaning(chain(40, ".init b = N")).said.filter((line) => line !== "")).to.deep.equal([
      "error[limit-exceeded] the instances of components make more than 1000000 items",
    ]);
  }).timeout(180_000);
});
