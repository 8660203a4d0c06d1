import type { Rule } from "../analysis/program.ts";
import { arrange } from "./arrange.ts";
import type { ArrangeContext, Arrangement } from "./draft.ts";
import type { Estimates } from "./estimate.ts";
import { ruleScope, type Variant } from "./goal.ts";

/** One way to run a rule: its steps, what they are expected to cost, and its variables with those
 * that the steps add. */
export type Arranged = Pick<ArrangeContext, "variables"> &
  Pick<Arrangement, "steps" | "cost"> & {
    /** The places of the atoms in the body, in the order of visits. */
    readonly order: readonly number[];
  };

/** Returns the steps for a variant of a rule. */
export function arranged(
  of: Rule,
  variant: Variant,
  { estimates, maintained }: { readonly estimates: Estimates; readonly maintained: boolean },
): Arranged {
  const variables = [...of.variables];
  if (of.subsumes === true)
    for (const name of ["#dropped", "#kept"]) variables.push({ name, kind: "number" });
  const once = variant.deltaAt === undefined && !maintained;
  const context = { rule: of, variables, estimates, once, aggregates: new Map() };
  const scope = ruleScope(of, variant);
  const { steps, cost, atoms } = arrange(scope, context);
  const goals = scope.goals.filter(({ literal }) => literal.kind === "atom");
  return { variables, steps, cost, order: atoms.map((atom) => goals.indexOf(atom)) };
}
