// Steps → operations: variables get slots where they are bound, columns that nobody reads later are
// left alone, and each step is put around those that follow it.
import type { Lattice, Literal, Term, Variable } from "../analysis/program.ts";
import { assert } from "../base/assert.ts";
import type { Structures } from "../value/structure.ts";
import type { RecordTerm } from "./bound.ts";
import type { IndexOf } from "./indexes.ts";
import { type ComposedContext, composedVariable } from "./composed.ts";
import { termVariables } from "./literals.ts";
import type { ColumnUse, Condition, Expression, JoinPlan, Operation, RulePlan } from "./plan.ts";
import { type AtomStep, keyVariables, type Step, stepVariables, type UnpackStep } from "./step.ts";

/** What a rule's steps lead to: a derived tuple, a dropped row (`row` and `for` are variables of
 * rows), a value for an aggregate, or that one match is found. */
export type Leaf =
  | {
      readonly kind: "drop";
      readonly relation: number;
      readonly row: number;
      readonly for: number;
    }
  | { readonly kind: "derive"; readonly relation: number; readonly terms: readonly Term[] }
  | { readonly kind: "accumulate"; readonly value?: Term }
  | { readonly kind: "found" };

/** Returns the loops for `steps` around `leaf`, and the slots that they use. */
export function operations(
  steps: readonly Step[],
  leaf: Leaf,
  context: OperationContext,
): Pick<RulePlan, "slots" | "root"> {
  const builder: Builder = { ...context, slots: [], slotOf: new Map(), names: new Set() };
  return { root: body(builder, steps, leaf), slots: builder.slots };
}

/** What operations are made for: a rule's variables, a stratum's indexes, the structures. */
export type OperationContext = {
  readonly variables: readonly Variable[];
  readonly indexOf: IndexOf;
  readonly structures: Structures;
  /** Absent where nothing is composed. */
  readonly composed?: ComposedContext;
};

/** Returns the join of a lattice, with slots in the places of the variables 0 and 1. */
export function joinPlan({ lub, maps = 0 }: Lattice): JoinPlan {
  const slotOf = new Map([0, 1].map((slot) => [slot, slot]));
  const none = { variables: [], indexOf: () => [], structures: new Map(), slots: [] };
  return { lub: expression({ ...none, slotOf, names: new Set() }, lub), maps };
}

type Builder = OperationContext & {
  readonly slots: RulePlan["slots"][number][];
  readonly slotOf: Map<number, number>;
  readonly names: Set<string>;
};

function body(builder: Builder, steps: readonly Step[], leaf: Leaf): Operation {
  const last = lastPlaces(steps, leaf);
  const from = (at: number): Operation => {
    const step = steps[at];
    if (step === undefined) return leafOperation(builder, leaf);
    const isWanted = (variable: number): boolean => (last.get(variable) ?? at) > at;
    const next = steps[at + 1];
    const by = builder.composed && composedVariable(builder.composed, step, next);
    const composed = by !== undefined && last.get(by) === at + 1;
    return around(builder, step, { isWanted, composed }, () => from(at + 1));
  };
  return from(0);
}

/** What a step's place says of it: whether anything after it reads a variable, and whether it may
 * be looked up in the composition with the step after it. */
type Place = { readonly isWanted: (variable: number) => boolean; readonly composed: boolean };

/** The operation for `step`. */
function around(
  builder: Builder,
  step: Step,
  { isWanted, composed }: Place,
  then: () => Operation,
): Operation {
  switch (step.kind) {
    case "loop":
      return loop(builder, step, { isWanted, composed }, then);
    case "exists":
    case "absent": {
      const { relation, window, key: index } = step;
      const key = index.map((column) => expression(builder, termAt(step, column)));
      const negated = step.kind === "absent";
      return { kind: "exists", relation, window, negated, index, key, then: then() };
    }
    case "intersect": {
      const sides = step.sides.map((side) => {
        const { relation, key: index } = side;
        const key = index.map((column) => expression(builder, termAt(side, column)));
        return { relation, index, key };
      });
      return { kind: "intersect", slot: bind(builder, step.variable), sides, then: then() };
    }
    case "keys": {
      const { relation, key } = step.atom;
      const slots = keyVariables(step.atom).map((variable) => bind(builder, variable));
      return { kind: "keys", relation, index: key, slots, then: then() };
    }
    case "filter":
      return { kind: "filter", condition: condition(builder, step.condition), then: then() };
    case "bind": {
      const value = expression(builder, step.value);
      return { kind: "bind", slot: bind(builder, step.variable), value, then: then() };
    }
    case "unpack":
      return unpack(builder, step, isWanted, then);
    case "range": {
      const { of, from, to, step: width } = step.literal;
      const bounds = {
        from: expression(builder, from),
        to: expression(builder, to),
        ...(width === undefined ? {} : { step: expression(builder, width) }),
      };
      return { kind: "range", slot: bind(builder, step.variable), of, ...bounds, then: then() };
    }
    case "first":
      return { kind: "first", body: body(builder, step.body, { kind: "found" }), then: then() };
    case "aggregate": {
      const { name, of, value, fold } = step.literal;
      const inner: Leaf = { kind: "accumulate", ...(value === undefined ? {} : { value }) };
      const start = fold && expression(builder, fold.start);
      const inside = body(builder, step.body, inner);
      return {
        kind: "aggregate",
        slot: bind(builder, step.variable),
        name,
        of,
        ...(fold === undefined || start === undefined ? {} : { fold: { user: fold.user, start } }),
        body: inside,
        then: then(),
      };
    }
  }
}

function leafOperation(builder: Builder, leaf: Leaf): Operation {
  if (leaf.kind === "derive") {
    const values = leaf.terms.map((term) => expression(builder, term));
    return { kind: "derive", relation: leaf.relation, values };
  }
  if (leaf.kind === "drop") {
    const [row, kept] = [leaf.row, leaf.for].map((variable) => slotOf(builder, variable));
    assert(row !== undefined && kept !== undefined, "the loops of a subsumption bind rows");
    return { kind: "drop", relation: leaf.relation, row, for: kept };
  }
  if (leaf.kind === "found") return { kind: "found" };
  const { value } = leaf;
  if (value === undefined) return { kind: "accumulate" };
  return { kind: "accumulate", value: expression(builder, value) };
}

/** Where each variable is read or bound for the last time: a place in `steps`, or their number if
 * the leaf reads it. */
function lastPlaces(steps: readonly Step[], leaf: Leaf): ReadonlyMap<number, number> {
  const wanted = leafTerms(leaf);
  const places = steps.map(stepVariables);
  places.push(wanted.flatMap(termVariables));
  return new Map(places.flatMap((variables, at) => variables.map((variable) => [variable, at])));
}

function leafTerms(leaf: Leaf): readonly Term[] {
  if (leaf.kind === "derive") return leaf.terms;
  return leaf.kind !== "accumulate" || leaf.value === undefined ? [] : [leaf.value];
}

function loop(
  builder: Builder,
  step: AtomStep,
  { isWanted, composed: keptComposed }: Place,
  then: () => Operation,
): Operation {
  const { relation, window, terms } = step;
  const index = builder.indexOf(step);
  const key = index.map((column) => expression(builder, termAt(step, column)));
  const columns = columnUses(builder, terms, index, isWanted);
  const places = {
    ...(step.row === undefined ? {} : { row: bind(builder, step.row) }),
    ...(step.rank === undefined ? {} : { rank: bind(builder, step.rank) }),
  };
  if (index.length === 0)
    return { kind: "scan", relation, window, columns, ...places, then: then() };
  const composed = keptComposed ? { composed: true as const } : {};
  return {
    kind: "probe",
    relation,
    window,
    index,
    key,
    columns,
    ...places,
    ...composed,
    then: then(),
  };
}

/** What to do with each of several values that are there at once; those `given` are known. */
function columnUses(
  builder: Builder,
  terms: readonly Term[],
  given: readonly number[],
  isWanted: (variable: number) => boolean,
): readonly ColumnUse[] {
  return terms.map((term, column): ColumnUse => {
    if (term.kind === "anonymous" || given.includes(column)) return { kind: "ignore" };
    if (term.kind !== "variable" || builder.slotOf.has(term.variable))
      return { kind: "check", equals: expression(builder, term) };
    const later = terms.slice(column + 1).flatMap(termVariables);
    return isWanted(term.variable) || later.includes(term.variable)
      ? { kind: "bind", slot: bind(builder, term.variable) }
      : { kind: "ignore" };
  });
}

/** A value of an algebraic data type is taken apart as the record [branch, payload] that it is. */
function unpack(
  builder: Builder,
  { value, pattern, fields }: UnpackStep,
  isWanted: (variable: number) => boolean,
  then: () => Operation,
): Operation {
  const record = expression(builder, value);
  if (pattern.branch === undefined || fields.length < 2) {
    const columns = columnUses(builder, fields, [], isWanted);
    if (pattern.branch === undefined) return { kind: "unpack", record, columns, then: then() };
    const tagged = [branchCheck(builder, pattern), ...columns];
    return { kind: "unpack", record, columns: tagged, then: then() };
  }
  const payload = slot(builder, { name: `#${pattern.branch}`, kind: pattern.of });
  const columns = columnUses(builder, fields, [], isWanted);
  return {
    kind: "unpack",
    record,
    columns: [branchCheck(builder, pattern), { kind: "bind", slot: payload }],
    then: { kind: "unpack", record: { kind: "slot", slot: payload }, columns, then: then() },
  };
}

function branchCheck(builder: Builder, pattern: UnpackStep["pattern"]): ColumnUse {
  return { kind: "check", equals: branchNumber(builder, pattern) };
}

function branchNumber(
  { structures }: Builder,
  { of, branch }: Pick<RecordTerm, "of" | "branch">,
): Expression {
  const structure = structures.get(of);
  assert(structure?.kind === "adt", `${of} has branches`);
  const at = structure.branches.findIndex(({ name }) => name === branch);
  return { kind: "constant", of: "number", value: BigInt(at) };
}

function packed(builder: Builder, term: RecordTerm): Expression {
  const fields = term.fields.map((field) => expression(builder, field));
  if (term.branch === undefined) return { kind: "pack", fields };
  // A branch without fields is a constant.
  const [payload] = fields.length === 1 ? fields : [{ kind: "pack", fields } as const];
  assert(payload !== undefined, "a branch that is computed has fields");
  return { kind: "pack", fields: [branchNumber(builder, term), payload] };
}

function termAt({ terms }: AtomStep, column: number): Term {
  const term = terms[column];
  assert(term !== undefined, `an atom has no column ${column}`);
  return term;
}

function slotOf({ slotOf: slots }: Builder, variable: number): number {
  const found = slots.get(variable);
  assert(found !== undefined, `variable ${variable} is read before it is bound`);
  return found;
}

/** Gives `variable` a slot. Names are unique among a rule's slots, so that a dump can be read. */
function bind(builder: Builder, variable: number): number {
  const { variables, slots, slotOf } = builder;
  const of = variables[variable];
  assert(of !== undefined && !slotOf.has(variable), `variable ${variable} is bound once`);
  slotOf.set(variable, slots.length);
  return slot(builder, of);
}

function slot({ slots, names }: Builder, { name: base, kind }: Variable): number {
  let name = base;
  for (let copy = 2; names.has(name); copy++) name = `${base}${copy}`;
  names.add(name);
  return slots.push({ name, kind }) - 1;
}

function condition(
  builder: Builder,
  literal: Extract<Literal, { kind: "comparison" | "test" | "boolean" }>,
): Condition {
  if (literal.kind === "boolean") return { kind: "boolean", value: literal.value };
  const left = expression(builder, literal.left);
  const right = expression(builder, literal.right);
  if (literal.kind === "test")
    return { kind: "test", word: literal.word, negated: literal.negated, left, right };
  return { kind: "comparison", operator: literal.operator, of: literal.of, left, right };
}

function expression(builder: Builder, term: Term): Expression {
  switch (term.kind) {
    case "variable":
      return { kind: "slot", slot: slotOf(builder, term.variable) };
    case "functor": {
      const values = term.arguments.map((argument) => expression(builder, argument));
      const { span } = term;
      if (term.name === "user")
        return { kind: "call", functor: "user", user: term.user, arguments: values, span };
      const { name: functor, of } = term;
      return { kind: "call", functor, of, arguments: values, span };
    }
    case "record":
      return packed(builder, term);
    case "constant":
      return { kind: "constant", of: term.of, value: term.value };
    case "counter":
    case "iteration":
      return { kind: term.kind };
    case "anonymous":
      assert(false, "an anonymous term has no value");
  }
}
