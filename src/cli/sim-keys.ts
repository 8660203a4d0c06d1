// Which keys the clients of `calm sim` seal: all that the program can ask for.
import type { Database } from "../engine/database.ts";
import { evaluate } from "../engine/evaluate.ts";
import type { Plan } from "../plan/plan.ts";
import type { SimulatedProgram } from "../sim/program.ts";
import { type Fact, keyOf } from "../transducer/fact.ts";
import { tuplesIn } from "../transducer/stored.ts";
import { StepFault } from "../transducer/transducer.ts";
import type { Value, ValueKind } from "../value/schema.ts";
import type { Implementations } from "../value/user-functor.ts";
import { CommandError, exitCodes } from "./exit.ts";

const keysMax = 10_000;

/** Returns the seals of all keys that are made of values which one machine has in any relation,
 * once it has evaluated `database`. What rules seal nobody else does. Throws a `StepFault`. */
export function sealedKeys(
  { model, parts }: SimulatedProgram,
  plan: Plan,
  database: Database,
  functors: Implementations,
): Fact[] {
  const { relations } = model.network.step;
  const derived = new Set(model.network.step.rules.map(({ head }) => head.relation));
  const seals = [...new Set(parts?.seals.values())].filter((at) => !derived.has(at));
  if (seals.length === 0) return [];
  const { complete, diagnostics } = evaluate(plan, database, { functors });
  if (!complete) throw new StepFault(diagnostics);
  const values = valuesOf(plan, database);
  return seals.flatMap((relation) => {
    const { name = "", attributes = [] } = relations[relation] ?? {};
    let keys: Value[][] = [[]];
    for (const { kind } of attributes) {
      const some = values.get(kind) ?? [];
      if (keys.length * some.length > keysMax)
        throw new CommandError(
          exitCodes.problem,
          `there are more than ${keysMax} keys to seal (${name})`,
          "give the simulation fewer facts",
        );
      keys = keys.flatMap((key) => some.map((value) => [...key, value]));
    }
    return keys.map((key) => ({ relation, values: key }));
  });
}

function valuesOf(plan: Plan, database: Database): Map<ValueKind, Value[]> {
  const found = new Map<ValueKind, Map<string, Value>>();
  for (const [relation, { attributes }] of plan.relations.entries())
    for (const tuple of tuplesIn(database, relation))
      for (const [column, { kind }] of attributes.entries()) {
        const value = tuple[column] ?? null;
        const some = found.get(kind) ?? new Map<string, Value>();
        found.set(kind, some.set(keyOf({ relation: 0, values: [value] }), value));
      }
  return new Map(Array.from(found, ([kind, some]) => [kind, [...some.values()]]));
}
