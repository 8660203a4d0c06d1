// Rules that begin alike → one nested loop that goes on with each of them: what they have in common
// is looked up once.
import { assert } from "../base/assert.ts";
import type { ColumnUse, Condition, Expression, Operation, RulePlan, StratumPlan } from "./plan.ts";

/** Returns rules that derive what `rules` derive, in which those that begin with the same look-ups,
 * up to the names of variables, are one. In
 *
 *     edge(i, m) :- at(b, h), call(b, s, i), target(s, h, m).
 *     at(v, h) :- at(b, h), call(b, s, _), target(s, h, m), this(m, v).
 *
 * the first three loops are run once for both. A scan alone is no reason: what it costs is nothing
 * beside what leads on from it, and each rule by itself keeps its own index in the cache. */
export function shared(rules: readonly RulePlan[]): readonly RulePlan[] {
  const groups: RulePlan[] = [];
  for (const rule of rules) {
    const merged = isPlain(rule.root) ? groups.map((group) => together(group, rule)) : [];
    const at = merged.findIndex((group) => group !== undefined);
    const [group = rule] = merged.slice(Math.max(at, 0));
    groups.splice(at < 0 ? groups.length : at, 1, group);
  }
  return groups;
}

/** Returns the variants that a plan is of, each as `reach(x, z) :- …, delta at 0`. */
export function variantTexts(rule: RulePlan): readonly string[] {
  const { shares = [rule] } = rule;
  return shares.map(({ text, deltaAt }) =>
    deltaAt === undefined ? text : `${text}, delta at ${deltaAt}`,
  );
}

/** Returns a stratum whose rules are run one by one. */
export function apart(stratum: StratumPlan): StratumPlan {
  const { once, rounds } = stratum;
  const alone = (rules: readonly RulePlan[]): readonly RulePlan[] =>
    rules.flatMap((rule) => rule.shares ?? [rule]);
  return { ...stratum, once: alone(once), rounds: alone(rounds) };
}

/** Returns a rule that does what two do; nothing where they have no look-up in common. */
function together(group: RulePlan, rule: RulePlan): RulePlan | undefined {
  if (!isPlain(group.root)) return undefined;
  const joining: Joining = { slots: [...group.slots], slotOf: new Map(), from: rule };
  const root = joined(joining, group.root, rule.root, 0);
  if (root === undefined) return undefined;
  return {
    ...group,
    ...{ text: `${group.text} ${rule.text}`, slots: joining.slots, root },
    shares: [...(group.shares ?? [group]), rule],
  };
}

/** A rule that comes to a group: the slots of the group, and those in the places of its own. */
type Joining = {
  readonly slots: RulePlan["slots"][number][];
  readonly slotOf: Map<number, number>;
  readonly from: RulePlan;
};

/** Returns the operation that goes on with both, of which `lookups` are shared so far; nothing
 * where none is. */
function joined(
  joining: Joining,
  group: Operation,
  rule: Operation,
  lookups: number,
): Operation | undefined {
  if (group.kind === "fork") {
    for (const [at, branch] of group.branches.entries()) {
      const found = joined(joining, branch, rule, 0);
      if (found !== undefined) return { kind: "fork", branches: group.branches.with(at, found) };
    }
    if (lookups === 0) return undefined;
    return { kind: "fork", branches: [...group.branches, renamed(joining, rule)] };
  }
  const before = { slots: joining.slots.length, slotOf: new Map(joining.slotOf) };
  const same = alike(joining, group, rule);
  if (same !== undefined && "then" in group && "then" in rule) {
    const here = lookups + (isLookup(group) ? 1 : 0);
    const then = joined(joining, group.then, rule.then, here);
    if (then !== undefined) return { ...same, then } as Operation;
  }
  joining.slots.length = before.slots;
  joining.slotOf.clear();
  for (const [slot, of] of before.slotOf) joining.slotOf.set(slot, of);
  return lookups === 0 ? undefined : { kind: "fork", branches: [group, renamed(joining, rule)] };
}

function isLookup({ kind }: Operation): boolean {
  return kind === "probe" || kind === "exists" || kind === "intersect";
}

/** Returns what two operations have in common, but for what they lead to; nothing where they do
 * different things. What only one of them binds is bound. */
function alike(joining: Joining, group: Operation, rule: Operation): object | undefined {
  const same = (a: readonly Expression[], b: readonly Expression[]): boolean =>
    a.length === b.length && a.every((one, at) => isSame(one, rewritten(joining, b[at] ?? one)));
  switch (group.kind) {
    case "scan":
    case "probe": {
      if (rule.kind !== group.kind || !visitsAlike(group, rule)) return undefined;
      if ([group, rule].some(({ row, rank }) => (row ?? rank) !== undefined)) return undefined;
      if (group.kind === "probe" && rule.kind === "probe") {
        if (group.composed === true || rule.composed === true) return undefined;
        if (group.index.join() !== rule.index.join() || !same(group.key, rule.key))
          return undefined;
      }
      const columns: ColumnUse[] = [];
      for (const [at, use] of group.columns.entries()) {
        const both = usedAlike(joining, use, rule.columns[at] ?? { kind: "ignore" });
        if (both === undefined) return undefined;
        columns.push(both);
      }
      return { ...group, columns };
    }
    case "exists": {
      if (rule.kind !== "exists" || !visitsAlike(group, rule)) return undefined;
      const alikeIn = group.negated === rule.negated && group.index.join() === rule.index.join();
      return alikeIn && same(group.key, rule.key) ? group : undefined;
    }
    case "intersect": {
      if (rule.kind !== "intersect" || group.sides.length !== rule.sides.length) return undefined;
      const meets = group.sides.every((side, at) => {
        const other = rule.sides[at];
        if (other?.relation !== side.relation) return false;
        return side.index.join() === other.index.join() && same(side.key, other.key);
      });
      if (meets) joining.slotOf.set(rule.slot, group.slot);
      return meets ? group : undefined;
    }
    case "keys":
    case "filter":
    case "bind":
    case "unpack":
    case "range":
    case "aggregate":
    case "first":
    case "found":
    case "fork":
    case "accumulate":
    case "drop":
    case "derive":
      return undefined;
  }
}

type Visit = Extract<Operation, { kind: "scan" | "probe" | "exists" }>;

function visitsAlike(group: Visit, rule: Visit): boolean {
  return group.relation === rule.relation && group.window === rule.window;
}

function usedAlike(joining: Joining, group: ColumnUse, rule: ColumnUse): ColumnUse | undefined {
  if (group.kind === "check" || rule.kind === "check") {
    if (group.kind !== "check" || rule.kind !== "check") return undefined;
    return isSame(group.equals, rewritten(joining, rule.equals)) ? group : undefined;
  }
  if (rule.kind === "ignore") return group;
  if (group.kind === "ignore") return { kind: "bind", slot: placed(joining, rule.slot) };
  joining.slotOf.set(rule.slot, group.slot);
  return group;
}

/** The slot of the group for one of the rule; a new one where there is none. */
function placed({ slots, slotOf, from }: Joining, slot: number): number {
  const before = slotOf.get(slot);
  if (before !== undefined) return before;
  const of = from.slots[slot];
  assert(of !== undefined, `a rule has no slot ${slot}`);
  let { name } = of;
  for (let copy = 2; slots.some((one) => one.name === name); copy++) name = `${of.name}${copy}`;
  const at = slots.push({ ...of, name }) - 1;
  slotOf.set(slot, at);
  return at;
}

/** An operation of the rule that comes to a group, with the group's slots. */
function renamed(joining: Joining, operation: Operation): Operation {
  const of = (one: Expression): Expression => rewritten(joining, one);
  const uses = (columns: readonly ColumnUse[]): ColumnUse[] =>
    columns.map((use) => {
      if (use.kind === "bind") return { kind: "bind", slot: placed(joining, use.slot) };
      return use.kind === "check" ? { kind: "check", equals: of(use.equals) } : use;
    });
  const then = (): { then: Operation } => ({
    then: "then" in operation ? renamed(joining, operation.then) : operation,
  });
  switch (operation.kind) {
    case "scan":
      return { ...operation, columns: uses(operation.columns), ...then() };
    case "probe": {
      const key = operation.key.map(of);
      return { ...operation, key, columns: uses(operation.columns), ...then() };
    }
    case "exists":
      return { ...operation, key: operation.key.map(of), ...then() };
    case "intersect": {
      const sides = operation.sides.map((side) => ({ ...side, key: side.key.map(of) }));
      return { ...operation, sides, slot: placed(joining, operation.slot), ...then() };
    }
    case "filter":
      return { ...operation, condition: conditionOf(joining, operation.condition), ...then() };
    case "bind": {
      const value = of(operation.value);
      return { ...operation, value, slot: placed(joining, operation.slot), ...then() };
    }
    case "first":
      return { ...operation, body: renamed(joining, operation.body), ...then() };
    case "derive":
      return { ...operation, values: operation.values.map(of) };
    case "found":
      return operation;
    case "keys":
    case "unpack":
    case "range":
    case "aggregate":
    case "fork":
    case "accumulate":
    case "drop":
      assert(false, `${operation.kind} is not shared`);
  }
}

function conditionOf(joining: Joining, condition: Condition): Condition {
  if (condition.kind === "boolean") return condition;
  const [left, right] = [condition.left, condition.right].map((one) => rewritten(joining, one));
  assert(left !== undefined && right !== undefined, "a condition has two sides");
  return { ...condition, left, right };
}

function rewritten(joining: Joining, expression: Expression): Expression {
  switch (expression.kind) {
    case "slot":
      return { kind: "slot", slot: placed(joining, expression.slot) };
    case "call": {
      const values = expression.arguments.map((one) => rewritten(joining, one));
      return { ...expression, arguments: values };
    }
    case "pack":
      return { kind: "pack", fields: expression.fields.map((one) => rewritten(joining, one)) };
    case "constant":
    case "counter":
    case "iteration":
      return expression;
  }
}

/** Whether two expressions of one rule are the same; where that would take long to tell, not. */
function isSame(a: Expression, b: Expression): boolean {
  if (a.kind === "slot") return b.kind === "slot" && a.slot === b.slot;
  return a.kind === "constant" && b.kind === "constant" && a.of === b.of && a.value === b.value;
}

/** Whether an operation, and all it leads to, does nothing that is told of one rule: it cannot
 * fail, nor warn. */
function isPlain(operation: Operation): boolean {
  if (operation.kind === "fork") return operation.branches.every(isPlain);
  if (operation.kind === "derive") return operation.values.every(isQuiet);
  if (operation.kind === "found") return true;
  const expressions = ownExpressions(operation);
  if (expressions === undefined || !expressions.every(isQuiet)) return false;
  if (operation.kind === "first" && !isPlain(operation.body)) return false;
  return "then" in operation && isPlain(operation.then);
}

/** The expressions of an operation that may be shared; nothing of another. */
function ownExpressions(operation: Operation): readonly Expression[] | undefined {
  const checks = (columns: readonly ColumnUse[]): Expression[] =>
    columns.flatMap((use) => (use.kind === "check" ? [use.equals] : []));
  switch (operation.kind) {
    case "scan":
      return checks(operation.columns);
    case "probe":
      return [...operation.key, ...checks(operation.columns)];
    case "exists":
      return operation.key;
    case "intersect":
      return operation.sides.flatMap(({ key }) => key);
    case "filter": {
      const { condition } = operation;
      return condition.kind === "comparison" ? [condition.left, condition.right] : undefined;
    }
    case "bind":
      return [operation.value];
    case "first":
      return [];
    case "keys":
    case "unpack":
    case "range":
    case "aggregate":
    case "found":
    case "fork":
    case "accumulate":
    case "drop":
    case "derive":
      return undefined;
  }
}

const quiet: ReadonlySet<string> = new Set(["add", "sub", "mul"]);

function isQuiet(expression: Expression): boolean {
  if (expression.kind === "call")
    return quiet.has(expression.functor) && expression.arguments.every(isQuiet);
  return expression.kind === "slot" || expression.kind === "constant";
}
