// Carries out a transaction that looks up rows by their keys, where its rules compute with whole
// numbers that are exact as doubles and with symbols: of values nothing but these is made, and of
// rows nothing at all. Where a number turns out to be greater the run is given up, and `KeyedRun`
// carries the transaction out instead.
import { type KeyedLimits, keyedLimits } from "../codegen/keyed-limits.ts";
import type { Condition, Expression } from "../plan/plan.ts";
import type { KeyedEffect, KeyedPlan, KeyedStep } from "../plan/keyed.ts";
import { sameValue } from "../value/same-value.ts";
import type { Domain, Value, ValueKind } from "../value/schema.ts";
import { compareSymbols } from "../value/symbols.ts";

/** A value as it is computed with: a whole number as a double where that is exact, any other value
 * as it is. */
export type Part = Value;

/** How a run ended: in `changes`; in an abort for `reason`; with two rows for one key; or it was
 * given up, as a number was not exact. */
export type PartsEnd = "changes" | "aborted" | "conflict" | "inexact";

/** A plan with all that it needs to be carried out again and again, on parts. */
export class KeyedParts {
  /** The arguments, the columns of the rows that were looked up, and what rules compute. */
  readonly parts: Part[];
  /** The keys of the lookups, once a run has begun. */
  readonly keys: readonly Part[][];
  /** For each lookup whether its row is there: who carries it out says so. */
  readonly there: boolean[];
  /** For each lookup what becomes of its row: whether it goes, and what comes. */
  readonly goes: boolean[];
  readonly comes: (readonly Part[] | undefined)[];
  /** Why it was aborted. */
  reason = "";
  private readonly plan: KeyedPlan;
  private readonly limits: KeyedLimits;
  private readonly first: number[];
  private readonly stays: boolean[];
  private readonly loads: readonly ((args: readonly Value[]) => Part)[];
  private readonly keyParts: readonly (readonly (() => Part)[])[];
  private readonly aborts: readonly (() => void)[];
  private readonly changes: readonly (() => void)[];
  private aborted = false;
  private conflicts = false;
  private exact = true;
  /** The arguments that the keys are of, and whether these are exact. */
  private begun: readonly Value[] | undefined;
  private exactKeys = true;

  private constructor(plan: KeyedPlan, domain: Domain) {
    this.plan = plan;
    this.limits = keyedLimits(domain);
    this.parts = Array.from({ length: plan.slots }, () => 0);
    this.keys = plan.lookups.map(({ key }) => key.map(() => 0));
    this.there = plan.lookups.map(() => false);
    this.goes = plan.lookups.map(() => false);
    this.stays = plan.lookups.map(() => false);
    this.comes = plan.lookups.map(() => undefined);
    this.first = plan.lookups.map((_, at) => at);
    this.loads = plan.parameters.map((kind, at) => this.load(kind, at));
    this.keyParts = plan.lookups.map(({ key }) => key.map((of) => this.part(of.value)));
    const rules = plan.rules.map(({ steps, effect }) => ({
      isAbort: effect.kind === "abort",
      run: steps.reduceRight((then, step) => this.step(step, then), this.effect(effect)),
    }));
    this.aborts = rules.filter(({ isAbort }) => isAbort).map(({ run }) => run);
    this.changes = rules.filter(({ isAbort }) => !isAbort).map(({ run }) => run);
  }

  /** Returns what carries out a plan; undefined where it computes with other values. */
  static of(plan: KeyedPlan, domain: Domain): KeyedParts | undefined {
    try {
      return new KeyedParts(plan, domain);
    } catch (error) {
      if (error instanceof OtherValues) return undefined;
      throw error;
    }
  }

  /** Computes the keys. Returns whether all is exact. */
  begin(args: readonly Value[]): boolean {
    const { parts, loads, keyParts, keys } = this;
    this.exact = this.exactKeys;
    // Who looks where rows are mostly looks at them next.
    if (args === this.begun) return this.exact;
    this.exact = true;
    for (let at = 0; at < loads.length; at++) parts[at] = loads[at]!(args);
    for (let lookup = 0; lookup < keys.length; lookup++) {
      const [key, of] = [keys[lookup]!, keyParts[lookup]!];
      for (let at = 0; at < key.length; at++) key[at] = of[at]!();
    }
    this.begun = args;
    this.exactKeys = this.exact;
    return this.exact;
  }

  /** Carries it out, after `there` and the columns of the rows that are there were filled in. */
  run(): PartsEnd {
    this.aborted = false;
    this.conflicts = false;
    this.meet();
    for (const rule of this.aborts) rule();
    const early = this.early();
    if (early !== undefined) return early;
    const { goes, stays, comes, there } = this;
    goes.fill(false);
    stays.fill(false);
    comes.fill(undefined);
    for (const rule of this.changes) rule();
    if (this.early() !== undefined) return "inexact";
    for (let lookup = 0; lookup < goes.length; lookup++) {
      if (stays[lookup] === true) goes[lookup] = false;
      if (comes[lookup] !== undefined && there[lookup] === true && !goes[lookup])
        this.conflicts = true;
    }
    return this.conflicts ? "conflict" : "changes";
  }

  private early(): "inexact" | "aborted" | undefined {
    if (!this.exact) return "inexact";
    return this.aborted ? "aborted" : undefined;
  }

  /** Finds out which lookups are of one row. */
  private meet(): void {
    const { lookups } = this.plan;
    const { first, keys } = this;
    for (let at = 1; at < lookups.length; at++) {
      const { relation } = lookups[at]!;
      const key = keys[at]!;
      let before = 0;
      while (before < at && !(lookups[before]!.relation === relation && same(keys[before]!, key)))
        before++;
      first[at] = before < at ? first[before]! : at;
    }
  }

  private change(kind: "insert" | "remove", lookup: number, values: readonly Part[]): void {
    const at = this.first[lookup]!;
    const isThere = this.there[at] === true && this.isRow(at, values);
    if (kind === "remove") {
      if (isThere) this.goes[at] = true;
    } else if (isThere) this.stays[at] = true;
    else {
      const other = this.comes[at];
      if (other === undefined) this.comes[at] = values;
      else if (!same(other, values)) this.conflicts = true;
    }
  }

  private isRow(lookup: number, values: readonly Part[]): boolean {
    const { slot } = this.plan.lookups[lookup]!;
    const { parts } = this;
    for (let column = 0; column < values.length; column++)
      if (!samePart(parts[slot + column]!, values[column]!)) return false;
    return true;
  }

  // ---- closures ----

  private load(kind: ValueKind, at: number): (args: readonly Value[]) => Part {
    if (kind === "symbol") return (args) => args[at]!;
    if (kind !== "number" && kind !== "unsigned") throw new OtherValues();
    const { least, most } = this.limits[kind];
    return (args) => {
      const number = Number(args[at]);
      if (!(number >= least && number <= most)) this.exact = false;
      return number;
    };
  }

  private step(step: KeyedStep, then: () => void): () => void {
    const { there, parts } = this;
    switch (step.kind) {
      case "present": {
        const { lookup } = step;
        return () => {
          if (there[lookup] === true) then();
        };
      }
      case "absent": {
        const { lookup } = step;
        const where = step.where.map((of) => this.condition(of));
        return () => {
          if (there[lookup] !== true || !where.every((holds) => holds())) then();
        };
      }
      case "filter": {
        const holds = this.condition(step.condition);
        return () => {
          if (holds()) then();
        };
      }
      case "bind": {
        const { slot } = step;
        const compute = this.part(step.value);
        return () => {
          parts[slot] = compute();
          then();
        };
      }
    }
  }

  private effect(effect: KeyedEffect): () => void {
    if (effect.kind === "abort") {
      const reason = this.part(effect.reason);
      return () => {
        const text = reason() as string;
        if (!this.aborted || compareSymbols(text, this.reason) < 0) this.reason = text;
        this.aborted = true;
      };
    }
    const { kind, lookup } = effect;
    const columns = effect.values.map(({ value }) => this.part(value));
    // Each effect has its own: it happens at most once in a run.
    const values: Part[] = columns.map(() => 0);
    return () => {
      for (let at = 0; at < columns.length; at++) values[at] = columns[at]!();
      this.change(kind, lookup, values);
    };
  }

  private condition(one: Condition): () => boolean {
    if (one.kind === "boolean") return () => one.value;
    if (one.kind === "test") throw new OtherValues();
    const { operator, of } = one;
    const [left, right] = [this.part(one.left), this.part(one.right)];
    if (operator === "=") return () => samePart(left(), right());
    if (operator === "!=") return () => !samePart(left(), right());
    if (of === "symbol") {
      const order = (): number => compareSymbols(left() as string, right() as string);
      if (operator === "<") return () => order() < 0;
      if (operator === "<=") return () => order() <= 0;
      if (operator === ">") return () => order() > 0;
      return () => order() >= 0;
    }
    if (of !== "number" && of !== "unsigned") throw new OtherValues();
    if (operator === "<") return () => (left() as number) < (right() as number);
    if (operator === "<=") return () => (left() as number) <= (right() as number);
    if (operator === ">") return () => (left() as number) > (right() as number);
    return () => (left() as number) >= (right() as number);
  }

  private part(of: Expression): () => Part {
    const { parts } = this;
    switch (of.kind) {
      case "slot": {
        const { slot } = of;
        return () => parts[slot]!;
      }
      case "constant": {
        if (of.of === "symbol") return () => of.value;
        if (of.of !== "number" && of.of !== "unsigned") throw new OtherValues();
        const number = Number(of.value);
        const { least, most } = this.limits[of.of];
        if (!(number >= least && number <= most)) throw new OtherValues();
        return () => number;
      }
      case "call": {
        if (of.functor === "cat") {
          const texts = of.arguments.map((one) => this.part(one) as () => string);
          return () => texts.reduce((all, text) => all + text(), "");
        }
        if (of.functor === "user" || (of.of !== "number" && of.of !== "unsigned"))
          throw new OtherValues();
        const { least, most } = this.limits[of.of];
        const exact = (number: number): Part => {
          if (!(number >= least && number <= most)) this.exact = false;
          // There is one zero.
          return number + 0;
        };
        const [left = none, right = none] = of.arguments.map((one) => this.part(one));
        if (of.arguments.length > 2) throw new OtherValues();
        const { functor } = of;
        if (functor === "add") return () => exact((left() as number) + (right() as number));
        if (functor === "sub") return () => exact((left() as number) - (right() as number));
        if (functor === "mul") return () => exact((left() as number) * (right() as number));
        if (functor === "neg") return () => exact(-(left() as number));
        if (functor === "min") return () => Math.min(left() as number, right() as number);
        if (functor === "max") return () => Math.max(left() as number, right() as number);
        throw new OtherValues();
      }
      case "pack":
      case "counter":
      case "iteration":
        throw new OtherValues();
    }
  }
}

/** The rules compute with values that are no parts. */
class OtherValues extends Error {
  override readonly name = "OtherValues";
}

function none(): Part {
  return null;
}

function same(one: readonly Part[], other: readonly Part[]): boolean {
  for (let at = 0; at < one.length; at++) if (!samePart(one[at]!, other[at]!)) return false;
  return true;
}

function samePart(one: Part, other: Part): boolean {
  return one === other || (typeof one !== "string" && sameValue(one, other));
}
