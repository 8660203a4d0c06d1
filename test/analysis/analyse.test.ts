import { expect } from "chai";

import { analyse, type Analysis } from "../../src/analysis/analyse.ts";
import { codes } from "../../src/analysis/codes.ts";
import { dumpProgram, printTerm } from "../../src/analysis/dump.ts";
import type { Contract, Variable } from "../../src/analysis/program.ts";
import { hasErrors, sorted } from "../../src/base/diagnostic.ts";
import { render } from "../../src/base/render.ts";
import { parse } from "../../src/syntax/parse.ts";
import type { Attribute, ValueKind } from "../../src/value/schema.ts";
import type { Structure } from "../../src/value/structure.ts";
import { printValue } from "../../src/value/print-value.ts";
import { runCases } from "../support/cases.ts";

function analysed(text: string, domain: string | undefined): Analysis {
  const { tree, diagnostics } = parse(text);
  const analysis = analyse(tree, { domain: domain === "32" ? 32 : 64 });
  const program = hasErrors(diagnostics) ? undefined : analysis.program;
  return { program, diagnostics: sorted([...diagnostics, ...analysis.diagnostics]) };
}

function rendered({ diagnostics }: Analysis): string {
  return render(diagnostics, { color: false });
}

/** Every functor, comparison, range and aggregate of the rules with the kind of its operands. */
function kinds(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(kinds);
  if (typeof value !== "object" || value === null) return [];
  const { kind, name, operator, of, value: constant } = value as Record<string, unknown>;
  const inside = Object.entries(value).flatMap(([key, part]) =>
    key === "span" ? [] : kinds(part),
  );
  if (typeof of !== "string") return inside;
  const what = String(name ?? operator ?? (kind === "constant" ? String(constant) : kind));
  return [`${what}: ${of}`, ...inside];
}

/** What values of a structure are made of, each part with its type and kind. */
function madeOf(structure: Structure): string {
  const parts = (of: readonly Attribute[]): string =>
    of.map(({ name, type, kind }) => `${name}: ${type} as ${kind}`).join(", ");
  switch (structure.kind) {
    case "record":
      return `[${parts(structure.fields)}]`;
    case "adt":
      return structure.branches.map(({ name, fields }) => `${name} {${parts(fields)}}`).join(" | ");
    case "set":
      return `set of ${parts([structure.element])}`;
    case "map":
      return `map of ${parts([structure.key, structure.value])}${structure.truth ? " as truth" : ""}`;
  }
}

/** Of what a contract claims something, and why. */
function claimedIn(of: Contract, name: (at: number) => string): string {
  switch (of.claim) {
    case "monotone":
      return of.of.kind === "relation" ? name(of.of.relation) : `${of.of.kind} ${of.of.name}`;
    case "ordered":
      return `${name(of.relation)} "${of.reason}"`;
    case "coordinating":
      return `"${of.reason}"`;
    case "level":
      return of.level;
  }
}

/** The operands of what joins two values of a kind. */
function operandsOf(kind: ValueKind): Variable[] {
  return ["x", "y"].map((name) => ({ name, kind }));
}

describe("analysis", () => {
  runCases("analysis", {
    program: (input, [domain]) => {
      const analysis = analysed(input, domain);
      return analysis.program === undefined ? rendered(analysis) : dumpProgram(analysis.program);
    },
    errors: (input, [domain]) => {
      const analysis = analysed(input, domain);
      return analysis.diagnostics.length === 0 ? "none" : rendered(analysis);
    },
    strata: (input) => {
      const analysis = analysed(input, undefined);
      const { program } = analysis;
      if (program === undefined) return rendered(analysis);
      const names = program.relations.map(({ name }) => name);
      return program.strata
        .map(({ relations, recursive }) => {
          const members = relations.map((at) => names[at]).join(" ");
          return recursive ? `${members} (recursive)` : members;
        })
        .join("\n");
    },
    kinds: (input, [domain]) => {
      const analysis = analysed(input, domain);
      const { program } = analysis;
      if (program === undefined) return rendered(analysis);
      return program.rules.map(({ head, body }) => kinds([head, body]).join(", ")).join("\n");
    },
    types: (input) => {
      const analysis = analysed(input, undefined);
      const { program } = analysis;
      if (program === undefined) return rendered(analysis);
      return [
        ...[...program.structures].map(([kind, structure]) => `${kind}: ${madeOf(structure)}`),
        ...program.lattices.map((lattice) => {
          const { name, of, lub, glb, leq, bottom, top } = lattice;
          const members = Object.entries({ lub, glb, leq, bottom, top }).flatMap(([word, term]) =>
            term === undefined ? [] : [`${word} ${printTerm(term, operandsOf(of))}`],
          );
          return `lattice ${name} of ${of}: ${members.join(", ")}`;
        }),
      ].join("\n");
    },
    rest: (input) => {
      const analysis = analysed(input, undefined);
      const { program } = analysis;
      if (program === undefined) return rendered(analysis);
      const name = (at: number) => program.relations[at]?.name ?? "";
      return [
        ...program.directives.map(
          ({ word, relation, parameters }) =>
            `.${word} ${name(relation)} ${JSON.stringify([...parameters])}`,
        ),
        ...program.contracts.map((of) => `.calm ${of.claim} ${claimedIn(of, name)}`),
        ...program.pragmas.map(({ key, value }) => `.pragma ${key}=${value}`),
        ...program.expectations.map(
          ({ relation, tuples }) =>
            `.expect ${name(relation)} ${tuples.map((tuple) => `(${tuple.map(printValue).join(", ")})`).join(" ")}`,
        ),
        ...program.relations.flatMap((of) =>
          of.limit === undefined ? [] : [`.limitsize ${of.name} ${of.limit}`],
        ),
      ].join("\n");
    },
  });

  it("keeps its list of codes in order", () => {
    expect(Object.keys(codes)).to.deep.equal(Object.keys(codes).sort());
  });

  it("says several things of one program at once", () => {
    const { diagnostics, program } = analysed(
      [
        ".decl a(x: number)",
        "a(x) :- b(x).",
        'a("s").',
        "a(y) :- a(1).",
        "a(x) :- a(x), !a(x).",
        "a(1, 2).",
      ].join("\n"),
      undefined,
    );
    expect(program).to.equal(undefined);
    const found = diagnostics.filter((of) => of.severity === "error").map(({ code }) => code);
    expect(found).to.deep.equal([
      "unknown-relation",
      "type-mismatch",
      "unsafe-variable",
      "unstratified",
      "wrong-arity",
    ]);
  });
});
