// Members that come and go in a simulation. What an operator wants of a node is asked until it is
// done: nodes may be down, and what they have not written they forget.
import {
  admission,
  farewell,
  type Member,
  type Members,
  newsOf,
} from "../transducer/membership.ts";
import type { Node } from "../transducer/node.ts";
import type { NodeInput } from "../transducer/protocol.ts";
import type { Checker } from "./checker.ts";
import type { Machine } from "./machine.ts";
import type { Requests } from "./requests.ts";
import type { MemberFault, Schedule } from "./schedule.ts";

/** What members coming and going need of the world. */
export type World = {
  readonly machines: ReadonlyMap<string, Machine>;
  readonly requests: Requests;
  readonly checker: Checker;
  /** Those that do not run, and do not begin by themselves. */
  readonly dead: Set<string>;
  readonly give: (machine: Machine, input: NodeInput) => void;
  readonly start: (machine: Machine) => void;
  readonly stop: (machine: Machine) => void;
  readonly say: (line: () => string) => void;
};

/** The members of a network that come and go. */
export class Comings {
  /** Who is a member from the start; undefined where that never changes. */
  readonly founders: Members | undefined;
  private readonly world: World;
  /** What is not done yet, the first that was wanted of a node first. */
  private readonly wanted: MemberFault[] = [];
  /** Nodes that take no more facts. */
  private readonly leaving = new Set<string>();
  private readonly left: number;

  constructor({ names, faults }: Schedule, world: World) {
    this.world = world;
    const changes = faults.filter(isMemberFault);
    this.left = changes.length;
    const late = new Set<string>();
    for (const name of names)
      if (changes.find(({ node }) => node === name)?.kind === "join") late.add(name);
    for (const name of late) world.dead.add(name);
    const founders = names.filter((name) => !late.has(name));
    this.founders = changes.length === 0 ? undefined : membersOf(founders);
  }

  /** What a node is told of members whenever it starts. */
  given(name: string): Members {
    return this.founders?.has(name) === true ? this.founders : membersOf([name]);
  }

  /** Whether a client may send a node facts, now or later. */
  takes({ faults }: Schedule, name: string): boolean {
    const last = faults.findLast((fault) => isMemberFault(fault) && fault.node === name);
    return last?.kind === "join" || !(this.world.dead.has(name) || this.leaving.has(name));
  }

  /** Whether a node takes facts of clients now. */
  open(name: string): boolean {
    return !this.leaving.has(name);
  }

  /** Whether two nodes take each other for members. */
  linked(a: Node, b: Node, names: readonly [string, string]): boolean {
    const [one, other] = names;
    const knows = (node: Node, name: string): boolean =>
      node.peers().some((peer) => peer.name === name);
    return knows(a, other) && knows(b, one);
  }

  want(fault: MemberFault): void {
    this.wanted.push(fault);
    if (fault.kind === "leave") this.leaving.add(fault.node);
    if (fault.kind === "forget") {
      const machine = this.machine(fault.node);
      if (machine.node !== undefined) this.world.stop(machine);
      this.world.dead.add(fault.node);
    }
  }

  /** Does what can be done; returns whether anything is left. */
  pursue(): boolean {
    for (const fault of [...this.wanted]) {
      const first = this.wanted.find(({ node }) => node === fault.node);
      if (first !== fault || !this.attempt(fault)) continue;
      this.wanted.splice(this.wanted.indexOf(fault), 1);
      this.world.say(() => `${fault.node} is done with: ${fault.kind}`);
    }
    return this.wanted.length > 0;
  }

  /** What keeps the network from having come to rest: something is not done yet, or not all know
   * the same of who the members are. */
  get pending(): string | undefined {
    const [fault] = this.wanted;
    if (fault !== undefined) return `${fault.node} waits: ${fault.kind}`;
    const [first, ...others] = this.others("");
    const members = first?.node?.members ?? new Map<string, Member>();
    const other = others.find(({ node }) => newsOf(node?.members ?? new Map(), members).size > 0);
    return other && `${other.name} does not know all that ${first?.name ?? ""} does of members`;
  }

  /** Whether members come and go at all. */
  get any(): boolean {
    return this.left > 0;
  }

  private attempt(fault: MemberFault): boolean {
    switch (fault.kind) {
      case "join":
        return this.join(this.machine(fault.node), this.machine(fault.by));
      case "leave":
        return this.leave(this.machine(fault.node));
      case "forget":
        return this.forget(fault.node, this.machine(fault.by));
    }
  }

  private join(machine: Machine, by: Machine): boolean {
    const { world } = this;
    const { name } = machine;
    const known = by.node?.members;
    if (known === undefined) return false;
    if (known.get(name)?.status !== "member") {
      world.give(by, { kind: "members", members: admission(known, name, {}) });
      return false;
    }
    this.leaving.delete(name);
    if (world.dead.delete(name)) world.start(machine);
    if (machine.node === undefined) return false;
    const own = machine.node.members.get(name);
    if (own?.epoch === known.get(name)?.epoch && own?.status === "member") return true;
    world.give(machine, { kind: "members", members: known });
    return false;
  }

  private leave(machine: Machine): boolean {
    const { world } = this;
    const { name, node, disk } = machine;
    if (node === undefined) return false;
    if (node.members.get(name)?.status === "member") {
      if (node.handedOver && disk.allDurable)
        world.give(machine, { kind: "members", members: farewell(node.members, name, "left") });
      return false;
    }
    // Those who know refuse it, and it hears so.
    const known = [...world.machines.values()].some((other) => {
      return other !== machine && other.node?.members.get(name)?.status === "left";
    });
    if (!known) return false;
    world.stop(machine);
    world.dead.add(name);
    for (const request of world.requests.depart(name, this.others(name)))
      world.checker.check("handed-over", false, () => `${name} left, and nobody has ${request}`);
    world.checker.check("handed-over", true, () => "");
    return true;
  }

  private forget(name: string, by: Machine): boolean {
    const known = by.node?.members;
    if (known === undefined) return false;
    if (known.get(name)?.status === "member") {
      const members = farewell(known, name, "forgotten");
      this.world.give(by, { kind: "members", members });
      return false;
    }
    this.world.requests.depart(name, this.others(name));
    return true;
  }

  private others(name: string): Machine[] {
    return [...this.world.machines.values()].filter(
      (other) => other.name !== name && !this.world.dead.has(other.name),
    );
  }

  private machine(name: string): Machine {
    const machine = this.world.machines.get(name);
    if (machine === undefined) throw new Error(`${name} is a node`);
    return machine;
  }
}

/** Whether a fault is that a member comes or goes. */
export function isMemberFault<T extends { readonly kind: string }>(
  fault: T,
): fault is T & MemberFault {
  return fault.kind === "join" || fault.kind === "leave" || fault.kind === "forget";
}

function membersOf(names: readonly string[]): Members {
  return new Map(names.map((name): [string, Member] => [name, { epoch: 0, status: "member" }]));
}
