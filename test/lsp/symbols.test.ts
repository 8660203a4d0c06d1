import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { positionAt, textOf } from "../../src/base/source.ts";
import { understand } from "../../src/understand.ts";
import { declarationOf, fullName } from "../../src/lsp/symbol.ts";
import { symbolIndex } from "../../src/lsp/symbols.ts";
import { variableType } from "../../src/lsp/variable-types.ts";
import { parse } from "../../src/syntax/parse.ts";
import { runCases } from "../support/cases.ts";

const programs = fileURLToPath(new URL("../../programs", import.meta.url));

describe("the index of symbols", () => {
  runCases("lsp", { symbols });

  it("knows every relation and variable of the programs, where analysis does", () => {
    let occurrences = 0;
    for (const path of dlFiles(programs)) {
      const source = { path, text: readFileSync(path, "utf8") };
      const load = (file: string): string => readFileSync(file, "utf8");
      const { tree, program } = understand(source, { load });
      if (program === undefined) continue;
      const index = symbolIndex(tree);
      for (const symbol of index.symbols) {
        const { kind, name } = symbol;
        // Declared by the language.
        if (kind === "relation" && !["Id", "All"].includes(name))
          expect(declarationOf(symbol), `${path}: ${name}`).not.to.equal(undefined);
        for (const { span } of symbol.occurrences) {
          occurrences += 1;
          if (/^[ \t]*#define/m.test(source.text)) continue;
          expect(textOf(span), path).to.equal(name);
          expect(index.at(span.source.path, span.start)?.symbol).to.equal(symbol);
        }
      }
      for (const { clause, variables } of index.clauses) {
        const rules = program.rules.filter(
          ({ span }) => span.source === clause.span.source && span.start === clause.span.start,
        );
        for (const rule of rules)
          for (const { name } of rule.variables)
            if (/^[A-Za-z?]/.test(name)) expect([...variables.keys()], path).to.include(name);
        for (const name of variables.keys())
          if (rules.some((rule) => rule.variables.some((one) => one.name === name))) {
            const of = index.clauses.find((one) => one.clause === clause)!;
            expect(variableType(name, of, program), `${path}: ${name}`).not.to.equal(undefined);
          }
      }
    }
    expect(occurrences).to.be.greaterThan(1000);
  });
});

/** A line for each symbol with its places; what a macro made is followed by the text there. */
function symbols(text: string): string {
  const { tree } = parse({ path: "p.dl", text });
  return symbolIndex(tree)
    .symbols.map((symbol) => {
      const places = symbol.occurrences.map(({ span, role }) => {
        const { line, column } = positionAt(span.source, span.start);
        const made = textOf(span) === symbol.name ? "" : ` (${textOf(span)})`;
        return `${role === "use" ? "" : `${role} `}${String(line)}:${String(column)}${made}`;
      });
      return `${symbol.kind} ${fullName(symbol)}: ${places.join(", ")}`;
    })
    .join("\n");
}

function dlFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".dl"))
    .map((name) => join(folder, name))
    .toSorted();
}
