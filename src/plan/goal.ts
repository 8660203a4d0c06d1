import type { Literal, Rule, Term } from "../analysis/program.ts";
import type { Window } from "./plan.ts";
import {
  type AggregateLiteral,
  injectedVariables,
  literalCounts,
  literalFaults,
  literalVariables,
  occurrences,
  termCounts,
} from "./literals.ts";

/** A literal that waits for its place in an arrangement. */
export type Goal = {
  readonly literal: Literal;
  /** Which rows an atom sees. */
  readonly window: Window;
  /** The variable for the place of the row that an atom meets; it is met in a loop then. */
  readonly row?: number;
  /** The variable for the rank of that row, where its place is asked for, too. */
  readonly rank?: number;
  /** All variables that occur in it. */
  readonly variables: ReadonlySet<number>;
  /** Those that have to have a value before it can be asked whether it holds. */
  readonly needs: ReadonlySet<number>;
  /** A counter occurs in it, so that it matters how often it is evaluated. */
  readonly counts: boolean;
  /** Its evaluation can end in a fault. */
  readonly faults: boolean;
};

/** Goals, what is known before them, and what is wanted once they are reached. */
export type Scope = {
  readonly goals: readonly Goal[];
  readonly bound: ReadonlySet<number>;
  readonly wanted: readonly Term[];
  /** Only whether the goals can be reached matters, not in how many ways. */
  readonly distinct: boolean;
  /** The goal whose loop is to come first. */
  readonly delta?: Goal;
  /** The order of the atoms, where the program gives one. */
  readonly order?: readonly Goal[];
};

/** One way to run a rule: `windows` are those of the body's atoms in written order. */
export type Variant = {
  readonly windows: readonly Window[];
  readonly deltaAt?: number;
  readonly order?: readonly number[];
  /** The variables for the places of the rows that atoms meet, as far as they are asked for. */
  readonly rows?: readonly (number | undefined)[];
  /** The variables for the ranks of some of these rows. */
  readonly ranks?: readonly (number | undefined)[];
};

/** What there is to do for one variant of a rule. */
export function ruleScope(rule: Rule, variant: Variant): Scope {
  const { deltaAt, order } = variant;
  const counts = occurrences(rule);
  const goals = goalsOf(rule.body, counts, variant);
  const atoms = goals.filter(({ literal }) => literal.kind === "atom");
  const delta = deltaAt === undefined ? undefined : atoms[deltaAt];
  return {
    goals,
    bound: new Set(),
    wanted: rule.subsumes === true ? [] : rule.head.terms,
    distinct: !rule.head.terms.some(termCounts) && !rule.body.some(literalCounts),
    ...(delta === undefined ? {} : { delta }),
    ...(order === undefined ? {} : { order: order.flatMap((at) => atoms[at] ?? []) }),
  };
}

/** What there is to do for an aggregate once its injected variables have values. Every tuple counts
 * for a count, a sum, a mean; the least and the greatest are the same, however often met. */
export function aggregateScope(literal: AggregateLiteral, goal: Goal, rule: Rule): Scope {
  return {
    goals: goalsOf(literal.body, occurrences(rule), { windows: [] }),
    bound: goal.needs,
    wanted: literal.value === undefined ? [] : [literal.value],
    distinct: (literal.name === "min" || literal.name === "max") && !goal.counts,
  };
}

/** The goal that `literal` is, for a rule in which its variables occur as `counts` says. */
export function goalOf(literal: Literal, counts: readonly number[], window: Window): Goal {
  const variables = new Set(literalVariables(literal));
  return {
    literal,
    window,
    variables,
    needs: literal.kind === "aggregate" ? injectedVariables(literal, counts) : variables,
    counts: literalCounts(literal),
    faults: literalFaults(literal),
  };
}

function goalsOf(
  body: readonly Literal[],
  counts: readonly number[],
  { windows, rows = [], ranks = [] }: Pick<Variant, "windows" | "rows" | "ranks">,
): Goal[] {
  let atomAt = 0;
  return body.map((literal) => {
    if (literal.kind !== "atom") return goalOf(literal, counts, "full");
    const [window = "full", row, rank] = [windows[atomAt], rows[atomAt], ranks[atomAt]];
    atomAt++;
    const places = {
      ...(row === undefined ? {} : { row }),
      ...(rank === undefined ? {} : { rank }),
    };
    return { ...goalOf(literal, counts, window), ...places };
  });
}
