// The join order: a scope's goals → steps. What can be decided is decided before the next loop; of
// the loops the one that is expected to meet the fewest rows comes first, cartesian products last.
import type { Literal, Term } from "../analysis/program.ts";
import { assert } from "../base/assert.ts";
import { type Span, textOf } from "../base/source.ts";
import type { ValueKind } from "../value/schema.ts";
import { bindingOf, isKnown, knownColumns, matchOf } from "./bound.ts";
import { type Choice, choice, fanout, isConnected, rangeRows } from "./choice.ts";
import {
  addGoal,
  type ArrangeContext,
  type Arrangement,
  type Draft,
  emptyDraft,
  removeGoal,
} from "./draft.ts";
import { indexCost, passShareAssumed } from "./estimate.ts";
import { aggregateScope, type Goal, goalOf, type Scope } from "./goal.ts";
import { type AggregateLiteral, computedKind } from "./literals.ts";

/** How many loops are tried as the outermost one. */
const startsMax = 8;
/** Estimates stay finite, so that they can be compared. */
const rowsMax = 1e100;

/** Returns the steps for `scope`: in the order of atoms that it has; or from the delta, unless
 * that makes a cartesian product that another start avoids; or the cheapest of several greedy
 * arrangements that differ in what the outermost loop is. */
export function arrange(scope: Scope, context: ArrangeContext): Arrangement {
  if (scope.order !== undefined) return attempt(scope, context, scope.order[0]);
  const first = attempt(scope, context, scope.delta);
  if (scope.delta !== undefined && first.products === 0) return first;
  return starts(scope, context)
    .map((start) => attempt(scope, context, start))
    .reduce((best, next) => {
      if (scope.delta !== undefined && best.products !== next.products)
        return best.products < next.products ? best : next;
      return scope.delta === undefined && next.cost < best.cost * (1 - 1e-9) ? next : best;
    }, first);
}

/** The atoms that may be worth to start from: those with the fewest rows expected. */
function starts(scope: Scope, context: ArrangeContext): Goal[] {
  const atoms = scope.goals.filter(({ literal }) => literal.kind === "atom");
  const fanouts = new Map(
    atoms.map((goal) => [goal, fanout(goal, scope.bound, context.estimates)]),
  );
  return atoms
    .toSorted((a, b) => (fanouts.get(a) ?? 0) - (fanouts.get(b) ?? 0))
    .slice(0, startsMax);
}

function attempt(scope: Scope, context: ArrangeContext, first: Goal | undefined): Arrangement {
  const draft = emptyDraft(scope, context);
  while (draft.pending.size > 0) {
    const next = choice(draft, first);
    assert(next !== undefined, `no order of its literals grounds ${textOf(context.rule.span)}`);
    removeGoal(draft, next.goal);
    if (next.goal.literal.kind === "atom") draft.atoms.push(next.goal);
    place(draft, next);
  }
  return draft;
}

/** Appends the step for `goal`, and what it leaves to be checked later. */
function place(draft: Draft, { goal, loops }: Choice): void {
  const { literal } = goal;
  switch (literal.kind) {
    case "boolean":
    case "test":
      draft.steps.push({ kind: "filter", condition: literal });
      draft.rows *= passShareAssumed;
      return;
    case "comparison":
      placeComparison(draft, literal);
      return;
    case "negation":
      placeVisit(draft, goal, literal, "absent");
      return;
    case "atom":
      if (loops) placeLoop(draft, goal, literal);
      else placeVisit(draft, goal, literal, "exists");
      return;
    case "range": {
      const connected = isConnected(goal, draft.bound);
      const variable = resultVariable(draft, literal, literal.of);
      draft.steps.push({ kind: "range", variable, literal });
      countLoop(draft, rangeRows(literal), connected);
      return;
    }
    case "aggregate": {
      const body = aggregateBody(draft, goal, literal);
      draft.cost += draft.rows * (1 + body.cost);
      const of = literal.name === "mean" ? "float" : (literal.fold?.user.result ?? literal.of);
      const variable = resultVariable(draft, literal, of);
      draft.steps.push({ kind: "aggregate", variable, literal, body: body.steps });
    }
  }
}

function placeComparison(draft: Draft, literal: Extract<Literal, { kind: "comparison" }>): void {
  const match = matchOf(literal, draft.bound);
  const side = bindingOf(literal, draft.bound);
  if (match !== undefined) {
    const { pattern, value } = match;
    const fields = pattern.fields.map((field) => met(draft, field, literal.span));
    draft.steps.push({ kind: "unpack", value, pattern, fields });
  } else if (side === undefined) {
    draft.steps.push({ kind: "filter", condition: literal });
    draft.rows *= passShareAssumed;
  } else {
    draft.steps.push({ kind: "bind", ...side });
    draft.bound.add(side.variable);
  }
}

function placeVisit(
  draft: Draft,
  { window }: Goal,
  { relation, terms }: Extract<Literal, { kind: "atom" | "negation" }>,
  kind: "exists" | "absent",
): void {
  const key = knownColumns(terms, draft.bound);
  draft.steps.push({ kind, relation, window, terms, key });
  draft.cost += draft.rows + indexing(draft, relation, key.length, terms.length);
  draft.rows *= passShareAssumed;
}

/** A functor whose arguments are not all known is met as a value first and compared later:
 * `e(x + 1, y), f(x)` from e on is `e(#, y), f(x), # = x + 1`. So is a record, which is then taken
 * apart: `e([x, y])` is `e(#), # = [x, y]`. */
function placeLoop(
  draft: Draft,
  goal: Goal,
  { relation, terms, span }: Extract<Literal, { kind: "atom" }>,
): void {
  const { bound, context } = draft;
  const key = knownColumns(terms, bound);
  const rows = fanout(goal, bound, context.estimates);
  const connected = isConnected(goal, bound);
  const columns = terms.map((term) => met(draft, term, span));
  const { window, row, rank } = goal;
  const places = { ...(row === undefined ? {} : { row }), ...(rank === undefined ? {} : { rank }) };
  for (const variable of [row, rank]) if (variable !== undefined) bound.add(variable);
  draft.steps.push({ kind: "loop", relation, window, terms: columns, key, ...places });
  draft.cost += indexing(draft, relation, key.length, terms.length);
  countLoop(draft, rows, connected);
}

/** The term to meet a value with, as long as the one of the program is not all known. */
function met(draft: Draft, term: Term, span: Span): Term {
  const { bound } = draft;
  if (term.kind === "variable") bound.add(term.variable);
  if ((term.kind !== "functor" && term.kind !== "record") || isKnown(term, bound)) return term;
  const of = computedKind(term);
  const result: Term = { kind: "variable", variable: addVariable(draft, of) };
  equate(draft, result, term, { of, span });
  return result;
}

function countLoop(draft: Draft, rows: number, connected: boolean): void {
  if (draft.loops > 0 && !connected) draft.products++;
  draft.loops++;
  draft.cost = Math.min(rowsMax, draft.cost + draft.rows * (1 + rows));
  draft.rows = Math.min(rowsMax, draft.rows * rows);
}

function indexing({ context }: Draft, relation: number, keys: number, arity: number): number {
  if (!context.once || keys === 0 || keys === arity) return 0;
  return indexCost * context.estimates.rows(relation);
}

function aggregateBody(draft: Draft, goal: Goal, literal: AggregateLiteral): Arrangement {
  const { context } = draft;
  let body = context.aggregates.get(literal);
  if (body === undefined) {
    body = arrange(aggregateScope(literal, goal, context.rule), context);
    context.aggregates.set(literal, body);
  }
  return body;
}

/** The variable that takes a range's or an aggregate's result: its own, or one that is compared
 * with it where it has a value already. */
function resultVariable(
  draft: Draft,
  { variable, span }: Extract<Literal, { kind: "range" | "aggregate" }>,
  of: ValueKind,
): number {
  if (!draft.bound.has(variable)) {
    draft.bound.add(variable);
    return variable;
  }
  const added = addVariable(draft, of);
  const result: Term = { kind: "variable", variable: added };
  equate(draft, result, { kind: "variable", variable }, { of, span });
  return added;
}

function addVariable({ bound, context: { variables } }: Draft, kind: ValueKind): number {
  bound.add(variables.length);
  return variables.push({ name: "#", kind }) - 1;
}

function equate(
  draft: Draft,
  left: Term,
  right: Term,
  { of, span }: { readonly of: ValueKind; readonly span: Span },
): void {
  const literal: Literal = { kind: "comparison", operator: "=", of, left, right, span };
  addGoal(draft, goalOf(literal, [], "full"));
}
