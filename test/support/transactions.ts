// States of base relations in memory, and transactions on them.
import type { Program } from "../../src/analysis/program.ts";
import { PlannedTransaction } from "../../src/calvin/planned-transaction.ts";
import type { Outcome, Pattern, Row, View } from "../../src/calvin/transaction.ts";
import { isBase, type TransactionPlan, transactionPlan } from "../../src/plan/transaction.ts";
import { keyOf } from "../../src/transducer/fact.ts";
import { printValue } from "../../src/value/print-value.ts";
import type { Value } from "../../src/value/schema.ts";

/** The rows of base relations, without any index; it notes what is probed. */
export class MemoryState implements View {
  readonly rows = new Map<string, Row>();
  readonly probes: Pattern[] = [];

  constructor(rows: Iterable<Row> = []) {
    for (const row of rows) this.rows.set(keyOf(row), row);
  }

  tuples(pattern: Pattern): (readonly Value[])[] {
    this.probes.push(pattern);
    return [...this.rows.values()].filter((row) => fits(row, pattern)).map(({ values }) => values);
  }

  /** Takes over what a transaction changes. */
  apply(outcome: Outcome): void {
    if (outcome.kind !== "done") return;
    for (const row of outcome.removed) this.rows.delete(keyOf(row));
    for (const row of outcome.inserted) this.rows.set(keyOf(row), row);
  }
}

/** Whether a row is among those that a pattern asks for. */
export function fits({ relation, values }: Row, pattern: Pattern): boolean {
  return (
    relation === pattern.relation &&
    pattern.columns.every(
      (column, at) => printValue(values[column] ?? null) === printValue(pattern.values[at] ?? null),
    )
  );
}

/** Returns the state that the text of a program states. */
export function statedState(program: Program): MemoryState {
  return new MemoryState(program.facts.filter(({ relation }) => isBase(program, relation)));
}

const plans = new WeakMap<Program, readonly TransactionPlan[]>();

/** Returns the transactions of a program: others at each call, by plans that are made once. */
export function transactionsOf(program: Program): Map<string, PlannedTransaction> {
  const known =
    plans.get(program) ?? program.transactions.map((of) => transactionPlan(program, of));
  plans.set(program, known);
  return new Map(known.map((plan) => [plan.name, new PlannedTransaction(plan)]));
}

/** Returns an outcome as text, in value order. */
export function outcomeText(outcome: Outcome, program: Program): string {
  if (outcome.kind === "aborted") return `aborted: ${outcome.reason}`;
  const text = (sign: string) => (row: Row) => `${sign}${rowText(row, program)}`;
  const changes = [...outcome.removed.map(text("-")), ...outcome.inserted.map(text("+"))];
  return changes.length === 0 ? "done" : `done: ${changes.toSorted().join(" ")}`;
}

/** Returns a row in source notation. */
export function rowText(
  { relation, values }: Row,
  { relations }: Pick<Program, "relations">,
): string {
  return `${relations[relation]?.name ?? ""}(${values.map(printValue).join(", ")})`;
}
