import type { Program, RelationAt } from "../analysis/program.ts";
import { printValue } from "../value/print-value.ts";
import type { Value } from "../value/schema.ts";

/** A tuple of values. */
export type Tuple = readonly Value[];

/** A tuple of an input relation. */
export type InputFact = { readonly relation: RelationAt; readonly values: Tuple };

/** Returns a fact in source notation, without a full stop. */
export function printFact({ relations }: Program, { relation, values }: InputFact): string {
  return `${relations[relation]?.name ?? ""}(${values.map(printValue).join(", ")})`;
}
