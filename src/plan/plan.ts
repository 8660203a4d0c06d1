// How a program is evaluated: nested loops over relations, their windows and indexes, as data. Code
// generation turns a stratum's plan into JavaScript; the interpreter runs the same plan.
import type { Program } from "../analysis/program.ts";
import type { Span } from "../base/source.ts";
import type { Aggregate, Comparison, Functor, SymbolTest } from "../value/operator.ts";
import type { Domain, Schema, Value, ValueKind } from "../value/schema.ts";
import type { Structures } from "../value/structure.ts";
import type { UserFunctor } from "../value/user-functor.ts";

/** A program that is ready to be evaluated, stratum by stratum. A stratum is planned when it is
 * about to run, as join orders depend on how many tuples the relations below it hold by then. */
export type Plan = {
  readonly domain: Domain;
  /** What the kinds of records and algebraic data types are made of. */
  readonly structures: Structures;
  /** In the order of `Program.relations`. */
  readonly relations: readonly RelationPlan[];
  readonly facts: readonly { readonly relation: number; readonly values: readonly Value[] }[];
  /** The functors that rules call. */
  readonly functors: Program["functors"];
  /** What each stratum computes: places in `relations`. */
  readonly strata: readonly (readonly number[])[];
  /** Returns the plan of stratum `at`, given how many tuples each relation has (unknown: -1). It is
   * for one evaluation, or for one of several (`maintained`), also while tuples are removed
   * (`losing`): then indexes are there for the next, too, and cost nothing to make. With `groups`
   * the join order depends on how many rows share a value, too. */
  stratum(
    at: number,
    sizes: readonly number[],
    way?: "maintained" | "losing",
    groups?: GroupRows,
  ): StratumPlan;
  /** Returns the plan that the rounds of a stratum are better run by from now on, or `before`,
   * which they were run by until now, where that is not expected to be worth it. */
  revised(at: number, before: StratumPlan, now: Progress): StratumPlan;
  /** Returns what there is to know of stratum `at` to keep it up. */
  upkeep(at: number): Upkeep;
  /** Returns the plan that adds to stratum `at` what follows from new rows, which are the delta in
   * the relations below: `once` is for these, and is run while what is new in own relations is
   * still pending. What is to be computed `anew` has none. Rules that negate or aggregate are run
   * on all there is where `wholes` says so; otherwise what they read as wholes has not changed. */
  maintenance(at: number, sizes: readonly number[], wholes: boolean): StratumPlan;
  /** Returns the relations that tuples are removed with; the first are those of the program. */
  removalRelations(): readonly RelationPlan[];
  /** Returns the plans that take back tuples of stratum `at`, and add what is new. */
  removal(at: number, sizes: readonly number[]): RemovalPlans;
};

/** How tuples of a stratum are taken back, in the order in which its parts run, `once` each. Groups
 * and what is below see the relations below as they were and are, both at once; the others see them
 * as they are. `plan/removal.ts` has the rules. */
export type RemovalPlans = {
  /** Finds the groups whose aggregates may have changed. */
  readonly groups: StratumPlan;
  /** Finds what may have lost a derivation by a change below. */
  readonly below: StratumPlan;
  /** Finds what of that has another one. */
  readonly checks: StratumPlan;
  /** Finds what may have lost a derivation as other tuples of the stratum are gone. */
  readonly within: StratumPlan;
  /** Finds what is gone and can be derived from what is left after all, */
  readonly proofs: StratumPlan;
  /** and from what was put back for that. */
  readonly reproofs: StratumPlan;
  /** Derives what is new, to the fixpoint: what follows from what is new and from what is lost
   * below. */
  readonly again: StratumPlan;
};

/** What there is by now, between two rounds. */
export type Progress = {
  /** How many tuples each relation has, those that are being computed, too. */
  readonly sizes: readonly number[];
  /** How many of them are the delta. */
  readonly deltas: readonly number[];
  readonly groups: GroupRows;
};

/** Tells how many rows of a relation that does not grow meanwhile agree in some columns (ascending
 * order) with one of them, in the mean. */
export type GroupRows = (relation: number, columns: readonly number[]) => number;

/** What keeping a stratum up depends on: deriving what is new in it from what is new below. */
export type Upkeep = {
  /** Rules derive its tuples. */
  readonly derived: boolean;
  /** The relations below that rules join. */
  readonly joins: readonly number[];
  /** The relations below that rules negate or aggregate over: what is new there may take back what
   * was derived. */
  readonly wholes: readonly number[];
  /** Rules join rows of the stratum's own that have lattice columns, as long as these are there. */
  readonly ownLattices: boolean;
  /** It cannot be kept up: what it holds depends on when or how often rules are run (counters,
   * rounds, a limit), or tuples are dropped from it. */
  readonly anew: boolean;
  /** Tuples that lost their derivations can be found and taken back one by one. `ranked`: those of
   * the stratum that others are derived by are told by the order of their rows. */
  readonly removable: false | "ranked" | "unranked";
};

/** A relation as the engine has to know it. */
export type RelationPlan = Schema & {
  readonly limit?: number;
  /** It is the least equivalence that holds what is put into it, and has classes for rows. Scans
   * and probes are of its pairs; `delta` are the pairs of the classes that grew, `stable` is
   * `full`. */
  readonly equivalence?: boolean;
  /** Sets of columns: a tuple that agrees there with an earlier one is not put in. */
  readonly choices?: readonly (readonly number[])[];
  /** Tuples are dropped from it while it is computed. */
  readonly subsumed?: boolean;
  /** Its tuples are told apart by their first column. Nothing is removed from it. */
  readonly keyedByFirst?: boolean;
  /** How the last columns are joined with those of the tuple that has the same others. */
  readonly lattices?: readonly JoinPlan[];
};

/** How two elements of a lattice are joined: `lub` is the least element above slots 0 and 1, or, of
 * maps so many deep, above two values in the innermost. */
export type JoinPlan = { readonly lub: Expression; readonly maps: number };

/** A stratum: `once` runs before the rounds, `rounds` in each round until nothing is new. */
export type StratumPlan = {
  readonly at: number;
  readonly domain: Domain;
  /** All relations of the program: operations refer to them by place. */
  readonly relations: readonly RelationPlan[];
  /** What the stratum computes. */
  readonly computes: readonly number[];
  readonly once: readonly RulePlan[];
  /** Empty unless the stratum is recursive. */
  readonly rounds: readonly RulePlan[];
  /** What begins each round, before `rounds`: drops tuples of `subsumed` relations that the delta
   * brought in, or that are subsumed by such, or because of such. Absent where there is nothing to
   * drop. */
  readonly subsumptions?: readonly RulePlan[];
  /** The indexes that the rules probe, each once; columns in ascending order. A set of all columns
   * is not listed: every relation finds whole tuples by itself. */
  readonly indexes: readonly { readonly relation: number; readonly columns: readonly number[] }[];
  /** Evaluations follow each other: relations below whose rows are joined have dropped rows, too,
   * and there may be a delta in relations below. */
  readonly maintained?: true;
  /** Some relations have dropped rows. Indexes do not hold them; scans meet them. */
  readonly holes?: true;
  /** Tuples are being removed: indexes, too, hold rows that are dropped, */
  readonly losing?: true;
  /** but none yet, or none any more. */
  readonly intact?: true;
};

/** One variant of a rule. `text` is the rule in source form. */
export type RulePlan = {
  /** The place in `Program.rules`. */
  readonly rule: number;
  readonly text: string;
  readonly span: Span;
  /** Which body atom reads the delta, counted among the body's atoms from 0; absent in `once`. */
  readonly deltaAt?: number;
  /** Values are kept in slots while the loops run; a slot is bound once, before it is read. */
  readonly slots: readonly { readonly name: string; readonly kind: ValueKind }[];
  readonly root: Operation;
  /** The rules that this one stands for, as they begin alike: it does what they do, and what else
   * is said here of one rule is of the first. `apart` (`plan/prefix.ts`) has them run by
   * themselves. */
  readonly shares?: readonly RulePlan[];
};

/** Which rows of a relation an operation sees. Rows before `from` are stable (every rule has seen
 * them), rows in [from, to) are the delta, rows from `to` on are pending (derived in this round,
 * never seen in it). `stable` is [0, from), `delta` [from, to), `full` [0, to). For a relation of a
 * lower stratum `full` is all of it. */
export type Window = "stable" | "delta" | "full";

/** What happens with one column of a row that was found. Columns are taken in order, so that a
 * check can use a slot that an earlier column of the same row bound. */
export type ColumnUse =
  | { readonly kind: "ignore" }
  | { readonly kind: "bind"; readonly slot: number }
  | { readonly kind: "check"; readonly equals: Expression };

/** A loop, a test or an effect, with what happens inside it. */
export type Operation =
  /** For each row of the window; dropped rows are in none. `row` is the slot for the row's
   * place, `rank` that for its rank. */
  | {
      readonly kind: "scan";
      readonly relation: number;
      readonly window: Window;
      readonly columns: readonly ColumnUse[];
      readonly row?: number;
      readonly rank?: number;
      readonly then: Operation;
    }
  /** For each row of the window whose `index` columns equal `key`. */
  | {
      readonly kind: "probe";
      readonly relation: number;
      readonly window: Window;
      readonly index: readonly number[];
      readonly key: readonly Expression[];
      /** The use of every column; those of `index` are ignored. */
      readonly columns: readonly ColumnUse[];
      readonly row?: number;
      readonly rank?: number;
      /** It may be looked up in the composition with the probe that `then` is. Both are of two
       * columns; this one is of a relation that the stratum computes, that one is `full`, of one
       * below, and what this one binds is its key and read by nothing else. */
      readonly composed?: true;
      readonly then: Operation;
    }
  /** Once, if some (`negated`: no) row of the window equals `key` in `index`. `index` may name all
   * columns (the whole tuple is looked up) or none (is there any row). */
  | {
      readonly kind: "exists";
      readonly relation: number;
      readonly window: Window;
      readonly negated: boolean;
      readonly index: readonly number[];
      readonly key: readonly Expression[];
      readonly then: Operation;
    }
  /** For each word that is, in every side, in a row whose other columns equal the side's key; each
   * word once, in the order in which `Intersection` (codegen) finds it. The sides are whole
   * relations, at least two, none of which has dropped rows or is an equivalence. */
  | {
      readonly kind: "intersect";
      readonly slot: number;
      readonly sides: readonly Side[];
      readonly then: Operation;
    }
  /** For each key of an index, once, in the order of its directory; `slots` are bound to the words
   * of the key. The relation is of a lower stratum and has no dropped rows. */
  | {
      readonly kind: "keys";
      readonly relation: number;
      readonly index: readonly number[];
      readonly slots: readonly number[];
      readonly then: Operation;
    }
  | { readonly kind: "filter"; readonly condition: Condition; readonly then: Operation }
  | {
      readonly kind: "bind";
      readonly slot: number;
      readonly value: Expression;
      readonly then: Operation;
    }
  /** Once, if `record` is not `nil` and its fields are as `columns` say; a branch of an algebraic
   * data type is unpacked as the record that it is (see `value/structure.ts`). */
  | {
      readonly kind: "unpack";
      readonly record: Expression;
      readonly columns: readonly ColumnUse[];
      readonly then: Operation;
    }
  /** For each number of the range; see the literal of the same name in `analysis/program.ts`. */
  | {
      readonly kind: "range";
      readonly slot: number;
      readonly of: ValueKind;
      readonly from: Expression;
      readonly to: Expression;
      readonly step?: Expression;
      readonly then: Operation;
    }
  /** Runs `body`, whose leaf is `accumulate`, then goes on once with the result in `slot`; `min`,
   * `max` and `mean` go on only if something was accumulated. */
  | {
      readonly kind: "aggregate";
      readonly slot: number;
      readonly name: Aggregate;
      readonly of: ValueKind;
      /** Of a `fold`: what goes on from `start`, by `user(so far, value)` in value order. */
      readonly fold?: { readonly user: UserFunctor; readonly start: Expression };
      readonly body: Operation;
      readonly then: Operation;
    }
  /** Runs `body`, whose leaf is `found`, until it comes there, and goes on with `then` once if it
   * does. What is bound in the body is not read after it. */
  | { readonly kind: "first"; readonly body: Operation; readonly then: Operation }
  | { readonly kind: "found" }
  /** Goes on in several ways, one after the other, for rules that begin alike. */
  | { readonly kind: "fork"; readonly branches: readonly Operation[] }
  | { readonly kind: "accumulate"; readonly value?: Expression }
  /** Drops the row whose place is in slot `row`, unless it is the one in slot `for`. The tuple
   * stays known: it is not put in again. */
  | { readonly kind: "drop"; readonly relation: number; readonly row: number; readonly for: number }
  /** Inserts a tuple; it is pending until the round ends. */
  | { readonly kind: "derive"; readonly relation: number; readonly values: readonly Expression[] };

/** One of the groups of rows whose words an `intersect` asks for: `index` are all columns of the
 * relation but one, the one of the words. */
export type Side = {
  readonly relation: number;
  readonly index: readonly number[];
  readonly key: readonly Expression[];
};

/** A test on values. */
export type Condition =
  | {
      readonly kind: "comparison";
      readonly operator: Comparison;
      readonly of: ValueKind;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "test";
      readonly word: SymbolTest;
      readonly negated: boolean;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "boolean"; readonly value: boolean };

/** A value that is computed from slots. */
export type Expression =
  | { readonly kind: "slot"; readonly slot: number }
  | { readonly kind: "constant"; readonly of: ValueKind; readonly value: Value }
  | {
      readonly kind: "call";
      readonly functor: Functor;
      readonly of: ValueKind;
      readonly arguments: readonly Expression[];
      readonly span: Span;
    }
  /** A functor that the program declares. */
  | {
      readonly kind: "call";
      readonly functor: "user";
      readonly user: UserFunctor;
      readonly arguments: readonly Expression[];
      readonly span: Span;
    }
  /** The record of these fields. */
  | { readonly kind: "pack"; readonly fields: readonly Expression[] }
  | { readonly kind: "counter" }
  | { readonly kind: "iteration" };
