// The ways to run a stratum's rules, thought over between two rounds: sizes are known by then that
// were assumed when it was planned.
import { arranged } from "./arranged.ts";
import { type Estimates, indexCost } from "./estimate.ts";
import type { RulePlan, StratumPlan } from "./plan.ts";
import type { RemovalRule } from "./removal.ts";
import { atomSteps, type Step } from "./step.ts";

/** The order in which a rule's plan visits the atoms of its body. */
export type Orders = WeakMap<RulePlan, readonly number[]>;

/** Another order is worth its code where it is expected to cost so many times less. */
const gainMin = 2;

/** Returns the ways to run the rules of a stratum in its rounds, each with the order of its atoms:
 * the one that it has by `before`, unless another from its delta on is expected to cost much less
 * by now. Undefined where none is. An order matters where two atoms are to choose from beside the
 * delta, and was chosen in ignorance where one of them is of the stratum's own. */
export function revisedWays(
  ways: readonly RemovalRule[],
  before: StratumPlan,
  orders: Orders,
  estimates: Estimates,
): readonly RemovalRule[] | undefined {
  const plans = before.rounds.flatMap((rule) => rule.shares ?? [rule]);
  const better: RemovalRule[] = [];
  const revised = ways.flatMap((way) => {
    const { of, rule, variant } = way;
    const plan = plans.find((one) => one.rule === rule && one.deltaAt === variant.deltaAt);
    const order = plan && orders.get(plan);
    if (order === undefined) return [];
    const kept = { ...way, variant: { ...variant, order } };
    const atoms = of.body.filter((literal) => literal.kind === "atom");
    const own = atoms.filter(({ relation }) => estimates.final(relation) === undefined);
    if (atoms.length < 3 || own.length < 2 || variant.order !== undefined) return [kept];
    const settings = { estimates, maintained: false };
    const { cost } = arranged(of, kept.variant, settings);
    const next = arranged(of, variant, settings);
    const costs = gainMin * next.cost + newIndexes(next.steps, before, estimates);
    if (costs > cost || next.order.every((atom, at) => atom === order[at])) return [kept];
    better.push({ ...way, variant: { ...variant, order: next.order } });
    return better.slice(-1);
  });
  return better.length > 0 ? revised : undefined;
}

/** What it costs to make the indexes on growing relations that steps need and that are missing. */
function newIndexes(
  steps: readonly Step[],
  { indexes }: StratumPlan,
  estimates: Estimates,
): number {
  const missing = atomSteps(steps).filter(({ relation, key, terms }) => {
    if (key.length === 0 || key.length === terms.length) return false;
    if (estimates.final(relation) !== undefined) return false;
    return !indexes.some(
      ({ relation: of, columns }) => of === relation && columns.join() === key.join(),
    );
  });
  return missing.reduce((sum, { relation }) => sum + indexCost * estimates.rows(relation), 0);
}
