// A transaction → its plan by keys, where it is of that kind (`keyed.ts`): derived relations are
// replaced by their rules, and each literal becomes a lookup or a test of what was looked up.
import type { Literal, Program, Rule, Term, Transaction } from "../analysis/program.ts";
import {
  hasAnonymous,
  literalTerms,
  mapLiteralTerms,
  mapTerms,
  partsOf,
} from "../analysis/terms.ts";
import type { ValueKind } from "../value/schema.ts";
import { bindingOf, isKnown } from "./bound.ts";
import type { KeyedEffect, KeyedPlan, KeyedRule, KeyedStep, KeyedValue, Lookup } from "./keyed.ts";
import { literalFaults, termCounts, termFaults, termVariables } from "./literals.ts";
import type { Condition, Expression } from "./plan.ts";

/** More rules than this are left to the evaluation of strata. */
const rulesMax = 256;
/** Lookups are compared with each other where they may be of one row. */
const lookupsMax = 64;

/** What tells base relations, and how their rows are found. */
export type KeyedContext = {
  readonly isBase: (relation: number) => boolean;
  readonly keyOf: (relation: number) => readonly number[];
};

/** Returns the plan of a transaction by keys; undefined where it is none of that kind. */
export function keyedPlan(
  program: Program,
  transaction: Transaction,
  context: KeyedContext,
): KeyedPlan | undefined {
  const given = program.relations.findIndex((of) => of.name === transaction.name);
  const planning = new Planning(program, transaction, given, context);
  try {
    return planning.plan();
  } catch (error) {
    if (error instanceof NotKeyed) return undefined;
    throw error;
  }
}

/** The transaction is not one that looks up rows by their keys. */
class NotKeyed extends Error {
  override readonly name = "NotKeyed";
}

/** A rule while derived relations in it are replaced by their rules. */
type Unfolded = {
  readonly head: Transaction["rules"][number]["head"];
  readonly body: readonly Literal[];
  readonly kinds: readonly ValueKind[];
};

class Planning {
  private readonly program: Program;
  private readonly transaction: Transaction;
  private readonly given: number;
  private readonly context: KeyedContext;
  private readonly lookups: Lookup[] = [];
  private readonly texts = new Map<string, number>();
  private slots: number;

  constructor(program: Program, transaction: Transaction, given: number, context: KeyedContext) {
    this.program = program;
    this.transaction = transaction;
    this.given = given;
    this.context = context;
    this.slots = transaction.parameters.length;
  }

  plan(): KeyedPlan {
    const { transaction, given, lookups } = this;
    const rules: Unfolded[] = transaction.rules.map((rule) => ({
      head: rule.head,
      body: [{ kind: "atom", relation: given, terms: rule.given, span: rule.span }, ...rule.body],
      kinds: rule.variables.map(({ kind }) => kind),
    }));
    const keyed = this.unfolded(rules).map((rule) => this.rule(rule));
    const isAbort = ({ effect }: KeyedRule): boolean => effect.kind === "abort";
    return {
      parameters: transaction.parameters.map(({ kind }) => kind),
      lookups,
      rules: [...keyed.filter(isAbort), ...keyed.filter((rule) => !isAbort(rule))],
      slots: this.slots,
    };
  }

  /** Replaces derived relations by their rules: a rule for each way to derive their tuples. */
  private unfolded(rules: readonly Unfolded[]): Unfolded[] {
    const done: Unfolded[] = [];
    const open = rules.toReversed();
    for (let rule = open.pop(); rule !== undefined; rule = open.pop()) {
      const at = rule.body.findIndex((of) => of.kind === "atom" && this.isDerived(of.relation));
      const atom = rule.body[at];
      if (atom?.kind !== "atom") done.push(rule);
      else
        open.push(
          ...this.rulesOf(atom.relation)
            .map((by) => replaced(rule, at, by))
            .toReversed(),
        );
      demand(done.length + open.length <= rulesMax);
    }
    return done;
  }

  private isDerived(relation: number): boolean {
    return relation !== this.given && !this.context.isBase(relation);
  }

  /** The rules of a derived relation that is nothing but what they derive. */
  private rulesOf(relation: number): Rule[] {
    const { relations, rules, facts, strata } = this.program;
    const of = relations[relation];
    demand(of !== undefined && isPlain(of) && of.place === undefined);
    demand(!facts.some((fact) => fact.relation === relation));
    demand(!strata.some((one) => one.recursive && one.relations.includes(relation)));
    const own = rules.filter(({ head }) => head.relation === relation);
    demand(own.every(({ when, subsumes }) => when === undefined && subsumes !== true));
    return own;
  }

  /** Returns the steps of a rule. */
  private rule({ head, body }: Unfolded): KeyedRule {
    const known = new Map<number, Expression>();
    const fixed = new Set<number>();
    const steps: KeyedStep[] = [];
    const waiting = new Set(body);
    const builder: Builder = { known, steps };
    for (let before = -1; before !== waiting.size;) {
      before = waiting.size;
      for (const literal of waiting)
        if (this.step(literal, builder, fixed)) waiting.delete(literal);
    }
    demand(waiting.size === 0);
    return { steps, effect: this.effect(head, builder, fixed) };
  }

  /** Adds the steps of a literal, once what it needs is known. */
  private step(literal: Literal, builder: Builder, fixed: Set<number>): boolean {
    const { known, steps } = builder;
    demand(literalTerms(literal).every(isSimple) && !literalFaults(literal));
    switch (literal.kind) {
      case "boolean":
        steps.push({ kind: "filter", condition: { kind: "boolean", value: literal.value } });
        return true;
      case "comparison": {
        const bound = new Set(known.keys());
        const binding = bindingOf(literal, bound);
        if (binding !== undefined) {
          const isFixed = termVariables(binding.value).every((of) => fixed.has(of));
          if (isFixed) fixed.add(binding.variable);
          // Keys are computed before rules run: what they are made of is in no slot of a rule.
          const value = isFixed
            ? expression(binding.value, known)
            : this.bound(binding.value, builder);
          known.set(binding.variable, value);
          return true;
        }
        if (!isKnown(literal.left, bound) || !isKnown(literal.right, bound)) return false;
        const { operator, of } = literal;
        const [left, right] = [expression(literal.left, known), expression(literal.right, known)];
        steps.push({
          kind: "filter",
          condition: { kind: "comparison", operator, of, left, right },
        });
        return true;
      }
      case "atom": {
        if (literal.relation === this.given) {
          this.matched(
            literal.terms,
            0,
            this.transaction.parameters.map(({ kind }) => kind),
            builder,
          );
          for (const term of literal.terms) if (term.kind === "variable") fixed.add(term.variable);
          return true;
        }
        const lookup = this.lookup(literal.relation, literal.terms, builder, fixed);
        if (lookup === undefined) return false;
        const { slot, kinds: columns, columns: key } = lookup.of;
        lookup.of.reads = true;
        steps.push({ kind: "present", lookup: lookup.at });
        this.matched(literal.terms, slot, columns, builder, key);
        return true;
      }
      case "negation": {
        const bound = new Set(known.keys());
        const isNamed = (term: Term): boolean => term.kind === "anonymous" || isKnown(term, bound);
        if (!literal.terms.every(isNamed)) return false;
        demand(this.context.isBase(literal.relation));
        const lookup = this.lookup(literal.relation, literal.terms, builder, fixed);
        if (lookup === undefined) return false;
        lookup.of.reads = true;
        const where = literal.terms.flatMap((term, column): Condition[] => {
          if (term.kind === "anonymous" || lookup.of.columns.includes(column)) return [];
          return [equal(lookup.of, column, expression(term, known))];
        });
        steps.push({ kind: "absent", lookup: lookup.at, where });
        return true;
      }
      case "test":
      case "range":
      case "aggregate":
        throw new NotKeyed();
    }
  }

  /** Has terms match values in slots: variables become names of the slots. */
  private matched(
    terms: readonly Term[],
    slot: number,
    kinds: readonly ValueKind[],
    { known, steps }: Builder,
    looked: readonly number[] = [],
  ): void {
    for (const [column, term] of terms.entries()) {
      if (term.kind === "anonymous" || looked.includes(column)) continue;
      const value: Expression = { kind: "slot", slot: slot + column };
      if (term.kind === "variable" && !known.has(term.variable)) known.set(term.variable, value);
      else {
        demand(isKnown(term, new Set(known.keys())));
        const of = kinds[column] ?? "number";
        const right = expression(term, known);
        const condition = { kind: "comparison", operator: "=", of, left: value, right } as const;
        steps.push({ kind: "filter", condition });
      }
    }
  }

  /** The lookup of a row whose key is known by the arguments. */
  private lookup(
    relation: number,
    terms: readonly Term[],
    { known }: Builder,
    fixed: ReadonlySet<number>,
  ): { readonly at: number; readonly of: Lookup } | undefined {
    const { program, context } = this;
    const of = program.relations[relation];
    demand(of !== undefined && isPlain(of));
    demand(!program.rules.some(({ head }) => head.relation === relation));
    const columns = context.keyOf(relation).toSorted((a, b) => a - b);
    demand(columns.length > 0);
    const key: KeyedValue[] = [];
    for (const column of columns) {
      const [term, kind] = [terms[column], of.attributes[column]?.kind ?? "number"];
      demand(kind === "number" || kind === "unsigned" || kind === "symbol");
      if (term === undefined || !isKnown(term, fixed)) return undefined;
      key.push({ kind, value: expression(term, known) });
    }
    const text = JSON.stringify([relation, key], (_, value: unknown) =>
      typeof value === "bigint" ? `${value}n` : value,
    );
    let at = this.texts.get(text);
    if (at === undefined) {
      const kinds = of.attributes.map(({ kind }) => kind);
      at = this.lookups.length;
      demand(at < lookupsMax);
      this.lookups.push({
        ...{ relation, columns, key, kinds, slot: this.slots, reads: false, writes: false },
      });
      this.slots += kinds.length;
      this.texts.set(text, at);
    }
    const lookup = this.lookups[at];
    return lookup && { at, of: lookup };
  }

  /** A slot for a value that is computed; what is in a slot already stays there. */
  private bound(term: Term, { known, steps }: Builder): Expression {
    const value = expression(term, known);
    if (value.kind !== "call") return value;
    const slot = this.slots++;
    steps.push({ kind: "bind", slot, value });
    return { kind: "slot", slot };
  }

  private effect(
    head: Unfolded["head"],
    builder: Builder,
    fixed: ReadonlySet<number>,
  ): KeyedEffect {
    const { known } = builder;
    if (head.kind === "abort") {
      demand(isSimple(head.reason) && !termFaults(head.reason));
      return { kind: "abort", reason: expression(head.reason, known) };
    }
    demand(head.terms.every((term) => isSimple(term) && !termFaults(term)));
    const lookup = this.lookup(head.relation, head.terms, builder, fixed);
    if (lookup === undefined) throw new NotKeyed();
    lookup.of.writes = true;
    const values = head.terms.map((term, column) => ({
      kind: lookup.of.kinds[column] ?? "number",
      value: expression(term, known),
    }));
    return { kind: head.kind, lookup: lookup.at, values };
  }
}

/** What is known while the steps of a rule are made. */
type Builder = {
  /** The values of variables. */
  readonly known: Map<number, Expression>;
  readonly steps: KeyedStep[];
};

function demand(condition: boolean): asserts condition {
  if (!condition) throw new NotKeyed();
}

/** Whether nothing but rows is in a relation. */
function isPlain(of: Program["relations"][number]): boolean {
  const { limit, equivalence, choices, lattices } = of;
  return [limit, equivalence, choices, lattices].every((one) => one === undefined);
}

/** Whether a term is made of variables, constants and functors that are no counters. */
function isSimple(term: Term): boolean {
  return term.kind !== "record" && !counts(term) && partsOf(term).every(isSimple);
}

function counts(term: Term): boolean {
  return term.kind === "iteration" || termCounts(term);
}

/** Puts the body of a rule in the place of an atom: its variables get numbers of their own, and its
 * head is equal to what the atom names. */
function replaced({ head, body, kinds }: Unfolded, at: number, by: Rule): Unfolded {
  const atom = body[at];
  demand(atom?.kind === "atom");
  const renamed = (term: Term): Term =>
    mapTerms(term, (of) =>
      of.kind === "variable" ? { ...of, variable: of.variable + kinds.length } : of,
    );
  const equations = atom.terms.flatMap((left, column): Literal[] => {
    const right = by.head.terms[column];
    demand(right !== undefined && !termFaults(right) && isSimple(right));
    if (left.kind === "anonymous") return [];
    demand(!hasAnonymous(left));
    const of = kindOf(right, by) ?? "number";
    const { span } = atom;
    return [{ kind: "comparison", operator: "=", of, left, right: renamed(right), span }];
  });
  const inner = by.body.map((literal): Literal => {
    demand(literal.kind !== "aggregate" && literal.kind !== "range");
    return mapLiteralTerms(literal, renamed);
  });
  return {
    head,
    body: [...body.slice(0, at), ...inner, ...equations, ...body.slice(at + 1)],
    kinds: [...kinds, ...by.variables.map(({ kind }) => kind)],
  };
}

function kindOf(term: Term, { variables }: Rule): ValueKind | undefined {
  if (term.kind === "variable") return variables[term.variable]?.kind;
  return term.kind === "constant" ? term.of : undefined;
}

function equal(of: Lookup, column: number, right: Expression): Condition {
  const left = { kind: "slot", slot: of.slot + column } as const;
  return { kind: "comparison", operator: "=", of: of.kinds[column] ?? "number", left, right };
}

function expression(term: Term, known: ReadonlyMap<number, Expression>): Expression {
  switch (term.kind) {
    case "variable": {
      const value = known.get(term.variable);
      demand(value !== undefined);
      return value;
    }
    case "constant":
      return { kind: "constant", of: term.of, value: term.value };
    case "functor": {
      if (term.name === "user") throw new NotKeyed();
      // It warns where a position is outside.
      demand(term.name !== "substr");
      const { name: functor, of, span } = term;
      const values = term.arguments.map((argument) => expression(argument, known));
      return { kind: "call", functor, of, arguments: values, span };
    }
    case "anonymous":
    case "record":
    case "counter":
    case "iteration":
      throw new NotKeyed();
  }
}
