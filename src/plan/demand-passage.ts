import type { Literal, Rule, Term } from "../analysis/program.ts";
import { visitPattern } from "../analysis/terms.ts";
import { areBound, bindingOf, isKnown, matchOf } from "./bound.ts";
import {
  type AggregateLiteral,
  injectedVariables,
  literalCounts,
  literalFaults,
  literalVariables,
  occurrences,
  termFaults,
  termVariables,
} from "./literals.ts";

/** A positive atom. */
export type AtomLiteral = Extract<Literal, { kind: "atom" }>;

/** A literal that the passage has been through. The variables that it `binds` have values from
 * there on, computed from those of `needs`. */
type Step = {
  readonly literal: Literal;
  readonly variables: readonly number[];
  readonly binds?: { readonly variables: readonly number[]; readonly needs: readonly number[] };
};

/** A way through the body of a rule, atom by atom: what has a value so far, and which literals saw
 * to that. What can end in a fault is not taken along, as what keeps the fault away may come later:
 * of `r(x / y, z), y != 0` no value reaches r's first column. */
export class Passage {
  /** How many of the body's atoms with variables it has been through since it began or was cut. */
  joins = 0;
  /** Whether the steps demand all that the literals they stand for do. */
  exact = true;
  /** What stands for the literals that the rule need not repeat. */
  guard: AtomLiteral | undefined;
  /** The literals of the rule that `guard` stands for. */
  readonly absorbed = new Set<Literal>();
  private readonly counts: readonly number[];
  private readonly bound = new Set<number>();
  /** Bound by what tuples hold, or computed from that: there are finitely many such values. */
  private readonly sure = new Set<number>();
  /** Bound to a demanded value or a part of one, not to something computed from it. */
  private readonly plain = new Set<number>();
  private readonly passed = new Set<Literal>();
  private steps: Step[] = [];

  /** The beginning of the way through `rule`, where `guard` holds the values it is asked for. */
  constructor(rule: Rule, guard: AtomLiteral | undefined) {
    this.counts = occurrences(rule);
    this.guard = guard;
    if (guard === undefined) return;
    for (const variable of guard.terms.flatMap(patternVariables)) {
      this.bound.add(variable);
      this.plain.add(variable);
    }
    this.take(guard);
  }

  /** Returns a passage that goes on from here on its own, into the body of an aggregate. */
  fork(rule: Rule): Passage {
    const fork = new Passage(rule, undefined);
    fork.guard = this.guard;
    fork.steps = [...this.steps];
    for (const variable of this.bound) fork.bound.add(variable);
    for (const variable of this.sure) fork.sure.add(variable);
    for (const variable of this.plain) fork.plain.add(variable);
    return fork;
  }

  /** Goes through all literals of `pending` that take no choice, and takes them out of it. */
  settle(pending: Set<Literal>): void {
    for (let grown = true; grown;) {
      grown = false;
      for (const literal of pending) {
        const step = this.ready(literal);
        if (step === undefined) continue;
        pending.delete(literal);
        this.passed.add(literal);
        this.bind(step);
        grown = true;
      }
    }
    for (const { binds } of this.steps) {
      if (binds === undefined || !areBound(binds.needs, this.sure)) continue;
      for (const variable of binds.variables) this.sure.add(variable);
    }
  }

  private ready(literal: Literal): Step | undefined {
    if (literalFaults(literal) || literalCounts(literal)) return undefined;
    const variables = literalVariables(literal);
    switch (literal.kind) {
      case "boolean":
        return { literal, variables };
      case "test":
        return areBound(variables, this.bound) ? { literal, variables } : undefined;
      case "comparison": {
        if (areBound(variables, this.bound)) return { literal, variables };
        const { pattern, value } = this.equation(literal) ?? {};
        if (pattern === undefined || value === undefined) return undefined;
        const bound = patternVariables(pattern);
        const whole = (of: number): boolean => this.bound.has(of) || bound.includes(of);
        if (!variables.every(whole)) return undefined;
        if (value.kind === "variable" && this.plain.has(value.variable))
          for (const variable of bound) this.plain.add(variable);
        return { literal, variables, binds: { variables: bound, needs: termVariables(value) } };
      }
      case "range": {
        const { variable, from, to, step } = literal;
        const terms = step === undefined ? [from, to] : [from, to, step];
        const needs = terms.flatMap(termVariables);
        if (this.bound.has(variable) || !areBound(needs, this.bound)) return undefined;
        return { literal, variables, binds: { variables: [variable], needs } };
      }
      case "atom":
      case "negation":
      case "aggregate":
        return undefined;
    }
  }

  /** What an equation gives values to, and from what. */
  private equation(
    literal: Extract<Literal, { kind: "comparison" }>,
  ): { readonly pattern: Term; readonly value: Term } | undefined {
    const binding = bindingOf(literal, this.bound);
    if (binding === undefined) return matchOf(literal, this.bound);
    return { pattern: { kind: "variable", variable: binding.variable }, value: binding.value };
  }

  private bind(step: Step): void {
    this.steps.push(step);
    for (const variable of step.binds?.variables ?? []) this.bound.add(variable);
  }

  /** Goes through an atom, which `literal` is in the rule and `rewritten` from now on. */
  join(literal: AtomLiteral, rewritten: AtomLiteral): void {
    for (const variable of literal.terms.flatMap(patternVariables)) {
      this.bound.add(variable);
      this.sure.add(variable);
    }
    if (literalVariables(rewritten).length > 0) this.joins++;
    this.passed.add(literal);
    this.take(rewritten);
  }

  private take(atom: AtomLiteral): void {
    const terms = atom.terms.map((term) => this.weakened(term));
    this.steps.push({ literal: { ...atom, terms }, variables: terms.flatMap(termVariables) });
  }

  /** Without values for its arguments a functor says nothing yet. */
  private weakened(term: Term): Term {
    if (term.kind === "record")
      return { ...term, fields: term.fields.map((field) => this.weakened(field)) };
    if (term.kind !== "functor" || (isKnown(term, this.bound) && !termFaults(term))) return term;
    this.exact = false;
    return { kind: "anonymous" };
  }

  /** Whether the aggregate can be evaluated here, and gives its variable a value by that. */
  binds(aggregate: AggregateLiteral): boolean {
    if (this.bound.has(aggregate.variable) || !harmless(aggregate)) return false;
    return areBound(injectedVariables(aggregate, this.counts), this.bound);
  }

  /** Goes through an aggregate of which that is so. */
  aggregate(literal: AggregateLiteral, rewritten: AggregateLiteral): void {
    const { variable } = literal;
    const needs = [...injectedVariables(literal, this.counts)];
    this.passed.add(literal);
    const binds = { variables: [variable], needs };
    this.bind({ literal: rewritten, variables: [variable, ...needs], binds });
  }

  /** The columns for which the terms have values here. A recursive demand takes no value that was
   * computed from a demanded one: of `p(x) :- q(x), p(x + 1)` there is no end of them. */
  given(terms: readonly Term[], recursive: boolean): number[] {
    return terms.flatMap((term, at) => {
      if (!isKnown(term, this.bound) || termFaults(term)) return [];
      if (!recursive || areBound(termVariables(term), this.sure)) return [at];
      return term.kind === "variable" && this.plain.has(term.variable) ? [at] : [];
    });
  }

  /** The literals that restrict the values of `terms` here: the guard, the atoms that share
   * variables with them, and what binds or tests these. */
  prefix(terms: readonly Term[]): Literal[] {
    const wanted = new Set(terms.flatMap(termVariables));
    const kept = new Set<Step>();
    const backwards = this.steps.toReversed();
    for (let grown = true; grown;) {
      grown = false;
      for (const step of backwards) {
        if (kept.has(step) || !isWanted(step, wanted)) continue;
        kept.add(step);
        for (const variable of step.variables) wanted.add(variable);
        grown = true;
      }
    }
    return this.steps.flatMap((step, at) => {
      const guards = at === 0 && this.guard !== undefined;
      const tests = isTest(step) && areBound(step.variables, wanted);
      return guards || tests || kept.has(step) ? [step.literal] : [];
    });
  }

  /** The variables that have a value here. */
  get known(): ReadonlySet<number> {
    return this.bound;
  }

  /** All literals it has been through since it began or was cut. */
  get literals(): readonly Literal[] {
    return this.steps.map(({ literal }) => literal);
  }

  /** Goes on with `guard` in place of all that it has been through. */
  cut(guard: AtomLiteral): void {
    for (const literal of this.passed) this.absorbed.add(literal);
    this.guard = guard;
    this.steps = [{ literal: guard, variables: guard.terms.flatMap(termVariables) }];
    this.joins = 0;
  }
}

/** The variables that a term gives values to where it meets a tuple's. */
function patternVariables(term: Term): number[] {
  const found: number[] = [];
  visitPattern(term, (variable) => found.push(variable));
  return found;
}

function isWanted({ literal, variables, binds }: Step, wanted: ReadonlySet<number>): boolean {
  if (binds !== undefined) return binds.variables.some((variable) => wanted.has(variable));
  if (literal.kind !== "atom") return false;
  return variables.length === 0 || variables.some((variable) => wanted.has(variable));
}

function isTest({ literal, binds }: Step): boolean {
  return literal.kind !== "atom" && binds === undefined;
}

function harmless(literal: Literal): boolean {
  if (literalFaults(literal) || literalCounts(literal)) return false;
  return literal.kind !== "aggregate" || literal.body.every(harmless);
}
