import { expect } from "chai";

import { hasErrors } from "../../src/base/diagnostic.ts";
import { render, renderConcise } from "../../src/base/render.ts";
import { compiled } from "../../src/codegen/backend.ts";
import { compile } from "../../src/compile.ts";
import { plainCsv } from "../../src/io/csv.ts";
import { writeCsv } from "../../src/io/write-csv.ts";
import type { Domain } from "../../src/value/schema.ts";
import { runCases } from "../support/cases.ts";
import { run, verdict } from "./ways.ts";

describe("programs that are run", () => {
  runCases("run", { run: (input, [width = "64"]) => output(input, width === "32" ? 32 : 64) });
});

/** What a program outputs, after all ways to run it were seen to agree, in both domains. */
function output(text: string, domain: Domain): string {
  const { compiled: program, diagnostics } = compile(text, { domain });
  if (program === undefined) return render(diagnostics, { color: false });
  expect(verdict({ text, domain })).to.have.property("kind", "agreed");
  // What has no place in the other domain is refused there.
  const other = verdict({ text, domain: domain === 64 ? 32 : 64 });
  expect(other.kind, JSON.stringify(other)).to.match(/agreed|refused/);

  const { database, diagnostics: found } = run(program, compiled, {});
  const decoder = new TextDecoder();
  const relations = program.program.directives.flatMap(({ word, relation }) => {
    const tuples = database.relations[relation]!;
    const { name } = tuples.schema;
    if (word === "printsize") return [`${name}\t${tuples.size}`];
    if (word === "input") return [];
    const rows = [...writeCsv(tuples, plainCsv, database.values)].map((piece) =>
      decoder.decode(piece, { stream: true }),
    );
    return [
      name,
      ...rows
        .join("")
        .split("\n")
        .slice(0, -1)
        .map((row) => `  ${row}`),
    ];
  });
  const findings = found.length === 0 ? [] : [renderConcise(found).trimEnd()];
  // What was derived before a fault is no answer.
  return (hasErrors(found) ? findings : [...findings, ...relations]).join("\n");
}
