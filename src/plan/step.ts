import type { Literal, Term } from "../analysis/program.ts";
import type { RecordTerm } from "./bound.ts";
import type { Window } from "./plan.ts";
import { type AggregateLiteral, literalVariables, termVariables } from "./literals.ts";

/** One part of a body in its place among the others: what an arrangement is a list of. Terms and
 * variables are still the rule's; the columns of `key` have terms that are known beforehand. */
export type Step =
  | AtomStep
  | IntersectStep
  | KeysStep
  | { readonly kind: "filter"; readonly condition: ConditionLiteral }
  | { readonly kind: "bind"; readonly variable: number; readonly value: Term }
  | UnpackStep
  | { readonly kind: "range"; readonly variable: number; readonly literal: RangeLiteral }
  | {
      readonly kind: "aggregate";
      readonly variable: number;
      readonly literal: AggregateLiteral;
      readonly body: readonly Step[];
    }
  | FirstStep;

/** Steps of which one way to pass them is as good as all: nobody asks for what they bind. */
export type FirstStep = { readonly kind: "first"; readonly body: readonly Step[] };

/** Takes a record apart: its fields are known, bound or anonymous. */
export type UnpackStep = {
  readonly kind: "unpack";
  readonly value: Term;
  readonly pattern: Pick<RecordTerm, "of" | "branch">;
  readonly fields: readonly Term[];
};

/** A visit to a relation: a loop over the rows that agree with the key, or a test that there is
 * one, or none. */
export type AtomStep = {
  readonly kind: "loop" | "exists" | "absent";
  readonly relation: number;
  readonly window: Window;
  readonly terms: readonly Term[];
  readonly key: readonly number[];
  /** The variable for the place of the row that a loop meets. */
  readonly row?: number;
  /** The variable for its rank, beside `row`. */
  readonly rank?: number;
};

/** A loop over the values of `variable` for which every side has a row: `variable` is the term of
 * the one column that is not in a side's key. */
export type IntersectStep = {
  readonly kind: "intersect";
  readonly variable: number;
  readonly sides: readonly AtomStep[];
};

/** A loop over what the columns `atom.key` of a relation hold, each combination once; the terms
 * there are variables, which are bound. */
export type KeysStep = { readonly kind: "keys"; readonly atom: AtomStep };

/** A literal that only says yes or no. */
export type ConditionLiteral = Extract<Literal, { kind: "comparison" | "test" | "boolean" }>;

/** A range among the literals. */
export type RangeLiteral = Extract<Literal, { kind: "range" }>;

/** The variables of the terms in the key of a visit, once for each time they occur. */
export function keyVariables({ terms, key }: Pick<AtomStep, "terms" | "key">): readonly number[] {
  return terms.flatMap((term, column) => (key.includes(column) ? termVariables(term) : []));
}

/** The variables that `step` reads or binds. */
export function stepVariables(step: Step): readonly number[] {
  switch (step.kind) {
    case "loop":
    case "exists":
    case "absent":
      return step.terms.flatMap(termVariables);
    case "intersect":
      return step.sides.flatMap(stepVariables);
    case "keys":
      return keyVariables(step.atom);
    case "filter":
      return literalVariables(step.condition);
    case "bind":
      return [step.variable, ...termVariables(step.value)];
    case "unpack":
      return [...termVariables(step.value), ...step.fields.flatMap(termVariables)];
    case "range":
      return [step.variable, ...literalVariables(step.literal)];
    case "first":
      return step.body.flatMap(stepVariables);
    case "aggregate": {
      const { value, fold } = step.literal;
      const inside = step.body.flatMap(stepVariables);
      const terms = [...(value ? [value] : []), ...(fold ? [fold.start] : [])];
      return [step.variable, ...inside, ...terms.flatMap(termVariables)];
    }
  }
}

/** Every visit to a relation in `steps`, inside aggregates too. */
export function atomSteps(steps: readonly Step[]): readonly AtomStep[] {
  return steps.flatMap((step) => {
    switch (step.kind) {
      case "loop":
      case "exists":
      case "absent":
        return [step];
      case "intersect":
        return step.sides;
      case "keys":
        return [step.atom];
      case "first":
      case "aggregate":
        return atomSteps(step.body);
      case "filter":
      case "bind":
      case "unpack":
      case "range":
        return [];
    }
  });
}
