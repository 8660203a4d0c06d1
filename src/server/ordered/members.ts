import type { NodeService } from "../node-service.ts";
import { presentNames } from "../../transducer/membership.ts";
import { inOrder, type OrderedMember } from "../../calvin/members.ts";
import type { MemberState } from "./member-calls.ts";
import { type Layout, type Place, placeText } from "./place.ts";

/** What is known of the other members of the ordered plane: who they are, and how they stand. */
export class OrderedMembers {
  private readonly service: NodeService;
  private readonly layout: Layout;
  private readonly states = new Map<string, MemberState>();

  constructor(service: NodeService, layout: Layout) {
    this.service = service;
    this.layout = layout;
  }

  /** The names of all members of the network, this one included, in their order. */
  get names(): string[] {
    return presentNames(this.service.node.members).toSorted();
  }

  /** The names of the others. */
  get others(): string[] {
    return this.names.filter((name) => name !== this.service.name);
  }

  /** The members at all places of the layout; undefined while some have not said where they are. */
  get all(): readonly OrderedMember[] | undefined {
    const { partitions, replicas, place } = this.layout;
    const own = { name: this.service.name, ...place };
    const others = [...this.states].map(([name, state]) => ({ name, ...state.place }));
    const all = inOrder([own, ...others]);
    return all.length === partitions * replicas ? all : undefined;
  }

  /** How a member stood last; undefined where it has not said. */
  state(name: string): MemberState | undefined {
    return this.states.get(name);
  }

  /** Takes in how a member stands. Returns what is wrong with where it says that it is. */
  learn(name: string, state: MemberState): string | undefined {
    const { partitions, replicas, place } = this.layout;
    this.states.set(name, state);
    if (state.partitions !== partitions || state.replicas !== replicas)
      return `node ${name} has ${state.partitions} partitions and ${state.replicas} replicas, and \
this one ${partitions} and ${replicas}: start all with the same --partitions and --replicas`;
    if (placeText(state.place) === placeText(place))
      return `node ${name} and this one are both at place ${placeText(place)}: give each its own \
with --place REPLICA/PARTITION`;
    return undefined;
  }

  /** The member at a place; undefined where none has said so. */
  at(place: Place): string | undefined {
    const text = placeText(place);
    return [...this.states].find(([, state]) => placeText(state.place) === text)?.[0];
  }

  /** The members that have a partition: that of this replica first. */
  ofPartition(partition: number): string[] {
    const { replica } = this.layout.place;
    return [...this.states]
      .filter(([name, { place }]) => place.partition === partition && name !== this.service.name)
      .toSorted(([a, one], [b, other]) => {
        const near = (of: MemberState): number => (of.place.replica === replica ? 0 : 1);
        return near(one) - near(other) || (a < b ? -1 : 1);
      })
      .map(([name]) => name);
  }
}
