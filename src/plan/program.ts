import { printRule } from "../analysis/dump.ts";
import type { Program, Rule, Stratum } from "../analysis/program.ts";
import { assert } from "../base/assert.ts";
import { arranged } from "./arranged.ts";
import { dumpRule } from "./dump.ts";
import { type Estimates, estimatesOf, presentEstimates } from "./estimate.ts";
import type { Variant } from "./goal.ts";
import { firstMatches } from "./first-match.ts";
import { chooseIndexes } from "./indexes.ts";
import { type Leaf, joinPlan, operations } from "./operations.ts";
import {
  growingEstimates,
  maintenanceSteps,
  maintenanceVariants,
  wholeTupleSteps,
  upkeepOf,
} from "./maintenance.ts";
import type { Plan, RelationPlan, RulePlan, StratumPlan, Window } from "./plan.ts";
import { literalCounts, termCounts, termVariables } from "./literals.ts";
import { dependsOnOrder } from "./order.ts";
import { shared } from "./prefix.ts";
import { reshaped } from "./reshape.ts";
import { type Orders, revisedWays } from "./revised.ts";
import { removalRelations, type RemovalRule, removalRules, removalSizes } from "./removal.ts";
import { atomSteps, type Step } from "./step.ts";
import type { Visited } from "./visited.ts";

/** Returns the plan of `program`. A stratum is planned when asked for, alike for the same sizes. */
export function plan(program: Program): Plan {
  const relations = relationPlans(program);
  const ordered = dependsOnOrder(program);
  const orders: Orders = new WeakMap();
  const stratumAt = (at: number): Stratum => {
    const stratum = program.strata[at];
    assert(stratum !== undefined, `a program has no stratum ${at}`);
    return stratum;
  };
  const ruleAt = (at: number): Rule => {
    const rule = program.rules[at];
    assert(rule !== undefined, `a program has no rule ${at}`);
    return rule;
  };
  return {
    domain: program.domain,
    structures: program.structures,
    relations,
    facts: program.facts.map(({ relation, values }) => ({ relation, values })),
    functors: program.functors,
    strata: program.strata.map((stratum) => stratum.relations),
    stratum: (at, sizes, way, groups) => {
      const stratum = stratumAt(at);
      const { relations: computes } = stratum;
      const rules = stratum.rules.flatMap((rule) => program.rules[rule] ?? []);
      assert(sizes.length === relations.length, "a size for each relation");
      const planned = planStratum(program, relations, stratum, at, {
        estimates: estimatesOf(sizes, computes, rules, groups),
        variants: (rule) => variantsOf(rule, computes),
        maintained: way !== undefined,
        ...{ alone: ordered, orders },
        steps: (steps, rule, estimates) =>
          // What is reshaped does without the rows themselves.
          way === "losing"
            ? steps
            : reshaped(steps, { relations, computes, estimates, ...demandOf(rule) }),
      });
      if (way === undefined) return planned;
      return { ...planned, maintained: true, ...(way === "losing" ? { losing: true } : {}) };
    },
    revised: (at, before, now) => {
      const { relations: computes, rules } = stratumAt(at);
      if (before.subsumptions !== undefined || before.maintained === true) return before;
      const estimates = presentEstimates(now, computes);
      const all = rules.flatMap((rule) =>
        variantsOf(ruleAt(rule), computes).map((variant) => ({ of: ruleAt(rule), rule, variant })),
      );
      const ways = revisedWays(all, before, orders, estimates);
      if (ways === undefined) return before;
      return planWays(
        program,
        relations,
        { at, computes, ways },
        {
          ...{ estimates, maintained: false, alone: ordered, before, orders },
          steps: (steps, rule) =>
            reshaped(steps, { relations, computes, estimates, ...demandOf(rule) }),
        },
      );
    },
    upkeep: (at) => upkeepOf(program, stratumAt(at)),
    maintenance: (at, sizes, wholes) => {
      const stratum = stratumAt(at);
      const { relations: computes } = stratum;
      const maintained = planStratum(program, relations, stratum, at, {
        estimates: growingEstimates(sizes),
        variants: (rule) => maintenanceVariants(rule, computes, wholes),
        maintained: true,
        steps: (steps, rule) => maintenanceSteps(steps, rule, program, computes),
      });
      return { ...maintained, maintained: true };
    },
    removalRelations: () => removalRelations(program, relations),
    removal: (at, sizes) => {
      const stratum = stratumAt(at);
      const { relations: computes } = stratum;
      const { removable } = upkeepOf(program, stratum);
      assert(removable !== false, "only of some strata tuples are removed one by one");
      const estimates = growingEstimates(removalSizes(sizes));
      const working = removalRelations(program, relations);
      const planned = (
        ways: readonly RemovalRule[],
        steps: Ways["steps"] = (all, rule) => maintenanceSteps(all, rule, program, computes),
      ): StratumPlan => {
        const settings: Omit<Ways, "variants"> = { estimates, maintained: true, steps };
        const plans = planWays(program, working, { at, computes, ways }, settings);
        return { ...plans, maintained: true, losing: true };
      };
      // Where it is sought what lost a derivation, all is there that was. Each new row counts,
      // though one was there that agrees with it in what is asked: a group changes by both, and of
      // a negation it is not asked all that the rule knows.
      const before = (ways: readonly RemovalRule[]): StratumPlan => ({
        ...planned(ways, (steps) => wholeTupleSteps(steps, computes)),
        intact: true,
      });
      const rules = removalRules(program, stratum, removable === "ranked");
      return {
        ...{ groups: before(rules.groups), below: before(rules.below) },
        ...{ checks: planned(rules.checks), within: planned(rules.within) },
        ...{ proofs: planned(rules.proofs), reproofs: planned(rules.reproofs) },
        again: planned(rules.again),
      };
    },
  };
}

function relationPlans({ relations, rules }: Program): RelationPlan[] {
  const subsumed = new Set(
    rules.flatMap(({ head, subsumes }) => (subsumes === true ? [head.relation] : [])),
  );
  return relations.map(({ name, attributes, limit, equivalence, choices, lattices }, at) => ({
    name,
    attributes,
    ...(limit === undefined ? {} : { limit }),
    ...(equivalence === undefined ? {} : { equivalence }),
    ...(choices === undefined ? {} : { choices }),
    ...(subsumed.has(at) || lattices !== undefined ? { subsumed: true } : {}),
    ...(lattices === undefined ? {} : { lattices: lattices.map(joinPlan) }),
  }));
}

/** How the rules of a stratum are to be run. */
type Ways = {
  /** Indexes are there for later evaluations, too. */
  readonly maintained: boolean;
  readonly estimates: Estimates;
  /** Each rule is run by itself, though others begin alike. */
  readonly alone?: boolean;
  /** A plan whose rules stay what they are where they are run as they were. */
  readonly before?: StratumPlan;
  /** Where the orders of plans are kept. */
  readonly orders?: Orders;
  readonly variants: (rule: Rule) => readonly Variant[];
  /** Changes the steps of a variant. */
  readonly steps: (steps: readonly Step[], rule: Rule, estimates: Estimates) => readonly Step[];
};

function planStratum(
  program: Program,
  relations: readonly RelationPlan[],
  { relations: computes, rules }: Stratum,
  at: number,
  { variants: variantsOfRule, ...settings }: Ways,
): StratumPlan {
  const ways = rules.flatMap((rule) => {
    const of = program.rules[rule];
    assert(of !== undefined, `a program has no rule ${rule}`);
    return variantsOfRule(of).map((variant) => ({ of, rule, variant }));
  });
  return planWays(program, relations, { at, computes, ways }, settings);
}

/** Returns the plan of rules, each run in one way, for a stratum. A rule may be made of that at its
 * place, and may read and derive relations that are not the program's. */
function planWays(
  program: Program,
  relations: readonly RelationPlan[],
  {
    at,
    computes,
    ways,
  }: Pick<StratumPlan, "at" | "computes"> & { readonly ways: readonly RemovalRule[] },
  {
    estimates,
    steps: changed,
    maintained,
    alone = false,
    before,
    orders = new WeakMap(),
  }: Omit<Ways, "variants">,
): StratumPlan {
  const composed = maintained ? {} : { composed: { relations, computes, estimates } };
  const variants = ways.map((way) => {
    const { steps, variables, order } = arranged(way.of, way.variant, { estimates, maintained });
    const asked = changed(steps, way.of, estimates);
    const { distinct, wanted } = demandOf(way.of);
    const once = distinct && way.of.subsumes !== true;
    return { ...way, variables, order, steps: once ? firstMatches(asked, wanted) : asked };
  });
  const visits = variants.flatMap(({ steps }) => atomSteps(steps));
  const { indexes, indexOf } = chooseIndexes(visits, relations, estimates);
  const planned = ({
    of,
    rule,
    variant,
    steps,
    variables,
    order,
  }: (typeof variants)[number]): RulePlan => {
    const stated = program.rules[rule];
    assert(stated !== undefined, `a program has no rule ${rule}`);
    const made: RulePlan = {
      rule,
      text: printRule(program.relations, stated),
      span: of.span,
      ...(variant.deltaAt === undefined ? {} : { deltaAt: variant.deltaAt }),
      ...operations(steps, leafOf(of), {
        variables,
        indexOf,
        structures: program.structures,
        ...composed,
      }),
    };
    const found = known(made, before);
    orders.set(found, order);
    return found;
  };
  const derived = variants.filter(({ of }) => of.subsumes !== true);
  const subsumptions = variants.filter(({ of }) => of.subsumes === true);
  const together = (rules: readonly RulePlan[]): readonly RulePlan[] =>
    maintained || alone ? rules : shared(rules).map((rule) => known(rule, before));
  const inRounds = ({ of, variant }: (typeof variants)[number]): boolean =>
    computes.includes(deltaOf(of, variant));
  return {
    at,
    domain: program.domain,
    relations,
    computes,
    once: together(derived.filter((of) => !inRounds(of)).map(planned)),
    rounds: together(derived.filter(inRounds).map(planned)),
    ...(subsumptions.length === 0 ? {} : { subsumptions: subsumptions.map(planned) }),
    indexes,
  };
}

/** The rule that a plan had, if it does the same in the same way. */
function known(rule: RulePlan, before: StratumPlan | undefined): RulePlan {
  if (before === undefined) return rule;
  const text = dumpRule(rule, before);
  const rules = before.rounds.flatMap((one) => [one, ...(one.shares ?? [])]);
  return rules.find((one) => dumpRule(one, before) === text) ?? rule;
}

/** The relation that a variant reads the delta of; -1 where there is none. */
function deltaOf({ body }: Rule, { deltaAt = -1 }: Variant): number {
  const atoms = body.filter((literal) => literal.kind === "atom");
  return atoms[deltaAt]?.relation ?? -1;
}

/** What is done for each way to satisfy the body. The variables for the rows that a subsumption
 * compares follow the rule's own. */
function leafOf({ head, subsumes, variables }: Rule): Leaf {
  if (subsumes !== true) return { kind: "derive", ...head };
  const row = variables.length;
  return { kind: "drop", relation: head.relation, row, for: row + 1 };
}

/** The ways to run a rule: one for each atom of the stratum's own relations, which reads the delta
 * there. Own atoms before it read stable rows, those after it all: of two new rows that join, the
 * variant of the first atom meets the second in `full`, and the variant of the second does not
 * meet the first in `stable`, so they join once. */
function variantsOf(
  { body, orders, subsumes, variables }: Rule,
  computes: readonly number[],
): Variant[] {
  const atoms = body.filter((literal) => literal.kind === "atom");
  const own = atoms.flatMap(({ relation }, at) => (computes.includes(relation) ? [at] : []));
  if (own.length === 0) return [{ windows: atoms.map(() => "full") }];
  return own.map((deltaAt, version) => {
    const order = orders?.get(version);
    const windows = atoms.map((_, at): Window => {
      if (at === deltaAt) return "delta";
      return at < deltaAt && own.includes(at) ? "stable" : "full";
    });
    const rows = subsumes === true ? { rows: [variables.length, variables.length + 1] } : {};
    return { windows, deltaAt, ...rows, ...(order === undefined ? {} : { order }) };
  });
}

/** What a rule asks of its body. */
function demandOf({ head, body }: Rule): Pick<Visited, "wanted" | "distinct"> {
  return {
    wanted: new Set(head.terms.flatMap(termVariables)),
    distinct: !head.terms.some(termCounts) && !body.some(literalCounts),
  };
}
