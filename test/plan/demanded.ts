import { expect } from "chai";

import { analyse } from "../../src/analysis/analyse.ts";
import { dumpProgram } from "../../src/analysis/dump.ts";
import type { Program } from "../../src/analysis/program.ts";
import { demand } from "../../src/plan/demand.ts";
import { parse } from "../../src/syntax/parse.ts";

/** The program of a text that has no errors. */
export function programOf(text: string): Program {
  const { tree, diagnostics } = parse(text);
  const { program, diagnostics: found } = analyse(tree);
  const errors = [...diagnostics, ...found].filter(({ severity }) => severity === "error");
  expect(errors.map(({ code, message }) => `${code}: ${message}`)).to.deep.equal([]);
  return program!;
}

/** A case's program, with what these relations derive on demand (all of them unless named; after
 * `!` those that are left out). */
export function demandedText(text: string, args: readonly string[]): string {
  const named = args.filter((arg) => !arg.startsWith("!"));
  const relations = named.length === 0 ? "*" : named;
  const exclude = args.filter((arg) => arg.startsWith("!")).map((arg) => arg.slice(1));
  const program = programOf(text);
  const demanded = demand(program, { relations, exclude });
  if (demanded === program) return "unchanged";
  return dumpProgram(demanded)
    .split("\n")
    .filter((line) => !line.startsWith("  .decl"))
    .join("\n")
    .replaceAll(/^R_.*\n(?=R_|$)/gm, "");
}
