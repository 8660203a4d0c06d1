// JavaScript for operations: loops, tests and effects, each around what happens inside it. It is
// long because every operation is here, in a few lines each.
import type { ColumnUse, Operation } from "../plan/plan.ts";
import {
  dropsRows,
  composedProbe,
  composedWith,
  lookup,
  looksAtRows,
  placeOf,
  scanDropsRows,
  type FormedStratum,
  type IndexNeed,
} from "./access.ts";
import { type Accumulate, emitAggregate } from "./emit-aggregate.ts";
import { openClass, openPairs, pairExists, type Pairs } from "./emit-classes.ts";
import { emitCondition, emitValue, recordsText, slotText, type Scope } from "./emit-expression.ts";
import {
  emitAny,
  emitFind,
  entryText,
  groupLength,
  openGroup,
  openKeys,
  type IndexText,
} from "./emit-index.ts";
import { columnText, type RelationText } from "./emit-set.ts";
import { droppedText, emitHas, emitInsert, rankText } from "./emit-tuples.ts";
import type { ComposedWith } from "./store.ts";
import { identifier, type Writer } from "./writer.ts";

/** What the text of a rule is written with. */
export type RuleScope = Scope & {
  readonly stratum: FormedStratum;
  readonly needs: readonly IndexNeed[];
  /** The block that is left where a match is found. */
  readonly search?: string;
};

/** Returns how a relation of a stratum is called in its text. */
export function relationText({ relations, forms }: FormedStratum, at: number): RelationText {
  const { name, attributes, choices = [], lattices, ...kind } = relations[at]!;
  const { equivalence = false, keyedByFirst = false } = kind;
  const guarded = choices.length > 0 || lattices !== undefined;
  const text = `${identifier(name)}$${at}`;
  const form = forms?.[at] ?? "table";
  const arity = attributes.length;
  return { at, name: text, arity, keyed: keyedByFirst ? 1 : arity, form, guarded, equivalence };
}

/** Writes a rule's operations. Its first scan, if it begins with one, is of the rows [from, to). */
export function emitRoot(writer: Writer, scope: RuleScope, root: Operation): void {
  if (root.kind === "scan") emitScan(writer, scope, root, { from: "from", to: "to" });
  else if (root.kind === "first") emitFirst(writer, scope, root, emitRoot);
  else emitOperation(writer, scope, root);
}

/** Writes a search, which is left where it comes to `found`, and what goes on then. */
function emitFirst(
  writer: Writer,
  scope: RuleScope,
  { body, then }: Extract<Operation, { kind: "first" }>,
  begin: (writer: Writer, scope: RuleScope, body: Operation) => void,
  accumulate?: Accumulate,
): void {
  const [none, search] = [writer.name(), writer.name()];
  writer.open(`${none}: {`);
  writer.open(`${search}: {`);
  begin(writer, { ...scope, search }, body);
  writer.line(`break ${none};`);
  writer.close();
  emitOperation(writer, scope, then, accumulate);
  writer.close();
}

function emitOperation(
  writer: Writer,
  scope: RuleScope,
  operation: Operation,
  accumulate?: Accumulate,
): void {
  const { stratum } = scope;
  const value = (expression: Parameters<typeof emitValue>[2]): string =>
    emitValue(writer, scope, expression);
  switch (operation.kind) {
    case "scan": {
      const { name, equivalence } = relationText(stratum, operation.relation);
      if (equivalence) {
        const to = operation.window === "delta" ? `${name}.deltaSize` : `${name}.to`;
        emitScan(writer, scope, operation, { from: "0", to }, accumulate);
        return;
      }
      writer.relation(operation.relation).window = true;
      const from = operation.window === "delta" ? `${name}_from` : "0";
      const to = operation.window === "stable" ? `${name}_from` : `${name}_to`;
      emitScan(writer, scope, operation, { from, to }, accumulate);
      return;
    }
    case "probe": {
      const relation = relationText(stratum, operation.relation);
      const key = operation.key.map(value);
      if (relation.equivalence) {
        const [column = 0] = operation.index;
        const pairs = openClass(writer, relation, operation.window, column, key[0] ?? "");
        emitPairs(writer, scope, operation, pairs, accumulate);
        return;
      }
      const index = indexText(scope, operation.relation, operation.index, composedWith(operation));
      if (countsGroup(scope, operation) && accumulate?.counts === true) {
        accumulate.add(undefined, groupLength(writer, relation, index, key));
        return;
      }
      const item = openGroup(writer, relation, index, key, operation.window);
      // The items of a composed index are what the other probe would find.
      const { index: given, columns: uses, then } = composedProbe(operation) ?? operation;
      const columns = uses.map((use, at): ColumnUse =>
        given.includes(at) ? { kind: "ignore" } : use,
      );
      if (index.need.form !== "values") emitRow(writer, scope, operation, item);
      const read = index.need.form === "values" ? () => item : rowReader(writer, relation, item);
      emitColumns(writer, scope, columns, read);
      emitOperation(writer, scope, then, accumulate);
      writer.close();
      return;
    }
    case "exists": {
      const found = emitExists(writer, scope, operation, operation.key.map(value));
      writer.open(`if (${operation.negated ? `!(${found})` : found}) {`);
      emitOperation(writer, scope, operation.then, accumulate);
      writer.close();
      return;
    }
    case "intersect": {
      const intersection = writer.intersection(operation.sides);
      const slots = operation.sides.map(({ relation, index, key }) =>
        emitFind(
          writer,
          relationText(stratum, relation),
          indexText(scope, relation, index),
          key.map(value),
        ),
      );
      const [first = "", second = "", ...others] = slots;
      const count = writer.name();
      const kind = others.length > 0 ? "let" : "const";
      writer.line(`${kind} ${count} = ${intersection}.meet(${first}, ${second});`);
      for (const [at, slot] of others.entries())
        writer.line(`${count} = ${intersection}.narrow(${at + 2}, ${slot}, ${count});`);
      const { then } = operation;
      if (then.kind === "accumulate" && accumulate?.counts === true) {
        accumulate.add(undefined, count);
        return;
      }
      const words = writer.keep(`${intersection}.words`);
      const at = writer.name();
      writer.open(`for (let ${at} = 0; ${at} < ${count}; ${at}++) {`);
      writer.line(`const ${slotText(scope, operation.slot)} = ${words}[${at}];`);
      emitOperation(writer, scope, then, accumulate);
      writer.close();
      return;
    }
    case "keys": {
      const { relation, index, slots, then } = operation;
      const names = slots.map((slot) => slotText(scope, slot));
      const of = relationText(stratum, relation);
      openKeys(writer, of, indexText(scope, relation, index), names);
      emitOperation(writer, scope, then, accumulate);
      writer.close();
      return;
    }
    case "filter":
      writer.open(`if (${emitCondition(writer, scope, operation.condition)}) {`);
      emitOperation(writer, scope, operation.then, accumulate);
      writer.close();
      return;
    case "bind":
      writer.line(`const ${slotText(scope, operation.slot)} = ${value(operation.value)};`);
      emitOperation(writer, scope, operation.then, accumulate);
      return;
    case "unpack": {
      const record = writer.keep(value(operation.record));
      const table = recordsText(writer, operation.columns.length);
      writer.open(`if (${record} !== 0) {`);
      let opened = 1;
      for (const [at, use] of operation.columns.entries()) {
        const field = `${table}.words[${record} * ${operation.columns.length} + ${at}]`;
        if (use.kind === "bind") {
          writer.line(`const ${slotText(scope, use.slot)} = ${field};`);
        } else if (use.kind === "check") {
          writer.open(`if (${field} === ${value(use.equals)}) {`);
          opened++;
        }
      }
      emitOperation(writer, scope, operation.then, accumulate);
      while (opened-- > 0) writer.close();
      return;
    }
    case "range": {
      const { from, to, step } = operation;
      const bounds = [from, to, ...(step === undefined ? [] : [step])].map(value);
      const range = writer.keep(`range(values, "${operation.of}", ${bounds.join(", ")})`);
      writer.open(`while (${range}.next()) {`);
      writer.line(`const ${slotText(scope, operation.slot)} = ${range}.word;`);
      emitOperation(writer, scope, operation.then, accumulate);
      writer.close();
      return;
    }
    case "first":
      emitFirst(writer, scope, operation, emitOperation, accumulate);
      return;
    case "found":
      writer.line(`break ${scope.search};`);
      return;
    case "fork":
      for (const branch of operation.branches) emitOperation(writer, scope, branch, accumulate);
      return;
    case "aggregate":
      emitAggregate(writer, scope, operation, (inside, total = accumulate) => {
        emitOperation(writer, scope, inside, total);
      });
      return;
    case "accumulate":
      accumulate?.add(operation.value === undefined ? undefined : value(operation.value));
      return;
    case "drop": {
      writer.count("firings");
      const [row, kept] = [slotText(scope, operation.row), slotText(scope, operation.for)];
      writer.relation(operation.relation);
      const { name } = relationText(stratum, operation.relation);
      writer.line(`if (${row} !== ${kept}) ${name}.drop(${row});`);
      return;
    }
    case "derive": {
      const tuple = operation.values.map(value);
      writer.count("firings");
      emitInsert(writer, relationText(stratum, operation.relation), tuple);
      return;
    }
  }
}

/** Whether all that a probe leads to is that the rows of a group are counted. */
function countsGroup(
  { stratum }: RuleScope,
  { relation, window, columns, then }: Extract<Operation, { kind: "probe" }>,
): boolean {
  const open = columns.every(({ kind }) => kind === "ignore") && !dropsRows(stratum, relation);
  return then.kind === "accumulate" && window === "full" && open;
}

function emitScan(
  writer: Writer,
  scope: RuleScope,
  operation: Extract<Operation, { kind: "scan" }>,
  { from, to }: { readonly from: string; readonly to: string },
  accumulate?: Accumulate,
): void {
  const { relation: at, window, columns, then } = operation;
  const relation = relationText(scope.stratum, at);
  if (relation.equivalence) {
    const pairs = openPairs(writer, relation, window, { from, to });
    emitPairs(writer, scope, operation, pairs, accumulate);
    return;
  }
  writer.relation(at);
  const row = writer.name();
  writer.open(`for (let ${row} = ${from}; ${row} < ${to}; ${row}++) {`);
  emitRow(writer, scope, operation, row);
  emitColumns(writer, scope, columns, rowReader(writer, relation, row));
  emitOperation(writer, scope, then, accumulate);
  writer.close();
}

/** Leaves out a row that is dropped; keeps the place and the rank of one where they are asked
 * for. */
function emitRow(
  writer: Writer,
  scope: RuleScope,
  operation: Extract<Operation, { kind: "scan" | "probe" }>,
  place: string,
): void {
  const { row } = operation;
  if (mayMeetDropped(scope, operation)) {
    const relation = relationText(scope.stratum, operation.relation);
    writer.line(`if (${droppedText(writer, relation, place)}) continue;`);
  }
  if (row !== undefined) writer.line(`const ${slotText(scope, row)} = ${place};`);
  emitRank(writer, scope, operation, place);
}

/** Keeps the rank of a row. As a row's place is not above its rank, that of a row whose place is
 * not below a bound need not be known to be below it. */
function emitRank(
  writer: Writer,
  scope: RuleScope,
  operation: Extract<Operation, { kind: "scan" | "probe" }>,
  place: string,
): void {
  const { relation, rank, then } = operation;
  if (rank === undefined) return;
  const condition = then.kind === "filter" ? then.condition : undefined;
  if (condition?.kind === "comparison" && condition.operator === "<") {
    const { left, right } = condition;
    if (left.kind === "slot" && left.slot === rank)
      writer.line(`if (${place} >= ${emitValue(writer, scope, right)}) continue;`);
  }
  const entry = findsTuples(scope, operation) ? entryText(place) : undefined;
  const text = rankText(writer, relationText(scope.stratum, relation), place, entry);
  writer.line(`const ${slotText(scope, rank)} = ${text};`);
}

/** Whether an operation may meet a row that is dropped, and has to look. An index of whole tuples
 * does not find those that are removed. */
function mayMeetDropped(
  scope: RuleScope,
  operation: Extract<Operation, { kind: "scan" | "probe" }>,
): boolean {
  const { stratum } = scope;
  const { relation } = operation;
  if (operation.kind === "scan") return scanDropsRows(stratum, relation);
  const removed = findsTuples(scope, operation) && stratum.relations[relation]!.subsumed !== true;
  return !removed && dropsRows(stratum, relation);
}

/** Whether an operation finds a row by its whole tuple. */
function findsTuples(
  { needs }: RuleScope,
  operation: Extract<Operation, { kind: "scan" | "probe" }>,
): boolean {
  if (operation.kind === "scan") return false;
  const at = placeOf(needs, operation.relation, operation.index, composedWith(operation));
  return needs[at]!.form === "tuples";
}

function emitPairs(
  writer: Writer,
  scope: RuleScope,
  { relation, columns, then }: Extract<Operation, { kind: "scan" | "probe" }>,
  { elements, close }: Pairs,
  accumulate?: Accumulate,
): void {
  const { name } = relationText(scope.stratum, relation);
  emitColumns(writer, scope, columns, (column) => `${name}_words[${elements[column] ?? ""}]`);
  emitOperation(writer, scope, then, accumulate);
  close();
}

/** Binds and checks the columns of a row; what does not match goes on with the loop around it. */
function emitColumns(
  writer: Writer,
  scope: RuleScope,
  columns: readonly ColumnUse[],
  read: (column: number) => string,
): void {
  for (const [at, use] of columns.entries()) {
    if (use.kind === "bind") {
      writer.line(`const ${slotText(scope, use.slot)} = ${read(at)};`);
    } else if (use.kind === "check") {
      const word = emitValue(writer, scope, use.equals);
      writer.line(`if (${read(at)} !== ${word}) continue;`);
    }
  }
}

function rowReader(
  writer: Writer,
  relation: RelationText,
  row: string,
): (column: number) => string {
  return (column) => {
    writer.relation(relation.at).columns.add(column);
    return `${columnText(relation, column)}[${row}]`;
  };
}

function emitExists(
  writer: Writer,
  scope: RuleScope,
  operation: Extract<Operation, { kind: "exists" }>,
  key: readonly string[],
): string {
  const relation = relationText(scope.stratum, operation.relation);
  const { window } = operation;
  if (relation.equivalence) return pairExists(writer, relation, window, key);
  const way = lookup(scope.stratum, operation);
  if (looksAtRows(scope.stratum, operation)) return emitKept(writer, scope, operation, key);
  switch (way) {
    case "kept":
      writer.relation(operation.relation);
      return `${relation.name}.kept > 0`;
    case "size": {
      writer.relation(operation.relation).window = true;
      const { name } = relation;
      if (window === "delta") return `${name}_from < ${name}_to`;
      return window === "stable" ? `${name}_from > 0` : `${name}_to > 0`;
    }
    case "table":
      return emitHas(writer, relation, inColumnOrder(operation.index, key));
    case "index": {
      const index = indexText(scope, operation.relation, operation.index);
      return emitAny(writer, relation, index, key, window);
    }
  }
}

/** Writes the search for a row that is not dropped; returns the variable that tells the answer. */
function emitKept(
  writer: Writer,
  scope: RuleScope,
  { relation: at, window, index: columns }: Extract<Operation, { kind: "exists" }>,
  key: readonly string[],
): string {
  const relation = relationText(scope.stratum, at);
  const found = writer.name();
  writer.line(`let ${found} = false;`);
  let row: string;
  if (columns.length === 0) {
    const { name } = relation;
    writer.relation(at).window = true;
    row = writer.name();
    const from = window === "delta" ? `${name}_from` : "0";
    const to = window === "stable" ? `${name}_from` : `${name}_to`;
    writer.open(`for (let ${row} = ${from}; ${row} < ${to}; ${row}++) {`);
  } else {
    row = openGroup(writer, relation, indexText(scope, at, columns), key, window);
  }
  writer.line(`if (${droppedText(writer, relation, row)}) continue;`);
  writer.line(`${found} = true;`);
  writer.line("break;");
  writer.close();
  return found;
}

/** The key of a whole tuple, ordered as its columns are. */
function inColumnOrder(columns: readonly number[], key: readonly string[]): string[] {
  return columns.map((_, column) => key[columns.indexOf(column)] ?? "");
}

function indexText(
  { needs }: RuleScope,
  relation: number,
  columns: readonly number[],
  composed?: ComposedWith,
): IndexText {
  const at = placeOf(needs, relation, columns, composed);
  return { at, need: needs[at]! };
}
