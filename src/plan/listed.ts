// A transaction that takes lists apart, sums over them and follows rows to others, as long as it
// looks each row up by its whole key: what its rules derive is a few tuples, which are gone through
// one after the other. It needs no tables and no strata of the engine.
import type { Aggregate } from "../value/operator.ts";
import type { Value, ValueKind } from "../value/schema.ts";
import type { Condition, Expression } from "./plan.ts";

/** A transaction that derives few tuples. Slots are the variables of a rule, which are its own. */
export type ListedPlan = {
  readonly parameters: readonly ValueKind[];
  /** What is named below by place. The first holds the arguments: one tuple. */
  readonly relations: readonly ListedRelation[];
  /** What is derived, in the order in which it is. */
  readonly strata: readonly {
    readonly recursive: boolean;
    readonly rules: readonly ListedRule[];
  }[];
  /** Those that abort come first. */
  readonly effects: readonly ListedRule[];
};

/** A relation: derived from the arguments; stated by the text, the same for all transactions; or
 * rows that are looked up by their key. */
export type ListedRelation = { readonly kinds: readonly ValueKind[] } & (
  | { readonly kind: "derived" }
  | { readonly kind: "stated"; readonly tuples: readonly (readonly Value[])[] }
  | {
      readonly kind: "stored";
      /** In the program. */
      readonly relation: number;
      /** The columns of its key, ascending. */
      readonly key: readonly number[];
    }
);

/** A rule: for each way to go through its steps its head holds. */
export type ListedRule = { readonly steps: readonly ListedStep[]; readonly head: ListedHead };

/** What a rule does: it derives a tuple, aborts for a reason, inserts or removes a row. */
export type ListedHead =
  | { readonly kind: "abort"; readonly reason: Expression }
  | {
      readonly kind: "derive" | "insert" | "remove";
      readonly relation: number;
      readonly values: readonly Expression[];
    };

/** A part of a tuple or of a record: it gets a name, or has to be equal to something. */
export type ListedPart = { readonly at: number; readonly of: ValueKind } & (
  | { readonly kind: "bind"; readonly slot: number }
  | { readonly kind: "equal"; readonly value: Expression }
  | { readonly kind: "record"; readonly parts: readonly ListedPart[] }
);

/** A step of a rule: each tuple of a relation, or of rows the one of a key; the parts of a record;
 * a condition; a value; that there is no way to go through some steps; an aggregate over all. */
export type ListedStep =
  | {
      readonly kind: "each";
      readonly relation: number;
      readonly parts: readonly ListedPart[];
      /** The values of the key of rows that are stored. */
      readonly key: readonly Expression[];
    }
  | { readonly kind: "match"; readonly value: Expression; readonly parts: readonly ListedPart[] }
  | { readonly kind: "filter"; readonly condition: Condition }
  | { readonly kind: "bind"; readonly slot: number; readonly value: Expression }
  | { readonly kind: "none"; readonly steps: readonly ListedStep[] }
  | {
      readonly kind: "aggregate";
      readonly slot: number;
      readonly name: Extract<Aggregate, "count" | "sum" | "min" | "max">;
      readonly of: ValueKind;
      readonly value: Expression;
      readonly steps: readonly ListedStep[];
    };
