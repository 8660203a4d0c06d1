import type { NodeService } from "../node-service.ts";
import { presentNames } from "../../transducer/membership.ts";
import { inOrder, type OrderedMember } from "../../calvin/members.ts";
import type { MemberState } from "./member-calls.ts";
import { type Layout, type Place, placeText } from "./place.ts";

/** What is known of the other members of the ordered plane: who they are, and how they stand. */
export class OrderedMembers {
  private readonly service: NodeService;
  private readonly layout: Layout;
  private readonly named: () => readonly OrderedMember[];
  private readonly states = new Map<string, MemberState>();

  /** `named` are the members as the log names them; none while it is empty. */
  constructor(service: NodeService, layout: Layout, named: () => readonly OrderedMember[]) {
    this.service = service;
    this.layout = layout;
    this.named = named;
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

  /** Where a node is; undefined where it has not said. */
  placeOf(name: string): Place | undefined {
    return name === this.service.name ? this.layout.place : this.states.get(name)?.place;
  }

  /** Whether the log names a node. */
  isNamed(name: string): boolean {
    return this.named().some((of) => of.name === name);
  }

  /** Whether the log names this node: not after it was removed, nor before it is added. */
  get takesPart(): boolean {
    return this.named().length === 0 || this.isNamed(this.service.name);
  }

  /** Takes in how a member stands. Returns what is wrong with where it says that it is. */
  learn(name: string, state: MemberState): string | undefined {
    const { partitions, replicas, place } = this.layout;
    this.states.set(name, state);
    if (state.partitions !== partitions || state.replicas !== replicas)
      return `node ${name} has ${state.partitions} partitions and ${state.replicas} replicas, and \
this one ${partitions} and ${replicas}: start all with the same --partitions and --replicas`;
    // Who was removed, or is not a member yet, does not end one who is.
    const concerns = this.isNamed(name) || !this.isNamed(this.service.name);
    if (concerns && placeText(state.place) === placeText(place))
      return `node ${name} and this one are both at place ${placeText(place)}: give each its own \
with --place REPLICA/PARTITION`;
    return undefined;
  }

  /** The member at a place; undefined where none has said so. */
  at(place: Place): string | undefined {
    const text = placeText(place);
    return this.present.find(([, state]) => placeText(state.place) === text)?.[0];
  }

  /** The members that have a partition: that of this replica first. */
  ofPartition(partition: number): string[] {
    const { replica } = this.layout.place;
    return this.present
      .filter(([name, { place }]) => place.partition === partition && name !== this.service.name)
      .toSorted(([a, one], [b, other]) => {
        const near = (of: MemberState): number => (of.place.replica === replica ? 0 : 1);
        return near(one) - near(other) || (a < b ? -1 : 1);
      })
      .map(([name]) => name);
  }

  /** Those who have said how they stand and whom the log names; all while it names none. */
  private get present(): (readonly [string, MemberState])[] {
    const states = [...this.states];
    return this.named().length === 0 ? states : states.filter(([name]) => this.isNamed(name));
  }
}
