// Carries out a transaction that looks up rows by their keys: its rules are closures over slots,
// and of a row no more becomes words than they compute with.
import { condition, type Slots, value } from "../codegen/interpret-expression.ts";
import type { Condition, Expression } from "../plan/plan.ts";
import type { KeyedEffect, KeyedPlan, KeyedStep, KeyedValue, Lookup } from "../plan/keyed.ts";
import { operations, type Operations } from "../value/operations.ts";
import { sameTuple } from "../value/same-value.ts";
import type { Domain, Value, ValueKind } from "../value/schema.ts";
import type { Structures } from "../value/structure.ts";
import { compareSymbols } from "../value/symbols.ts";
import { Values } from "../value/values.ts";

/** The most bytes that values keep from one transaction to the next. */
const bytesKept = 16 << 20;

/** A row as a transaction sees it. */
type Tuple = readonly Value[];

/** What a transaction does with the rows that it looked up: an abort for a reason; two rows for one
 * key; or changes, each of the row of a lookup. */
export type KeyedOutcome =
  | { readonly kind: "aborted"; readonly reason: string }
  | { readonly kind: "conflict" }
  | { readonly kind: "done"; readonly removed: KeyedChange[]; readonly inserted: KeyedChange[] };

/** A row that goes, or comes. */
export type KeyedChange = { readonly lookup: number; readonly values: Tuple };

/** A plan with all that it needs to be carried out again and again. */
export class KeyedRun {
  private readonly plan: KeyedPlan;
  private readonly structures: Structures;
  private readonly domain: Domain;
  private state: State;
  private args: readonly Value[] = [];
  private rows: readonly (Tuple | undefined)[] = [];
  /** For each lookup the first one of the same row. */
  private readonly first: number[];
  private readonly gone: boolean[];
  private readonly stays: boolean[];
  private readonly came: (Tuple | undefined)[];
  private reason: string | undefined;
  private conflicts = false;

  constructor(plan: KeyedPlan, domain: Domain, structures: Structures) {
    this.plan = plan;
    this.domain = domain;
    this.structures = structures;
    this.first = plan.lookups.map((_, at) => at);
    this.gone = plan.lookups.map(() => false);
    this.stays = plan.lookups.map(() => false);
    this.came = plan.lookups.map(() => undefined);
    this.state = this.fresh();
  }

  /** The keys of the lookups. */
  keys(args: readonly Value[]): Value[][] {
    this.begin(args);
    return this.state.keys.map((of) => of.map((one) => one()));
  }

  /** Carries it out, on the rows that were found for `keys`. */
  run(
    args: readonly Value[],
    keys: readonly Tuple[],
    rows: readonly (Tuple | undefined)[],
  ): KeyedOutcome {
    this.begin(args);
    this.rows = rows;
    this.meet(keys);
    const { loads, aborts, changes } = this.state;
    for (const load of loads) load();
    const reason = this.leastReason(aborts);
    if (reason !== undefined) return { kind: "aborted", reason };
    this.gone.fill(false);
    this.stays.fill(false);
    this.came.fill(undefined);
    this.conflicts = false;
    for (const rule of changes) rule();
    return this.outcome();
  }

  private leastReason(aborts: State["aborts"]): string | undefined {
    this.reason = undefined;
    for (const rule of aborts) rule();
    return this.reason;
  }

  private begin(args: readonly Value[]): void {
    if (this.state.values.memoryBytes > bytesKept) this.state = this.fresh();
    this.args = args;
    for (const load of this.state.argumentLoads) load();
  }

  /** Finds out which lookups are of one row: keys that are written differently may be equal. */
  private meet(keys: readonly Tuple[]): void {
    const { lookups } = this.plan;
    const { first } = this;
    for (let at = 0; at < lookups.length; at++) {
      first[at] = at;
      for (let before = 0; before < at; before++)
        if (
          lookups[before]!.relation === lookups[at]!.relation &&
          sameTuple(keys[before]!, keys[at]!)
        ) {
          first[at] = first[before]!;
          break;
        }
    }
  }

  private outcome(): KeyedOutcome {
    const { gone, stays, came, rows, conflicts } = this;
    const removed: KeyedChange[] = [];
    const inserted: KeyedChange[] = [];
    for (let lookup = 0; lookup < gone.length; lookup++) {
      const [before, after] = [rows[lookup], came[lookup]];
      const goes = gone[lookup] === true && stays[lookup] !== true;
      if (after !== undefined) {
        if (before !== undefined && !goes) return { kind: "conflict" };
        inserted.push({ lookup, values: after });
      }
      if (goes && before !== undefined) removed.push({ lookup, values: before });
    }
    return conflicts ? { kind: "conflict" } : { kind: "done", removed, inserted };
  }

  private abort(reason: string): void {
    if (this.reason === undefined || compareSymbols(reason, this.reason) < 0) this.reason = reason;
  }

  private change(kind: "insert" | "remove", lookup: number, values: Tuple): void {
    const at = this.first[lookup]!;
    const before = this.rows[at];
    const isThere = before !== undefined && (values === before || sameTuple(values, before));
    if (kind === "remove") {
      if (isThere) this.gone[at] = true;
    } else if (isThere) this.stays[at] = true;
    else if (this.came[at] === undefined) this.came[at] = values;
    else if (!sameTuple(this.came[at], values)) this.conflicts = true;
  }

  // ---- closures ----

  private fresh(): State {
    const { plan, domain, structures } = this;
    const values = new Values(domain, structures);
    const slots = new Int32Array(plan.slots);
    const computed = operations(values);
    const counters = { counter: () => 0, iteration: () => 0 };
    const functor = () => () => 0;
    const constant = values.encode.bind(values);
    const context: Context = { slots, values, constant, operations: computed, counters, functor };
    const used = usedSlots(plan, domain);
    const argumentLoads = plan.parameters.flatMap((kind, at) =>
      used.has(at)
        ? [
            () => {
              slots[at] = values.encode(kind, this.args[at]!);
            },
          ]
        : [],
    );
    const loads = plan.lookups.flatMap(({ slot, kinds }, lookup) =>
      kinds.flatMap((kind, column) =>
        used.has(slot + column)
          ? [
              () => {
                const row = this.rows[lookup];
                if (row !== undefined) slots[slot + column] = values.encode(kind, row[column]!);
              },
            ]
          : [],
      ),
    );
    const rules = plan.rules.map(({ steps, effect }) => ({
      isAbort: effect.kind === "abort",
      run: this.rule(steps, this.effect(effect, context), context),
    }));
    return {
      ...{ values, argumentLoads, loads },
      keys: plan.lookups.map(({ key }) => key.map((of) => this.valueOf(of, context))),
      aborts: rules.filter(({ isAbort }) => isAbort).map(({ run }) => run),
      changes: rules.filter(({ isAbort }) => !isAbort).map(({ run }) => run),
    };
  }

  private rule(steps: readonly KeyedStep[], effect: () => void, context: Context): () => void {
    return steps.reduceRight((then, step) => this.step(step, then, context), effect);
  }

  private step(step: KeyedStep, then: () => void, context: Context): () => void {
    switch (step.kind) {
      case "present": {
        const { lookup } = step;
        return () => {
          if (this.rows[lookup] !== undefined) then();
        };
      }
      case "absent": {
        const { lookup } = step;
        const where = step.where.map((of) => condition(context, of));
        return () => {
          if (this.rows[lookup] === undefined || !where.every((holds) => holds())) then();
        };
      }
      case "filter": {
        const holds = condition(context, step.condition);
        return () => {
          if (holds()) then();
        };
      }
      case "bind": {
        const { slots } = context;
        const { slot } = step;
        const compute = value(context, step.value);
        return () => {
          slots[slot] = compute();
          then();
        };
      }
    }
  }

  private effect(effect: KeyedEffect, context: Context): () => void {
    if (effect.kind === "abort") {
      const reason = this.valueOf({ kind: "symbol", value: effect.reason }, context);
      return () => {
        this.abort(reason() as string);
      };
    }
    const { kind, lookup } = effect;
    const same = this.sameRow(effect.values);
    if (same !== undefined)
      return () => {
        this.change(kind, lookup, this.rows[same]!);
      };
    const columns = effect.values.map((of) => this.valueOf(of, context));
    return () => {
      const values: Value[] = [];
      for (const column of columns) values.push(column());
      this.change(kind, lookup, values);
    };
  }

  /** The lookup whose row the values are, column by column; its key is that of the row. */
  private sameRow(values: readonly KeyedValue[]): number | undefined {
    const at = this.plan.lookups.findIndex(
      ({ slot, columns, key, kinds }) =>
        kinds.length === values.length &&
        values.every(({ value: of }, column) => {
          if (isSlot(of, slot + column)) return true;
          const place = columns.indexOf(column);
          return place >= 0 && sameExpression(of, key[place]?.value);
        }) &&
        values.some(({ value: of }, column) => isSlot(of, slot + column)),
    );
    return at < 0 ? undefined : at;
  }

  /** A value as it is stored: what is an argument, or a column of a row, is not computed. */
  private valueOf({ kind, value: of }: KeyedValue, context: Context): () => Value {
    const { parameters, lookups } = this.plan;
    const { values } = context;
    if (of.kind === "constant") {
      const constant = values.decode(kind, values.encode(of.of, of.value));
      return () => constant;
    }
    if (of.kind === "slot") {
      const { slot } = of;
      if (slot < parameters.length) {
        if (isPlainKind(kind, this.domain)) return () => normal(kind, this.args[slot]!);
      } else {
        const lookup = lookups.findIndex((one) => holds(one, slot));
        const column = slot - (lookups[lookup]?.slot ?? 0);
        if (lookup >= 0) return () => this.rows[lookup]![column]!;
      }
    }
    const compute = value(context, of);
    return () => values.decode(kind, compute());
  }
}

type Context = {
  readonly slots: Slots;
  readonly values: Values;
  readonly constant: Values["encode"];
  readonly operations: Operations;
  readonly counters: { counter(): number; iteration(): number };
  readonly functor: () => () => number;
};

/** Closures over the words of one table of values. */
type State = {
  readonly values: Values;
  readonly argumentLoads: readonly (() => void)[];
  readonly loads: readonly (() => void)[];
  readonly keys: readonly (readonly (() => Value)[])[];
  readonly aborts: readonly (() => void)[];
  readonly changes: readonly (() => void)[];
};

/** The slots that somebody computes with; others are only copied. */
function usedSlots({ lookups, rules, parameters }: KeyedPlan, domain: Domain): ReadonlySet<number> {
  const used = new Set<number>();
  const use = (of: Expression): void => {
    if (of.kind === "slot") used.add(of.slot);
    else if (of.kind === "call") for (const one of of.arguments) use(one);
  };
  const test = (of: Condition): void => {
    if (of.kind === "boolean") return;
    use(of.left);
    use(of.right);
  };
  const copied = ({ kind, value: of }: KeyedValue): void => {
    const isArgument = of.kind === "slot" && of.slot < parameters.length;
    const isColumn = of.kind === "slot" && lookups.some((one) => holds(one, of.slot));
    if (!isColumn && !(isArgument && isPlainKind(kind, domain))) use(of);
  };
  for (const { key } of lookups) for (const of of key) copied(of);
  for (const { steps, effect } of rules) {
    for (const step of steps) {
      if (step.kind === "filter") test(step.condition);
      else if (step.kind === "absent") step.where.forEach(test);
      else if (step.kind === "bind") use(step.value);
    }
    if (effect.kind === "abort") copied({ kind: "symbol", value: effect.reason });
    else effect.values.forEach(copied);
  }
  return used;
}

function holds({ slot, kinds }: Lookup, one: number): boolean {
  return one >= slot && one < slot + kinds.length;
}

function isSlot(of: Expression, slot: number): boolean {
  return of.kind === "slot" && of.slot === slot;
}

function sameExpression(one: Expression, other: Expression | undefined): boolean {
  if (other?.kind === "slot") return isSlot(one, other.slot);
  return false;
}

/** Whether a value of that kind is what it is stored as, but for the width of integers. */
function isPlainKind(kind: ValueKind, domain: Domain): boolean {
  return kind === "symbol" || (domain === 64 && (kind === "number" || kind === "unsigned"));
}

function normal(kind: ValueKind, of: Value): Value {
  if (kind === "number") return BigInt.asIntN(64, of as bigint);
  return kind === "unsigned" ? BigInt.asUintN(64, of as bigint) : of;
}
