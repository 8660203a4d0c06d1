// WebAssembly for operations: loops, tests and effects, each around what happens inside it; see
// `emit-operation.ts`, whose JavaScript does the same in the same order.
import { assert } from "../../base/assert.ts";
import type { ColumnUse, Expression, Operation } from "../../plan/plan.ts";
import { composedProbe, composedWith, dropsRows, lookup, placeOf } from "../access.ts";
import type { IndexText } from "../emit-index.ts";
import { relationText, type RuleScope } from "../emit-operation.ts";
import type { RelationText } from "../emit-set.ts";
import type { ComposedWith } from "../store.ts";
import type { Body } from "./body.ts";
import {
  conditionObstacle,
  expressionObstacle,
  firstOf,
  writeCondition,
  writeValue,
  type ExpressionScope,
} from "./expression.ts";
import { writeAny, writeGroup } from "./index-probe.ts";
import {
  add,
  plain,
  type Instruction,
  type Label,
  type Local,
  type Operand,
} from "./instruction.ts";
import { columnAt } from "./set.ts";
import { droppedAt, writeGather, writeHas, writeInsert } from "./tuples.ts";

/** What the operations of a rule are written with. */
export type WasmScope = Pick<RuleScope, "stratum" | "needs"> &
  ExpressionScope & {
    /** Whether tuples are gathered in the place of being put in: any thread can do that. */
    readonly gathers?: boolean;
    /** Leads out of a search, where a match is found. */
    readonly search?: Label;
  };

/** Returns why an operation, or what happens inside it, is not done in WebAssembly; nothing where
 * it is. */
export function operationObstacle(
  stratum: WasmScope["stratum"],
  operation: Operation,
): string | undefined {
  const { domain, relations } = stratum;
  const expressions = (all: readonly Expression[]): string | undefined =>
    firstOf(all, (one) => expressionObstacle(domain, one));
  const columns = (all: readonly ColumnUse[]): string | undefined =>
    expressions(all.flatMap((use) => (use.kind === "check" ? [use.equals] : [])));
  if (!isKnown(operation)) return `has ${operation.kind}`;
  const own = ((): string | undefined => {
    switch (operation.kind) {
      case "scan":
        return columns(operation.columns);
      case "probe":
        return expressions(operation.key) ?? columns(operation.columns);
      case "exists":
        return expressions(operation.key);
      case "filter":
        return conditionObstacle(domain, operation.condition);
      case "bind":
        return expressions([operation.value]);
      case "derive":
        return expressions(operation.values);
      case "first":
        return operationObstacle(stratum, operation.body);
      case "fork":
        return firstOf(operation.branches, (one) => operationObstacle(stratum, one));
      case "found":
        return undefined;
    }
  })();
  if (own !== undefined) return own;
  if (!("then" in operation)) return undefined;
  if ("relation" in operation && relations[operation.relation]!.equivalence === true)
    return `goes through the pairs of ${relations[operation.relation]!.name}`;
  return operationObstacle(stratum, operation.then);
}

/** Writes a rule's operations. Its first scan, if it begins with one, is of the rows [from, to). */
export function writeRoot(body: Body, scope: WasmScope, root: Operation): void {
  if (root.kind === "scan") writeScan(body, scope, root, body);
  else if (root.kind === "first") writeFirst(body, scope, root, writeRoot);
  else writeOperation(body, scope, root);
}

/** Writes a search, which is left where it comes to `found`, and what goes on then. */
function writeFirst(
  body: Body,
  scope: WasmScope,
  operation: Extract<Operation, { kind: "first" }>,
  begin: (body: Body, scope: WasmScope, within: Operation) => void,
): void {
  body.block("none", (none) => {
    body.block("search", (search) => {
      begin(body, { ...scope, search }, operation.body);
      body.branch(none);
    });
    writeOperation(body, scope, operation.then);
  });
}

/** The operations that are done in WebAssembly. */
type Known = Extract<Operation, { kind: (typeof known)[number] }>;
const known = [
  "scan",
  "probe",
  "exists",
  "filter",
  "bind",
  "first",
  "found",
  "fork",
  "derive",
] as const;

function isKnown(operation: Operation): operation is Known {
  return (known as readonly string[]).includes(operation.kind);
}

function writeOperation(body: Body, scope: WasmScope, operation: Operation): void {
  assert(isKnown(operation), "a rule with other operations has an obstacle");
  const { stratum } = scope;
  const value = (expression: Expression): Operand => writeValue(body, scope, expression);
  const then = (of: { readonly then: Operation }): void => writeOperation(body, scope, of.then);
  switch (operation.kind) {
    case "scan": {
      writeScan(body, scope, operation, windowRows(body, operation));
      return;
    }
    case "probe": {
      const relation = relationText(stratum, operation.relation);
      const key = operation.key.map(value);
      const composed = composedWith(operation);
      const index = indexText(scope, operation.relation, operation.index, composed);
      // The items of a composition are what the other probe would find.
      const inner = composedProbe(operation) ?? operation;
      const columns = inner.columns.map((use, at): ColumnUse =>
        inner.index.includes(at) ? { kind: "ignore" } : use,
      );
      writeGroup(body, relation, index, key, operation.window, (item) => {
        const rows = index.need.form === "rows";
        if (rows) writeRow(body, scope, operation, item);
        const read = rows ? rowReader(body, relation, item) : () => item;
        writeColumns(body, scope, columns, read);
        then(inner);
      });
      return;
    }
    case "exists": {
      const found = writeExists(body, scope, operation, operation.key.map(value));
      body.when(operation.negated ? plain("i32.eqz", found) : found, () => then(operation));
      return;
    }
    case "filter":
      body.when(writeCondition(body, scope, operation.condition), () => then(operation));
      return;
    case "bind":
      scope.slots.set(operation.slot, value(operation.value));
      then(operation);
      return;
    case "first":
      writeFirst(body, scope, operation, writeOperation);
      return;
    case "found":
      body.branch(scope.search!);
      return;
    case "fork":
      for (const branch of operation.branches) writeOperation(body, scope, branch);
      return;
    case "derive": {
      const tuple = operation.values.map(value);
      const relation = relationText(stratum, operation.relation);
      if (scope.gathers === true) writeGather(body, relation, tuple);
      else writeInsert(body, relation, tuple, scope.saved);
    }
  }
}

type Rows = { readonly from: Operand; readonly to: Operand };

/** The rows that a window of a relation shows. */
function windowRows(
  body: Body,
  { relation, window }: Extract<Operation, { kind: "scan" | "exists" }>,
): Rows {
  const from = (): Local => body.field({ kind: "windowFrom", relation });
  return {
    from: window === "delta" ? from() : 0,
    to: window === "stable" ? from() : body.field({ kind: "windowTo", relation }),
  };
}

function writeScan(
  body: Body,
  scope: WasmScope,
  operation: Extract<Operation, { kind: "scan" }>,
  rows: Rows,
): void {
  const relation = relationText(scope.stratum, operation.relation);
  writeRows(body, rows, (row) => {
    writeRow(body, scope, operation, row);
    writeColumns(body, scope, operation.columns, rowReader(body, relation, row));
    writeOperation(body, scope, operation.then);
  });
}

function writeRows(body: Body, { from, to }: Rows, write: (row: Local) => void): void {
  const row = body.keep("row", from);
  body.block("rows", (left) => {
    body.loop("scan", (again) => {
      body.branchIf(left, plain("i32.ge_s", row, to));
      body.row(() => write(row));
      body.set(row, add(row, 1));
      body.branch(again);
    });
  });
}

/** Leaves out a row that is dropped; keeps the place of one where it is asked for. */
function writeRow(
  body: Body,
  { stratum, slots }: WasmScope,
  { relation, row }: { readonly relation: number; readonly row?: number },
  place: Local,
): void {
  if (dropsRows(stratum, relation))
    body.nextIf(droppedAt(body, relationText(stratum, relation), place));
  if (row !== undefined) slots.set(row, place);
}

/** Binds and checks the columns of a row; one that does not match is left. */
function writeColumns(
  body: Body,
  scope: WasmScope,
  columns: readonly ColumnUse[],
  read: (column: number) => Instruction | Local,
): void {
  for (const [at, use] of columns.entries()) {
    if (use.kind === "bind") {
      scope.slots.set(use.slot, body.keep("bound", read(at)));
    } else if (use.kind === "check") {
      const word = writeValue(body, scope, use.equals);
      body.nextIf(plain("i32.ne", read(at), word));
    }
  }
}

function rowReader(body: Body, relation: RelationText, row: Local) {
  return (column: number): Instruction => columnAt(body, relation, column, row);
}

function writeExists(
  body: Body,
  scope: WasmScope,
  operation: Extract<Operation, { kind: "exists" }>,
  key: readonly Operand[],
): Instruction {
  const { relation: at, window, index: columns } = operation;
  const relation = relationText(scope.stratum, at);
  const index = (): IndexText => indexText(scope, at, columns);
  if (dropsRows(scope.stratum, at)) {
    const found = body.keep("kept", 0);
    body.block("kept", (left) => {
      const look = (row: Local): void => {
        body.nextIf(droppedAt(body, relation, row));
        body.set(found, 1);
        body.branch(left);
      };
      if (columns.length === 0) writeRows(body, windowRows(body, operation), look);
      else writeGroup(body, relation, index(), key, window, look);
    });
    return plain("i32.ne", found, 0);
  }
  switch (lookup(scope.stratum, operation)) {
    case "kept":
      assert(false, "relations with holes are obstacles");
    case "size": {
      const { from, to } = windowRows(body, operation);
      return plain("i32.lt_s", from, to);
    }
    case "table": {
      const tuple = columns.map((_, column) => key[columns.indexOf(column)] ?? 0);
      return plain("i32.ne", writeHas(body, relation, tuple, scope.gathers), 0);
    }
    case "index":
      return writeAny(body, relation, index(), key, window);
  }
}

function indexText(
  { needs }: WasmScope,
  relation: number,
  columns: readonly number[],
  composed?: ComposedWith,
): IndexText {
  const at = placeOf(needs, relation, columns, composed);
  return { at, need: needs[at]! };
}
