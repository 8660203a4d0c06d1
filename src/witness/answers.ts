// From small sets of facts to what a relation then holds: thousands of evaluations of one program.
import { assert } from "../base/assert.ts";
import { interpreted } from "../codegen/backend.ts";
import { joinOf } from "../codegen/interpret-expression.ts";
import { Database } from "../engine/database.ts";
import { evaluate } from "../engine/evaluate.ts";
import { functorOf } from "../engine/functors.ts";
import type { LimitCode, Limits } from "../engine/limit.ts";
import type { Plan, StratumPlan } from "../plan/plan.ts";
import { plan } from "../plan/program.ts";
import { EvaluationFault } from "../value/fault.ts";
import { operations } from "../value/operations.ts";
import type { Attribute } from "../value/schema.ts";
import type { Implementations } from "../value/user-functor.ts";
import { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";
import type { Cone } from "./cone.ts";
import { printFact, type InputFact, type Tuple } from "./fact.ts";

/** What a relation holds: the words of its tuples by their keys, as text. The key is made of all
 * columns but those of lattices. */
export type Answer = ReadonlyMap<string, readonly Word[]>;

/** The place of a fact among those that were named to `Answers`. */
export type FactAt = number;

/** An evaluation that derives more is given up: a witness is small. */
const limits: Limits = { maxTuples: 1000, maxRounds: 100, maxMemoryBytes: 2 ** 22 };

/** One that is given up takes as long as so many others. */
const givenUpSteps = 10;
const limitCodes: ReadonlySet<string> = new Set<LimitCode>([
  "too-many-tuples",
  "too-many-rounds",
  "out-of-memory",
]);

/** The answers of one relation. Facts are put in by value, so that an answer is a function of their
 * set, also where the order of tuples matters. */
export class Answers {
  /** How many evaluations there were, or as many as would take as long; what was asked before is
   * known. */
  steps = 0;
  private readonly cone: Cone;
  private readonly functors: Implementations;
  private readonly plan: Plan;
  /** What the words of facts and answers mean; each database has words of its own. */
  private readonly values: Values;
  private readonly attributes: readonly Attribute[];
  /** How the last columns are joined. */
  private readonly joins: readonly ((a: Word, b: Word) => Word)[];
  private readonly known = new Map<string, Answer | undefined>();
  private readonly places = new Map<string, FactAt>();
  private readonly facts: { readonly fact: InputFact; readonly words: readonly Word[] }[] = [];

  constructor(cone: Cone, functors: Implementations) {
    this.cone = cone;
    this.functors = functors;
    this.plan = plannedOnce(plan(cone.program));
    const values = new Values(this.plan.domain, this.plan.structures);
    this.values = values;
    const { attributes = [], lattices = [] } = this.plan.relations[cone.relation] ?? {};
    this.attributes = attributes;
    const counters = { counter: () => 0, iteration: () => 0 };
    const functor = functorOf(values, functors);
    const constant = values.encode.bind(values);
    const environment = { values, constant, operations: operations(values), counters, functor };
    this.joins = lattices.map((lattice) => joinOf(environment, lattice));
  }

  /** Names a fact; the same one each time. */
  place(fact: InputFact): FactAt {
    const name = printFact(this.cone.program, fact);
    const known = this.places.get(name);
    if (known !== undefined) return known;
    const { attributes = [] } = this.plan.relations[fact.relation] ?? {};
    const words = fact.values.map((value, at) => this.values.encode(kindAt(attributes, at), value));
    this.places.set(name, this.facts.length);
    return this.facts.push({ fact, words }) - 1;
  }

  /** The fact of a place. */
  fact(at: FactAt): InputFact {
    return this.named(at).fact;
  }

  /** Facts in the order of their relations and values, each once. */
  sorted(facts: Iterable<FactAt>): FactAt[] {
    return [...new Set(facts)].toSorted((a, b) => {
      const [first, second] = [this.named(a), this.named(b)];
      const { relation } = first.fact;
      if (relation !== second.fact.relation) return relation - second.fact.relation;
      return this.compare(
        this.plan.relations[relation]?.attributes ?? [],
        first.words,
        second.words,
      );
    });
  }

  /** What the relation holds with these facts and those of the text; undefined where the evaluation
   * fails or is given up. */
  of(facts: Iterable<FactAt>): Answer | undefined {
    const sorted = this.sorted(facts);
    const key = sorted.join();
    if (!this.known.has(key)) this.known.set(key, this.evaluated(sorted));
    return this.known.get(key);
  }

  /** The tuples of one answer that the other has taken back: it does not have them; of a lattice,
   * it has no row for their key that is at least as high (v ⊔ w = w). */
  withdrawn(before: Answer, after: Answer): (readonly Word[])[] {
    const lost = (words: readonly Word[], key: string): boolean => {
      const now = after.get(key);
      return now === undefined || !this.below(words, now);
    };
    return [...before].flatMap(([key, words]) => (lost(words, key) ? [words] : []));
  }

  /** The tuples of words, in value order. */
  tuples(rows: Iterable<readonly Word[]>): Tuple[] {
    const { attributes, values } = this;
    return [...rows]
      .toSorted((a, b) => this.compare(attributes, a, b))
      .map((words) => words.map((word, at) => values.decode(kindAt(attributes, at), word)));
  }

  private below(words: readonly Word[], now: readonly Word[]): boolean {
    const first = words.length - this.joins.length;
    try {
      return this.joins.every((join, at) => {
        const [low = 0, high = 0] = [words[first + at], now[first + at]];
        return low === high || join(low, high) === high;
      });
    } catch (error) {
      // Where the user's functor fails, nothing is said of the two.
      if (error instanceof EvaluationFault) return true;
      throw error;
    }
  }

  private evaluated(sorted: readonly FactAt[]): Answer | undefined {
    const database = new Database(this.plan);
    for (const at of sorted) {
      const { relation, values } = this.fact(at);
      const stored = database.relations[relation];
      stored?.insert(
        values.map((value, column) =>
          database.values.encode(kindAt(stored.schema.attributes, column), value),
        ),
      );
    }
    const options = { backend: interpreted, limits, functors: this.functors };
    const { complete, diagnostics } = evaluate(this.plan, database, options);
    this.steps += diagnostics.some(({ code }) => limitCodes.has(code)) ? givenUpSteps : 1;
    return complete ? this.answer(database) : undefined;
  }

  private answer(database: Database): Answer {
    const relation = database.relations[this.cone.relation];
    assert(relation !== undefined, "the relation is one of the program");
    const columns = this.attributes.map(({ kind }, at) =>
      Array.from(relation.column(at), (word) =>
        this.values.encode(kind, database.values.decode(kind, word)),
      ),
    );
    const answer = new Map<string, readonly Word[]>();
    for (let row = 0; row < relation.size; row++) {
      const words = columns.map((column) => column[row] ?? 0);
      answer.set(this.keyOf(words), words);
    }
    return answer;
  }

  private keyOf(words: readonly Word[]): string {
    return words.slice(0, words.length - this.joins.length).join();
  }

  private compare(
    attributes: readonly Attribute[],
    a: readonly Word[],
    b: readonly Word[],
  ): number {
    for (const [at, { kind }] of attributes.entries()) {
      const compared = this.values.compare(kind, a[at] ?? 0, b[at] ?? 0);
      if (compared !== 0) return compared;
    }
    return 0;
  }

  private named(at: FactAt): (typeof this.facts)[number] {
    const named = this.facts[at];
    assert(named !== undefined, "a fact was named");
    return named;
  }
}

/** A plan whose strata are planned once, whatever the sizes: planning takes longer than to evaluate
 * a few facts. */
function plannedOnce(of: Plan): Plan {
  const strata: StratumPlan[] = [];
  return { ...of, stratum: (at, sizes) => (strata[at] ??= of.stratum(at, sizes)) };
}

function kindAt(attributes: readonly Attribute[], at: number): Attribute["kind"] {
  const kind = attributes[at]?.kind;
  assert(kind !== undefined, "a tuple has the arity of its relation");
  return kind;
}
