// JavaScript for operations: loops, tests and effects, each around what happens inside it.
import type { ColumnUse, Operation, StratumPlan } from "../plan/plan.ts";
import { inlineMin } from "../value/word.ts";
import { keyOf, lookup, type IndexNeed } from "./access.ts";
import { emitCondition, emitValue, recordsText, slotText, type Scope } from "./emit-expression.ts";
import { emitAny, openGroup, type IndexText } from "./emit-index.ts";
import { columnText, emitHas, emitInsert, type RelationText } from "./emit-tuples.ts";
import { identifier, type Writer } from "./writer.ts";

/** What the text of a rule is written with. */
export type RuleScope = Scope & {
  readonly stratum: StratumPlan;
  readonly needs: readonly IndexNeed[];
};

/** Returns how a relation of a stratum is called in its text. */
export function relationText({ relations }: StratumPlan, at: number): RelationText {
  const { name, attributes } = relations[at]!;
  return { at, name: `${identifier(name)}$${at}`, arity: attributes.length };
}

/** Writes a rule's operations. Its first scan, if it begins with one, is of the rows [from, to). */
export function emitRoot(writer: Writer, scope: RuleScope, root: Operation): void {
  if (root.kind === "scan") emitScan(writer, scope, root, { from: "from", to: "to" });
  else emitOperation(writer, scope, root);
}

type Accumulate = (value: string | undefined) => void;

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
      const { name } = relationText(stratum, operation.relation);
      writer.relation(operation.relation).window = true;
      const from = operation.window === "delta" ? `${name}_from` : "0";
      const to = operation.window === "stable" ? `${name}_from` : `${name}_to`;
      emitScan(writer, scope, operation, { from, to }, accumulate);
      return;
    }
    case "probe": {
      const relation = relationText(stratum, operation.relation);
      const index = indexText(scope, operation.relation, operation.index);
      const key = operation.key.map(value);
      const item = openGroup(writer, relation, index, key, operation.window);
      const columns = operation.columns.map((use, at): ColumnUse =>
        operation.index.includes(at) ? { kind: "ignore" } : use,
      );
      const read = index.need.form === "values" ? () => item : rowReader(writer, relation, item);
      emitColumns(writer, scope, columns, read);
      emitOperation(writer, scope, operation.then, accumulate);
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
    case "aggregate":
      emitAggregate(writer, scope, operation, accumulate);
      return;
    case "accumulate":
      accumulate?.(operation.value === undefined ? undefined : value(operation.value));
      return;
    case "derive":
      emitInsert(writer, relationText(stratum, operation.relation), operation.values.map(value));
      return;
  }
}

function emitScan(
  writer: Writer,
  scope: RuleScope,
  { relation: at, columns, then }: Extract<Operation, { kind: "scan" }>,
  { from, to }: { readonly from: string; readonly to: string },
  accumulate?: Accumulate,
): void {
  const relation = relationText(scope.stratum, at);
  writer.relation(at);
  const row = writer.name();
  writer.open(`for (let ${row} = ${from}; ${row} < ${to}; ${row}++) {`);
  emitColumns(writer, scope, columns, rowReader(writer, relation, row));
  emitOperation(writer, scope, then, accumulate);
  writer.close();
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
  switch (lookup(scope.stratum, operation)) {
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

/** The key of a whole tuple, ordered as its columns are. */
function inColumnOrder(columns: readonly number[], key: readonly string[]): string[] {
  return columns.map((_, column) => key[columns.indexOf(column)] ?? "");
}

function emitAggregate(
  writer: Writer,
  scope: RuleScope,
  operation: Extract<Operation, { kind: "aggregate" }>,
  outer: Accumulate | undefined,
): void {
  const slot = slotText(scope, operation.slot);
  if (operation.name === "count") {
    const count = writer.name();
    writer.line(`let ${count} = 0;`);
    emitOperation(writer, scope, operation.body, () => writer.line(`${count}++;`));
    const exact = scope.domain === 32 ? `${count} | 0` : ofCount(count);
    writer.line(`const ${slot} = ${exact};`);
    emitOperation(writer, scope, operation.then, outer);
    return;
  }
  const total = `accumulator${writer.aggregates.push(operation) - 1}`;
  const start = operation.fold && emitValue(writer, scope, operation.fold.start);
  writer.line(`${total}.reset(${start ?? ""});`);
  emitOperation(writer, scope, operation.body, (value) =>
    writer.line(`${total}.add(${value ?? "0"});`),
  );
  writer.open(`if (${total}.defined()) {`);
  writer.line(`const ${slot} = ${total}.result();`);
  emitOperation(writer, scope, operation.then, outer);
  writer.close();
}

function ofCount(count: string): string {
  return `${count} < ${-inlineMin} ? ${count} : values.ofInteger(${count})`;
}

function indexText({ needs }: RuleScope, relation: number, columns: readonly number[]): IndexText {
  const at = needs.findIndex(
    (need) => keyOf(need.relation, need.columns) === keyOf(relation, columns),
  );
  return { at, need: needs[at]! };
}
