import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { hasErrors } from "../../src/base/diagnostic.ts";
import { parse } from "../../src/syntax/parse.ts";
import { print, printBody, printClause, printTerm } from "../../src/syntax/print.ts";
import { readCases } from "../support/cases.ts";
import { generatedTree } from "../support/generate-tree.ts";
import { withoutSpans } from "../support/tree.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const seed = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["COUNT"] ?? 300);

/** The texts of the repository: all programs, and the inputs of all cases, programs or not. */
function texts(): { name: string; text: string }[] {
  const found: { name: string; text: string }[] = [];
  for (const folder of ["programs", "test"]) {
    for (const name of listed(`${root}/${folder}`)) {
      if (!/\.(?:dl|txt)$/.test(name)) continue;
      const text = readFileSync(`${root}/${folder}/${name}`, "utf8");
      if (name.endsWith(".dl")) found.push({ name, text });
      if (!name.startsWith("cases/")) continue;
      for (const { title, input } of readCases(text, name))
        found.push({ name: title, text: input });
    }
  }
  return found;
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
  } catch {
    return [];
  }
}

describe("print", () => {
  it("prints clauses, bodies and terms by themselves", () => {
    const [clause] = parse("a(x+1)@n :~ (b(x)),c( ) ; x=1.").tree.items;
    if (clause?.kind !== "clause" || clause.body === undefined) throw new Error("no clause");
    const term = clause.heads[0]?.atom.terms[0];
    expect(printClause(clause)).to.equal("a(x + 1)@n :~ b(x), c() ; x = 1.");
    expect(printBody(clause.body)).to.equal("b(x), c() ; x = 1");
    expect(term === undefined ? "" : printTerm(term)).to.equal("x + 1");
  });

  it("is undone by parse on every program of the repository that has no error", () => {
    let programs = 0;
    for (const { name, text } of texts()) {
      const { tree, diagnostics } = parse(text, { path: name, preprocess: false });
      if (hasErrors(diagnostics)) continue;
      programs += 1;
      const again = parse(print(tree), { path: name, preprocess: false });
      expect(
        again.diagnostics.filter(({ severity }) => severity === "error"),
        name,
      ).to.deep.equal([]);
      expect(withoutSpans(again.tree), name).to.deep.equal(withoutSpans(tree));
    }
    expect(programs).to.be.greaterThan(20);
  });

  it(`is undone by parse on random trees (SEED=${seed} COUNT=${count})`, () => {
    for (let at = 0; at < count; at += 1) {
      const tree = generatedTree(seed + at);
      const text = print(tree);
      const again = parse(text, { preprocess: false });
      expect(again.diagnostics, `SEED=${seed + at}\n${text}`).to.deep.equal([]);
      expect(withoutSpans(again.tree), `SEED=${seed + at}\n${text}`).to.deep.equal(
        withoutSpans(tree),
      );
      expect(print(again.tree)).to.equal(text);
    }
  });
});
