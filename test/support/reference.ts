// The reference evaluator: what a program means, straight from the definition. A stratum's relations
// are the least sets that its rules do not add to: all rules are applied to all there is, until
// nothing is new. Nothing here is shared with the stages after analysis.
// It is long because it is to be read in one go, as the definition is.
import { is, List, Map as Bindings, Set as Tuples } from "immutable";

import { assert } from "../../src/base/assert.ts";
import type { Literal, Program, Rule, Stratum, Term } from "../../src/analysis/program.ts";
import { hasAnonymous, partsOf } from "../../src/analysis/terms.ts";
import { structured, type PrimitiveValue, type Value } from "../../src/value/schema.ts";
import { printValue } from "../../src/value/print-value.ts";
import {
  aggregated,
  applied,
  called,
  compared,
  held,
  order,
  ranged,
  shown,
  tested,
} from "./reference-functors.ts";

import { collected, has, type Join, joinedMaps, ofCollections } from "./reference-collections.ts";
import { fieldsOf, unique } from "./reference-structures.ts";
import { injected, patternVariables, termsOf, variables, variablesOf } from "./reference-terms.ts";

/** Rows by the names of relations. */
export type Facts = ReadonlyMap<string, readonly (readonly Value[])[]>;

/** What was found: for each relation the set of its tuples. */
export type Answers = ReadonlyMap<string, Tuples<List<Value>>>;

/** The evaluation was given up: it took more steps than it was allowed. */
export class TooManySteps extends Error {}

/** Whether the answers are a function of the facts alone, so that there is one right answer: counters,
 * rounds, limits and the numbers of symbols depend on the order in which an engine works. */
export function determined(program: Program): boolean {
  const chosen = program.relations.some(({ choices }) => choices !== undefined);
  return !chosen && determinedButForChoices(program);
}

/** Whether the answers are a function of the facts and of what choice domains let in. */
export function determinedButForChoices(program: Program): boolean {
  const ordered = (term: Term): boolean =>
    term.kind === "counter" ||
    term.kind === "iteration" ||
    (term.kind === "functor" && term.name === "user" && term.user.stateful) ||
    (term.kind === "functor" && numbers(term)) ||
    partsOf(term).some(ordered);
  return (
    program.relations.every(({ limit }) => limit === undefined) &&
    !program.rules.some(({ head, body }) => [...head.terms, ...termsOf(body)].some(ordered))
  );
}

/** Whether the number of a symbol or of a record is computed, or a symbol from its number. */
function numbers(term: Term & { kind: "functor" }): boolean {
  if (term.name === "user") return false;
  const numbered = term.of === "symbol" || structured(term.of);
  if (term.name === "as_symbol") return !numbered;
  return (term.name === "ord" || term.name.startsWith("as_")) && numbered;
}

/** Returns all relations of a determined program, for its own facts and these; throws `ReferenceFault` where a
 * value cannot be computed, `TooManySteps` after so many tuples were looked at. */
export function reference(program: Program, facts: Facts, stepsMax = Infinity): Answers {
  assert(determined(program), "the reference evaluates determined programs");
  return new Reference(program, stepsMax).answers(facts);
}

/** Returns what is wrong with these answers of a program that is determined but for its choice
 * domains: a key that two tuples share, a tuple that no rule gives, one that is left out although no
 * other has its keys; or another relation that does not follow from what was chosen. */
export function wronglyChosen(
  program: Program,
  facts: Facts,
  answers: Answers,
  stepsMax = Infinity,
): string | undefined {
  assert(determinedButForChoices(program), "the reference checks choices alone");
  return new Reference(program, stepsMax).wronglyChosen(facts, answers);
}

/** Values of variables, by their numbers. */
type Ways = Generator<Bindings<number, Value>>;

class Reference {
  private readonly program: Program;
  private readonly tuples: Tuples<List<Value>>[];
  private stepsLeft: number;

  constructor(program: Program, stepsMax: number) {
    this.program = program;
    this.tuples = program.relations.map(() => Tuples());
    this.stepsLeft = stepsMax;
  }

  answers(facts: Facts): Answers {
    this.addFacts(facts);
    for (const stratum of this.program.strata) this.complete(stratum, () => true);
    return this.shown();
  }

  wronglyChosen(facts: Facts, answers: Answers): string | undefined {
    const { relations, strata, rules } = this.program;
    // Parts of a character are shown alike, so that such answers do not say what was chosen.
    const broken = (tuple: List<Value>): boolean =>
      tuple.some((value) => printValue(value).includes("\ufffd"));
    if ([...answers.values()].some((tuples) => tuples.some(broken))) return undefined;
    const chosen = (at: number): boolean => relations[at]!.choices !== undefined;
    this.addFacts(facts);
    const stated = [...this.tuples];
    for (const [at, { name }] of relations.entries()) {
      if (!chosen(at)) continue;
      this.tuples[at] = Tuples();
      this.add(
        at,
        answers
          .get(name)!
          .toArray()
          .map((tuple) => tuple.toArray()),
      );
    }
    for (const stratum of strata) this.complete(stratum, ({ head }) => !chosen(head.relation));
    for (const [name, tuples] of this.shown()) {
      const found = answers.get(name);
      if (found !== undefined && !is(found, tuples)) return `${name} is not what follows`;
    }
    for (const [at, { name, choices = [] }] of relations.entries()) {
      if (!chosen(at)) continue;
      const own = rules.filter(({ head }) => head.relation === at);
      const candidates = stated[at]!.union(...own.map((rule) => this.consequences(rule)));
      const tuples = this.tuples[at]!;
      const keys = choices.map(
        (columns) => (tuple: List<Value>) => columns.map((of) => tuple.get(of)),
      );
      const taken = keys.map((key) => Tuples(tuples.map((tuple) => List(key(tuple)))));
      const show = (tuple: List<Value>): string => `${name}(${tuple.join(", ")})`;
      if (taken.some(({ size }) => size < tuples.size)) return `${name} has a key twice`;
      for (const tuple of tuples) if (!candidates.has(tuple)) return `nothing gives ${show(tuple)}`;
      for (const tuple of candidates)
        if (!tuples.has(tuple) && !keys.some((key, place) => taken[place]!.has(List(key(tuple)))))
          return `nothing stands against ${show(tuple)}`;
    }
    return undefined;
  }

  private addFacts(facts: Facts): void {
    const { relations } = this.program;
    for (const { relation, values } of this.program.facts) this.add(relation, [values]);
    for (const [name, rows] of facts) {
      this.add(
        relations.findIndex((relation) => relation.name === name),
        rows,
      );
    }
  }

  private shown(): Answers {
    const { relations, structures } = this.program;
    return new Map(
      relations.map(({ name, attributes }, at) => [
        name,
        this.tuples[at]!.map((tuple) =>
          tuple.map((value, column) => shown(attributes[column]!.kind, value, structures)),
        ),
      ]),
    );
  }

  private add(relation: number, rows: readonly (readonly Value[])[]): void {
    const { domain, structures } = this.program;
    const { attributes } = this.program.relations[relation]!;
    const tuples = rows.map((row) =>
      List(row.map((value, at) => held(domain, attributes[at]!.kind, value, structures))),
    );
    this.tuples[relation] = this.joined(relation, this.tuples[relation]!.union(tuples));
  }

  /** One tuple for each key, whose lattice values are joined one by one. */
  private joined(relation: number, tuples: Tuples<List<Value>>): Tuples<List<Value>> {
    const { lattices = [], attributes } = this.program.relations[relation]!;
    if (lattices.length === 0) return tuples;
    const first = attributes.length - lattices.length;
    const joins = lattices.map(({ lub, maps = 0 }) => {
      let join: Join = (a, b) =>
        this.value(
          lub,
          Bindings([
            [0, a],
            [1, b],
          ]),
        );
      for (let at = 0; at < maps; at++) {
        const values = join;
        join = (a, b) => joinedMaps(a, b, values);
      }
      return join;
    });
    const join = (a: List<Value>, b: List<Value>): List<Value> =>
      a.map((value, at) => (at < first ? value : joins[at - first]!(value, b.get(at)!)));
    const rows = tuples
      .groupBy((tuple) => tuple.take(first))
      .valueSeq()
      .map((group) => {
        const some = [...group];
        return some.reduce(join, join(some[0]!, some[0]!));
      });
    return Tuples(rows);
  }

  /** Applies rules of a stratum until nothing changes: first those that read what is below. */
  private complete(stratum: Stratum, applies: (rule: Rule) => boolean): void {
    const rules = stratum.rules.map((at) => this.program.rules[at]!).filter(applies);
    const deriving = rules.filter(({ subsumes }) => subsumes !== true);
    const dropping = rules.filter(({ subsumes }) => subsumes === true);
    const reads = ({ body }: Rule): boolean =>
      body.some((one) => one.kind === "atom" && stratum.relations.includes(one.relation));
    this.grow(
      stratum,
      deriving.filter((rule) => !reads(rule)),
      dropping,
    );
    while (this.grow(stratum, deriving, dropping));
  }

  /** Applies the immediate consequence operator once, closes equivalences and drops what is
   * subsumed; true if something changed. */
  private grow({ relations }: Stratum, rules: readonly Rule[], dropping: readonly Rule[]): boolean {
    const before = relations.map((at) => this.tuples[at]!);
    const consequences = rules.map((rule) => this.consequences(rule));
    for (const [at, { head }] of rules.entries())
      this.tuples[head.relation] = this.tuples[head.relation]!.union(consequences[at]!);
    for (const at of relations)
      if (this.program.relations[at]!.equivalence === true)
        this.tuples[at] = closed(this.tuples[at]!);
      else this.tuples[at] = this.joined(at, this.tuples[at]!);
    for (const rule of dropping) {
      const { relation } = rule.head;
      this.tuples[relation] = this.tuples[relation]!.subtract(this.subsumed(rule));
    }
    return relations.some((at, place) => !is(this.tuples[at]!, before[place]!));
  }

  /** The tuples that a subsumption drops: that are not the ones they are dropped for. */
  private subsumed(rule: Rule): Tuples<List<Value>> {
    const [less, more] = rule.body;
    assert(less?.kind === "atom" && more?.kind === "atom", "a subsumption is of two tuples");
    return Tuples<List<Value>>().withMutations((found) => {
      for (const values of this.ways(rule, rule.body, Bindings())) {
        const [dropped, kept] = [less, more].map(({ terms }) =>
          List(terms.map((term) => this.value(term, values))),
        );
        if (!is(dropped, kept)) found.add(dropped!);
      }
    });
  }

  private consequences(rule: Rule): Tuples<List<Value>> {
    const { head, body } = rule;
    return Tuples<List<Value>>().withMutations((found) => {
      for (const values of this.ways(rule, body, Bindings())) {
        found.add(List(head.terms.map((term) => this.value(term, values))));
      }
    });
  }

  /** All ways to satisfy `body`, whose literals are taken as soon as they can be: first those that
   * only test. A tuple of an atom is one way, whether or not its values are used. */
  private *ways(rule: Rule, body: readonly Literal[], values: Bindings<number, Value>): Ways {
    const next =
      body.find((literal) => variables([literal]).every((at) => values.has(at))) ??
      body.find((literal) => literal.kind !== "negation" && this.ready(rule, literal, values));
    if (next === undefined) {
      assert(body.length === 0, "some order grounds all variables");
      yield values;
      return;
    }
    const rest = body.filter((literal) => literal !== next);
    for (const more of this.satisfied(rule, next, values)) yield* this.ways(rule, rest, more);
  }

  /** Whether a literal can be evaluated although it has variables without a value. */
  private ready(rule: Rule, literal: Literal, values: Bindings<number, Value>): boolean {
    const known = (term: Term): boolean => isKnown(term, values);
    const matchable = (terms: readonly Term[]): boolean => {
      const own = terms.flatMap(patternVariables);
      const grounded = (at: number): boolean => values.has(at) || own.includes(at);
      return terms.every((term) => variablesOf(term).every(grounded));
    };
    switch (literal.kind) {
      case "atom":
        return matchable(literal.terms);
      case "comparison": {
        const { operator, left, right } = literal;
        if (operator !== "=") return false;
        return (known(right) && matchable([left])) || (known(left) && matchable([right]));
      }
      case "range":
        return [literal.from, literal.to, ...(literal.step ? [literal.step] : [])].every(known);
      case "aggregate":
        return injected(rule, literal).every((at) => values.has(at));
      case "negation":
      case "test":
      case "boolean":
        return false;
    }
  }

  private *satisfied(rule: Rule, literal: Literal, values: Bindings<number, Value>): Ways {
    if (--this.stepsLeft < 0) throw new TooManySteps();
    const { domain, structures } = this.program;
    switch (literal.kind) {
      case "atom":
        yield* this.matching(literal.relation, literal.terms, values);
        return;
      case "negation":
        if (this.matching(literal.relation, literal.terms, values).next().done === true)
          yield values;
        return;
      case "comparison": {
        const { operator, left, right } = literal;
        if (operator === "=") {
          const [pattern, value] = isKnown(right, values) ? [left, right] : [right, left];
          const more = this.matched([pattern], [this.value(value, values)], values);
          if (more !== undefined) yield more;
        } else if (compared(operator, this.value(left, values), this.value(right, values)))
          yield values;
        return;
      }
      case "test": {
        const { word, negated, left, right } = literal;
        const [of, other] = [this.value(left, values), this.value(right, values)];
        if ((word === "has" ? has(of, other) : tested(word, of, other)) === !negated) yield values;
        return;
      }
      case "boolean":
        if (literal.value) yield values;
        return;
      case "range": {
        const { of, from, to, step, variable } = literal;
        const by = step && this.value(step, values);
        const all = ranged(domain, of, this.value(from, values), this.value(to, values), by);
        for (const value of all) yield* bound(values, variable, value);
        return;
      }
      case "aggregate": {
        const { name, of, value, fold, body, variable } = literal;
        const all = [...this.ways(rule, body, values)];
        const some = all.map((more) => (value === undefined ? 0n : this.value(value, more)));
        const result =
          fold === undefined
            ? aggregated(domain, name, of, some)
            : some
                .toSorted(order)
                .reduce(
                  (soFar, next) => called(domain, fold.user, [soFar, next], structures),
                  this.value(fold.start, values),
                );
        if (result !== undefined) yield* bound(values, variable, result);
        return;
      }
    }
  }

  /** The values extended by each tuple of the relation that matches `terms`. */
  private *matching(
    relation: number,
    terms: readonly Term[],
    values: Bindings<number, Value>,
  ): Ways {
    const known = terms.map((term) =>
      isKnown(term, values) ? this.value(term, values) : undefined,
    );
    for (const tuple of selected(this.tuples[relation]!, known)) {
      if (--this.stepsLeft < 0) throw new TooManySteps();
      const more = this.matched(terms, tuple.toArray(), values);
      if (more !== undefined) yield more;
    }
  }

  /** The values extended so that each term has the value at its place, if there are any. */
  private matched(
    terms: readonly Term[],
    found: readonly Value[],
    values: Bindings<number, Value>,
  ): Bindings<number, Value> | undefined {
    let more = values;
    // What is taken apart has a value for each of the fields, or does not match.
    const bind = (term: Term, value: Value): boolean => {
      if (term.kind === "variable" && !more.has(term.variable))
        more = more.set(term.variable, value);
      if (term.kind !== "record") return true;
      const fields = fieldsOf(value, term.branch);
      return fields?.every((field, at) => bind(term.fields[at]!, field)) === true;
    };
    if (!terms.every((term, at) => bind(term, found[at]!))) return undefined;
    // A variable may stand in several places, also inside of what another must equal.
    const agrees = (term: Term, value: Value): boolean => {
      if (term.kind === "anonymous") return true;
      if (term.kind !== "record") return compared("=", this.value(term, more), value);
      const fields = fieldsOf(value, term.branch);
      return fields?.every((field, at) => agrees(term.fields[at]!, field)) === true;
    };
    return terms.every((term, at) => agrees(term, found[at]!)) ? more : undefined;
  }

  private value(term: Term, values: Bindings<number, Value>): Value {
    const { domain, structures } = this.program;
    switch (term.kind) {
      case "variable": {
        const value = values.get(term.variable);
        assert(value !== undefined, "a variable has a value before it is used");
        return value;
      }
      case "constant":
        return held(domain, term.of, term.value, structures);
      case "record": {
        const fields = term.fields.map((field) => this.value(field, values));
        return unique(term.branch === undefined ? fields : { branch: term.branch, fields });
      }
      case "functor": {
        const operands = term.arguments.map((operand) => this.value(operand, values));
        if (term.name === "user") return called(domain, term.user, operands, structures);
        if (ofCollections(term.name)) return collected(term.name, operands);
        return applied(domain, term.name, term.of, operands as PrimitiveValue[]);
      }
      case "anonymous":
      case "counter":
      case "iteration":
        throw new Error(`a term of kind ${term.kind} has no value`);
    }
  }
}

/** The least equivalence with these pairs. */
function closed(pairs: Tuples<List<Value>>): Tuples<List<Value>> {
  let classes = Bindings<Value, Tuples<Value>>();
  for (const pair of pairs) {
    const joined = Tuples<Value>().union(
      ...pair.map((one) => classes.get(one) ?? Tuples<Value>([one])),
    );
    for (const one of joined) classes = classes.set(one, joined);
  }
  return Tuples(classes.entrySeq().flatMap(([one, all]) => all.map((other) => List([one, other]))));
}

function* bound(values: Bindings<number, Value>, variable: number, value: Value): Ways {
  const before = values.get(variable);
  if (before === undefined) yield values.set(variable, value);
  else if (compared("=", before, value)) yield values;
}

/** The tuples with these values in the columns where there is one. Sets do not change, so that those
 * of one set and its columns are put together once. */
function selected(
  tuples: Tuples<List<Value>>,
  known: readonly (Value | undefined)[],
): Iterable<List<Value>> {
  const columns = known.flatMap((value, at) => (value === undefined ? [] : [at]));
  if (columns.length === 0) return tuples;
  if (columns.length === known.length) {
    const tuple = List(known as Value[]);
    return tuples.has(tuple) ? [tuple] : [];
  }
  const name = columns.join();
  const groups = groupsOf.get(tuples) ?? new Map<string, Group>();
  groupsOf.set(tuples, groups);
  let group = groups.get(name);
  if (group === undefined) {
    group = new Map<string, List<Value>[]>();
    for (const tuple of tuples) {
      const key = keyOf(columns.map((at) => tuple.get(at)!));
      const some = group.get(key);
      if (some === undefined) group.set(key, [tuple]);
      else some.push(tuple);
    }
    groups.set(name, group);
  }
  return group.get(keyOf(columns.map((at) => known[at]!))) ?? [];
}

/** The tuples of a set by the values of some columns; sets, and their groups by those columns. */
type Group = Map<string, List<Value>[]>;
const groupsOf = new WeakMap<Tuples<List<Value>>, Map<string, Group>>();

function keyOf(values: readonly Value[]): string {
  const texts = values.map((value) => (typeof value === "object" ? "" : String(value)));
  return texts.map((text) => `${text.length}:${text}`).join("");
}

function isKnown(term: Term, values: Bindings<number, Value>): boolean {
  return !hasAnonymous(term) && variablesOf(term).every((at) => values.has(at));
}
