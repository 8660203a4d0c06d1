import { printRule } from "../analysis/dump.ts";
import type { Program, Rule, Stratum } from "../analysis/program.ts";
import { assert } from "../base/assert.ts";
import { arrange } from "./arrange.ts";
import type { ArrangeContext, Arrangement } from "./draft.ts";
import { type Estimates, estimatesOf } from "./estimate.ts";
import { ruleScope, type Variant } from "./goal.ts";
import { chooseIndexes } from "./indexes.ts";
import { operations } from "./operations.ts";
import type { Plan, RelationPlan, StratumPlan, Window } from "./plan.ts";
import { atomSteps } from "./step.ts";

/** Returns the plan of `program`. A stratum is planned when asked for, alike for the same sizes. */
export function plan(program: Program): Plan {
  const relations = program.relations.map(({ name, attributes, limit }) => ({
    name,
    attributes,
    ...(limit === undefined ? {} : { limit }),
  }));
  return {
    domain: program.domain,
    relations,
    facts: program.facts.map(({ relation, values }) => ({ relation, values })),
    strata: program.strata.map((stratum) => stratum.relations),
    stratum: (at, sizes) => {
      const stratum = program.strata[at];
      assert(stratum !== undefined, `a program has no stratum ${at}`);
      assert(sizes.length === relations.length, "a size for each relation");
      return planStratum(program, relations, stratum, at, sizes);
    },
  };
}

function planStratum(
  program: Program,
  relations: readonly RelationPlan[],
  { relations: computes, rules }: Stratum,
  at: number,
  sizes: readonly number[],
): StratumPlan {
  const estimates = estimatesOf(sizes, computes);
  const variants = rules.flatMap((rule) => {
    const of = program.rules[rule];
    assert(of !== undefined, `a program has no rule ${rule}`);
    return variantsOf(of, computes).map((variant) => arranged(of, rule, variant, estimates));
  });
  const visits = variants.flatMap(({ arrangement }) => atomSteps(arrangement.steps));
  const { indexes, indexOf } = chooseIndexes(visits, relations, estimates);
  const plans = variants.map(({ of, rule, variant, arrangement, variables }) => ({
    rule,
    text: printRule(program.relations, of),
    span: of.span,
    ...(variant.deltaAt === undefined ? {} : { deltaAt: variant.deltaAt }),
    ...operations(arrangement.steps, { kind: "derive", ...of.head }, variables, indexOf),
  }));
  return {
    at,
    domain: program.domain,
    relations,
    computes,
    once: plans.filter(({ deltaAt }) => deltaAt === undefined),
    rounds: plans.filter(({ deltaAt }) => deltaAt !== undefined),
    indexes,
  };
}

/** The ways to run a rule: one for each atom of the stratum's own relations, which reads the delta
 * there. Own atoms before it read stable rows, those after it all: of two new rows that join, the
 * variant of the first atom meets the second in `full`, and the variant of the second does not
 * meet the first in `stable`, so they join once. */
function variantsOf({ body, orders }: Rule, computes: readonly number[]): Variant[] {
  const atoms = body.filter((literal) => literal.kind === "atom");
  const own = atoms.flatMap(({ relation }, at) => (computes.includes(relation) ? [at] : []));
  if (own.length === 0) return [{ windows: atoms.map(() => "full") }];
  return own.map((deltaAt, version) => {
    const order = orders?.get(version);
    const windows = atoms.map((_, at): Window => {
      if (at === deltaAt) return "delta";
      return at < deltaAt && own.includes(at) ? "stable" : "full";
    });
    return { windows, deltaAt, ...(order === undefined ? {} : { order }) };
  });
}

type Arranged = Pick<ArrangeContext, "variables"> & {
  readonly of: Rule;
  readonly rule: number;
  readonly variant: Variant;
  readonly arrangement: Arrangement;
};

function arranged(of: Rule, rule: number, variant: Variant, estimates: Estimates): Arranged {
  const variables = [...of.variables];
  const once = variant.deltaAt === undefined;
  const context = { rule: of, variables, estimates, once, aggregates: new Map() };
  return { of, rule, variant, variables, arrangement: arrange(ruleScope(of, variant), context) };
}
