import type { Fact } from "./fact.ts";
import type { Model, NodeState } from "./model.ts";
import type { Change } from "./protocol.ts";
import type { StepResult, Transducer } from "./transducer.ts";

/** A transducer that evaluates all there is in each step, as the definition has it: slow, and right
 * by definition. */
export class ModelTransducer implements Transducer {
  private readonly model: Model;
  private state: NodeState;

  /** `members` are the declared nodes, of which `name` is this one. */
  constructor(model: Model, name: string, members: readonly string[]) {
    this.model = model;
    this.state = model.start(name, members, []);
  }

  step(received: readonly Fact[]): StepResult {
    const { state, sent, output } = this.model.step(this.state, received);
    const { roles } = this.model.network;
    const stays = ({ relation }: Fact): boolean => roles[relation]?.kept === true;
    const before = this.state.kept.filter(stays).merge(this.model.keptOf(received));
    // An event that is to come needs a step to be there in.
    const again = !state.kept.equals(before);
    this.state = state;
    const byRelation = new Map<number, Fact["values"][]>();
    for (const { relation, values } of output)
      byRelation.set(relation, [...(byRelation.get(relation) ?? []), values]);
    const changes = [...byRelation].map(([relation, tuples]): Change => ({
      relation,
      tuples,
      replaced: false,
    }));
    return { sent, changes, again };
  }

  tuples(relation: number): readonly Fact["values"][] {
    const { kept, output } = this.state;
    const facts = this.model.network.roles[relation]?.output === true ? output : kept;
    return this.model.factsOf(facts, relation).map(({ values }) => values);
  }
}
