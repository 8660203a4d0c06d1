import { printValue } from "../value/print-value.ts";
import type { Value } from "../value/schema.ts";

/** A fact on its way between nodes: a tuple of the relation at that place of the program that all
 * of them run. */
export type Fact = { readonly relation: number; readonly values: readonly Value[] };

/** A fact that a node sends: to the node of that name, or to every neighbour. */
export type Sent = Fact & { readonly to?: string };

/** A text that tells a fact from all others of its program. */
export function keyOf({ relation, values }: Fact): string {
  return `${relation}(${values.map(printValue).join(", ")})`;
}
