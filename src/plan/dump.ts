// A stratum's plan as text: the rule in source form, and below it the loops that run it.
import { printTerm } from "../analysis/dump.ts";
import type { Term } from "../analysis/program.ts";
import type { ColumnUse, Condition, Expression, Operation, RulePlan, StratumPlan } from "./plan.ts";

/** Returns what `calm explain --plan` prints. Rules are numbered from 1 as the program has them,
 * atoms from 0. A column is `_` where it is not read, a name where it is bound, `=…` where it is
 * compared; the body of an aggregate, or of a search for one match, stands deeper than what follows
 * it. */
export function dump(stratum: StratumPlan): string {
  const { at, computes, once, rounds, subsumptions = [], indexes, relations } = stratum;
  const name = (relation: number): string => relations[relation]?.name ?? `#${relation}`;
  const lines = [`stratum ${at + 1} computes ${computes.map(name).join(", ")}`];
  for (const { relation, columns } of indexes)
    lines.push(`index ${name(relation)} on [${columns.join()}]`);
  for (const rule of [...once, ...subsumptions, ...rounds]) lines.push(...ruleLines(rule, name));
  return lines.join("\n") + "\n";
}

/** Returns the lines of one rule, as `dump` has them in its stratum. */
export function dumpRule(rule: RulePlan, { relations }: Pick<StratumPlan, "relations">): string {
  return ruleLines(rule, (relation) => relations[relation]?.name ?? `#${relation}`).join("\n");
}

type NameOf = (relation: number) => string;
type Names = { readonly nameOf: NameOf; readonly slots: RulePlan["slots"] };

function ruleLines(plan: RulePlan, nameOf: NameOf): string[] {
  const { shares = [plan], slots, root } = plan;
  const heads = shares.map(({ rule, text, deltaAt }) => {
    const delta = deltaAt === undefined ? "" : `, delta at ${deltaAt}`;
    return `rule ${rule + 1}${delta}: ${text}`;
  });
  return [...heads, ...operationLines(root, "  ", { nameOf, slots })];
}

function operationLines(operation: Operation, indent: string, names: Names): string[] {
  const lines = [`${indent}${header(operation, names)}`];
  if (operation.kind === "aggregate" || operation.kind === "first")
    lines.push(...operationLines(operation.body, `${indent}    `, names));
  if (operation.kind === "fork")
    for (const branch of operation.branches)
      lines.push(...operationLines(branch, `${indent}  `, names));
  if ("then" in operation) lines.push(...operationLines(operation.then, `${indent}  `, names));
  return lines;
}

/** An operation's own line: `probe full link on [0] = (y) binding (_,z)`. */
function header(operation: Operation, names: Names): string {
  const { nameOf, slots } = names;
  const text = (expression: Expression): string => printTerm(termOf(expression), slots);
  const slot = (at: number): string => slots[at]?.name ?? `#${at}`;
  const columns = (uses: readonly ColumnUse[]): string =>
    `(${uses.map((use) => columnText(use, names)).join()})`;
  const rowText = ({ row, rank }: { readonly row?: number; readonly rank?: number }): string =>
    (row === undefined ? "" : ` at ${slot(row)}`) +
    (rank === undefined ? "" : ` ranked ${slot(rank)}`);
  switch (operation.kind) {
    case "scan":
      return (
        `scan  ${operation.window} ${nameOf(operation.relation)}${columns(operation.columns)}` +
        rowText(operation)
      );
    case "probe":
      return (
        `probe ${lookup(operation, names)} binding ${columns(operation.columns)}` +
        `${rowText(operation)}${operation.composed === true ? " composed with" : ""}`
      );
    case "exists":
      return `${operation.negated ? "not exists" : "exists"} ${lookup(operation, names)}`;
    case "intersect": {
      const sides = operation.sides.map((side) => lookup({ ...side, window: "full" }, names));
      return `intersect ${slot(operation.slot)} of ${sides.join(" and ")}`;
    }
    case "keys": {
      const { relation, index, slots: bound } = operation;
      return `keys  ${nameOf(relation)} on [${index.join()}] binding (${bound.map(slot).join()})`;
    }
    case "filter":
      return `filter ${conditionText(operation.condition, text)}`;
    case "bind":
      return `bind ${slot(operation.slot)} = ${text(operation.value)}`;
    case "unpack":
      return `unpack ${text(operation.record)} binding ${columns(operation.columns)}`;
    case "range": {
      const { from, to, step } = operation;
      const bounds = [from, to, ...(step === undefined ? [] : [step])].map(text).join(", ");
      return `range ${slot(operation.slot)} = range(${bounds})`;
    }
    case "aggregate": {
      const { name, fold } = operation;
      const how = fold === undefined ? name : `@@${fold.user.name} from ${text(fold.start)}`;
      return `aggregate ${slot(operation.slot)} = ${how}`;
    }
    case "first":
      return "first of";
    case "found":
      return "found";
    case "fork":
      return "fork";
    case "accumulate":
      return operation.value === undefined ? "accumulate" : `accumulate ${text(operation.value)}`;
    case "drop": {
      const rows = `${slot(operation.row)} for ${slot(operation.for)}`;
      return `drop ${nameOf(operation.relation)}: ${rows}`;
    }
    case "derive":
      return `derive ${nameOf(operation.relation)}(${operation.values.map(text).join()})`;
  }
}

type Lookup = Pick<Extract<Operation, { kind: "probe" }>, "relation" | "window" | "index" | "key">;

function lookup({ relation, window, index, key }: Lookup, { nameOf, slots }: Names): string {
  const where = `${window} ${nameOf(relation)}`;
  if (index.length === 0) return where;
  const values = key.map((expression) => printTerm(termOf(expression), slots));
  return `${where} on [${index.join()}] = (${values.join()})`;
}

function columnText(use: ColumnUse, { slots }: Names): string {
  switch (use.kind) {
    case "ignore":
      return "_";
    case "bind":
      return slots[use.slot]?.name ?? `#${use.slot}`;
    case "check":
      return `=${printTerm(termOf(use.equals), slots)}`;
  }
}

function conditionText(condition: Condition, text: (expression: Expression) => string): string {
  switch (condition.kind) {
    case "comparison":
      return `${text(condition.left)} ${condition.operator} ${text(condition.right)}`;
    case "test": {
      const word = condition.word === "has" ? "contains" : condition.word;
      const test = `${word}(${text(condition.left)}, ${text(condition.right)})`;
      return condition.negated ? `!${test}` : test;
    }
    case "boolean":
      return String(condition.value);
  }
}

/** The expression as a term whose variables are the slots: a dump writes it as a program does. */
function termOf(expression: Expression): Term {
  switch (expression.kind) {
    case "slot":
      return { kind: "variable", variable: expression.slot };
    case "call": {
      const { span } = expression;
      const terms = expression.arguments.map(termOf);
      if (expression.functor === "user")
        return { kind: "functor", name: "user", user: expression.user, arguments: terms, span };
      const { functor: name, of } = expression;
      return { kind: "functor", name, of, arguments: terms, span };
    }
    case "pack":
      return { kind: "record", of: "record ", fields: expression.fields.map(termOf) };
    case "constant":
    case "counter":
    case "iteration":
      return expression;
  }
}
