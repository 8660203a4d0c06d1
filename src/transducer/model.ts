// The relational transducer of the paper, executable: one node's state and its transitions, as
// values. Nothing is remembered between steps but the state, and each step evaluates the program on
// all that there is. It is what the node that works incrementally is compared with, and what
// explorations of all interleavings run on.
// Ameloot, Neven, Van den Bussche, "Relational transducers for declarative networking" (PODS 2011),
// section 3.
import { Map as ImmutableMap, Record, Set as ImmutableSet } from "immutable";
import { assert } from "../base/assert.ts";
import type { Backend } from "../codegen/backend.ts";
import { Database } from "../engine/database.ts";
import { evaluate } from "../engine/evaluate.ts";
import type { Limits } from "../engine/limit.ts";
import type { NetworkProgram } from "../plan/network.ts";
import type { Plan } from "../plan/plan.ts";
import type { Value } from "../value/schema.ts";
import type { Implementations } from "../value/user-functor.ts";
import { type Fact, keyOf, type Sent } from "./fact.ts";
import { insertFact, tuplesIn } from "./stored.ts";
import { sentBy, StepFault } from "./transducer.ts";

/** Facts by their keys; equal facts of one model are the same object. */
export type FactMap = ImmutableMap<string, Fact>;

/** What a node knows between steps. States are equal where their facts are. */
export type NodeState = Record<NodeStateFields> & Readonly<NodeStateFields>;

type NodeStateFields = {
  /** Inputs, memory, messages that were kept, and the system relations. */
  readonly kept: FactMap;
  /** All that was ever put out; of lattice rows the present ones. */
  readonly output: FactMap;
  /** What was sent of kept relations, with its destination: it is not sent again. */
  readonly sent: ImmutableSet<string>;
};

/** What a transition gives: the next state, what is sent, and what was put out for the first
 * time. */
export type Transition = {
  readonly state: NodeState;
  readonly sent: readonly Sent[];
  readonly output: readonly Fact[];
};

/** What a model runs: a network's program, and the plan of its step. */
export type ModelOptions = {
  readonly network: NetworkProgram;
  readonly plan: Plan;
  readonly backend?: Backend;
  readonly limits?: Limits;
  readonly functors?: Implementations;
};

const emptyState = Record<NodeStateFields>({
  kept: ImmutableMap(),
  output: ImmutableMap(),
  sent: ImmutableSet(),
});

/** The transitions of the nodes that run one program. */
export class Model {
  readonly network: NetworkProgram;
  private readonly options: ModelOptions;
  private readonly facts = new Map<string, Fact>();

  constructor(options: ModelOptions) {
    this.options = options;
    this.network = options.network;
  }

  /** The state in which a node starts: it knows itself, the declared members, and its share of the
   * input. */
  start(id: string, members: readonly string[], input: readonly Fact[]): NodeState {
    const system = this.network.roles.flatMap(({ system: of }, relation): Fact[] => {
      if (of === undefined) return [];
      const names = of === "Id" ? [id] : members;
      return names.map((name) => ({ relation, values: [name] }));
    });
    for (const { relation } of input)
      assert(this.network.roles[relation]?.input === true, "what a node is given is input");
    return emptyState({ kept: this.keyed([...system, ...this.network.initial, ...input]) });
  }

  /** The transition of a node that receives these facts: a heartbeat where there are none, the
   * delivery of a message, or the arrival of input. Throws a `StepFault`. */
  step(state: NodeState, received: readonly Fact[]): Transition {
    const present = state.kept.merge(this.keyed(received));
    const derived = this.evaluated(present);
    const { sent, sends } = this.sending(state.sent, derived);
    const { output, fresh } = this.puttingOut(state.output, derived);
    const kept = this.remembering(present, derived);
    return { state: state.merge({ kept, output, sent }), sent: sends, output: fresh };
  }

  /** The facts of a state that are in a relation, in the order of their texts. */
  factsOf(facts: FactMap, relation: number): readonly Fact[] {
    return [
      ...facts
        .filter((fact) => fact.relation === relation)
        .sortBy(keyOf)
        .values(),
    ];
  }

  /** Of some facts those that a node keeps, by their keys. */
  keptOf(facts: readonly Fact[]): FactMap {
    return this.keyed(facts.filter(({ relation }) => this.network.roles[relation]?.kept === true));
  }

  /** The facts as one relation holds them: of lattice rows with the same key, the least row above
   * them. */
  joined(facts: Iterable<Fact>): FactMap {
    const { plan, functors } = this.options;
    const database = new Database(plan);
    const relations = new Set<number>();
    for (const fact of facts) {
      insertFact(database, fact);
      relations.add(fact.relation);
    }
    const ruleless: Plan = {
      ...{ ...plan, facts: [] },
      stratum: (at, sizes) => ({ ...plan.stratum(at, sizes), once: [], rounds: [] }),
    };
    const { complete, diagnostics } = evaluate(ruleless, database, {
      ...(functors && { functors }),
    });
    if (!complete) throw new StepFault(diagnostics);
    return this.keyed(
      [...relations].flatMap((relation) =>
        tuplesIn(database, relation).map((values) => ({ relation, values })),
      ),
    );
  }

  /** Whether a relation has one row for each key, which grows. */
  hasLattice(relation: number): boolean {
    return this.options.plan.relations[relation]?.lattices !== undefined;
  }

  private sending(
    before: ImmutableSet<string>,
    derived: Derived,
  ): { readonly sent: ImmutableSet<string>; readonly sends: readonly Sent[] } {
    const sends: Sent[] = [];
    const sent = before.withMutations((known) => {
      for (const effect of this.network.effects) {
        if (effect.kind !== "send") continue;
        for (const values of derived(effect.of)) {
          const message = sentBy(effect, values);
          const key = `${message.to ?? "*"} ${keyOf(message)}`;
          if (this.network.roles[effect.relation]?.kept === true) {
            if (known.has(key)) continue;
            known.add(key);
          }
          sends.push(message);
        }
      }
    });
    return { sent, sends };
  }

  private puttingOut(
    before: FactMap,
    derived: Derived,
  ): { readonly output: FactMap; readonly fresh: readonly Fact[] } {
    const fresh: Fact[] = [];
    let output = before;
    for (const [relation, role] of this.network.roles.entries()) {
      if (!role.output) continue;
      // A lattice row takes the place of the one that it has grown from.
      if (this.hasLattice(relation)) output = output.filter((fact) => fact.relation !== relation);
      for (const values of derived(relation)) {
        const fact = this.interned({ relation, values });
        if (!before.has(keyOf(fact))) fresh.push(fact);
        output = output.set(keyOf(fact), fact);
      }
    }
    return { output, fresh };
  }

  private remembering(present: FactMap, derived: Derived): FactMap {
    const { roles, effects } = this.network;
    const changes = (kind: "insert" | "remove"): FactMap =>
      this.keyed(
        effects.flatMap((effect) =>
          effect.kind === kind
            ? [...derived(effect.of)].map((values) => ({ relation: effect.relation, values }))
            : [],
        ),
      );
    const [inserted, removed] = [changes("insert"), changes("remove")];
    return present
      .filter((fact, key) => {
        const goes = removed.has(key) && !inserted.has(key);
        return roles[fact.relation]?.kept === true && !goes;
      })
      .merge(inserted.filterNot((_, key) => removed.has(key)));
  }

  /** Evaluates one step; what it gives is read before the next. */
  private evaluated(present: FactMap): Derived {
    const { plan, backend, limits, functors } = this.options;
    const database = new Database(plan);
    for (const fact of present.values()) insertFact(database, fact);
    const { complete, diagnostics } = evaluate(plan, database, {
      ...(backend && { backend }),
      ...(limits && { limits }),
      ...(functors && { functors }),
    });
    if (!complete) throw new StepFault(diagnostics);
    return (at) => tuplesIn(database, at);
  }

  /** Facts by their keys. */
  keyed(facts: Iterable<Fact>): FactMap {
    return ImmutableMap(Array.from(facts, (fact) => [keyOf(fact), this.interned(fact)] as const));
  }

  /** The one object that stands for a fact in this model's states. */
  interned({ relation, values }: Fact): Fact {
    const key = keyOf({ relation, values });
    const known = this.facts.get(key);
    if (known !== undefined) return known;
    const fact = { relation, values };
    this.facts.set(key, fact);
    return fact;
  }
}

/** The tuples of a relation of the step's program. */
type Derived = (at: number) => readonly (readonly Value[])[];
