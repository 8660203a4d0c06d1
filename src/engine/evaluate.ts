// From facts to the fixpoint: strata in order, each with the rules that run once and then, while
// something is new, the rounds of the rest.
import type { Plan, StratumPlan } from "../plan/plan.ts";
import { apart } from "../plan/prefix.ts";
import type { Database } from "./database.ts";
import { deltaRows } from "./drift.ts";
import { groupRowsOf } from "./group-rows.ts";
import { missingFunctors } from "./functors.ts";
import { evaluation, newRun, type EvaluateOptions, type Run } from "./run.ts";
import type { Evaluation } from "./statistics.ts";
import { evaluateStratum, linked } from "./stratum.ts";

/** Derives all that follows from the facts of the program and what is in `database`. What goes
 * wrong is a diagnostic, and what was derived until then stays. */
export function evaluate(
  plan: Plan,
  database: Database,
  options: EvaluateOptions = {},
): Evaluation {
  const diagnostics = missingFunctors(plan, options.functors);
  if (diagnostics.length > 0) return { diagnostics, strata: [], rules: [], complete: false };
  const run = newRun(plan, database, options);
  return evaluation(run, () => {
    insertFacts(plan, database);
    for (const relation of database.relations) {
      relation.show(true);
      run.sizes.push(relation.size);
    }
    const groups = groupRowsOf(database);
    for (const at of plan.strata.keys()) {
      const start = run.clock?.();
      const chosen = oneByOne(run) ? apart : (stratum: StratumPlan): StratumPlan => stratum;
      const stratum = chosen(plan.stratum(at, run.sizes, undefined, groups));
      const revised = (before: StratumPlan): StratumPlan => {
        const next = plan.revised(at, before, { ...present(database), groups });
        return next === before ? before : chosen(next);
      };
      evaluateStratum(run, linked(run, stratum, revised), start);
    }
  });
}

/** What relations hold between two rounds. */
function present({ relations }: Database): { sizes: number[]; deltas: number[] } {
  return { sizes: relations.map(({ size }) => size), deltas: relations.map(deltaRows) };
}

/** Whether rules that begin alike are run by themselves all the same: each of them is measured, or
 * shared among threads, or the tuples of each are counted against a limit. */
function oneByOne({ recording, workers, limits }: Run): boolean {
  return recording !== undefined || workers !== undefined || limits.maxTuples !== undefined;
}

function insertFacts({ facts, relations }: Plan, { values, relations: stored }: Database): void {
  for (const { relation, values: tuple } of facts) {
    const { attributes } = relations[relation]!;
    stored[relation]!.insert(tuple.map((value, at) => values.encode(attributes[at]!.kind, value)));
  }
}
