import type { Literal, Term } from "../analysis/program.ts";
import type { Window } from "./plan.ts";
import { type AggregateLiteral, literalVariables, termVariables } from "./literals.ts";

/** One part of a body in its place among the others: what an arrangement is a list of. Terms and
 * variables are still the rule's; the columns of `key` have terms that are known beforehand. */
export type Step =
  | AtomStep
  | { readonly kind: "filter"; readonly condition: ConditionLiteral }
  | { readonly kind: "bind"; readonly variable: number; readonly value: Term }
  | { readonly kind: "range"; readonly variable: number; readonly literal: RangeLiteral }
  | {
      readonly kind: "aggregate";
      readonly variable: number;
      readonly literal: AggregateLiteral;
      readonly body: readonly Step[];
    };

/** A visit to a relation: a loop over the rows that agree with the key, or a test that there is
 * one, or none. */
export type AtomStep = {
  readonly kind: "loop" | "exists" | "absent";
  readonly relation: number;
  readonly window: Window;
  readonly terms: readonly Term[];
  readonly key: readonly number[];
};

/** A literal that only says yes or no. */
export type ConditionLiteral = Extract<Literal, { kind: "comparison" | "test" | "boolean" }>;

/** A range among the literals. */
export type RangeLiteral = Extract<Literal, { kind: "range" }>;

/** The variables that `step` reads or binds. */
export function stepVariables(step: Step): readonly number[] {
  switch (step.kind) {
    case "loop":
    case "exists":
    case "absent":
      return step.terms.flatMap(termVariables);
    case "filter":
      return literalVariables(step.condition);
    case "bind":
      return [step.variable, ...termVariables(step.value)];
    case "range":
      return [step.variable, ...literalVariables(step.literal)];
    case "aggregate": {
      const { value } = step.literal;
      const inside = step.body.flatMap(stepVariables);
      return [step.variable, ...inside, ...(value === undefined ? [] : termVariables(value))];
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
      case "aggregate":
        return atomSteps(step.body);
      case "filter":
      case "bind":
      case "range":
        return [];
    }
  });
}
