// Sealed keys: the owner of a key takes in no more facts of it, once it is sealed.
import type { PartitionedProgram } from "../plan/partitioned-program.ts";
import type { Fact } from "./fact.ts";

/** Returns whether the key of a fact is sealed, by what a node knows now: by clients, or by rules.
 * `known`: whether the node knows a fact. */
export function sealedKeys(
  { seals, placements }: PartitionedProgram,
  known: (fact: Fact) => boolean,
): (fact: Fact) => boolean {
  return ({ relation, values }) => {
    const at = seals.get(relation);
    const placement = placements[relation];
    if (at === undefined || placement?.kind !== "keyed") return false;
    const [key = []] = placement.keys;
    return known({ relation: at, values: key.map((column) => values[column] ?? null) });
  };
}
