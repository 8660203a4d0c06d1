// A transaction that goes through lists, as JavaScript: a function for each rule, in which a loop
// stands for each relation that is gone through, and a look-up for each row. One function for all
// would take a compiler more than a second. The text is a function of the plan, byte for byte
// (invariant 5).
import type {
  ListedPart,
  ListedPlan,
  ListedRelation,
  ListedRule,
  ListedStep,
} from "../plan/listed.ts";
import type { Expression } from "../plan/plan.ts";
import type { Domain, Value } from "../value/schema.ts";
import { isWhole, placeLines } from "./emit-keyed-hash.ts";
import { equalText, KeyedWriter } from "./keyed-writer.ts";
import { listedEnds } from "./listed-code.ts";

/** The text of a transaction: the body of a function of `listedParameters`; what its constants are,
 * and what is looked up in relations that are stated, by which column. */
export type EmittedListed = {
  readonly text: string;
  readonly constants: readonly Value[];
  readonly indexes: readonly StatedIndex[];
};

/** A relation that is stated, by its place, with the column by which its tuples are found; without
 * one all are gone through. */
export type StatedIndex = { readonly relation: number; readonly column: number | undefined };

/** The parameters of the text, in order: beside its constants and what compares values, those of
 * `ListedCalls`. */
export const listedParameters = [
  "constants",
  "indexes",
  "add",
  "placed",
  "compare",
  "same",
] as const;

/** Returns the JavaScript of a plan with what it refers to; undefined where a number of the text is
 * not exact as a double. */
export function emittedListed(plan: ListedPlan, domain: Domain): EmittedListed | undefined {
  return new Emitting(plan, domain).emitted();
}

class Emitting {
  private readonly plan: ListedPlan;
  private readonly out: KeyedWriter;
  private readonly indexes: StatedIndex[] = [];
  /** The places of relations among those that are stored. */
  private readonly stores: ReadonlyMap<number, number>;
  /** What the rule that is written reads: stores, and their columns with their variables. */
  private readonly fetched = new Set<number>();
  private readonly cells = new Map<string, string>();
  private readonly functions: string[] = [];
  /** The slots whose values the rule that is written asks for. */
  private used: ReadonlySet<number> = new Set();
  private fresh = 0;

  constructor(plan: ListedPlan, domain: Domain) {
    this.plan = plan;
    this.out = new KeyedWriter(domain);
    const stored = [...plan.relations.keys()].filter((at) => plan.relations[at]?.kind === "stored");
    this.stores = new Map(stored.map((at, place) => [at, place]));
  }

  emitted(): EmittedListed | undefined {
    const { plan, out } = this;
    const isAbort = ({ head }: ListedRule): boolean => head.kind === "abort";
    this.begin();
    for (const { recursive, rules } of plan.strata) {
      // Few tuples are derived: all rules are gone through until they derive none that is new.
      if (recursive) out.open("do {");
      if (recursive) out.line("grown = false;");
      for (const rule of rules) this.call(rule);
      if (recursive) out.close("} while (grown);");
    }
    for (const rule of plan.effects.filter(isAbort)) this.call(rule);
    out.open("if (aborted) {");
    out.line("rows.reason = reason;");
    out.line(`return ${listedEnds.aborted};`);
    out.close();
    for (const rule of plan.effects.filter((of) => !isAbort(of))) this.call(rule);
    out.line(`return ${listedEnds.changes};`);
    if (!out.isExact) return undefined;
    return { text: this.text(), constants: out.constants, indexes: this.indexes };
  }

  private text(): string {
    const { parameters } = this.plan;
    return [
      '"use strict";',
      ...this.out.constants.map((_, at) => `const constant${at} = constants[${at}];`),
      ...this.indexes.map((_, at) => `const index${at} = indexes[${at}];`),
      ...this.lists().map((list) => `const ${list} = [];`),
      ...parameters.map((kind, at) => `let a${at} = ${isWhole(kind) ? 0 : null};`),
      "const none = [];",
      'let rows, grown = false, aborted = false, reason = "";',
      ...this.functions,
      "return function transaction(args, all) {",
      ...this.out.lines,
      "};",
      "",
    ].join("\n");
  }

  /** The relations that are derived, but for the arguments. */
  private lists(): string[] {
    return [...this.plan.relations.entries()].flatMap(([at, { kind }]) =>
      kind === "derived" && at > 0 ? [`list${at}`] : [],
    );
  }

  /** The arguments are the one tuple of the first relation; other lists are empty. */
  private begin(): void {
    const { out } = this;
    out.line('rows = all, aborted = false, reason = "";');
    for (const list of this.lists()) out.line(`${list}.length = 0;`);
    for (const [at, kind] of this.plan.parameters.entries()) {
      out.line(`a${at} = ${isWhole(kind) ? `Number(args[${at}])` : `args[${at}]`};`);
      if (isWhole(kind)) out.exact(`a${at}`, kind);
    }
  }

  /** Writes the function of a rule, and its call. */
  private call(rule: ListedRule): void {
    const { out } = this;
    const name = `rule${this.functions.length}`;
    const before = out.lines.splice(0);
    this.fetched.clear();
    this.cells.clear();
    this.rule(rule);
    const body = out.lines.splice(0);
    out.lines.push(...before);
    this.functions.push(
      [
        `function ${name}() {`,
        ...[...this.fetched].flatMap((at) => [
          `  const store${at} = rows.stores[${at}], heads${at} = store${at}.heads;`,
          `  const from${at} = store${at}.from, to${at} = store${at}.to;`,
        ]),
        ...[...this.cells].map(([cells, text]) => `  const ${cells} = ${text};`),
        ...(this.fetched.size > 0 ? ["  const { at } = rows;", "  let word = 0, place = 0;"] : []),
        ...body,
        `  return ${listedEnds.changes};`,
        "}",
      ].join("\n"),
    );
    out.line(`if (${name}() < 0) return ${listedEnds.left};`);
  }

  private rule({ steps, head }: ListedRule): void {
    const { out } = this;
    const { depth } = out;
    this.used = slotsOf(steps, head.kind === "abort" ? [head.reason] : head.values);
    for (const step of steps) this.step(step);
    if (head.kind === "abort") {
      out.line(`const text = ${out.value(head.reason)};`);
      out.line("if (!aborted || compare(text, reason) < 0) reason = text;");
      out.line("aborted = true;");
    } else {
      const tuple = `[${head.values.map((of) => out.value(of)).join(", ")}]`;
      if (head.kind === "derive") {
        const list = `list${head.relation}`;
        out.line(`const before = ${list}.length;`);
        out.line(`if (!add(${list}, ${tuple})) return ${listedEnds.left};`);
        out.line(`if (${list}.length > before) grown = true;`);
      } else {
        const change = `rows.change("${head.kind}", ${this.stores.get(head.relation)!}, ${tuple})`;
        out.line(`if (!${change}) return ${listedEnds.left};`);
      }
    }
    while (out.depth > depth) out.close();
  }

  /** Opens blocks for each way to go through a step. */
  private step(step: ListedStep): void {
    const { out } = this;
    switch (step.kind) {
      case "each": {
        this.each(step);
        return;
      }
      case "match": {
        const value = out.value(step.value);
        out.open(`if (${value} !== null) {`);
        this.parts(step.parts, (at) => `${value}[${at}]`, "field");
        return;
      }
      case "filter":
        out.open(`if (${out.condition(step.condition)}) {`);
        return;
      case "bind":
        out.line(`const s${step.slot} = ${out.value(step.value)};`);
        return;
      case "none": {
        const name = `found${this.fresh++}`;
        out.line(`let ${name} = false;`);
        this.through(`${name}_: {`, step.steps, () => {
          out.line(`${name} = true;`);
          out.line(`break ${name}_;`);
        });
        out.open(`if (!${name}) {`);
        return;
      }
      case "aggregate": {
        this.aggregate(step);
        return;
      }
    }
  }

  /** Goes through steps, all of which are closed then. */
  private through(opening: string, steps: readonly ListedStep[], then: () => void): void {
    const { depth } = this.out;
    this.out.open(opening);
    for (const step of steps) this.step(step);
    then();
    while (this.out.depth > depth) this.out.close();
  }

  private aggregate({
    slot,
    name,
    of,
    value,
    steps,
  }: Extract<ListedStep, { kind: "aggregate" }>): void {
    const { out } = this;
    const [so, any] = [`s${slot}`, `any${this.fresh++}`];
    const isExtreme = name === "min" || name === "max";
    out.line(`let ${so} = 0, ${any} = false;`);
    this.through("{", steps, () => {
      const next = out.value(value);
      if (isExtreme) out.line(`${so} = ${any} ? Math.${name}(${so}, ${next}) : ${next};`);
      else {
        out.line(`${so} += ${next};`);
        out.exact(so, of);
      }
      out.line(`${any} = true;`);
    });
    if (isExtreme) out.open(`if (${any}) {`);
  }

  private each({ relation, parts, key }: Extract<ListedStep, { kind: "each" }>): void {
    const { out } = this;
    const of = this.plan.relations[relation]!;
    const name = `t${this.fresh++}`;
    switch (of.kind) {
      case "stored": {
        const store = this.stores.get(relation)!;
        this.find(name, store, key, of);
        const cell = (column: number): string => {
          const cells = isWhole(of.kinds[column]) ? "exact" : "values";
          this.cells.set(`c${store}_${column}`, `store${store}.columns[${column}].${cells}`);
          return `c${store}_${column}[${name}]`;
        };
        this.parts(parts, cell, "row");
        return;
      }
      case "stated": {
        const first = parts.find((part) => part.kind === "equal");
        const index = `index${this.index({ relation, column: first?.at })}`;
        const list =
          first?.kind === "equal" ? `${index}.get(${out.value(first.value)}) ?? none` : index;
        out.open(`for (const ${name} of ${list}) {`);
        const rest = parts.filter((part) => part !== first);
        this.parts(rest, (at) => `${name}[${at}]`, "tuple");
        return;
      }
      case "derived":
        if (relation === 0) {
          out.open("{");
          this.parts(parts, (at) => `a${at}`, "tuple");
          return;
        }
        out.open(`for (const ${name} of list${relation}) {`);
        this.parts(parts, (at) => `${name}[${at}]`, "tuple");
    }
  }

  /** Sets a variable to the version that is present with a key, and opens a block where there is
   * one. */
  private find(
    name: string,
    store: number,
    key: readonly Expression[],
    of: Extract<ListedRelation, { kind: "stored" }>,
  ): void {
    const { out } = this;
    const parts = key.map((one, at) => {
      const part = `k${name}_${at}`;
      out.line(`const ${part} = ${out.value(one)};`);
      return part;
    });
    const kinds = of.key.map((column) => of.kinds[column]!);
    this.fetched.add(store);
    for (const line of placeLines(parts, kinds)) out.line(line);
    const other = of.key.map((column, at) => {
      const cells = isWhole(of.kinds[column]) ? "exact" : "values";
      this.cells.set(`c${store}_${column}`, `store${store}.columns[${column}].${cells}`);
      return `c${store}_${column}[${name}] !== ${parts[at]!}`;
    });
    out.line(`place &= heads${store}.length - 1;`);
    out.line(`let ${name} = heads${store}[place];`);
    out.open(`while (${name} >= 0 && (${other.join(" || ")})) {`);
    out.line(`place = place + 1 & heads${store}.length - 1;`);
    out.line(`${name} = heads${store}[place];`);
    out.close();
    out.open(
      `if (${name} >= 0 && to${store}[${name}] === Infinity && from${store}[${name}] < at) {`,
    );
  }

  private index(index: StatedIndex): number {
    const known = this.indexes.findIndex(
      ({ relation, column }) => relation === index.relation && column === index.column,
    );
    return known < 0 ? this.indexes.push(index) - 1 : known;
  }

  /** Gives parts their names, and opens a block for each that has to be equal to something. The
   * fields of records are values as they are outside; a whole number of a row that is not exact is
   * NaN. */
  private parts(
    parts: readonly ListedPart[],
    textOf: (at: number) => string,
    within: "row" | "tuple" | "field",
  ): void {
    const { out } = this;
    for (const part of parts) {
      if (part.kind === "bind" && !this.used.has(part.slot)) continue;
      const text = textOf(part.at);
      const name = part.kind === "bind" ? `s${part.slot}` : `p${this.fresh++}`;
      const isOutside = within === "field" && isWhole(part.of);
      out.line(`const ${name} = ${isOutside ? `Number(${text})` : text};`);
      if (isOutside) out.exact(name, part.of);
      if (within === "row" && isWhole(part.of))
        out.line(`if (${name} !== ${name}) return ${listedEnds.left};`);
      if (part.kind === "equal")
        out.open(`if (${equalText(part.of, name, out.value(part.value))}) {`);
      else if (part.kind === "record") {
        out.open(`if (${name} !== null) {`);
        this.parts(part.parts, (at) => `${name}[${at}]`, "field");
      }
    }
  }
}

/** The slots whose values steps and what follows them ask for. */
function slotsOf(steps: readonly ListedStep[], after: readonly Expression[]): Set<number> {
  const used = new Set<number>();
  const take = (of: Expression): void => {
    if (of.kind === "slot") used.add(of.slot);
    if (of.kind === "call") of.arguments.forEach(take);
  };
  const takeParts = (parts: readonly ListedPart[]): void => {
    for (const part of parts) {
      if (part.kind === "equal") take(part.value);
      if (part.kind === "record") takeParts(part.parts);
    }
  };
  const takeSteps = (all: readonly ListedStep[]): void => {
    for (const step of all) {
      if (step.kind === "each") step.key.forEach(take);
      if (step.kind === "each" || step.kind === "match") takeParts(step.parts);
      if (step.kind === "match" || step.kind === "bind" || step.kind === "aggregate")
        take(step.value);
      if (step.kind === "none" || step.kind === "aggregate") takeSteps(step.steps);
      if (step.kind === "filter" && step.condition.kind === "comparison") {
        take(step.condition.left);
        take(step.condition.right);
      }
    }
  };
  takeSteps(steps);
  after.forEach(take);
  return used;
}
