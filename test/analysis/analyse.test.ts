import { expect } from "chai";

import { analyse, type Analysis } from "../../src/analysis/analyse.ts";
import { codes } from "../../src/analysis/codes.ts";
import { dumpProgram } from "../../src/analysis/dump.ts";
import { hasErrors, sorted } from "../../src/base/diagnostic.ts";
import { render } from "../../src/base/render.ts";
import { parse } from "../../src/syntax/parse.ts";
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
        ...program.pragmas.map(({ key, value }) => `.pragma ${key}=${value}`),
        ...program.expectations.map(
          ({ relation, tuples }) =>
            `.expect ${name(relation)} ${tuples.map((tuple) => `(${tuple.map(String).join(", ")})`).join(" ")}`,
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

describe("the size of what analysis accepts", () => {
  // What grows beyond measure does not end before a test has to.
  const analysed = (text: string) => analyse(parse(text).tree);

  it("reaches thousands of rules", () => {
    const rules = Array.from(
      { length: 2000 },
      (_, at) =>
        `.decl r${at + 1}(x: number, y: number)\n` +
        `r${at + 1}(x, z + 1) :- r${at}(x, y), r${at}(y, z), x < z, !r${at}(z, z).`,
    );
    const text = `.decl r0(x: number, y: number)\nr0(1, 2).\n${rules.join("\n")}`;
    expect(analysed(text).program?.strata.length).to.equal(2001);
  });

  it("reaches a hundred thousand facts", () => {
    const facts = Array.from({ length: 100_000 }, (_, at) => `r(${at}, "s${at}").`);
    const text = `.decl r(x: number, y: symbol)\n${facts.join("\n")}`;
    expect(analysed(text).program?.facts.length).to.equal(100_000);
  });

  it("reaches a body of ten thousand equations that bind each other backwards", () => {
    const equations = Array.from({ length: 10_000 }, (_, at) => `x${at} = x${at + 1} + 1`);
    const text = `.decl a(x: number)\na(x0) :- ${equations.join(", ")}, x10000 = 1.`;
    const { program, diagnostics } = analysed(text);
    expect(diagnostics.map(({ code }) => code)).to.deep.equal([]);
    expect(program?.rules[0]?.body.length).to.equal(10_001);
  });

  it("ends with an error, not a crash, for a sum of ten thousand terms", () => {
    const sum = Array.from({ length: 10_000 }, () => "x").join(" + ");
    const text = `.decl a(x: number)\na(1).\na(${sum}) :- a(x).`;
    expect(analysed(text).diagnostics.map(({ code }) => code)).to.deep.equal(["limit-exceeded"]);
  });

  it("ends with an error for alternatives that multiply beyond measure", () => {
    const choices = Array.from({ length: 40 }, () => "(x = 1 ; x = 2)").join(", ");
    const text = `.decl a(x: number)\na(1).\na(x) :- ${choices}.`;
    expect(analysed(text).diagnostics.map(({ code }) => code)).to.deep.equal(["limit-exceeded"]);
  });

  it("reaches a chain of a thousand relations that inline each other", () => {
    const chain = Array.from(
      { length: 1000 },
      (_, at) => `.decl i${at + 1}(x: number) inline\ni${at + 1}(x) :- i${at}(x), x > ${at}.`,
    );
    const text =
      `.decl i0(x: number)\ni0(1).\n${chain.join("\n")}\n` +
      ".decl a(x: number)\na(x) :- i1000(x).";
    expect(analysed(text).program?.rules[0]?.body.length).to.equal(1001);
  });

  it("ends with an error for inlined relations that double again and again", () => {
    const chain = Array.from(
      { length: 60 },
      (_, at) => `.decl i${at + 1}(x: number) inline\ni${at + 1}(x) :- i${at}(x), i${at}(x).`,
    );
    const text = `.decl i0(x: number)\ni0(1).\n${chain.join("\n")}\n.decl a(x: number)\na(x) :- i60(x).`;
    const found = analysed(text).diagnostics.map(({ code }) => code);
    expect(found).to.include("limit-exceeded");
  });

  it("ends with an error for types defined through too many others", () => {
    const types = Array.from({ length: 5000 }, (_, at) => `.type T${at} <: T${at + 1}`);
    const text = `${types.join("\n")}\n.type T5000 <: number`;
    expect(analysed(text).diagnostics.map(({ code }) => code)).to.include("limit-exceeded");
  });
});
