import { expect } from "chai";

import { dump } from "../../src/plan/dump.ts";
import type { GroupRows, Plan, StratumPlan } from "../../src/plan/plan.ts";
import { plan } from "../../src/plan/program.ts";
import { runCases } from "../support/cases.ts";
import { demandedText, programOf } from "./demanded.ts";
import { partitionedText } from "./partitioned.ts";

/** The plan of a text that has no errors. */
function planOf(text: string): Plan {
  return plan(programOf(text));
}

/** The plans of all strata, given sizes by name; others are unknown. */
function strata(of: Plan, sizes: ReadonlyMap<string, number>, groups?: GroupRows): StratumPlan[] {
  const known = of.relations.map(({ name }) => sizes.get(name) ?? -1);
  return of.strata.map((_, at) => of.stratum(at, known, undefined, groups));
}

/** The sizes of groups, `heap[0]=1`, where some are given; every column divides the rows of other
 * relations alike. */
function groupsOf(of: Plan, args: readonly string[]): GroupRows | undefined {
  const given = sizesOf(args.filter((arg) => arg.includes("[")));
  const sizes = sizesOf(args);
  if (given.size === 0) return undefined;
  return (at, columns) => {
    const { name, attributes } = of.relations[at]!;
    const rest = (attributes.length - columns.length) / attributes.length;
    return given.get(`${name}[${columns.join()}]`) ?? (sizes.get(name) ?? 1000) ** rest;
  };
}

function sizesOf(args: readonly string[]): Map<string, number> {
  return new Map(
    args.map((arg) => {
      const [name = "", size] = arg.split("=");
      return [name, Number(size)];
    }),
  );
}

/** The strata that have rules, as text: `plan edge=1000 edge[0]=5 node=10`. */
function dumped(text: string, args: readonly string[]): string {
  const of = planOf(text);
  return strata(of, sizesOf(args), groupsOf(of, args))
    .filter(({ once, rounds }) => once.length + rounds.length > 0)
    .map(dump)
    .join("");
}

/** What keeps the strata up: `maintain edge=1000`; with `wholes` the rules that negate or aggregate
 * are run on all there is; with `anew` it is what evaluates the strata anew. */
function maintained(text: string, args: readonly string[]): string {
  const of = planOf(text);
  const sizes = sizesOf(args.filter((arg) => arg.includes("=")));
  const known = of.relations.map(({ name }) => sizes.get(name) ?? 1000);
  return of.strata
    .flatMap((relations, at) => {
      const { derived, anew } = of.upkeep(at);
      const names = relations.map((relation) => of.relations[relation]?.name ?? "").join(", ");
      if (!derived) return [];
      if (args.includes("anew")) return [dump(of.stratum(at, known, "maintained"))];
      if (anew) return [`stratum ${at + 1} computes ${names} anew\n`];
      return [dump(of.maintenance(at, known, args.includes("wholes")))];
    })
    .join("");
}

describe("plan", () => {
  runCases("plan", {
    plan: dumped,
    demand: demandedText,
    maintain: maintained,
    partition: partitionedText,
  });

  const closure = `.decl edge, path(x: number, y: number)
    edge(1, 2). path(x, y) :- edge(x, y). path(x, z) :- path(x, y), edge(y, z).`;

  it("hands on what the engine has to know of relations, facts and strata", () => {
    const { domain, relations, facts, strata: order } = planOf(`${closure} .limitsize path(n = 7)`);
    expect(domain).to.equal(64);
    expect(relations.map(({ name, limit }) => [name, limit])).to.deep.equal([
      ["edge", undefined],
      ["path", 7],
    ]);
    expect(facts).to.deep.equal([{ relation: 0, values: [1n, 2n] }]);
    expect(order).to.deep.equal([[0], [1]]);
  });

  it("is the same for the same sizes", () => {
    const of = planOf(closure);
    expect(of.stratum(1, [10, -1])).to.deep.equal(of.stratum(1, [10, -1]));
  });

  it("points at the clause that a rule comes from", () => {
    const [rule] = planOf(closure).stratum(1, [-1, -1]).rounds;
    const { source, start, end } = rule!.span;
    expect(source.text.slice(start, end)).to.equal("path(x, z) :- path(x, y), edge(y, z).");
  });

  it("finds an order for a long body without trying them all", () => {
    const relations = Array.from({ length: 120 }, (_, at) => `r${at}`);
    const atoms = relations.map((name, at) => `${name}(x${at}, x${at + 1})`);
    const text = `.decl p, ${relations.join(", ")}(x: number, y: number)
      p(x0, x120) :- ${atoms.toReversed().join(", ")}.`;
    const [last] = strata(planOf(text), new Map([["r0", 1]])).slice(-1);
    const probes = dump(last!).match(/probe full r\d+ on \[0\]/g) ?? [];
    expect(probes.length).to.equal(119);
  });
});
