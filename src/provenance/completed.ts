import type { Program, Stratum } from "../analysis/program.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import { GroupIndex } from "../engine/group-index.ts";
import { groupOf } from "../codegen/group.ts";
import { Database } from "../engine/database.ts";
import { evaluate } from "../engine/evaluate.ts";
import type { EvaluateOptions } from "../engine/run.ts";
import type { Evaluation } from "../engine/statistics.ts";
import { dependencies, readings, readsOf } from "../plan/demand-strata.ts";
import { plan } from "../plan/program.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";
import { Closure } from "./closure.ts";
import { explainable, onceInRounds, rounds, type Explainable } from "./explainable.ts";

/** What a goal depends on cannot be derived once more within the limits. */
export class DerivationFault extends Error {
  override readonly name = "DerivationFault";
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(({ message }) => message).join("; "));
    this.diagnostics = diagnostics;
  }
}

/** Numbers of rows, in ascending order. */
export type Rows = { readonly count: number; at(place: number): number };

/** What somebody holds who asks why. */
export type Holding = {
  readonly values: Values;
  /** All that is derived, if it is there: by the program itself, whose relations these are. */
  readonly complete?: Database;
  /** What was put into a relation, beside what rules derive. */
  given(relation: number): { readonly columns: readonly Int32Array[]; readonly size: number };
};

/** A database in which a program is evaluated, with the order in which its tuples came. Inputs are
 * put into `database`, as the directives of `explainable.whole` say, before `evaluate`. A run that
 * nobody asks about has none of this. */
export class Completed {
  readonly explainable: Explainable;
  readonly database: Database;
  private readonly options: EvaluateOptions;
  /** Whether the relations of the program are those of a database that is complete. */
  private readonly adopting: boolean;
  /** For a relation with an order, how many rows it had before any rule ran, after the rules that
   * run once, after each round. */
  private readonly marks = new Map<number, number[]>();
  private readonly closures = new Map<number, Closure>();
  private readonly indexes = new Map<string, GroupIndex>();
  private covered = new Set<number>();

  /** What is held is put in at once; where it is complete, nothing is derived anew that need not
   * be. Then it is good for as long as nothing changes there. */
  constructor(program: Program, options: EvaluateOptions = {}, holding?: Holding) {
    const inserted = [...program.relations.keys()].filter(
      (at) => (holding?.given(at).size ?? 0) > 0,
    );
    this.explainable = explainable(program, inserted);
    this.options = options;
    const { complete } = holding ?? {};
    this.adopting = complete !== undefined && adoptable(this.explainable);
    const relation = (_: string, at: number) =>
      this.adopting ? complete?.relations[at] : undefined;
    const values = holding === undefined ? {} : { values: holding.values };
    this.database = new Database(plan(this.explainable.whole), { ...values, relation });
    if (holding !== undefined) this.put(holding);
  }

  /** Derives all that follows from what is given; of a goal that is known what it depends on, and
   * once where that will do: in rounds. */
  evaluate(goal?: number): Evaluation {
    if (this.adopting) return { diagnostics: [], strata: [], rules: [], complete: true };
    const { whole, copies, always } = this.explainable;
    const inRounds = goal === undefined ? new Set<number>() : onceInRounds(this.explainable, goal);
    const needed = goal === undefined ? undefined : this.dependencies(goal);
    const strata = whole.strata.filter(({ relations }) => {
      if (relations.some((at) => at === always || isCopy(copies, at) || inRounds.has(at)))
        return false;
      return needed === undefined || relations.some((at) => needed.has(at));
    });
    const evaluation = this.run({ ...whole, strata });
    if (goal === undefined || inRounds.size === 0 || !evaluation.complete) return evaluation;
    const rounded = this.runRounds([goal]);
    for (const at of inRounds) {
      const { tuples } = this.database.relations[copies.get(at)!]!;
      this.database.relations[at]!.append(tuples.columns, tuples.size);
    }
    return { ...rounded, diagnostics: [...evaluation.diagnostics, ...rounded.diagnostics] };
  }

  /** Derives the copies of all that `goals` depend on, round by round. Throws a
   * `DerivationFault`. */
  derive(goals: readonly number[]): void {
    if (goals.every((goal) => this.covered.has(goal))) return;
    const { complete, diagnostics } = this.runRounds(goals);
    if (complete) return;
    this.covered.clear();
    throw new DerivationFault(diagnostics);
  }

  private runRounds(goals: readonly number[]): Evaluation {
    this.covered = new Set([...this.covered, ...goals]);
    const { copies, given, always, pairs } = this.explainable;
    const { program, computed } = rounds(this.explainable, this.covered);
    const { relations } = this.database;
    for (const copy of copies.values()) relations[copy]!.clear();
    for (const copy of copies.values()) this.forget(copy);
    relations[always]!.clear();
    relations[always]!.insert([]);
    for (const [at, from] of given.entries()) {
      const copy = copies.get(pairs.get(at) ?? at);
      if (from === at || copy === undefined || !computed.includes(at)) continue;
      const { tuples } = relations[from]!;
      relations[copy]!.append(tuples.columns, tuples.size);
    }
    return this.run(program);
  }

  /** How many rows of a relation have a rank below this one; undefined where rows have none. */
  rowsBelow(relation: number, rank: number): number {
    const marks = this.marks.get(relation);
    if (marks === undefined) return Infinity;
    if (rank <= 0) return 0;
    return marks[rank - 1] ?? Infinity;
  }

  /** The rank of a row: whatever it is derived from in its stratum has a lower one. What is given
   * has rank 0. */
  rankOf(relation: number, row: number): number {
    const marks = this.marks.get(relation) ?? [];
    let low = 0;
    let high = marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (marks[middle]! > row) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The relation of the program that a relation of the database stands for. */
  originOf(relation: number): number {
    const { copies, pairs, program } = this.explainable;
    if (relation < program.relations.length) return relation;
    for (const [at, copy] of copies) if (copy === relation) return this.originOf(at);
    for (const [at, base] of pairs) if (base === relation) return at;
    return this.explainable.given.indexOf(relation);
  }

  /** The relation whose tuples those of a copy are; any other relation itself. */
  provenAs(relation: number): number {
    for (const [at, copy] of this.explainable.copies) if (copy === relation) return at;
    return relation;
  }

  /** The relation with the pairs of an equivalence. */
  pairsOf(relation: number): number {
    const { copies, pairs } = this.explainable;
    const origin = this.originOf(relation);
    const base = pairs.get(origin)!;
    return relation === origin ? base : (copies.get(base) ?? base);
  }

  /** The classes of the pairs of a relation, and when they came together. */
  closure(pairs: number): Closure {
    let closure = this.closures.get(pairs);
    if (closure === undefined) {
      const { columns, size } = this.database.relations[pairs]!.tuples;
      closure = new Closure(columns[0]!, columns[1]!, size);
      this.closures.set(pairs, closure);
    }
    return closure;
  }

  /** The rows of a relation that have these words in these columns, in order; those of an
   * equivalence are not asked for. */
  rows(relation: number, columns: readonly number[], key: readonly Word[]): Rows {
    const { tuples } = this.database.relations[relation]!;
    if (columns.length === 0) return { count: tuples.size, at: (place) => place };
    const name = `${relation} ${columns.join()}`;
    let index = this.indexes.get(name);
    if (index === undefined) {
      index = new GroupIndex(tuples, columns, "rows", this.database.memory);
      this.indexes.set(name, index);
    }
    index.extend(tuples.size);
    const slot = groupOf(tuples, index, columns, key);
    const start = index.directory[slot + 2]!;
    const { items } = index;
    return { count: index.directory[slot + 3]!, at: (place) => items[start + place]! };
  }

  private dependencies(goal: number): ReadonlySet<number> {
    const { relations, rules } = this.explainable.whole;
    return new Set(dependencies([goal], readsOf(relations.length, readings(rules))));
  }

  /** Puts in what is given, where that is not there already. */
  private put(holding: Holding): void {
    const { given, whole } = this.explainable;
    const { relations, values } = this.database;
    for (const [at, from] of given.entries()) {
      // Rows that were dropped are of no use.
      if (this.adopting) relations[at]!.compact();
      if (this.adopting && from === at) continue;
      const { columns, size } = holding.given(at);
      relations[from]!.append(columns, size);
    }
    if (!this.adopting) return;
    for (const { relation, values: tuple } of whole.facts) {
      const { attributes } = whole.relations[relation]!;
      if (relation < given.length) continue;
      relations[relation]!.insert(
        tuple.map((value, at) => values.encode(attributes[at]!.kind, value)),
      );
    }
  }

  private run(program: Program): Evaluation {
    const { relations } = this.database;
    const order = program.strata;
    const note = (members: readonly number[]): void => {
      for (const at of members) {
        const { tuples, classes } = relations[at]!;
        if (classes !== undefined || tuples.join !== undefined) continue;
        const marks = this.marks.get(at);
        if (marks === undefined) this.marks.set(at, [tuples.size]);
        else marks.push(tuples.size);
      }
    };
    const ordered = order.map((stratum) => (this.isOrdered(stratum) ? stratum.relations : []));
    const first = ordered.flat();
    for (const at of first) this.marks.delete(at);
    note(first);
    const { onProgress, ...options } = this.options;
    const planned = plan(program);
    // Who keeps a database up has indexes that must stay as they are.
    const kept = {
      ...planned,
      stratum: (at: number, sizes: readonly number[]) => planned.stratum(at, sizes, "maintained"),
    };
    return evaluate(this.adopting ? kept : planned, this.database, {
      ...options,
      onProgress: (progress) => {
        note(ordered[progress.stratum] ?? []);
        onProgress?.(progress);
      },
    });
  }

  private isOrdered({ relations }: Stratum): boolean {
    const { unordered } = this.explainable;
    return !relations.some((at) => unordered.has(at));
  }

  private forget(relation: number): void {
    for (const name of this.indexes.keys())
      if (name.startsWith(`${relation} `)) this.indexes.delete(name);
    this.closures.delete(relation);
  }
}

/** Whether what was derived without asking is all that a proof needs: no order of rows, no pairs of
 * equivalences, no relations that were not there. */
function adoptable({ program, copies, pairs, unordered }: Explainable): boolean {
  const derived = program.rules.map(({ head }) => head.relation);
  return (
    pairs.size === 0 &&
    derived.every((at) => copies.has(at) || unordered.has(at)) &&
    program.relations.every(
      ({ inlined, choices, limit }) => !inlined && choices === undefined && limit === undefined,
    )
  );
}

function isCopy(copies: ReadonlyMap<number, number>, relation: number): boolean {
  return [...copies.values()].includes(relation);
}
