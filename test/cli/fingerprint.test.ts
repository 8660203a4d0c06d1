import { expect } from "chai";

import type { Diagnostic } from "../../src/base/diagnostic.ts";
import { fingerprints } from "../../src/cli/fingerprint.ts";
import { placedItems } from "../../src/cli/items.ts";
import { parse } from "../../src/syntax/parse.ts";

/** The fingerprints of findings at each occurrence of `at` in a program. */
function named(program: string, at: string, about: Partial<Diagnostic> = {}): string[] {
  const { tree, sources } = parse(program);
  const [source = { path: "", text: program }] = sources;
  const found = [...program.matchAll(new RegExp(at, "g"))].map(({ index }): Diagnostic => ({
    severity: "warning",
    code: "var-appears-once",
    message: "m",
    span: { source, start: index, end: index + at.length },
    ...about,
  }));
  return fingerprints(found, placedItems(tree));
}

const program = ".decl r(x: number, y: number)\nr(1, 2).\nr(x, 1) :- r(x, why), x > 2.\n";

describe("the fingerprint of a finding", () => {
  const [own = ""] = named(program, "why");

  it("is a hash and an ordinal", () => {
    expect(own).to.match(/^[0-9a-f]{20}:1$/);
  });

  it("stays when lines move, and when layout and comments change", () => {
    const moved = `// a comment\n\n\n${program}`;
    const laidOut = program.replace("r(x, 1) :- r(x, why)", "r( x,1 )\n  :- // here\n r(x, why)");
    const documented = program.replace("r(x, 1)", "/// About it.\nr(x, 1)");
    for (const text of [moved, laidOut, documented])
      expect(named(text, "why")).to.deep.equal([own]);
  });

  it("is another one in another clause, for another code, about another subject", () => {
    const other = program.replace("x > 2", "x > 3");
    expect(named(other, "why")).not.to.include(own);
    expect(named(program, "why", { code: "unsafe-variable" })).not.to.include(own);
    expect(named(program, "why", { subject: "r" })).not.to.include(own);
    // What a finding says may be put better one day.
    expect(named(program, "why", { message: "n", hint: "h" })).to.deep.equal([own]);
  });

  it("counts what is equal", () => {
    const rule = "r(x, 1) :- r(x, why), x > 2.\n";
    const hash = own.slice(0, -2);
    expect(named(program + rule, "why")).to.deep.equal([`${hash}:1`, `${hash}:2`]);
  });

  it("is of the line where the text is in no clause, and of the clause within a component", () => {
    expect(named("?! why\n", "why")).to.deep.equal(named("\n\n  ?!  why\n", "why"));
    const component = (more: string): string => `.comp C {\n${more}${program}}\n`;
    expect(named(component(""), "why")).to.deep.equal([own]);
    expect(named(component("// more\nr(3, 4).\n"), "why")).to.deep.equal([own]);
  });
});
