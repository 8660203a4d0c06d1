// A transaction that looks up rows by their keys, as one function of JavaScript: its arguments,
// keys, columns and effects are local variables, its rows are found and changed where they are. It
// leaves what is rare (`keyedEnds.left`) to who carries the plan out as closures (`KeyedParts`),
// with the same end. The text is a function of the plan, byte for byte (invariant 5).
import { assert } from "../base/assert.ts";
import type { KeyedEffect, KeyedPlan, KeyedRule, KeyedStep, Lookup } from "../plan/keyed.ts";
import type { Domain, Value, ValueKind } from "../value/schema.ts";
import { changeLines, isWhole, placeLines } from "./emit-keyed-hash.ts";
import { changeUnit, keyedEnds } from "./keyed-code.ts";
import { equalText, KeyedWriter } from "./keyed-writer.ts";

/** More comparisons of two lookups that may be of one row than this are left to closures: beyond
 * them the function is longer than a compiler takes. */
const pairsMax = 300;

/** The text of a transaction: the body of a function of `keyedParameters`. */
export type EmittedKeyed = { readonly text: string; readonly constants: readonly Value[] };

/** The parameters of the text, in order. */
export const keyedParameters = ["constants", "calls", "compare", "same"] as const;

/** Returns the relations of the stores that the code of a plan is given, in their order. */
export function keyedStores({ lookups }: KeyedPlan): number[] {
  return [...new Set(lookups.map(({ relation }) => relation))];
}

/** Returns the JavaScript of a plan with what it refers to; undefined where that would be too
 * long. */
export function emittedKeyed(plan: KeyedPlan, domain: Domain): EmittedKeyed | undefined {
  return pairsOf(plan).length > pairsMax ? undefined : new Emitting(plan, domain).emitted();
}

/** The lookups that may be of one row. */
function pairsOf({ lookups }: KeyedPlan): (readonly [number, number])[] {
  return lookups.flatMap(({ relation }, at) =>
    lookups
      .slice(0, at)
      .flatMap((other, before) => (other.relation === relation ? [[before, at] as const] : [])),
  );
}

class Emitting {
  private readonly plan: KeyedPlan;
  private readonly stores: readonly number[];
  /** How many rules remove and insert the row of each lookup. */
  private readonly removes: readonly number[];
  private readonly inserts: readonly number[];
  /** The lookups whose rows they change. */
  private readonly changed: readonly number[];
  private readonly out: KeyedWriter;

  constructor(plan: KeyedPlan, domain: Domain) {
    this.plan = plan;
    this.out = new KeyedWriter(domain);
    this.stores = keyedStores(plan);
    const count = (kind: KeyedEffect["kind"]) =>
      plan.lookups.map((_, at) => {
        const ofLookup = ({ effect }: KeyedRule): boolean =>
          effect.kind === kind && effect.kind !== "abort" && effect.lookup === at;
        return plan.rules.filter(ofLookup).length;
      });
    this.removes = count("remove");
    this.inserts = count("insert");
    this.changed = [...plan.lookups.keys()].filter(
      (at) => this.removes[at]! > 0 || this.inserts[at]! > 0,
    );
  }

  emitted(): EmittedKeyed {
    const { plan } = this;
    this.arguments();
    this.keys();
    this.fetch();
    for (const [at, lookup] of plan.lookups.entries()) this.lookup(lookup, at);
    this.out.line('let aborted = false, reason = "", conflict = false;');
    this.effects();
    const isAbort = ({ effect }: KeyedRule): boolean => effect.kind === "abort";
    for (const rule of plan.rules.filter(isAbort)) this.rule(rule);
    this.out.open("if (aborted) {");
    this.out.line("end.reason = reason;");
    this.out.line(`return ${keyedEnds.aborted};`);
    this.out.close();
    for (const rule of plan.rules.filter((of) => !isAbort(of))) this.rule(rule);
    this.settle();
    this.apply();
    assert(this.out.isExact, "closures compute with the same numbers");
    return { text: this.text(), constants: this.out.constants };
  }

  private text(): string {
    const constants = this.out.constants.map((_, at) => `const constant${at} = constants[${at}];`);
    return [
      '"use strict";',
      "const { placed, begun, hashed } = calls;",
      ...constants,
      "return function transaction(args, at, stores, far, end) {",
      ...this.out.lines,
      "};",
      "",
    ].join("\n");
  }

  // ---- what is read ----

  private arguments(): void {
    for (const [at, kind] of this.plan.parameters.entries()) {
      if (!isWhole(kind)) this.out.line(`const s${at} = args[${at}];`);
      else {
        this.out.line(`const s${at} = Number(args[${at}]);`);
        this.out.exact(`s${at}`, kind);
      }
    }
  }

  /** Computes the keys, and leaves it where two are of one row. */
  private keys(): void {
    const { lookups } = this.plan;
    for (const [at, { key }] of lookups.entries())
      for (const [part, { value }] of key.entries())
        this.out.line(`const k${at}_${part} = ${this.out.value(value)};`);
    for (const [one, other] of pairsOf(this.plan)) {
      const same = lookups[one]!.key.map((_, part) => `k${one}_${part} === k${other}_${part}`);
      this.out.line(`if (${same.join(" && ")}) return ${keyedEnds.left};`);
    }
  }

  /** Fetches the arrays of the relations. */
  private fetch(): void {
    for (const [at, relation] of this.stores.entries()) {
      const { kinds } = this.plan.lookups.find((of) => of.relation === relation)!;
      this.out.line(`const store${at} = stores[${at}];`);
      this.out.line(`const heads${at} = store${at}.heads, mask${at} = heads${at}.length - 1;`);
      this.out.line(`const to${at} = store${at}.to;`);
      this.out.line(`let from${at} = store${at}.from;`);
      for (const column of kinds.keys())
        this.out.line(`let c${at}_${column} = ${cellsText(at, column, kinds)};`);
    }
    this.out.line("let word = 0, mix = 0, place = 0, hash = 0, removed = 0, inserted = 0;");
  }

  /** Finds a row, and fetches its columns. */
  private lookup({ relation, slot, columns, kinds }: Lookup, at: number): void {
    const store = this.stores.indexOf(relation);
    const initial = kinds.map((kind, column) => `s${slot + column} = ${initialText(kind)}`);
    this.out.line(`let r${at} = -1, t${at} = false, ${initial.join(", ")};`);
    const key = columns.map((_, part) => `k${at}_${part}`);
    this.out.open("if (far === undefined) {");
    for (const line of placeLines(
      key,
      columns.map((column) => kinds[column]!),
    ))
      this.out.line(line);
    const other = columns.map((column, part) => `c${store}_${column}[r${at}] !== ${key[part]}`);
    this.out.line(`place &= mask${store};`);
    this.out.line(`r${at} = heads${store}[place];`);
    this.out.open(`while (r${at} >= 0 && (${other.join(" || ")})) {`);
    this.out.line(`place = place + 1 & mask${store};`);
    this.out.line(`r${at} = heads${store}[place];`);
    this.out.close();
    this.out.close(`} else r${at} = far.rows[${at}];`);
    this.out.open(
      `if (r${at} >= 0 && to${store}[r${at}] === Infinity && from${store}[r${at}] < at) {`,
    );
    this.out.line(`t${at} = true;`);
    for (const [column, kind] of kinds.entries()) {
      const cell = `s${slot + column}`;
      this.out.line(`${cell} = c${store}_${column}[r${at}];`);
      if (isWhole(kind)) this.out.line(`if (${cell} !== ${cell}) return ${keyedEnds.left};`);
    }
    this.out.close(`} else if (far !== undefined && far.isFar[${at}] && far.there[${at}]) {`, true);
    this.out.line(`t${at} = true;`);
    for (const [column, kind] of kinds.entries()) {
      const part = columns.indexOf(column);
      // As a number it stays one for the compiler, too.
      const far = `${isWhole(kind) ? "+" : ""}far.parts[${slot + column}]`;
      this.out.line(`s${slot + column} = ${part < 0 ? far : key[part]};`);
    }
    this.out.close();
  }

  // ---- rules ----

  private rule({ steps, effect }: KeyedRule): void {
    const { depth } = this.out;
    this.out.open("{");
    for (const step of steps) this.step(step);
    this.effect(effect);
    while (this.out.depth > depth) this.out.close();
  }

  /** Opens a block in which the step holds, but for a slot that gets its value. */
  private step(step: KeyedStep): void {
    switch (step.kind) {
      case "present": {
        this.out.open(`if (t${step.lookup}) {`);
        return;
      }
      case "absent": {
        const where = step.where.map((one) => this.out.condition(one));
        const all = [`t${step.lookup}`, ...where].join(" && ");
        this.out.open(`if (!(${all})) {`);
        return;
      }
      case "filter": {
        this.out.open(`if (${this.out.condition(step.condition)}) {`);
        return;
      }
      case "bind": {
        this.out.line(`const s${step.slot} = ${this.out.value(step.value)};`);
        return;
      }
    }
  }

  private effect(effect: KeyedEffect): void {
    if (effect.kind === "abort") {
      this.out.line(`const text = ${this.out.value(effect.reason)};`);
      this.out.line("if (!aborted || compare(text, reason) < 0) reason = text;");
      this.out.line("aborted = true;");
      return;
    }
    const { lookup: at, values } = effect;
    const lookup = this.plan.lookups[at]!;
    const parts = values.map(({ value }) => this.out.value(value));
    // The key of the row is that of the lookup.
    const others = othersOf(lookup);
    const equal = others.flatMap((column) => {
      const [cell, part] = [`s${lookup.slot + column}`, parts[column]!];
      return cell === part ? [] : [equalText(lookup.kinds[column]!, cell, part)];
    });
    const isThere = [`t${at}`, ...equal].join(" && ");
    if (effect.kind === "remove") {
      this.out.line(`if (${isThere}) goes${at} = true;`);
      return;
    }
    this.out.open(`if (${isThere}) {`);
    this.out.line(`stays${at} = true;`);
    if (this.inserts[at]! > 1) {
      const same = others.map((column) =>
        equalText(lookup.kinds[column]!, `v${at}_${column}`, parts[column]!),
      );
      this.out.close(`} else if (comes${at}) {`, true);
      if (same.length > 0) this.out.line(`if (!(${same.join(" && ")})) conflict = true;`);
    }
    this.out.close("} else {", true);
    this.out.line(`comes${at} = true;`);
    for (const column of others) this.out.line(`v${at}_${column} = ${parts[column]};`);
    this.out.close();
  }

  // ---- what is changed ----

  /** What becomes of rows. */
  private effects(): void {
    for (const at of this.changed) {
      this.out.line(`let goes${at} = false, stays${at} = false, comes${at} = false;`);
      for (const column of othersOf(this.plan.lookups[at]!))
        this.out.line(
          `let v${at}_${column} = ${initialText(this.plan.lookups[at]!.kinds[column]!)};`,
        );
    }
  }

  private settle(): void {
    for (const at of this.changed) {
      this.out.line(`if (stays${at}) goes${at} = false;`);
      this.out.line(`if (comes${at} && t${at} && !goes${at}) conflict = true;`);
    }
    this.out.line(`if (conflict) return ${keyedEnds.conflict};`);
  }

  /** Changes rows: what makes room for others first, which has the arrays be others. */
  private apply(): void {
    const { lookups } = this.plan;
    const written = new Set(this.changed.map((at) => this.storeOf(at)));
    for (const at of written) {
      const relation = this.stores[at]!;
      this.out.line(`const gone${at} = begun("-", at, ${relation});`);
      this.out.line(`const come${at} = begun("+", at, ${relation});`);
    }
    for (const at of this.changed) {
      const store = this.storeOf(at);
      const [before, after] = [this.before(at), this.after(at)];
      this.out.open(`if (goes${at} || comes${at}) {`);
      this.out.line(`if (goes${at}) removed++;`);
      this.out.line(`if (comes${at}) inserted++;`);
      this.out.open("if (end.tell !== undefined) {");
      this.out.line(`if (goes${at}) end.tell(${at}, true, [${before.join(", ")}]);`);
      this.out.line(`if (comes${at}) end.tell(${at}, false, [${after.join(", ")}]);`);
      this.out.close();
      this.out.open(`if (${nearText(at)}) {`);
      this.hash(`goes${at}`, `gone${store}`, before, lookups[at]!.kinds);
      this.hash(`comes${at}`, `come${store}`, after, lookups[at]!.kinds);
      this.out.line(`if (!comes${at}) store${store}.end(r${at}, at);`);
      this.out.line(`else if (!goes${at}) store${store}.add([${after.join(", ")}], at);`);
      this.out.line(`else if (at >= store${store}.horizon) store${store}.keepPast(r${at}, at);`);
      this.out.close();
      this.out.close();
    }
    for (const at of written) {
      this.out.line(`from${at} = store${at}.from;`);
      const { kinds } = lookups.find(({ relation }) => relation === this.stores[at])!;
      for (const column of kinds.keys())
        this.out.line(`c${at}_${column} = ${cellsText(at, column, kinds)};`);
    }
    for (const at of this.changed) {
      const store = this.storeOf(at);
      this.out.open(`if (goes${at} && comes${at} && (${nearText(at)})) {`);
      this.out.line(`from${store}[r${at}] = at;`);
      for (const column of othersOf(lookups[at]!))
        this.out.line(`c${store}_${column}[r${at}] = v${at}_${column};`);
      this.out.close();
    }
    this.out.line("end.hash = hash;");
    this.out.line(`return removed * ${changeUnit} + inserted;`);
  }

  private hash(
    when: string,
    from: string,
    parts: readonly string[],
    kinds: readonly ValueKind[],
  ): void {
    this.out.open(`if (${when}) {`);
    for (const [column, part] of parts.entries())
      for (const line of changeLines(column === 0 ? from : "word", part, kinds[column]!))
        this.out.line(line);
    this.out.line("hash += word >>> 0;");
    this.out.close();
  }

  private storeOf(at: number): number {
    return this.stores.indexOf(this.plan.lookups[at]!.relation);
  }

  /** The columns of the row of a lookup as it was, and as it comes. */
  private before(at: number): string[] {
    const { slot, kinds } = this.plan.lookups[at]!;
    return kinds.map((_, column) => `s${slot + column}`);
  }

  private after(at: number): string[] {
    const { kinds, columns } = this.plan.lookups[at]!;
    return kinds.map((_, column) => {
      const part = columns.indexOf(column);
      return part < 0 ? `v${at}_${column}` : `k${at}_${part}`;
    });
  }
}

/** The columns of a row that are not of its key. */
function othersOf({ kinds, columns }: Lookup): number[] {
  return [...kinds.keys()].filter((column) => !columns.includes(column));
}

function nearText(lookup: number): string {
  return `far === undefined || !far.isFar[${lookup}]`;
}

function cellsText(store: number, column: number, kinds: readonly ValueKind[]): string {
  return `store${store}.columns[${column}].${isWhole(kinds[column]) ? "exact" : "values"}`;
}

function initialText(kind: ValueKind): string {
  if (isWhole(kind)) return "0";
  return kind === "symbol" ? '""' : "null";
}
