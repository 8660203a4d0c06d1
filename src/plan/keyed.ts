// A transaction whose arguments alone say which rows it reads and changes, each by its whole key,
// and whose rules hold these rows against each other: most are such. It needs no evaluation of
// strata: its rows are looked up, and each rule is a row of tests and an effect.
import type { ValueKind } from "../value/schema.ts";
import type { Condition, Expression } from "./plan.ts";

/** A transaction that looks up rows by their keys. Values are in slots: first the arguments, then
 * the columns of each row that is looked up, then what rules compute. */
export type KeyedPlan = {
  /** The kinds of the arguments: the slots from 0. */
  readonly parameters: readonly ValueKind[];
  readonly lookups: readonly Lookup[];
  /** Those that abort come first. */
  readonly rules: readonly KeyedRule[];
  readonly slots: number;
};

/** A row that is looked up by its key, of which there is one at most. */
export type Lookup = {
  readonly relation: number;
  /** The columns of the key. */
  readonly columns: readonly number[];
  /** Its values, computed from arguments alone. */
  readonly key: readonly KeyedValue[];
  /** The slot of the first column; the kinds of all. */
  readonly slot: number;
  readonly kinds: readonly ValueKind[];
  /** Whether rules read the row, and whether they change it. */
  reads: boolean;
  writes: boolean;
};

/** A value with its kind. */
export type KeyedValue = { readonly kind: ValueKind; readonly value: Expression };

/** The steps of a rule, in order, and what it does where all of them hold. */
export type KeyedRule = { readonly steps: readonly KeyedStep[]; readonly effect: KeyedEffect };

/** A step: a row is there; none is there that is as the conditions say; a condition holds; a slot
 * gets its value. */
export type KeyedStep =
  | { readonly kind: "present"; readonly lookup: number }
  | { readonly kind: "absent"; readonly lookup: number; readonly where: readonly Condition[] }
  | { readonly kind: "filter"; readonly condition: Condition }
  | { readonly kind: "bind"; readonly slot: number; readonly value: Expression };

/** What a rule does. A row that is changed is that of a lookup. */
export type KeyedEffect =
  | { readonly kind: "abort"; readonly reason: Expression }
  | {
      readonly kind: "insert" | "remove";
      readonly lookup: number;
      readonly values: readonly KeyedValue[];
    };
