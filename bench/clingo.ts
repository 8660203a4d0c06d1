// Programs in the language of clingo (its input language is that of ASP-Core-2 and the guide of
// Potassco), as far as they can be said in it: rules over whole numbers and symbols, negation of what
// is complete, counts. clingo has one stable model then, which is the answer.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Literal, Program, RelationAt, Rule, Term } from "../src/analysis/program.ts";
import { assert } from "../src/base/assert.ts";
import { compile } from "../src/compile.ts";
import { literalVariables } from "../src/plan/literals.ts";
import type { Value } from "../src/value/schema.ts";

/** The version of the clingo on the PATH; undefined where there is none. */
export function clingoVersion(): string | undefined {
  const { status, stdout } = spawnSync("clingo", ["--version"], { encoding: "utf8" });
  return status === 0 ? /version (\S+)/.exec(stdout)?.[1] : undefined;
}

/** clingo ends with this status where there is one model, and it is found. */
export const clingoStatus = 30;

/** What keeps clingo from printing its model. */
export const clingoQuiet = ["--quiet=2", "--outf=3"] as const;

/** Files for clingo: the program with its facts, and what prints the sizes of relations. */
export type ClingoFiles = { readonly program: string; readonly sizes: string };

/** Writes a program, with the facts that a folder has for it, to files that begin with `path`;
 * undefined where it cannot be said. */
export function writeClingo(text: string, facts: string, path: string): ClingoFiles | undefined {
  const { compiled } = compile(text, { domain: 32 });
  assert(compiled !== undefined, "the program is one");
  const { program } = compiled;
  const said = clingoText(program);
  if (said === undefined) return undefined;
  const files = { program: `${path}.lp`, sizes: `${path}-sizes.lp` };
  writeFileSync(files.program, `${said}#show.\n`);
  for (const { word, relation } of program.directives)
    if (word === "input") {
      const { name, attributes } = of(program, relation);
      const isText = attributes.map(({ kind }) => kind === "symbol");
      const lines = readFileSync(join(facts, `${name}.facts`), "utf8")
        .trimEnd()
        .split("\n");
      const rows = lines.map((line) => {
        const cells = line.split("\t").map((cell, at) => (isText[at] ? quoted(cell) : cell));
        return `${nameOf(name)}(${cells.join()}).\n`;
      });
      writeFileSync(files.program, rows.join(""), { flag: "a" });
    }
  writeFileSync(files.sizes, sizesText(program));
  return files;
}

/** Returns the sizes of the relations that a program prints the sizes of, as calm prints them. */
export function clingoSizes({ program, sizes }: ClingoFiles): string {
  const args = ["--verbose=0", "--outf=1", program, sizes];
  const { status, stdout } = spawnSync("clingo", args, { encoding: "utf8" });
  assert(status === clingoStatus, "clingo finds a model");
  const found = stdout.matchAll(/size\("(\w+)",(\d+)\)/g);
  return [...found].map(([, name = "", size = ""]) => `${name}\t${size}\n`).join("");
}

/** Returns the rules of a program as clingo's; undefined where one cannot be said. */
export function clingoText(program: Program): string | undefined {
  const lines: string[] = [];
  for (const { relation, values } of program.facts) {
    const terms = values.map(valueText);
    if (terms.includes(undefined)) return undefined;
    lines.push(`${nameOf(of(program, relation).name)}(${terms.join()}).`);
  }
  for (const rule of program.rules) {
    const line = ruleText(rule, program);
    if (line === undefined) return undefined;
    lines.push(line);
  }
  return lines.map((line) => `${line}\n`).join("");
}

function sizesText(program: Program): string {
  const printed = program.directives.filter(({ word }) => word === "printsize");
  const rules = printed.map(({ relation }) => {
    const { name, attributes } = of(program, relation);
    const columns = attributes.map((_, at) => `V${at}`).join();
    return `size("${name}",N) :- N = #count { ${columns} : ${nameOf(name)}(${columns}) }.\n`;
  });
  return [...rules, "#show size/2.\n"].join("");
}

function ruleText({ head, body }: Rule, program: Program): string | undefined {
  const parts = body.map((literal) => literalText(literal, program));
  const from = atomText(head.relation, head.terms, program);
  if (from === undefined || parts.includes(undefined)) return undefined;
  return `${from} :- ${parts.join(", ")}.`;
}

function literalText(literal: Literal, program: Program): string | undefined {
  switch (literal.kind) {
    case "atom":
      return atomText(literal.relation, literal.terms, program);
    case "negation": {
      const atom = atomText(literal.relation, literal.terms, program);
      return atom && `not ${atom}`;
    }
    case "comparison": {
      const [left, right] = [termText(literal.left), termText(literal.right)];
      return left && right && `${left} ${literal.operator} ${right}`;
    }
    case "aggregate": {
      // Each tuple counts, also where it differs from others in a column that has no name.
      if (literal.name !== "count" || literal.body.some(hasAnonymous)) return undefined;
      const parts = literal.body.map((one) => literalText(one, program));
      if (parts.includes(undefined)) return undefined;
      const variables = [...new Set(literal.body.flatMap(literalVariables))];
      const names = variables.map((variable) => `V${variable}`);
      return `V${literal.variable} = #count { ${names.join()} : ${parts.join(", ")} }`;
    }
    case "boolean":
    case "range":
    case "test":
      return undefined;
  }
}

function hasAnonymous(literal: Literal): boolean {
  return literal.kind === "atom" && literal.terms.some(({ kind }) => kind === "anonymous");
}

function atomText(
  relation: RelationAt,
  terms: readonly Term[],
  program: Program,
): string | undefined {
  const { name, equivalence, lattices, choices } = of(program, relation);
  const columns = terms.map(termText);
  if (columns.includes(undefined) || (equivalence ?? lattices ?? choices) !== undefined)
    return undefined;
  return `${nameOf(name)}(${columns.join()})`;
}

function termText(term: Term): string | undefined {
  if (term.kind === "variable") return `V${term.variable}`;
  if (term.kind === "anonymous") return "_";
  if (term.kind === "constant") return valueText(term.value);
  if (term.kind !== "functor" || term.name !== "add") return undefined;
  const operands = term.arguments.map(termText);
  return operands.includes(undefined) ? undefined : `(${operands.join(" + ")})`;
}

function valueText(value: Value): string | undefined {
  if (typeof value === "string") return quoted(value);
  return typeof value === "bigint" ? String(value) : undefined;
}

/** Names of predicates begin with a small letter. */
function nameOf(relation: string): string {
  return `r_${relation}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function of({ relations }: Program, relation: RelationAt): Program["relations"][number] {
  const found = relations[relation];
  assert(found !== undefined, "relations are referred to by their places");
  return found;
}
