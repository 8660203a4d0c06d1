import { type Backend, compiled, interpreted } from "../codegen/backend.ts";
import { keyedStores } from "../codegen/emit-keyed.ts";
import type { KeyedCalls, KeyedCode } from "../codegen/keyed-code.ts";
import { linkKeyed } from "../codegen/link.ts";
export { changeUnit, keyedEnds } from "../codegen/keyed-code.ts";
import type { KeyedPlan, Lookup } from "../plan/keyed.ts";
import type { Domain } from "../value/schema.ts";

/** A transaction as code, with the relations of the stores that it is given, in their order, and a
 * lookup of each. */
export type KeyedProgram = {
  readonly code: KeyedCode;
  readonly relations: readonly number[];
  readonly shapes: readonly Pick<Lookup, "columns" | "kinds">[];
};

/** Returns a transaction that looks up rows by their keys as code; undefined where plans are run as
 * they are, and where it would be too long. */
export function keyedProgram(
  plan: KeyedPlan,
  domain: Domain,
  calls: KeyedCalls,
  backend: Backend = compiled,
): KeyedProgram | undefined {
  const code = backend === interpreted ? undefined : linkKeyed(plan, domain, calls);
  if (code === undefined) return undefined;
  const relations = keyedStores(plan);
  const shapes = relations.map((at) => plan.lookups.find(({ relation }) => relation === at)!);
  return { code, relations, shapes };
}
