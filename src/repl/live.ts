// The relations of a session, kept up while facts come and go; made anew when rules change.
import { isDeepStrictEqual } from "node:util";
import type { Directive, Program } from "../analysis/program.ts";
import { Database } from "../engine/database.ts";
import { Maintained } from "../engine/maintained.ts";
import type { EvaluateOptions } from "../engine/run.ts";
import type { Evaluation } from "../engine/statistics.ts";
import { networkProgram, saysNetwork } from "../plan/network.ts";
import type { Plan } from "../plan/plan.ts";
import { plan } from "../plan/program.ts";
import { explainerOf } from "../provenance/explainer-of.ts";
import type { Explainer } from "../provenance/explainer.ts";
import { ManySteps } from "../provenance/many-steps.ts";
import type { ValueKind } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";
import { type StatedFact, type FactDifference, type Session } from "./session.ts";
import type { World } from "./world.ts";

/** The tuples that an `.input` gave, as words of `values`. */
type ReadFacts = {
  readonly kinds: readonly ValueKind[];
  readonly columns: readonly Int32Array[];
  readonly count: number;
  readonly values: Values;
};

/** What was read from files, by the directive that asked for it: a change of rules does not read
 * them again. */
export type ReadInputs = Map<string, ReadFacts>;

const noWords = new Int32Array(0);

/** What holds in a session. */
export class Live {
  readonly program: Program;
  /** Of one step, where the program is one of a network. */
  readonly plan: Plan;
  /** The program speaks of other steps or nodes: one node runs it, until it is quiet. */
  readonly networked: boolean;
  /** What came of the last run. */
  evaluation: Evaluation;
  private readonly world: World;
  private readonly held: Database;
  private readonly maintained: Maintained;
  /** How a program of a network came to hold what it holds. */
  private steps: ManySteps | undefined;
  private explaining: Explainer | undefined;
  private readonly places: ReadonlyMap<string, number>;

  private constructor(program: Program, world: World, like?: Live) {
    this.program = program;
    this.world = world;
    this.networked = saysNetwork(program);
    this.plan = plan(this.networked ? networkProgram(program).step : program);
    const shared = like !== undefined && sameValues(like.plan, this.plan);
    // What nodes derive they derive by steps, and not where facts come and go.
    const kept = this.networked ? plan(withoutRules(program)) : this.plan;
    this.held = new Database(kept, shared ? { values: like.held.values } : {});
    // Facts of the text are inserted like all others: they can be removed, too.
    const rules = { ...kept, facts: [] };
    const { reclaims } = world;
    const how = { ...evaluateOptions(world), ...(reclaims && { reclaims }) };
    this.maintained = new Maintained(rules, this.held, how);
    this.evaluation = { diagnostics: [], strata: [], rules: [], complete: true };
    this.places = new Map(program.relations.map(({ name }, at) => [name, at]));
  }

  /** All that holds. */
  get database(): Database {
    return this.steps?.result ?? this.held;
  }

  /** Returns what holds in `session`, whose texts are `program`. Inputs that were not read before
   * are read; undefined where one cannot be. What a former one knows is used again. */
  static async of(
    program: Program,
    session: Session,
    read: ReadInputs,
    world: World,
    former?: Live,
  ): Promise<Live | undefined> {
    const live = new Live(program, world, former);
    for (const directive of program.directives)
      if (directive.word === "input" && !(await live.input(directive, read, world)))
        return undefined;
    for (const { relation, values } of program.facts)
      live.maintained.insert(relation, live.words(relation, values));
    const changes = [...session.facts.values()];
    const difference = {
      inserted: changes.filter(({ present }) => present).map(({ fact }) => fact),
      removed: changes.filter(({ present }) => !present).map(({ fact }) => fact),
    };
    live.apply(difference);
    return live;
  }

  /** Inserts and removes facts, and derives what follows. Facts that do not fit what is declared
   * are left out. */
  apply({ inserted, removed }: FactDifference): void {
    for (const fact of removed) this.place(fact, (at, words) => this.maintained.remove(at, words));
    for (const fact of inserted) this.place(fact, (at, words) => this.maintained.insert(at, words));
    this.evaluation = this.maintained.run().evaluation;
    this.explaining = undefined;
    if (!this.networked || !this.evaluation.complete) return;
    const steps = new ManySteps(this.stated(this.program), evaluateOptions(this.world), {
      values: this.held.values,
      given: (at) => this.given(at),
    });
    this.evaluation = steps.evaluate();
    this.steps = steps;
  }

  /** Gives up the values that nobody holds any more, if they may be many. What was read is held,
   * and nothing of what held before: no former one is used any more. */
  reclaim(read: ReadInputs): void {
    // It is made anew when something changes, and holds much until then.
    if (this.explaining !== undefined) return;
    this.maintained.reclaim((live) => {
      this.steps?.showWords(live);
      for (const { kinds, columns, count, values } of read.values())
        if (values === this.held.values)
          for (const [at, kind] of kinds.entries())
            live.addColumn(kind, columns[at] ?? noWords, count);
    });
  }

  /** What explains what holds, as long as it does. `whole` returns the program with nothing
   * inlined, if that is another. */
  explainer(whole: () => Program | undefined): Explainer | undefined {
    this.explaining ??= this.explained(whole);
    return this.explaining;
  }

  /** The place of a relation, by its name. */
  at(name: string): number | undefined {
    return this.places.get(name);
  }

  /** Whether a fact was stated, inserted or read, and not removed. */
  isGiven(fact: StatedFact): boolean {
    return this.place(fact, (at, words) => this.maintained.isGiven(at, words));
  }

  /** Whether a fact holds, maybe by rules. */
  holds(fact: StatedFact): boolean {
    return this.place(fact, (at, words) => this.database.relations[at]?.has(words) === true);
  }

  /** The facts of a relation that were stated, inserted or read. */
  given(at: number): { readonly columns: readonly Int32Array[]; readonly size: number } {
    return this.maintained.given(at);
  }

  private explained(whole: () => Program | undefined): Explainer | undefined {
    if (this.steps !== undefined) return this.steps;
    const inlines = this.program.relations.some(({ inlined }) => inlined);
    const program = inlines ? whole() : this.program;
    if (program === undefined) return undefined;
    const given = (at: number) =>
      this.given(this.places.get(program.relations[at]?.name ?? "") ?? at);
    const { values } = this.held;
    const complete = inlines ? {} : { complete: this.held };
    const how = evaluateOptions(this.world);
    const explainer = explainerOf(this.stated(program), how, { values, given, ...complete });
    return explainer.evaluate().complete ? explainer : undefined;
  }

  /** A program without the facts of its text that were taken back. */
  private stated(program: Program): Program {
    const facts = program.facts.filter(({ relation, values }) =>
      this.isGiven({ relation: program.relations[relation]?.name ?? "", values }),
    );
    return { ...program, facts };
  }

  private place(fact: StatedFact, use: (at: number, words: readonly Word[]) => boolean): boolean {
    const at = this.places.get(fact.relation);
    const attributes = at === undefined ? undefined : this.plan.relations[at]?.attributes;
    if (at === undefined || attributes?.length !== fact.values.length) return false;
    return use(at, this.words(at, fact.values));
  }

  private words(at: number, values: StatedFact["values"]): Word[] {
    const attributes = this.plan.relations[at]?.attributes ?? [];
    const encoded = this.held.values;
    return values.map((value, column) =>
      encoded.encode(attributes[column]?.kind ?? "number", value),
    );
  }

  private async input(directive: Directive, read: ReadInputs, world: World): Promise<boolean> {
    const { relation: at, parameters } = directive;
    const relation = this.plan.relations[at];
    if (relation === undefined) return true;
    const kinds = relation.attributes.map(({ kind }) => kind);
    const key = JSON.stringify([relation.name, [...parameters], kinds]);
    let facts = read.get(key);
    if (facts === undefined) {
      const { values } = this.held;
      const aside = new Database(this.plan, { values });
      if (!(await world.readInputs({ ...this.program, directives: [directive] }, aside)))
        return false;
      const stored = aside.relation(at);
      const columns = kinds.map((_, column) => stored?.column(column).slice() ?? noWords);
      facts = { kinds, columns, count: stored?.size ?? 0, values };
      read.set(key, facts);
    }
    const { columns, count, values } = facts;
    const own = this.held.values;
    const words =
      values === own
        ? columns
        : kinds.map((kind, place) =>
            (columns[place] ?? noWords).map((word) => own.encode(kind, values.decode(kind, word))),
          );
    this.maintained.append(at, words, count);
    return true;
  }
}

/** How a session evaluates. */
export function evaluateOptions(world: World): EvaluateOptions {
  const { limits, functors } = world;
  return { limits, functors, clock: () => world.nowMs() };
}

/** A program whose relations hold what is put in, and nothing else. */
function withoutRules(program: Program): Program {
  const strata = program.strata.map((stratum) => ({ ...stratum, rules: [], recursive: false }));
  return { ...program, rules: [], strata };
}

function sameValues(a: Plan, b: Plan): boolean {
  return a.domain === b.domain && isDeepStrictEqual(a.structures, b.structures);
}
