import { assert } from "../base/assert.ts";
import type { Plan } from "../plan/plan.ts";
import { Database } from "./database.ts";
import { missingFunctors } from "./functors.ts";
import type { Relation } from "./relation.ts";
import { evaluation, newRun, type EvaluateOptions } from "./run.ts";
import type { Evaluation } from "./statistics.ts";
import { evaluateStratum, linked } from "./stratum.ts";

/** What came of a question: the relation that was asked for, and how it was evaluated. */
export type Answer = { readonly relation: Relation; readonly evaluation: Evaluation };

/** Evaluates a relation of `plan` over relations that are complete: those of `database` with the
 * names of the plan's. The others are computed for this question alone; none of them is read by
 * those that are there. The database may be kept up: nothing that it relies on is changed. */
export function ask(
  plan: Plan,
  database: Database,
  name: string,
  options: EvaluateOptions = {},
): Answer {
  const { values } = database;
  const there = new Map(database.relations.map((relation) => [relation.schema.name, relation]));
  const view = new Database(plan, { values, relation: (of) => there.get(of) });
  const relation = view.relation(name);
  assert(relation !== undefined, `the plan has the relation ${name}`);
  const diagnostics = missingFunctors(plan, options.functors);
  if (diagnostics.length > 0)
    return { relation, evaluation: { diagnostics, strata: [], rules: [], complete: false } };
  const run = newRun(plan, view, options);
  run.sizes.push(...view.relations.map(({ size }) => size));
  const asked = [...plan.strata.entries()].filter(([, relations]) =>
    relations.some((at) => !there.has(plan.relations[at]!.name)),
  );
  const evaluated = evaluation(run, () => {
    for (const { relation: at, values: tuple } of plan.facts) {
      const { attributes, name: of } = plan.relations[at]!;
      if (there.has(of)) continue;
      const words = tuple.map((value, column) => values.encode(attributes[column]!.kind, value));
      view.relations[at]!.insert(words);
    }
    const holes = view.relations.some((of) => of.holes);
    for (const [at] of asked) {
      const stratum = plan.stratum(at, run.sizes, "maintained");
      evaluateStratum(run, linked(run, holes ? { ...stratum, holes } : stratum));
    }
  });
  return { relation, evaluation: evaluated };
}
