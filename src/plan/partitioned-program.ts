import type { Program, RelationAt, Rule, Term } from "../analysis/program.ts";

/** Where the tuples of a relation are. `everywhere`: at each node, as the text states them, or
 * rules derive them at each node or send them to all. `arrival`: where clients insert them, with a
 * copy of all of them at each node. `keyed`: at the owners of the values of these columns, one
 * owner for each list; the first is that of the owner who accepts the tuple and sends it on.
 * `chosen`: the text does not say so. */
export type Placement =
  | { readonly kind: "everywhere" }
  | { readonly kind: "arrival" }
  | {
      readonly kind: "keyed";
      readonly keys: readonly (readonly number[])[];
      readonly chosen: boolean;
    };

/** A relation that holds copies of the tuples of another: at the owners of the values of the
 * columns `by`, or at each node. */
export type Copy = {
  /** In the partitioned program. */
  readonly relation: RelationAt;
  readonly of: RelationAt;
  readonly by: readonly number[] | undefined;
  /** The rules that read it, by their places in the source. */
  readonly rules: readonly number[];
};

/** Where a rule is evaluated: at the owner of these values, or at each node. */
export type Location = readonly Term[] | undefined;

/** How a rule is evaluated. */
export type PlacedRule = {
  /** The rule as it was written. */
  readonly rule: Rule;
  readonly location: Location;
  /** For each positive atom of the body the copy that stands for it (a place in `copies`), or
   * nothing where the relation itself is at hand. */
  readonly reads: readonly (number | undefined)[];
  /** Relations whose seals the rule waits for. */
  readonly sealed: readonly RelationAt[];
  /** What becomes of the tuples that it derives: they stay, or are sent to their owner, or to each
   * node. */
  readonly head: "stays" | "owner" | "all";
};

/** A program that is evaluated in parts. */
export type PartitionedProgram = {
  /** As it was written, but that a rule asks one owner alone what is absent. Its first relations
   * are those of the text. */
  readonly source: Program;
  /** With rules for what is sent. Its first relations are those of the source. */
  readonly program: Program;
  /** For each relation of that. */
  readonly placements: readonly Placement[];
  readonly copies: readonly Copy[];
  readonly rules: readonly PlacedRule[];
  /** For each partitioned input the relation into which any node can insert its tuples, which sends
   * them to their owner. At the owner they can be inserted into the input itself. */
  readonly arrivals: ReadonlyMap<RelationAt, RelationAt>;
  /** For each relation that is negated or aggregated the one of its sealed keys: an input, at the
   * owner of the key. */
  readonly seals: ReadonlyMap<RelationAt, RelationAt>;
  /** Rules that send to its owner what is elsewhere, for each relation that is in parts. */
  readonly handover: readonly Rule[];
};

/** Whether a program says of some relation that it is partitioned. */
export function saysPartition({ relations }: Program): boolean {
  return relations.some(({ place }) => place?.partitions !== undefined);
}

/** Returns the columns whose values say who owns a tuple of a relation of the partitioned program,
 * copies included: one list for each owner; none where it is not in parts. */
export function ownersOf(
  { placements }: PartitionedProgram,
  relation: RelationAt,
): readonly (readonly number[])[] {
  const placement = placements[relation];
  return placement?.kind === "keyed" ? placement.keys : [];
}

/** Returns the program that nodes run while members come and go, the old ones and the new: what a
 * node holds and does not own any more is sent to its owner, and so is what still arrives. Once all
 * that is sent has been acknowledged, nodes can drop what they do not own.
 *
 * What a step sends goes in the order of the rules: tuples before the seals of their keys, so that
 * whoever gets these has those. */
export function handingOver({ program, handover }: PartitionedProgram): Program {
  const { relations, rules } = program;
  const isSeal = ({ head }: Rule): boolean => relations[head.relation]?.place?.seals !== undefined;
  // The rules of a step come first: strata name them by their places.
  const later = rules.findIndex(({ when }) => when !== undefined);
  const now = later < 0 ? rules.length : later;
  const tuples = handover.filter((rule) => !isSeal(rule));
  const moving = [...tuples, ...handover.filter(isSeal)];
  return { ...program, rules: [...rules.slice(0, now), ...moving, ...rules.slice(now)] };
}
