// A transaction → its plan by lists, where it is of that kind (`listed.ts`): the literals of each
// rule are put in an order in which every row is looked up by a key that is known.
import type { Literal, Program, Rule, Term, Transaction } from "../analysis/program.ts";
import { literalTerms } from "../analysis/terms.ts";
import type { ValueKind } from "../value/schema.ts";
import { areBound, bindingOf, isKnown, matchOf } from "./bound.ts";
import type {
  ListedHead,
  ListedPart,
  ListedPlan,
  ListedRelation,
  ListedRule,
  ListedStep,
} from "./listed.ts";
import {
  type AggregateLiteral,
  computedKind,
  injectedVariables,
  literalFaults,
  occurrences,
  termCounts,
  termFaults,
} from "./literals.ts";
import type { Expression } from "./plan.ts";

/** More rules than this are left to the evaluation of strata. */
const rulesMax = 256;

/** What tells base relations, and how their rows are found. */
export type ListedContext = {
  readonly isBase: (relation: number) => boolean;
  readonly keyOf: (relation: number) => readonly number[];
};

/** Returns the plan of a transaction by lists; undefined where it is none of that kind. */
export function listedPlan(
  program: Program,
  transaction: Transaction,
  context: ListedContext,
): ListedPlan | undefined {
  try {
    return new Planning(program, transaction, context).plan();
  } catch (error) {
    if (error instanceof NotListed) return undefined;
    throw error;
  }
}

/** The transaction is not one that goes through lists. */
class NotListed extends Error {
  override readonly name = "NotListed";
}

/** What is known at some place of a rule. */
type Place = {
  readonly rule: Rule;
  readonly counts: readonly number[];
  readonly bound: Set<number>;
};

class Planning {
  private readonly program: Program;
  private readonly transaction: Transaction;
  private readonly context: ListedContext;
  private readonly relations: ListedRelation[] = [];
  /** Their places by those in the program. */
  private readonly places = new Map<number, number>();
  private readonly derived = new Set<number>();

  constructor(program: Program, transaction: Transaction, context: ListedContext) {
    this.program = program;
    this.transaction = transaction;
    this.context = context;
  }

  plan(): ListedPlan {
    const { program, transaction, derived } = this;
    const given = program.relations.findIndex((of) => of.name === transaction.name);
    this.place(given);
    const effects = transaction.rules.map(({ given: terms, head, body, variables, span }) => {
      const argument: Literal = { kind: "atom", relation: given, terms, span };
      const values = head.kind === "abort" ? [head.reason] : head.terms;
      // What it changes stands for the relation of a head that derives.
      const rule = { head: { relation: given, terms: values }, body: [argument, ...body] };
      return this.rule({ ...rule, variables, span }, (values) => this.effect(head, values));
    });
    const rules = new Map<number, ListedRule[]>();
    // What a rule reads is derived, too.
    for (const at of derived) {
      const own = at === given ? [] : program.rules.filter(({ head }) => head.relation === at);
      demand(own.length <= rulesMax);
      rules.set(
        at,
        own.map((rule) => this.derivation(rule)),
      );
    }
    const strata = program.strata.flatMap(({ relations, recursive }) => {
      const own = relations.flatMap((at) => rules.get(at) ?? []);
      return own.length === 0 ? [] : [{ recursive, rules: own }];
    });
    const isAbort = ({ head }: ListedRule): boolean => head.kind === "abort";
    return {
      parameters: transaction.parameters.map(({ kind }) => kind),
      relations: this.relations,
      strata,
      effects: [...effects.filter(isAbort), ...effects.filter((rule) => !isAbort(rule))],
    };
  }

  /** The place of a relation among those of the plan. */
  private place(at: number): number {
    const known = this.places.get(at);
    if (known !== undefined) return known;
    const place = this.relations.push(this.relation(at)) - 1;
    this.places.set(at, place);
    return place;
  }

  private relation(at: number): ListedRelation {
    const { program, context } = this;
    const of = program.relations[at];
    demand(of !== undefined);
    const { limit, equivalence, choices, lattices, attributes, place } = of;
    demand([limit, equivalence, choices, lattices].every((one) => one === undefined));
    const kinds = attributes.map(({ kind }) => kind);
    const hasRules = program.rules.some(({ head }) => head.relation === at);
    if (context.isBase(at)) {
      const key = context.keyOf(at).toSorted((a, b) => a - b);
      demand(!hasRules && key.length > 0 && key.every((column) => isKey(kinds[column])));
      return { kind: "stored", kinds, relation: at, key };
    }
    const facts = program.facts.filter(({ relation }) => relation === at);
    demand(place === undefined || place.arguments === true);
    if (facts.length > 0) {
      demand(!hasRules);
      return { kind: "stated", kinds, tuples: facts.map(({ values }) => values) };
    }
    this.derived.add(at);
    return { kind: "derived", kinds };
  }

  private derivation(rule: Rule): ListedRule {
    demand(rule.when === undefined && rule.subsumes !== true);
    const relation = this.place(rule.head.relation);
    return this.rule(rule, (values) => ({ kind: "derive", relation, values }));
  }

  private effect(
    head: Transaction["rules"][number]["head"],
    values: readonly Expression[],
  ): ListedHead {
    const [reason] = values;
    demand(reason !== undefined);
    if (head.kind === "abort") return { kind: "abort", reason };
    const relation = this.place(head.relation);
    demand(this.relations[relation]?.kind === "stored");
    return { kind: head.kind, relation, values };
  }

  private rule(rule: Rule, headOf: (values: readonly Expression[]) => ListedHead): ListedRule {
    const place = { rule, counts: occurrences(rule), bound: new Set<number>() };
    const steps = this.steps(rule.body, place);
    return { steps, head: headOf(rule.head.terms.map((term) => expression(term, place))) };
  }

  /** Puts literals in an order: what costs least of what can be next, then by their text. */
  private steps(body: readonly Literal[], place: Place): ListedStep[] {
    const steps: ListedStep[] = [];
    const waiting = [...body];
    while (waiting.length > 0) {
      const costs = waiting.map((literal) => this.cost(literal, place));
      const least = Math.min(...costs);
      demand(least < Infinity);
      for (const literal of waiting.splice(costs.indexOf(least), 1))
        steps.push(...this.step(literal, place));
    }
    return steps;
  }

  /** What it costs to have a literal next; Infinity where that cannot be. */
  private cost(literal: Literal, { bound, counts }: Place): number {
    demand(!literalFaults(literal) && literalTerms(literal).every((term) => !termCounts(term)));
    switch (literal.kind) {
      case "boolean":
        return 0;
      case "comparison": {
        const isReady = isKnown(literal.left, bound) && isKnown(literal.right, bound);
        const names = bindingOf(literal, bound) ?? matchOf(literal, bound);
        return isReady || names !== undefined ? 0 : Infinity;
      }
      case "negation": {
        const { terms } = literal;
        const isReady = terms.every((term) => term.kind === "anonymous" || isKnown(term, bound));
        return isReady ? 1 : Infinity;
      }
      case "atom": {
        const of = this.relations[this.place(literal.relation)];
        if (of?.kind !== "stored") return of?.kind === "stated" ? 4 : 3;
        const isFound = of.key.every((column) => {
          const term = literal.terms[column];
          return term !== undefined && isKnown(term, bound);
        });
        return isFound ? 1 : Infinity;
      }
      case "aggregate":
        return areBound(injectedVariables(literal, counts), bound) ? 2 : Infinity;
      case "test":
      case "range":
        throw new NotListed();
    }
  }

  private step(literal: Literal, place: Place): ListedStep[] {
    const { bound } = place;
    switch (literal.kind) {
      case "boolean":
        return [{ kind: "filter", condition: { kind: "boolean", value: literal.value } }];
      case "comparison": {
        const binding = bindingOf(literal, bound);
        if (binding !== undefined) {
          const value = expression(binding.value, place);
          bound.add(binding.variable);
          return [{ kind: "bind", slot: binding.variable, value }];
        }
        const match = matchOf(literal, bound);
        if (match !== undefined) {
          const value = expression(match.value, place);
          return [{ kind: "match", value, parts: this.fields(match.pattern, place) }];
        }
        const { operator, of } = literal;
        demand(operator === "=" || operator === "!=" || isKey(of));
        const [left, right] = [literal.left, literal.right].map((one) => expression(one, place));
        demand(left !== undefined && right !== undefined);
        return [{ kind: "filter", condition: { kind: "comparison", operator, of, left, right } }];
      }
      case "atom":
        return [this.each(literal, place)];
      case "negation":
        return [{ kind: "none", steps: [this.each(literal, place)] }];
      case "aggregate":
        return this.aggregate(literal, place);
      case "test":
      case "range":
        throw new NotListed();
    }
  }

  private each(
    { relation: at, terms }: Extract<Literal, { kind: "atom" | "negation" }>,
    place: Place,
  ): ListedStep {
    const relation = this.place(at);
    const of = this.relations[relation];
    demand(of !== undefined);
    const keyed = of.kind === "stored" ? of.key : [];
    const key = keyed.map((column) => {
      const term = terms[column];
      demand(term !== undefined && isKnown(term, place.bound));
      return expression(term, place);
    });
    const parts = terms.flatMap((term, column) =>
      keyed.includes(column) ? [] : this.part(term, column, of.kinds[column] ?? "number", place),
    );
    return { kind: "each", relation, parts, key };
  }

  private part(term: Term, at: number, of: ValueKind, place: Place): ListedPart[] {
    const { bound } = place;
    if (term.kind === "anonymous") return [];
    if (isKnown(term, bound)) return [{ at, of, kind: "equal", value: expression(term, place) }];
    if (term.kind === "variable") {
      bound.add(term.variable);
      return [{ at, of, kind: "bind", slot: term.variable }];
    }
    demand(term.kind === "record");
    return [{ at, of, kind: "record", parts: this.fields(term, place) }];
  }

  private fields(term: Extract<Term, { kind: "record" }>, place: Place): ListedPart[] {
    demand(term.branch === undefined);
    return term.fields.flatMap((field, at) =>
      this.part(field, at, kindOf(field, place.rule), place),
    );
  }

  private aggregate(literal: AggregateLiteral, place: Place): ListedStep[] {
    const { variable, name, of, value, body, fold } = literal;
    demand(name === "count" || name === "sum" || name === "min" || name === "max");
    demand(fold === undefined && isNumber(of));
    const inner = { ...place, bound: new Set(place.bound) };
    const steps = this.steps(body, inner);
    const one: Expression = { kind: "constant", of, value: 1n };
    const summed = value === undefined ? one : expression(value, inner);
    const made = { kind: "aggregate", name, of, value: summed, steps } as const;
    if (!place.bound.has(variable)) {
      place.bound.add(variable);
      return [{ ...made, slot: variable }];
    }
    // What it is known to be is held against it.
    const slot = place.rule.variables.length + variable;
    const [left, right] = [slot, variable].map((one): Expression => ({ kind: "slot", slot: one }));
    demand(left !== undefined && right !== undefined);
    const condition = { kind: "comparison", operator: "=", of, left, right } as const;
    return [
      { ...made, slot },
      { kind: "filter", condition },
    ];
  }
}

function demand(condition: boolean): asserts condition {
  if (!condition) throw new NotListed();
}

function isKey(kind: ValueKind | undefined): boolean {
  return kind === "number" || kind === "unsigned" || kind === "symbol";
}

function kindOf(term: Term, { variables }: Rule): ValueKind {
  if (term.kind === "variable") return variables[term.variable]?.kind ?? "number";
  if (term.kind === "constant") return term.of;
  return term.kind === "functor" || term.kind === "record" ? computedKind(term) : "number";
}

function expression(term: Term, { bound }: Pick<Place, "bound">): Expression {
  demand(!termFaults(term) && !termCounts(term));
  switch (term.kind) {
    case "variable":
      demand(bound.has(term.variable));
      return { kind: "slot", slot: term.variable };
    case "constant":
      return { kind: "constant", of: term.of, value: term.value };
    case "functor": {
      demand(term.name !== "user");
      const { name: functor, of, span } = term;
      demand(functor === "cat" ? of === "symbol" : isComputed.has(functor) && isNumber(of));
      const values = term.arguments.map((one) => expression(one, { bound }));
      demand(functor === "cat" || values.length <= 2);
      return { kind: "call", functor, of, arguments: values, span };
    }
    case "anonymous":
    case "record":
    case "counter":
    case "iteration":
      throw new NotListed();
  }
}

/** The functors that are computed with numbers that are exact as doubles. */
const isComputed: ReadonlySet<string> = new Set(["add", "sub", "mul", "neg", "min", "max"]);

function isNumber(kind: ValueKind): boolean {
  return kind === "number" || kind === "unsigned";
}
