// `.seal r() :- body.`: the rules by which nodes seal whole relations, and the part of a program
// that a node evaluates for them while all else waits for seals.
import type { Literal, Program, RelationAt } from "../analysis/program.ts";
import { visitLiterals } from "../analysis/work-rule.ts";
import type { NetworkProgram } from "./network.ts";

/** Rules by which nodes seal `relation`: each seals its share as soon as it derives the tuple of
 * the relation at `of`. */
export type SealRule = { readonly of: RelationAt; readonly relation: RelationAt };

/** Returns the rules that seal whole relations. Those that seal keys are for who owns the keys
 * (`partition-seals.ts`). */
export function sealRules({ relations }: Program): SealRule[] {
  return relations.flatMap(({ place, attributes }, of): SealRule[] =>
    place?.seals === undefined || attributes.length > 0 ? [] : [{ of, relation: place.seals }],
  );
}

/** Part of what a node computes. */
export type NetworkPart = {
  readonly network: NetworkProgram;
  /** The relations that it computes, or reads. */
  readonly relations: ReadonlySet<RelationAt>;
};

/** Returns the part of what nodes compute that decides what some relations hold in a step. It sends
 * nothing and keeps no memory. */
export function partFor(network: NetworkProgram, wanted: readonly RelationAt[]): NetworkPart {
  const { step, initial } = network;
  const relations = new Set(wanted);
  const read = (literal: Literal): void => {
    if (literal.kind === "atom" || literal.kind === "negation") relations.add(literal.relation);
  };
  for (const at of relations)
    for (const { head, body } of step.rules) if (head.relation === at) visitLiterals(body, read);
  const within = ({ relation }: { readonly relation: RelationAt }) => relations.has(relation);
  const strata = step.strata.map((stratum) =>
    stratum.relations.some((at) => relations.has(at)) ? stratum : { ...stratum, rules: [] },
  );
  return {
    relations,
    network: {
      ...network,
      step: { ...step, strata, facts: step.facts.filter(within) },
      effects: [],
      initial: initial.filter(within),
    },
  };
}
