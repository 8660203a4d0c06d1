// The ways to satisfy a rule's body in a completed database, one after the other: a search that
// takes next what has the fewest candidates, or, to say how far it got, what is written next.
import type { Literal, Rule } from "../analysis/program.ts";
import { accumulator } from "../codegen/accumulator.ts";
import { range } from "../codegen/range.ts";
import { type AggregateLiteral, injectedVariables, occurrences } from "../plan/literals.ts";
import type { Word } from "../value/word.ts";
import type { Completed } from "./completed.ts";
import { type Bindings, bindable, passing, patternVariables, type Terms } from "./terms.ts";

/** A tuple that an atom meets, in the relation that it reads. */
export type Match = { readonly relation: number; readonly words: readonly Word[] };

/** One way to satisfy a body: the words of the variables, and by the places of the literals what
 * was found for them. */
export type Way = {
  readonly bindings: Bindings;
  readonly atoms: ReadonlyMap<number, Match>;
  readonly aggregates: ReadonlyMap<number, Gathered>;
};

/** What an aggregate is made of: how many ways there are to satisfy its body, and some of them. */
export type Gathered = { readonly count: number; readonly ways: readonly Way[] };

/** How a body is searched. */
export type Search = {
  /** Whether a tuple may be used. */
  readonly accepts?: (match: Match, row: number | undefined) => boolean;
  /** Literals are taken in the order in which they are written, as far as that is possible. */
  readonly written?: true;
  /** Is told of each way that cannot go on, with the places of the literals that are still open, of
   * which the one at `failed` is not satisfied. */
  readonly stuck?: (way: Way, open: readonly number[], failed: number) => void;
};

/** A search was given up: it looked at more candidates than it was allowed. */
export class SearchLimit extends Error {
  override readonly name = "SearchLimit";
}

/** So many ways of an aggregate are kept. */
const witnessesMax = 3;

/** Searches bodies of rules. */
export class Bodies {
  private readonly completed: Completed;
  private readonly terms: Terms;
  /** How many candidates may still be looked at. */
  stepsLeft: number;

  constructor(completed: Completed, terms: Terms, stepsMax: number) {
    this.completed = completed;
    this.terms = terms;
    this.stepsLeft = stepsMax;
  }

  /** The ways to satisfy the body of a rule, given words of some of its variables. */
  *ways(rule: Rule, bindings: Bindings, search: Search = {}): Generator<Way> {
    const counts = occurrences(rule);
    const start = { bindings, atoms: new Map<number, Match>(), aggregates: new Map() };
    yield* this.rest(rule.body, [...rule.body.keys()], start, counts, search);
  }

  /** The tuples that match an atom's terms, in any order of rows that have one. */
  *matches(literal: Atom, bindings: Bindings): Generator<Found> {
    const { relation, terms } = literal;
    const columns = terms.flatMap((term, at) => (this.terms.known(term, bindings) ? [at] : []));
    const key: Word[] = [];
    for (const column of columns) {
      const word = this.terms.word(terms[column]!, bindings);
      if (word === undefined) return;
      key.push(word);
    }
    const { classes, tuples } = this.completed.database.relations[relation]!;
    const found = (words: readonly Word[], row?: number): Found[] => {
      const more = this.terms.unified(terms, words, bindings);
      return more === undefined ? [] : [{ match: { relation, words }, row, bindings: more }];
    };
    if (classes !== undefined) {
      for (const words of this.pairs(relation, columns, key)) {
        this.step();
        yield* found(words);
      }
      return;
    }
    const rows = this.completed.rows(relation, columns, key);
    for (let place = 0; place < rows.count; place++) {
      this.step();
      const row = rows.at(place);
      const words = tuples.columns.map((column) => column[row]!);
      yield* found(words, row);
    }
  }

  private *rest(
    body: readonly Literal[],
    open: readonly number[],
    way: Way,
    counts: readonly number[],
    search: Search,
  ): Generator<Way> {
    const at = this.next(body, open, way.bindings, counts, search);
    if (at === undefined) {
      // What is left over has counters in it, which nobody can compute again.
      yield way;
      return;
    }
    const left = open.filter((other) => other !== at);
    let satisfied = false;
    for (const more of this.satisfied(body[at]!, at, way, counts, search)) {
      satisfied = true;
      yield* this.rest(body, left, more, counts, search);
    }
    if (!satisfied) search.stuck?.(way, open, at);
  }

  /** The place of the literal to take next. */
  private next(
    body: readonly Literal[],
    open: readonly number[],
    bindings: Bindings,
    counts: readonly number[],
    search: Search,
  ): number | undefined {
    let best: number | undefined;
    let least = Infinity;
    for (const at of open) {
      if (!this.ready(body[at]!, bindings, counts)) continue;
      if (search.written === true) return at;
      const cost = this.cost(body[at]!, bindings);
      if (cost < least) [best, least] = [at, cost];
    }
    return best;
  }

  private cost(literal: Literal, bindings: Bindings): number {
    switch (literal.kind) {
      case "comparison":
      case "test":
      case "boolean":
        return 0;
      case "negation":
        return 1;
      case "atom": {
        const { relation, terms } = literal;
        const { classes, size } = this.completed.database.relations[relation]!;
        const columns = terms.flatMap((term, at) => (this.terms.known(term, bindings) ? [at] : []));
        if (columns.length === 0) return 4 + size;
        if (classes !== undefined) return 4 + (columns.length === 2 ? 0 : Math.sqrt(size));
        const key = columns.map((column) => this.terms.word(terms[column]!, bindings));
        if (key.includes(undefined)) return 0;
        return 4 + this.completed.rows(relation, columns, key as Word[]).count;
      }
      case "range":
        return 64;
      case "aggregate":
        return 1e12;
    }
  }

  private ready(literal: Literal, bindings: Bindings, counts: readonly number[]): boolean {
    const known = (...terms: readonly Parameters<Terms["known"]>[0][]): boolean =>
      terms.every((term) => this.terms.known(term, bindings));
    switch (literal.kind) {
      case "atom": {
        const own = patternVariables(literal.terms);
        return literal.terms.every((term) => bindable(term, bindings, own));
      }
      case "negation":
        return literal.terms.every((term) => term.kind === "anonymous" || known(term));
      case "comparison": {
        const { operator, left, right } = literal;
        if (known(left, right)) return true;
        if (operator !== "=" || passing(left) || passing(right)) return false;
        const binds = (term: typeof left) =>
          bindable(term, bindings, patternVariables([term])) && term.kind !== "functor";
        return (known(right) && binds(left)) || (known(left) && binds(right));
      }
      case "test":
        return known(literal.left, literal.right);
      case "boolean":
        return true;
      case "range":
        return known(literal.from, literal.to, ...(literal.step ? [literal.step] : []));
      case "aggregate":
        return [...injectedVariables(literal, counts)].every((of) => bindings[of] !== undefined);
    }
  }

  private *satisfied(
    literal: Literal,
    at: number,
    way: Way,
    counts: readonly number[],
    search: Search,
  ): Generator<Way> {
    const { bindings } = way;
    switch (literal.kind) {
      case "atom":
        for (const { match, row, bindings: more } of this.matches(literal, bindings)) {
          if (search.accepts?.(match, row) === false) continue;
          yield { ...way, bindings: more, atoms: new Map(way.atoms).set(at, match) };
        }
        return;
      case "negation":
        if (this.matches(literal, bindings).next().done === true) yield way;
        return;
      case "comparison": {
        const { left, right } = literal;
        if (this.terms.known(left, bindings) && this.terms.known(right, bindings)) {
          if (this.terms.holds(literal, bindings)) yield way;
          return;
        }
        const known = this.terms.known(right, bindings);
        const word = this.terms.word(known ? right : left, bindings);
        if (word === undefined) return;
        const more = this.terms.unified([known ? left : right], [word], bindings);
        if (more !== undefined) yield { ...way, bindings: more };
        return;
      }
      case "test":
        if (this.terms.holds(literal, bindings)) yield way;
        return;
      case "boolean":
        if (literal.value) yield way;
        return;
      case "range":
        yield* this.ranged(literal, way);
        return;
      case "aggregate":
        yield* this.aggregated(literal, at, way, counts);
        return;
    }
  }

  private *ranged(literal: Literal & { kind: "range" }, way: Way): Generator<Way> {
    const { bindings } = way;
    const { of, from, to, step, variable } = literal;
    const [first, end] = [this.terms.word(from, bindings), this.terms.word(to, bindings)];
    const by = step && this.terms.word(step, bindings);
    if (first === undefined || end === undefined || (step && by === undefined)) return;
    const words = range(this.terms.values, of, first, end, by);
    while (words.next()) {
      this.step();
      const more = bound(bindings, variable, words.word);
      if (more !== undefined) yield { ...way, bindings: more };
    }
  }

  private *aggregated(
    literal: AggregateLiteral,
    at: number,
    way: Way,
    counts: readonly number[],
  ): Generator<Way> {
    const { bindings } = way;
    const total = accumulator(literal, this.terms);
    total.reset(literal.fold && this.terms.word(literal.fold.start, bindings));
    const extreme = literal.name === "min" || literal.name === "max";
    let ways: Way[] = [];
    let count = 0;
    const start = { bindings, atoms: new Map<number, Match>(), aggregates: new Map() };
    for (const inner of this.rest(literal.body, [...literal.body.keys()], start, counts, plain)) {
      const word = literal.value === undefined ? 0 : this.terms.word(literal.value, inner.bindings);
      if (word === undefined) return;
      const before = extreme && total.defined() ? total.result() : undefined;
      total.add(word);
      count++;
      // Of the least and the greatest only those count that are it.
      if (before !== undefined && total.result() !== before) ways = [];
      if (extreme && total.result() !== word) continue;
      if (ways.length < witnessesMax) ways.push(inner);
    }
    if (!total.defined()) return;
    const more = bound(bindings, literal.variable, total.result());
    if (more === undefined) return;
    const aggregates = new Map(way.aggregates).set(at, { count, ways });
    yield { ...way, bindings: more, aggregates };
  }

  /** The pairs of an equivalence with these words in these columns. */
  private *pairs(
    relation: number,
    columns: readonly number[],
    key: readonly Word[],
  ): Generator<readonly [Word, Word]> {
    const closure = this.completed.closure(this.completed.pairsOf(relation));
    if (columns.length === 2) {
      if (closure.rowOf(key[0]!, key[1]!) !== undefined) yield [key[0]!, key[1]!];
    } else if (columns.length === 1) {
      for (const other of closure.classOf(key[0]!))
        yield columns[0] === 0 ? [key[0]!, other] : [other, key[0]!];
    } else {
      for (const one of closure.elements)
        for (const other of closure.classOf(one)) yield [one, other];
    }
  }

  private step(): void {
    if (--this.stepsLeft < 0) throw new SearchLimit("a search was given up");
  }
}

const plain: Search = {};

/** An atom, negated or not. */
type Atom = Pick<Literal & { kind: "atom" | "negation" }, "relation" | "terms">;

type Found = {
  readonly match: Match;
  /** Where the tuple is; those of equivalences are nowhere. */
  readonly row: number | undefined;
  readonly bindings: Bindings;
};

function bound(bindings: Bindings, variable: number, word: Word): Bindings | undefined {
  if (bindings[variable] !== undefined) return bindings[variable] === word ? bindings : undefined;
  const more = [...bindings];
  more[variable] = word;
  return more;
}
