import type { Estimates } from "./estimate.ts";
import type { RelationPlan } from "./plan.ts";
import type { AtomStep } from "./step.ts";

/** What is known of the relations that a body visits, and of what is asked of it. */
export type Visited = {
  readonly relations: readonly RelationPlan[];
  /** The relations that grow while the body is run. */
  readonly computes: readonly number[];
  readonly estimates: Estimates;
  /** The variables whose values are asked for in the end. */
  readonly wanted: ReadonlySet<number>;
  /** Only whether the end is reached matters, not in how many ways. */
  readonly distinct: boolean;
};

/** Whether rows come in that rules may not see yet: then the table of whole tuples is no answer to
 * whether one is there. */
export function grows({ relation }: AtomStep, { computes }: Visited): boolean {
  return computes.includes(relation);
}

/** Whether a visit is to all rows of a relation, none of which is dropped. */
export function isWhole({ relation, window }: AtomStep, { relations }: Visited): boolean {
  const of = relations[relation];
  return window === "full" && of?.equivalence !== true && of?.subsumed !== true;
}
