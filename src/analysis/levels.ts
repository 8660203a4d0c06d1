// What the checker says of a program: a level for every relation, and each place that keeps one
// from being monotone.
import type { Span } from "../base/source.ts";
import type { RelationAt } from "./program.ts";

/** The levels, the best first. `M`: monotone, hence coordination-free by the CALM theorem, also
 * while input keeps arriving. `F1`: domain-distinct-monotone, coordination-free over inputs
 * that are partitioned and sealed. `F2`: domain-disjoint-monotone, coordination-free over
 * inputs placed by value and sealed. `coordinating`: coordinates by itself. `ordered`: not
 * proved to be any of these. Levels F1 and F2 are the classes of Ameloot, Ketsman, Neven and
 * Zinn, "Weaker forms of monotonicity for declarative networking" (TODS 2016). */
export const levels = ["M", "F1", "F2", "coordinating", "ordered"] as const;

/** One of `levels`. */
export type Level = (typeof levels)[number];

/** What each level means, in a few words. */
export const levelMeanings: Readonly<Record<Level, string>> = {
  M: "monotone: coordination-free",
  F1: "coordination-free once its inputs are partitioned and sealed",
  F2: "coordination-free once its inputs are placed by value and sealed",
  coordinating: "coordinates by itself",
  ordered: "not proved to be coordination-free",
};

/** Why what a rule derives, or a relation holds, depends on more than the facts that are there. */
export type PointKind =
  /** A tuple is derived because another is absent. */
  | "negation"
  /** An aggregate's value is used in a way that a further tuple takes back. */
  | "aggregate"
  /** A lattice value is used in a way that its growth takes back. */
  | "lattice"
  /** A tuple is removed from memory. */
  | "deletion"
  | "subsumption"
  /** A choice domain or `.limitsize`: which tuple comes first decides. */
  | "choice"
  /** A counter, a round, the number of an interned value, a stateful functor. */
  | "order"
  /** An event is joined with what may arrive before or after it. */
  | "arrival"
  /** A relation that transactions change is read. */
  | "ordered"
  /** Both `Id` and `All` are read as data. */
  | "coordination"
  /** The laws of a lattice or a functor are neither known nor claimed. */
  | "laws";

/** A place that keeps a relation from being monotone. */
export type PointOfOrder = {
  readonly kind: PointKind;
  /** The relation that is affected first. */
  readonly relation: RelationAt;
  /** The relation that is read in a way that is not monotone, if there is one. */
  readonly reads?: RelationAt;
  /** The place in `Program.rules`, if it is in a rule. */
  readonly rule?: number;
  readonly span: Span;
  /** The best level that what it affects can have. */
  readonly level: Level;
  /** Why it is not monotone: a message as in `Diagnostic`. */
  readonly message: string;
  /** The change that would make it coordination-free, where there is one. */
  readonly hint?: string;
};

/** What is known of one relation. */
export type RelationLevel = {
  readonly level: Level;
  /** Whether what is derived stays as it is: false for rows with lattice values, which grow, and
   * for snapshots. Says nothing below `M`. */
  readonly final: boolean;
  /** Depends on `Id` or on `All` as data, though not on both: coordination-free, but not
   * promised to equal the answer of one machine. */
  readonly networkDependent: boolean;
  /** Places in `Monotonicity.points` of all that affect it, its own and those below it. */
  readonly points: readonly number[];
};

/** One step of the way from a point of order up to a relation: `relation` reads `from` at
 * `span`. */
export type Step = {
  readonly relation: RelationAt;
  readonly from: RelationAt;
  readonly span: Span;
};

/** A law that the verdict relies on, claimed by the text and not known by itself. */
export type Law = { readonly span: Span } & (
  | { readonly kind: "lattice"; readonly name: string; readonly relation: RelationAt }
  /** `functor` keeps the order in the arguments that are of lattices (by name; undefined where an
   * argument is of none), towards the lattice `result`. */
  | {
      readonly kind: "functor";
      readonly functor: string;
      readonly arguments: readonly (string | undefined)[];
      readonly result: string;
    }
);

/** The verdict on a program. */
export type Monotonicity = {
  /** For each relation of the program. */
  readonly relations: readonly RelationLevel[];
  readonly points: readonly PointOfOrder[];
  /** What is answered: relations with `.output` or `.printsize`; all that nothing reads where there
   * is none. */
  readonly outputs: readonly RelationAt[];
  readonly snapshots: readonly RelationAt[];
  readonly laws: readonly Law[];
};
