// A transducer that is kept up: a step costs what it changes.
import { assert } from "../base/assert.ts";
import type { Change as RelationChange } from "../engine/change.ts";
import { Database } from "../engine/database.ts";
import { Maintained, type MaintainOptions } from "../engine/maintained.ts";
import { Question } from "../engine/question.ts";
import type { Effect, NetworkProgram } from "../plan/network.ts";
import type { Plan } from "../plan/plan.ts";
import type { QuestionPlan } from "../plan/question.ts";
import type { Value } from "../value/schema.ts";
import type { Word } from "../value/word.ts";
import { type Fact, keyOf, type Sent } from "./fact.ts";
import type { Change } from "./protocol.ts";
import { decoded, tuplesIn, wordsOf } from "./stored.ts";
import { sentBy, StepFault, type StepResult, type Transducer } from "./transducer.ts";

/** What a transducer runs. */
export type IncrementalOptions = MaintainOptions & {
  readonly network: NetworkProgram;
  /** The plan of `network.step`. */
  readonly plan: Plan;
  /** Where its relations are: what is in it counts as received in the first step. A new one unless
   * given; the transducer's own from then on. */
  readonly database?: Database;
  /** Nobody else holds words of that database: values that have gone are given up. */
  readonly unshared?: boolean;
  /** Is told of each tuple that is put in, or taken out, before a step computes. */
  readonly onGiven?: (relation: number, words: readonly Word[], present: boolean) => void;
  /** Whether nobody reads now what becomes of an output: a step does not tell it, then. Who begins
   * to read looks at all there is first. */
  readonly unread?: (relation: number) => boolean;
  /** The relations that `plan` does not derive: they are, when they are read. */
  readonly onDemand?: ReadonlySet<number>;
  /** Returns the plan of a question for a relation with values for some of its columns. */
  readonly question?: (relation: number, columns: readonly number[]) => QuestionPlan;
};

/** A tuple of a relation as words. */
type Stored = { readonly relation: number; readonly words: readonly Word[] };

/** A transducer whose relations stay up between steps. What it does is what the model does
 * (`model.ts`), in another order at most. */
export class IncrementalTransducer implements Transducer {
  private readonly options: IncrementalOptions;
  private database: Database;
  private maintained: Maintained;
  /** What holds from the beginning, and is not stated as a fact. */
  private readonly beginning: readonly Fact[];
  private strays = 0;
  private readonly questions = new Map<string, Question>();
  /** For each effect that sends a kept relation, and may derive the same again, what was sent. */
  private readonly sent = new Map<Effect, Set<string>>();
  /** For each output that may lose tuples, all that was put out. */
  private readonly putOut = new Map<number, Map<string, readonly Value[]>>();
  /** The effects that change memory. */
  private readonly memory: readonly MemoryEffects[];
  /** Events of the last step, which are gone in the next. */
  private events: Stored[] = [];
  /** What is to be done before the next step. */
  private insertions: Stored[] = [];
  private removals: Stored[] = [];

  /** `members` are the declared nodes, of which `name` is this one. */
  constructor(options: IncrementalOptions, name: string, members: readonly string[]) {
    const { network, plan, grows = () => false } = options;
    this.options = options;
    this.database = options.database ?? new Database(plan);
    this.maintained = new Maintained(plan, this.database, options);
    for (const effect of network.effects) {
      const role = network.roles[effect.relation];
      if (effect.kind === "send" && role?.kept === true && !grows(effect.of))
        this.sent.set(effect, new Set());
    }
    for (const [at, role] of network.roles.entries())
      if (role.output && !role.snapshot && (role.passing || !grows(at)))
        this.putOut.set(at, new Map());
    this.memory = memoryEffects(network);
    const system = network.roles.flatMap(({ system: of }, relation): Fact[] => {
      if (of === undefined) return [];
      return (of === "Id" ? [name] : members).map((value) => ({ relation, values: [value] }));
    });
    this.beginning = [...system, ...network.initial];
    for (const fact of this.beginning)
      this.insertions.push({ relation: fact.relation, words: wordsOf(this.database, fact) });
  }

  get strayWeight(): number {
    return this.strays;
  }

  restart(facts: Iterable<Fact>): void {
    const { network, plan } = this.options;
    assert(network.effects.length === 0, "what was received is all that there is");
    this.database = new Database(plan);
    this.maintained = new Maintained(plan, this.database, this.options);
    this.questions.clear();
    this.strays = 0;
    for (const from of [this.beginning, facts])
      for (const fact of from) this.maintained.insert(fact.relation, wordsOf(this.database, fact));
    const { evaluation } = this.maintained.run();
    if (!evaluation.complete) throw new StepFault(evaluation.diagnostics);
  }

  step(received: readonly Fact[]): StepResult {
    const { maintained, database } = this;
    for (const { relation, words } of [...this.events, ...this.removals]) {
      maintained.remove(relation, words);
      this.options.onGiven?.(relation, words, false);
    }
    this.events = [];
    this.removals = [];
    const insertions = this.insertions;
    this.insertions = [];
    for (const stored of insertions) this.insert(stored);
    for (const fact of received)
      this.insert({ relation: fact.relation, words: wordsOf(database, fact) });
    const { evaluation, changes } = maintained.run();
    if (!evaluation.complete) throw new StepFault(evaluation.diagnostics);
    const changed = new Map(changes.map((change) => [change.relation, change]));
    const sent = this.sending(changed);
    const shown = this.puttingOut(changed);
    this.remember(changed);
    this.reclaim();
    return { sent, changes: shown, again: this.insertions.length + this.removals.length > 0 };
  }

  tuples(relation: number): readonly (readonly Value[])[] {
    if (this.isOnDemand(relation)) return this.matching(relation, [], []);
    const putOut = this.putOut.get(relation);
    return putOut === undefined ? tuplesIn(this.database, relation) : [...putOut.values()];
  }

  /** The tuples of a relation, after the last step, that have these values in these columns, which
   * are in ascending order. What it costs depends on what is found alone, once the same columns of
   * the relation have been asked for. Throws a `StepFault`. */
  matching(
    relation: number,
    columns: readonly number[],
    given: readonly Value[],
  ): readonly (readonly Value[])[] {
    return this.matchingAny(relation, columns, [given]);
  }

  /** The tuples of a relation that match one or more of several rows of values, each once: one
   * question costs less than many. Otherwise as `matching`. */
  matchingAny(
    relation: number,
    columns: readonly number[],
    given: readonly (readonly Value[])[],
  ): readonly (readonly Value[])[] {
    const { attributes } = this.options.plan.relations[relation] ?? { attributes: [] };
    const { values } = this.database;
    const before = values.heldBytes;
    const words = given.map((row) =>
      columns.map((column, at) =>
        values.encode(attributes[column]?.kind ?? "symbol", row[at] ?? null),
      ),
    );
    this.strays += values.heldBytes - before;
    const found = this.question(relation, columns).ask(words);
    if (!found.evaluation.complete) throw new StepFault(found.evaluation.diagnostics);
    return decoded(values, attributes, found.columns, found.size);
  }

  private question(relation: number, columns: readonly number[]): Question {
    const { question: planned } = this.options;
    const name = `${relation}:${columns.join()}`;
    const known = this.questions.get(name);
    if (known !== undefined) return known;
    assert(planned !== undefined, "the transducer can be asked");
    const question = new Question(planned(relation, columns), this.database, this.options);
    this.questions.set(name, question);
    return question;
  }

  /** Whether there is such a tuple after the last step. */
  has(fact: Fact): boolean {
    const relation = this.database.relations[fact.relation];
    return relation?.has(wordsOf(this.database, fact)) === true;
  }

  /** Whether a relation is derived when it is read: what of it there is costs an evaluation. */
  isOnDemand(relation: number): boolean {
    return this.options.onDemand?.has(relation) === true;
  }

  /** How many tuples there are of a relation. */
  size(relation: number): number {
    if (this.isOnDemand(relation)) return this.matching(relation, [], []).length;
    const putOut = this.putOut.get(relation);
    return putOut?.size ?? this.database.relations[relation]?.size ?? 0;
  }

  /** Its relations as they are until the next step. To be read alone. */
  get held(): Database {
    return this.database;
  }

  /** What was put into a relation, beside what rules derive in each step. */
  given(relation: number): { readonly columns: readonly Int32Array[]; readonly size: number } {
    return this.maintained.given(relation);
  }

  private insert(stored: Stored): void {
    const { relation, words } = stored;
    const fresh = this.maintained.insert(relation, words);
    if (fresh) this.options.onGiven?.(relation, words, true);
    if (fresh && this.options.network.roles[relation]?.kept !== true) this.events.push(stored);
  }

  private sending(changed: ReadonlyMap<number, RelationChange>): Sent[] {
    const { network } = this.options;
    const sends: Sent[] = [];
    for (const effect of network.effects) {
      if (effect.kind !== "send") continue;
      const kept = network.roles[effect.relation]?.kept === true;
      const change = changed.get(effect.of);
      // An event is sent in every step that derives it.
      const tuples = kept ? this.news(effect.of, change) : tuplesIn(this.database, effect.of);
      const before = this.sent.get(effect);
      for (const values of tuples) {
        const message = sentBy(effect, values);
        if (before !== undefined) {
          const key = `${message.to ?? "*"} ${keyOf(message)}`;
          if (before.has(key)) continue;
          before.add(key);
        }
        sends.push(message);
      }
    }
    return sends;
  }

  private puttingOut(changed: ReadonlyMap<number, RelationChange>): Change[] {
    const shown: Change[] = [];
    for (const [relation, role] of this.options.network.roles.entries()) {
      const change = changed.get(relation);
      if (!role.output || change === undefined) continue;
      const replaced = role.snapshot && change.kind !== "grown";
      const before = this.putOut.get(relation);
      if (before === undefined && this.options.unread?.(relation) === true) continue;
      let tuples: readonly (readonly Value[])[] = replaced
        ? tuplesIn(this.database, relation)
        : this.news(relation, change);
      if (before !== undefined) {
        tuples = tuples.filter((values) => !before.has(keyOf({ relation, values })));
        for (const values of tuples) before.set(keyOf({ relation, values }), values);
      }
      if (replaced || tuples.length > 0) shown.push({ relation, tuples, replaced });
    }
    return shown;
  }

  /** Gives up values that are only those of what has gone. Of a database that is given others may
   * hold words. */
  private reclaim(): void {
    const { plan, database, unshared } = this.options;
    if (database !== undefined && unshared !== true) return;
    const { relations } = plan;
    const passed = this.maintained.reclaim((live) => {
      for (const { relation, words } of [...this.events, ...this.insertions, ...this.removals])
        live.addTuple(relations[relation]?.attributes ?? [], words);
      for (const question of this.questions.values()) question.showWords(live);
    });
    if (passed) this.strays = 0;
  }

  /** Sees what the step puts into memory and takes out of it, before the next one. */
  private remember(changed: ReadonlyMap<number, RelationChange>): void {
    for (const { relation, inserts, removes } of this.memory) {
      const kept = this.options.network.roles[relation]?.kept === true;
      if (removes.length === 0 && kept) {
        for (const of of inserts)
          for (const values of this.news(of, changed.get(of))) this.insertLater(relation, values);
        continue;
      }
      // What is derived for memory has to be seen as a whole: it may come back after a removal.
      const [inserted, removed] = [inserts, removes].map(
        (from) =>
          new Map(
            from
              .flatMap((of) => tuplesIn(this.database, of))
              .map((values) => [keyOf({ relation, values }), values]),
          ),
      );
      assert(inserted !== undefined && removed !== undefined, "two maps of two lists");
      for (const [key, values] of inserted)
        if (!removed.has(key)) this.insertLater(relation, values);
      for (const [key, values] of removed)
        if (!inserted.has(key)) this.removeLater(relation, values);
    }
  }

  private insertLater(relation: number, values: readonly Value[]): void {
    const words = wordsOf(this.database, { relation, values });
    const kept = this.options.network.roles[relation]?.kept === true;
    // What rules derive is put in all the same: they may not derive it for ever.
    if (!kept || !this.maintained.isGiven(relation, words))
      this.insertions.push({ relation, words });
  }

  private removeLater(relation: number, values: readonly Value[]): void {
    const words = wordsOf(this.database, { relation, values });
    if (this.maintained.isGiven(relation, words)) this.removals.push({ relation, words });
  }

  /** The tuples that came into a relation in this step; all of them where some may have gone. */
  private news(relation: number, change: RelationChange | undefined): Value[][] {
    if (change === undefined) return [];
    if (change.kind === "replaced") return tuplesIn(this.database, relation);
    const { attributes } = this.options.plan.relations[relation] ?? { attributes: [] };
    return decoded(this.database.values, attributes, change.columns(), change.count);
  }
}

/** The relations of effects that put tuples into a relation, or take them out. */
type MemoryEffects = {
  readonly relation: number;
  readonly inserts: readonly number[];
  readonly removes: readonly number[];
};

function memoryEffects({ effects, roles }: NetworkProgram): MemoryEffects[] {
  const of = (relation: number, wanted: Effect["kind"]): number[] =>
    effects
      .filter(({ kind, relation: at }) => kind === wanted && at === relation)
      .map((effect) => effect.of);
  return roles
    .map((_, relation) => ({
      relation,
      inserts: of(relation, "insert"),
      removes: of(relation, "remove"),
    }))
    .filter(({ inserts, removes }) => inserts.length + removes.length > 0);
}
