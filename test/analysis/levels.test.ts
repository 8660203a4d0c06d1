import { expect } from "chai";

import type { Level, Monotonicity, PointOfOrder } from "../../src/analysis/levels.ts";
import { levelFindings } from "../../src/analysis/monotone-findings.ts";
import { monotonicity, pathTo } from "../../src/analysis/monotone.ts";
import type { Program } from "../../src/analysis/program.ts";
import { render } from "../../src/base/render.ts";
import { positionAt, type Span, textOf } from "../../src/base/source.ts";
import { understand } from "../../src/understand.ts";
import type { Domain } from "../../src/value/schema.ts";
import { shipped } from "../programs/folder.ts";
import { runCases } from "../support/cases.ts";

/** What the checker says of a program, or what is wrong with it. */
function verdictOf(
  text: string,
  domain: Domain = 64,
): { program: Program; verdict: Monotonicity } | string {
  const { program, diagnostics } = understand(text, { domain });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (program === undefined) return render(errors, { color: false });
  return { program, verdict: monotonicity(program) };
}

/** The relations with their levels, then the points with the way that each takes to the outputs. */
function dump(text: string, domain: Domain): string {
  const found = verdictOf(text, domain);
  if (typeof found === "string") return found;
  const { program, verdict } = found;
  const name = (at: number) => program.relations[at]?.name ?? "";
  const relations = verdict.relations.flatMap(
    ({ level, final, networkDependent, points }, at): string[] => {
      if (program.relations[at]?.place?.system !== undefined) return [];
      const words = [
        level,
        ...(level === "M" && !final ? ["not final"] : []),
        ...(networkDependent ? ["network-dependent"] : []),
        ...(verdict.snapshots.includes(at) ? ["snapshot"] : []),
        ...(points.length === 0 ? [] : [`by ${points.map((of) => of + 1).join(" ")}`]),
      ];
      return [`${name(at)}: ${words.join(", ")}`];
    },
  );
  const points = verdict.points.flatMap((point, at) => {
    const { kind, relation, reads, level, span } = point;
    const of = reads === undefined ? "" : ` of ${name(reads)}`;
    const ways = verdict.outputs
      .filter((output) => verdict.relations[output]?.points.includes(at))
      .map((output) => {
        const steps = pathTo(program, verdict, at, output);
        return [name(relation), ...steps.map((step) => name(step.relation))].join(" → ");
      });
    const where = `${kind}${of} at ${placeOf(span)}`;
    return [`${at + 1} ${level}: ${where} ${ways.join("; ") || "reaches no output"}`];
  });
  const laws = verdict.laws.map((law) =>
    law.kind === "lattice"
      ? `law of lattice ${law.name}, for ${name(law.relation)}`
      : `law of functor ${law.functor}: ${law.arguments.map(String).join(", ")} → ${law.result}`,
  );
  return [...relations, ...points, ...laws].join("\n");
}

function placeOf(span: Span): string {
  const { line, column } = positionAt(span.source, span.start);
  return `${line}:${column} \`${textOf(span).replace(/\s+/g, " ")}\`:`;
}

describe("the levels of a program", () => {
  runCases("levels", {
    levels: (input, [domain]) => dump(input, domain === "32" ? 32 : 64),
    findings: (input, [accept]) => {
      const found = verdictOf(input);
      if (typeof found === "string") return found;
      const options = accept === undefined ? {} : { accept: accept as Level };
      const findings = levelFindings(found.program, found.verdict, options);
      return findings.length === 0 ? "none" : render(findings, { color: false });
    },
    flow: (input) => {
      const found = verdictOf(input);
      if (typeof found === "string") return found;
      const findings = levelFindings(found.program, found.verdict);
      return findings
        .flatMap(({ code, subject = "", flow = [] }) => [
          `${code} of ${subject}`,
          ...flow.map(({ span, text }) => `  ${placeOf(span)} ${text}`),
        ])
        .join("\n");
    },
  });
});

describe("the programs that are shipped", () => {
  for (const { name, whole } of shipped) {
    it(`have a level for each relation: ${name}`, () => {
      const { program, diagnostics } = understand(whole);
      expect(diagnostics.filter(({ severity }) => severity === "error")).to.deep.equal([]);
      if (program === undefined) throw new Error(`${name} is no program`);
      const verdict = monotonicity(program);
      expect(verdict.relations.length).to.equal(program.relations.length);
      const reached = (point: PointOfOrder, at: number) =>
        verdict.relations[point.relation]?.points.includes(at);
      expect(verdict.points.every(reached)).to.equal(true);
      const findings = levelFindings(program, verdict, { accept: "ordered" });
      expect(findings.filter(({ severity }) => severity === "error")).to.deep.equal([]);
    });
  }
});
