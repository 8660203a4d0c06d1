// Explains what a program of a network gives at one node alone: in each step it computes on what is
// there, and what is there came from the rules of earlier steps.
import type { Fact, Program } from "../analysis/program.ts";
import { Database } from "../engine/database.ts";
import type { Evaluation } from "../engine/statistics.ts";
import { type Effect, type NetworkProgram, networkProgram } from "../plan/network.ts";
import type { Plan } from "../plan/plan.ts";
import { plan } from "../plan/program.ts";
import { evaluateAlone } from "../transducer/alone.ts";
import { tuplesIn, wordsOf } from "../transducer/stored.ts";
import type { LiveWords } from "../value/live-words.ts";
import type { Value } from "../value/schema.ts";
import { Completed, type Holding } from "./completed.ts";
import type { Explainer, ExplainerOptions } from "./explainer.ts";
import { Journal } from "./journal.ts";
import type { Derivation, Proof, ProofLimits, Tuple } from "./proof.ts";
import { proofsOf } from "./prover.ts";
import { withParts } from "./with-parts.ts";
import { holds } from "./stored-tuples.ts";
import { asWritten } from "./written.ts";
import { type Absence, type AbsenceLimits, whyNone } from "./why-not.ts";

/** So many steps are held complete at a time. */
const stepsHeldMax = 8;

/** What explains a program of a network, run by one node until it is quiet. */
export class ManySteps implements Explainer {
  readonly program: Program;
  readonly inputs: Program;
  readonly database: Database;
  private readonly options: ExplainerOptions;
  private readonly network: NetworkProgram;
  private readonly plan: Plan;
  private readonly journal: Journal;
  private ended: Database;
  private readonly completed = new Map<number, Completed>();

  /** What is held of memory and events is there in the first step, as if the text stated it. */
  constructor(program: Program, options: ExplainerOptions, holding?: Holding) {
    this.options = options;
    const network = networkProgram(program);
    const { step } = network;
    this.inputs = step;
    this.plan = plan(step);
    this.program = asWritten(program, step);
    this.database = new Database(this.plan, holding ? { values: holding.values } : {});
    const initial = holding === undefined ? network.initial : this.put(program, holding);
    this.network = { ...network, initial };
    this.ended = this.database;
    this.journal = new Journal(this.database);
  }

  /** What the last step holds, and all that was ever put out. */
  get result(): Database {
    return this.ended;
  }

  /** Shows the words that it holds. What it has worked out of single steps it forgets. */
  showWords(live: LiveWords): void {
    for (const { relations } of [this.database, this.ended])
      for (const relation of relations) relation.showWords(live);
    this.journal.showWords(live);
    this.completed.clear();
  }

  evaluate(): Evaluation {
    const { evaluation, database } = this.run((step, sentIn) => {
      this.journal.begin(step, sentIn);
    }, this.journal);
    this.ended = database;
    return evaluation;
  }

  first(
    relation: number,
    fits: (values: readonly Value[]) => boolean,
    max: number,
  ): readonly Tuple[] {
    return tuplesIn(this.ended, relation)
      .filter(fits)
      .slice(0, max)
      .map((values) => ({ relation, values }));
  }

  holds(tuple: Tuple): boolean {
    return this.ended.relations[tuple.relation]!.has(wordsOf(this.ended, tuple));
  }

  proofs(tuple: Tuple, limits: ProofLimits): readonly Proof[] {
    const step = this.firstStepOf(tuple);
    if (step === undefined) return [];
    const proofs = this.proofsIn(step, tuple, limits, new Map());
    return proofs.map((proof) =>
      proof.derivation.kind === "arrival" ? proof : { ...proof, step: shown(step) },
    );
  }

  absence(tuple: Tuple, limits: AbsenceLimits = {}): Absence | undefined {
    if (this.holds(tuple)) return undefined;
    const { last } = this.journal;
    const completed = this.completedIn(last);
    const { functors = {} } = this.options;
    const words = wordsOf(this.ended, tuple);
    const heads = (relation: number) => this.effectsOn(relation);
    const own = whyNone(completed, tuple.relation, words, functors, limits, heads);
    const kept = this.network.roles[tuple.relation]?.kept === true;
    // Its number is that of the step before, as people count.
    const removedIn = this.journal.removal(tuple.relation, words);
    return kept && removedIn !== undefined ? { ...own, removedIn } : own;
  }

  /** Puts in what is held of inputs; returns what is held of memory and events. */
  private put({ relations }: Program, holding: Holding): Fact[] {
    const initial: Fact[] = [];
    for (const [relation, { place = {}, attributes, span }] of relations.entries()) {
      const { columns, size } = holding.given(relation);
      if (place.memory !== true && place.event !== true) {
        this.database.relations[relation]!.append(columns, size);
        continue;
      }
      for (let row = 0; row < size; row++) {
        const tuple = columns.map((column, at) =>
          holding.values.decode(attributes[at]!.kind, column[row]!),
        );
        initial.push({ relation, values: tuple, span });
      }
    }
    return initial;
  }

  /** The proofs of what holds in a step, with those of what came from earlier ones. */
  private proofsIn(
    step: number,
    tuple: Tuple,
    limits: ProofLimits,
    arrivals: Arrivals,
  ): readonly Proof[] {
    const { functors = {} } = this.options;
    const proofs = proofsOf(this.completedIn(step), tuple, limits, functors);
    const done = new Map<Proof, Proof>();
    return proofs.map((proof) => this.traced(proof, { step, left: limits.depth }, arrivals, done));
  }

  /** A proof with what is given in its step traced to where that came from. */
  private traced(proof: Proof, at: Moment, arrivals: Arrivals, done: Map<Proof, Proof>): Proof {
    const known = done.get(proof);
    if (known !== undefined) return known;
    // Where values add to each other in a circle it is met again below itself.
    done.set(proof, proof);
    const below = { step: at.step, left: at.left - 1 };
    const derivation =
      proof.derivation.kind === "given"
        ? this.arrival(proof.tuple, at, arrivals)
        : withParts(proof.derivation, (part) => this.traced(part, below, arrivals, done));
    // What a step finds is no higher for it, but the proof of what it finds is.
    const traced = { ...proof, derivation, height: undefined };
    done.set(proof, traced);
    return traced;
  }

  /** Where a tuple came from that a step finds. */
  private arrival(tuple: Tuple, { step, left }: Moment, arrivals: Arrivals): Derivation {
    const { relation } = tuple;
    const words = wordsOf(this.database, tuple);
    const arrived = this.journal.arrival(relation, words, step);
    if (arrived === undefined || arrived === 0) return { kind: "given" };
    const key = `${arrived} ${relation}:${words.join()}`;
    const known = arrivals.get(key);
    if (known !== undefined) return known;
    const sentIn = this.journal.sentIn(arrived);
    for (const { kind, of, located } of this.effectsOn(relation)) {
      const from = kind === "send" ? sentIn : arrived - 1;
      if (from === undefined) continue;
      const completed = this.completedIn(from);
      const tuples = located ? locatedIn(completed, of, tuple) : [{ ...tuple, relation: of }];
      const effect = tuples.find((one) => holds(completed, one));
      if (effect === undefined) continue;
      const arrival = { kind: "arrival", step: shown(from), sent: kind === "send" } as const;
      const [earlier] =
        left > 0 ? this.proofsIn(from, effect, { depth: left }, arrivals) : [undefined];
      const derivation = { ...arrival, earlier };
      arrivals.set(key, derivation);
      return derivation;
    }
    return { kind: "given" };
  }

  private effectsOn(relation: number): readonly {
    readonly kind: Effect["kind"];
    readonly of: number;
    readonly located: boolean;
  }[] {
    return this.network.effects
      .filter((effect) => effect.relation === relation && effect.kind !== "remove")
      .filter((effect) => effect.of !== relation)
      .map((effect) => ({ ...effect, located: effect.kind === "send" && effect.located }));
  }

  /** The first step after which a tuple is there. */
  private firstStepOf(tuple: Tuple): number | undefined {
    if (!this.holds(tuple)) return undefined;
    let found: number | undefined;
    this.run((step, _, database) => {
      if (found !== undefined || step === 0) return;
      if (database.relations[tuple.relation]!.has(wordsOf(database, tuple))) found = step - 1;
    });
    return found ?? this.journal.last;
  }

  private run(
    onStep: (step: number, sentIn: number | undefined, database: Database) => void,
    journal?: Journal,
  ): { readonly evaluation: Evaluation; readonly database: Database } {
    const { network, options } = this;
    const { values } = this.database;
    const database = new Database(this.plan, { values });
    for (const [at, relation] of this.database.relations.entries())
      database.relations[at]!.append(
        relation.schema.attributes.map((_, column) => relation.column(column)),
        relation.size,
      );
    const evaluation = evaluateAlone(database, {
      ...{ ...options, network, plan: this.plan },
      onStep: (step, sentIn) => {
        onStep(step, sentIn, database);
      },
      onGiven: journal && ((...noted) => journal.note(...noted)),
    });
    return { evaluation, database };
  }

  /** What a step computes, from what was there before it. */
  private completedIn(step: number): Completed {
    const known = this.completed.get(step);
    if (known !== undefined) return known;
    const { functors, limits } = this.options;
    const { values } = this.database;
    const given = this.journal.givenIn(step);
    const how = { ...(functors && { functors }), ...(limits && { limits }) };
    const completed = new Completed(this.network.step, how, { values, given });
    completed.evaluate();
    const [oldest] = this.completed.keys();
    if (this.completed.size >= stepsHeldMax && oldest !== undefined) this.completed.delete(oldest);
    this.completed.set(step, completed);
    return completed;
  }
}

/** A step, and how much of a proof may still be shown below. */
type Moment = { readonly step: number; readonly left: number };

/** Where tuples came from that are given in a step, by that step and what names them. */
type Arrivals = Map<string, Derivation>;

/** The number of a step as people count. */
function shown(step: number): number {
  return step + 1;
}

/** The tuples that send this one somewhere. */
function locatedIn({ database }: Completed, of: number, { values }: Tuple): readonly Tuple[] {
  const names = new Set(tuplesIn(database, of).map(([name]) => name ?? null));
  return [...names].map((name) => ({ relation: of, values: [name, ...values] }));
}
