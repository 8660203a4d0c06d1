// A transaction of a program, carried out by its plan: what it asks of base relations is fetched,
// until it asks for nothing new; then its effects are there.
import type { EvaluateOptions } from "../engine/run.ts";
import type { Change, TransactionPlan } from "../plan/transaction.ts";
import type { Value } from "../value/schema.ts";
import { compareSymbols } from "../value/symbols.ts";
import { keyOf } from "../transducer/fact.ts";
import { textOf } from "./gathered.ts";
import { type DirectCode, DirectTransaction } from "./direct-transaction.ts";
import { KeyedTransaction } from "./keyed-transaction.ts";
import { ListedTransaction } from "./listed-transaction.ts";
import { Probing } from "./probing.ts";
import {
  type Footprint,
  keyConflict,
  type Outcome,
  type Pattern,
  type Row,
  type View,
} from "./transaction.ts";

/** A transaction that is carried out by its plan. */
export class PlannedTransaction implements DirectCode {
  readonly name: string;
  readonly parameters: DirectCode["parameters"];
  readonly relations: DirectCode["relations"];
  readonly direct: DirectTransaction | undefined;
  readonly listed: ListedTransaction | undefined;
  private readonly planned: TransactionPlan;
  /** Carries it out in place of `probing` where it looks rows up by their keys. */
  private readonly keyed: KeyedTransaction | undefined;
  private readonly probing: Probing;
  /** Whether the arguments alone say what is read, and where is written. */
  private readonly isStatic: boolean;

  constructor(planned: TransactionPlan, options: EvaluateOptions = {}) {
    const { name, parameters, bases, changes, keyed, listed } = planned;
    this.name = name;
    this.parameters = parameters;
    this.planned = planned;
    this.keyed = keyed && new KeyedTransaction(keyed, planned.plan);
    this.direct = keyed && DirectTransaction.of(keyed, planned.plan, options.backend);
    this.listed = listed && ListedTransaction.of(listed, planned.plan, options.backend);
    this.probing = new Probing(planned, options);
    this.isStatic =
      this.probing.isStatic &&
      changes.every(({ key, prefix }) => key.length === 0 || prefix !== undefined);
    this.relations = {
      reads: [...new Set([...bases, ...changes].map(({ relation }) => relation))],
      writes: [...new Set(changes.map(({ relation }) => relation))],
    };
  }

  footprint(args: readonly Value[]): Footprint | undefined {
    if (this.keyed !== undefined) return this.keyed.footprint(args);
    if (!this.isStatic) return undefined;
    this.probing.begin(args);
    const writes = this.planned.changes.flatMap((change) => this.writesOf(change));
    return { reads: this.probing.early(), writes };
  }

  run(view: View, args: readonly Value[], footprint?: Footprint): Outcome {
    if (this.keyed !== undefined) return this.keyed.run(view, args, footprint);
    const { probing } = this;
    probing.begin(args);
    for (let asked = probing.missing(); asked.length > 0; asked = probing.missing())
      for (const pattern of asked) probing.give(pattern, view.tuples(pattern));
    return this.outcome(view);
  }

  /** Where a change can be, by the arguments. */
  private writesOf({ relation, prefix }: Change): Pattern[] {
    return prefix === undefined
      ? [{ relation, columns: [], values: [] }]
      : this.probing.patterns([{ relation, ...prefix }]);
  }

  private outcome(view: View): Outcome {
    const { probing, planned } = this;
    const { aborts, changes } = planned;
    const reasons = aborts === undefined ? [] : probing.tuples(aborts).map(([reason]) => reason);
    const texts = reasons.filter((reason) => typeof reason === "string");
    const [least] = texts.toSorted(compareSymbols);
    if (least !== undefined) return { kind: "aborted", reason: least };
    const inserted = new Map<string, Row>();
    const removed = new Map<string, Row>();
    for (const { kind, relation, rows } of changes)
      for (const values of probing.tuples(rows)) {
        const row = { relation, values };
        (kind === "insert" ? inserted : removed).set(keyOf(row), row);
      }
    return settled(view, inserted, removed, new Map(changes.map((of) => [of.relation, of.key])));
  }
}

/** Returns what removals and then insertions change. Of a key that has a row, another one cannot be
 * inserted unless that row is removed. */
function settled(
  view: View,
  inserted: ReadonlyMap<string, Row>,
  removed: ReadonlyMap<string, Row>,
  keys: ReadonlyMap<number, readonly number[]>,
): Outcome {
  const byKey = new Map<string, { readonly pattern: Pattern; readonly rows: Set<string> }>();
  for (const row of [...inserted.values(), ...removed.values()]) {
    const columns = keys.get(row.relation) ?? [];
    const values = columns.map((column) => row.values[column] ?? null);
    const pattern = { relation: row.relation, columns, values };
    const key = textOf(pattern);
    if (!byKey.has(key)) byKey.set(key, { pattern, rows: new Set() });
  }
  const before = new Set<string>();
  for (const { pattern, rows } of byKey.values())
    for (const values of view.tuples(pattern)) {
      const text = keyOf({ relation: pattern.relation, values });
      before.add(text);
      if (!removed.has(text) || inserted.has(text)) rows.add(text);
    }
  for (const [text, row] of inserted) {
    const columns = keys.get(row.relation) ?? [];
    const values = columns.map((column) => row.values[column] ?? null);
    const found = byKey.get(textOf({ relation: row.relation, columns, values }));
    found?.rows.add(text);
    if ((found?.rows.size ?? 0) > 1) return { kind: "aborted", reason: keyConflict };
  }
  return {
    kind: "done",
    removed: [...removed].flatMap(([text, row]) =>
      before.has(text) && !inserted.has(text) ? [row] : [],
    ),
    inserted: [...inserted].flatMap(([text, row]) => (before.has(text) ? [] : [row])),
  };
}
