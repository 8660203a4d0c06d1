// The relations of a session, kept up while facts come and go; made anew when rules change.
import { isDeepStrictEqual } from "node:util";
import type { Directive, Program } from "../analysis/program.ts";
import { Database } from "../engine/database.ts";
import { Maintained } from "../engine/maintained.ts";
import type { EvaluateOptions } from "../engine/run.ts";
import type { Evaluation } from "../engine/statistics.ts";
import { saysNetwork } from "../plan/network.ts";
import type { Plan } from "../plan/plan.ts";
import { plan } from "../plan/program.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";
import { type StatedFact, type FactDifference, type Session } from "./session.ts";
import { Refusal, type World } from "./world.ts";

/** The tuples that an `.input` gave, as words of `values`. */
type ReadFacts = {
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
  readonly plan: Plan;
  readonly database: Database;
  /** The program speaks of other steps or nodes: it is not evaluated here. */
  readonly networked: boolean;
  /** What came of the last run. */
  evaluation: Evaluation;
  private readonly maintained: Maintained;
  private readonly places: ReadonlyMap<string, number>;

  private constructor(program: Program, world: World, like?: Live) {
    this.program = program;
    this.plan = plan(program);
    const shared = like !== undefined && sameValues(like.plan, this.plan);
    this.database = new Database(this.plan, shared ? { values: like.database.values } : {});
    this.networked = saysNetwork(program);
    // Facts of the text are inserted like all others: they can be removed, too.
    const rules = { ...this.plan, facts: [] };
    this.maintained = new Maintained(rules, this.database, evaluateOptions(world));
    this.evaluation = { diagnostics: [], strata: [], rules: [], complete: true };
    this.places = new Map(program.relations.map(({ name }, at) => [name, at]));
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
    if (live.networked) return live;
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
    return this.place(fact, (at, words) => this.database.relation(at)?.has(words) === true);
  }

  /** The facts of a relation that were stated, inserted or read. */
  given(at: number): { readonly columns: readonly Int32Array[]; readonly size: number } {
    return this.maintained.given(at);
  }

  private place(fact: StatedFact, use: (at: number, words: readonly Word[]) => boolean): boolean {
    const at = this.places.get(fact.relation);
    const attributes = at === undefined ? undefined : this.plan.relations[at]?.attributes;
    if (at === undefined || attributes?.length !== fact.values.length) return false;
    return use(at, this.words(at, fact.values));
  }

  private words(at: number, values: StatedFact["values"]): Word[] {
    const attributes = this.plan.relations[at]?.attributes ?? [];
    const encoded = this.database.values;
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
      const { values } = this.database;
      const aside = new Database(this.plan, { values });
      if (!(await world.readInputs({ ...this.program, directives: [directive] }, aside)))
        return false;
      const stored = aside.relation(at);
      const columns = kinds.map((_, column) => stored?.column(column).slice() ?? noWords);
      facts = { columns, count: stored?.size ?? 0, values };
      read.set(key, facts);
    }
    const { columns, count, values } = facts;
    const own = this.database.values;
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

/** Says why nothing is evaluated, where that is so. */
export function refuseNetwork({ networked }: Live): void {
  if (!networked) return;
  const hint = "`calm run` evaluates it as one node, `calm sim` as several; `.calm` checks it here";
  throw new Refusal("the program is one of a network, which is not evaluated here", hint);
}

function sameValues(a: Plan, b: Plan): boolean {
  return a.domain === b.domain && isDeepStrictEqual(a.structures, b.structures);
}
