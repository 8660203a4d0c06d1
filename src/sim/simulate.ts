// A network of nodes in a world that is all decided: clients, links, disks and time. What happens
// is a function of the program and the schedule.
// It is one long file because whatever happens, to a node, a wire or a disk, plans what happens
// next on the one agenda; what decides, counts and checks is in files of its own.
import type { Fact } from "../transducer/fact.ts";
import { admission, declaredMembers, presentNames } from "../transducer/membership.ts";
import { Node, recordedMembers } from "../transducer/node.ts";
import { Owners } from "../transducer/owners.ts";
import type { Accepted, Change, NodeInput, NodeOutput } from "../transducer/protocol.ts";
import { StepFault } from "../transducer/transducer.ts";
import { Agenda } from "./agenda.ts";
import { Checker, Violation } from "./checker.ts";
import { Comings, isMemberFault } from "./comings.ts";
import { apart, type Calm, checkOutputs, inputOf } from "./convergence.ts";
import { type Crash, FateSource } from "./fates.ts";
import type { FaultKind } from "./faults.ts";
import { frameText, membersText } from "./frame-text.ts";
import type { Happening } from "./happening.ts";
import { type Machine, machineOutput, newMachine, tells } from "./machine.ts";
import type { Failure, Load, Outcome } from "./outcome.ts";
import { type Portion, portionsOf } from "./parts.ts";
import {
  answerOf,
  factsText,
  factText,
  missingFrom,
  Recorded,
  type SimulatedProgram,
  transducerOf,
} from "./program.ts";
import { Requests } from "./requests.ts";
import type { Insert, Schedule, TimedFault } from "./schedule.ts";
import { Tally } from "./tally.ts";
import { Traffic } from "./traffic.ts";
import { type Wire, Wires } from "./wires.ts";

const tickMs = 10;
const retryMs = 70;
const lookMs = 50;

/** Runs a program. `trace` is given a line for everything that happens. */
export function simulate(
  program: SimulatedProgram,
  schedule: Schedule,
  trace?: (line: string) => void,
): Outcome {
  return new Simulation(program, schedule, trace).run();
}

class Simulation {
  private readonly program: SimulatedProgram;
  private readonly schedule: Schedule;
  private readonly trace: ((line: string) => void) | undefined;
  private readonly machines: ReadonlyMap<string, Machine>;
  private readonly wires: Wires;
  private readonly fates: FateSource;
  private readonly traffic: Traffic;
  private readonly checker: Checker;
  private readonly agenda = new Agenda<Happening>();
  private readonly faults = new Map<FaultKind, number>();
  private readonly requests = new Requests((insert) => this.portions(insert));
  /** Who owns what, as clients have it: among those who have become members. */
  private owners: Owners | undefined;
  /** Nodes that are to become members. */
  private readonly outside: Set<string>;
  private readonly tally = new Tally();
  private readonly dead = new Set<string>();
  private readonly comings: Comings;
  private events = 0;
  private nowMs = 0;
  private calm = false;
  private convergedMs: number | undefined;

  constructor(
    program: SimulatedProgram,
    schedule: Schedule,
    trace: ((line: string) => void) | undefined,
  ) {
    const { names, links, fates, inserts, ordered } = schedule;
    this.program = program;
    this.schedule = schedule;
    this.trace = trace;
    this.wires = new Wires(links);
    this.fates = new FateSource(fates);
    this.traffic = new Traffic(this.fates, ordered, (kind) => this.count(kind));
    const { parts } = program;
    const seals = new Set(parts?.seals.values());
    const isSeal = ({ relation }: Fact): boolean => seals.has(relation);
    this.checker = new Checker(
      program,
      inserts.flatMap(({ facts }) => facts.filter(isSeal)),
    );
    const { joins = [] } = schedule;
    this.outside = new Set(joins.map(({ node }) => node));
    this.owners = parts && new Owners(this.inside());
    this.machines = new Map(names.map((name): [string, Machine] => [name, newMachine(name)]));
    this.comings = new Comings(schedule, {
      ...{ machines: this.machines, requests: this.requests, checker: this.checker },
      dead: this.dead,
      give: (machine, input) => {
        this.give(machine, input);
      },
      start: (machine) => {
        this.start(machine);
        this.connect();
      },
      stop: (machine) => {
        this.end(machine);
      },
      say: (line) => {
        this.say(line);
      },
    });
  }

  run(): Outcome {
    const failure = this.failure(() => {
      this.begin();
      for (;;) {
        const { atMs, what } = this.agenda.next() ?? {};
        if (atMs === undefined || what === undefined || this.convergedMs !== undefined) break;
        this.nowMs = atMs;
        this.events++;
        this.happen(what);
        if (!this.calm && atMs > this.schedule.calmMs) break;
      }
      if (this.calm) checkOutputs(this.settled(), this.events);
    });
    const core = [...this.machines.values()].filter(({ node }) => node !== undefined);
    return {
      schedule: { ...this.schedule, fates: { kind: "fixed", fates: this.fates.fates } },
      counts: { events: this.events, frames: this.traffic.frames, requests: this.requests.count },
      faults: this.faults,
      checks: this.checker.counts,
      ...(this.convergedMs !== undefined && { convergedMs: this.convergedMs }),
      ...(failure !== undefined && { failure }),
      outputs: new Map(core.map((machine) => [machine.name, machineOutput(this.program, machine)])),
      loads: new Map(core.map((machine) => [machine.name, this.load(machine)])),
      answer: answerOf(this.program, inputOf({ ...this.settled(), core })),
    };
  }

  private load({ name, node }: Machine): Load {
    const { roles } = this.program.model.network;
    const held = roles.map(({ system }, relation) =>
      system === undefined ? (node?.tuples(relation).length ?? 0) : 0,
    );
    return { tuples: held.reduce((sum, count) => sum + count, 0), sent: this.tally.of(name) };
  }

  /** Runs, and returns the check that failed. */
  private failure(work: () => void): Failure | undefined {
    try {
      work();
      return undefined;
    } catch (error) {
      // A program that goes wrong is the user's; a node that does is ours.
      if (error instanceof StepFault || !(error instanceof Error)) throw error;
      const check = error instanceof Violation ? error.check : "no-fault";
      this.say(() => `violation of ${check}: ${error.message}`);
      return { atMs: this.nowMs, check, message: error.message };
    }
  }

  private begin(): void {
    const { inserts, faults, calmMs, convergedMs, joins = [] } = this.schedule;
    for (const insert of inserts)
      this.agenda.plan(insert.atMs, { kind: "insert", insert, again: false });
    for (const fault of faults) this.agenda.plan(fault.atMs, { kind: "fault", fault });
    if (convergedMs !== undefined) this.agenda.plan(calmMs, { kind: "calm" });
    for (const { atMs, node } of joins) this.agenda.plan(atMs, { kind: "join", name: node });
    const member = { epoch: 0, status: "member" } as const;
    const given = new Map(this.inside().map((name) => [name, member]));
    for (const machine of this.machines.values()) {
      if (joins.length > 0) machine.given = given;
      if (!this.away(machine.name)) this.start(machine);
    }
    this.connect();
  }

  private happen(what: Happening): void {
    switch (what.kind) {
      case "insert":
        this.insert(what.insert, what.again);
        return;
      case "arrival":
        this.arrive(what.wire);
        return;
      case "synced": {
        const machine = this.living(what.name, what.life);
        if (machine === undefined) return;
        machine.disk.sync(what.count);
        this.give(machine, { kind: "persisted", count: machine.disk.persisted });
        return;
      }
      case "tick": {
        const machine = this.living(what.name, what.life);
        if (machine === undefined) return;
        this.give(machine, { kind: "tick", nowMs: this.nowMs });
        this.agenda.plan(this.nowMs + tickMs, what);
        return;
      }
      case "fault":
        this.begins(what.fault);
        return;
      case "heal":
        this.heal(what.fault);
        return;
      case "join":
        this.join(what.name);
        return;
      case "restart": {
        const machine = this.machine(what.name);
        if (machine.node !== undefined || machine.disk.incarnation !== what.life) return;
        if (this.dead.has(what.name)) return;
        this.start(machine);
        this.connect();
        return;
      }
      case "members":
        if (this.comings.pursue()) this.agenda.plan(this.nowMs + tickMs, what);
        return;
      case "calm":
        this.calmDown();
        return;
      case "look":
        this.look();
    }
  }

  // ---- nodes ----

  private start(machine: Machine): void {
    const { name, disk } = machine;
    const { names, limits } = this.schedule;
    const records = disk.begin();
    const { program } = this;
    const { given } = machine;
    const present = given === undefined ? names : presentNames(recordedMembers(given, records));
    machine.inbox = new Recorded(transducerOf(program, name, present));
    if (program.parts !== undefined) machine.owners = new Owners(present);
    machine.node = new Node(
      {
        ...{ name, incarnation: disk.incarnation },
        ...(this.comings.any
          ? { members: this.comings.given(name) }
          : given === undefined
            ? { peers: this.wires.neighbours(name) }
            : { members: given }),
        ...{ transducer: machine.inbox, floods: program.floods, limits },
        kept: program.model.network.roles.map(({ kept }) => kept),
        ...(program.sealing !== undefined && {
          sealing: {
            ...{ ...program.sealing, members: given ?? declaredMembers(names) },
            names: program.model.network.roles.map((role) => role.name),
          },
        }),
      },
      records,
    );
    const life = disk.incarnation;
    this.say(() => `${name} begins life ${life} with ${records.length} records`);
    this.agenda.plan(this.nowMs + tickMs, { kind: "tick", name, life });
    if (life > 1) this.requests.check(machine, this.checker);
    // What depends on memory is there again after some heartbeats.
    if (program.promise !== "monotone" || program.parts !== undefined) return;
    const lost = missingFrom(program, machine.told, machineOutput(program, machine));
    this.checker.check("output-kept", lost.length === 0, () => {
      return `${name} had put out ${this.list(lost)}, and has not after a crash`;
    });
  }

  private give(machine: Machine, input: NodeInput): void {
    const { node, disk, name } = machine;
    if (node === undefined) return;
    const out = node.step(input);
    this.checker.check("no-fault", true, () => "");
    const changes = this.told(machine, out.changes);
    this.checker.output(name, disk, { ...out, changes }, machine.owners);
    this.write(machine, out);
    for (const { relation, tuples, replaced } of changes) {
      if (replaced) machine.told = machine.told.filter((fact) => fact.relation !== relation);
      machine.told.push(...tuples.map((values) => ({ relation, values })));
      this.say(
        () => `${name} puts out ${this.list(tuples.map((values) => ({ relation, values })))}`,
      );
    }
    for (const accepted of out.accepted) this.accept(machine, accepted);
    const crash = this.stops(name, out);
    if (crash !== undefined) {
      this.crash(crash);
      return;
    }
    if (out.members.size > 0 && this.program.parts !== undefined) this.renew(machine);
    else {
      for (const { to, frame } of out.frames) this.send({ from: name, to, frame });
      if (out.members.size > 0) this.relink(name);
    }
  }

  /** Of what a node has put out what it tells of. */
  private told(machine: Machine, changes: readonly Change[]): readonly Change[] {
    if (machine.given === undefined) return changes;
    return changes.map((change) => {
      const { relation } = change;
      const own = (values: Fact["values"]): boolean =>
        tells(this.program, machine, { relation, values });
      return { ...change, tuples: change.tuples.filter(own) };
    });
  }

  // ---- members ----

  /** The nodes that are members from the start, or have become such. */
  private inside(): string[] {
    return this.schedule.names.filter((name) => !this.outside.has(name));
  }

  /** A node asks one that runs to be admitted, until that has it written down. */
  private join(name: string): void {
    if (!this.outside.has(name)) return;
    this.agenda.plan(this.nowMs + retryMs, { kind: "join", name });
    const host = [...this.machines.values()].find(({ node }) => node !== undefined);
    if (host?.node === undefined) return;
    const { members } = host.node;
    if (!presentNames(members).includes(name)) {
      this.say(() => `${name} asks ${host.name} to be admitted`);
      this.give(host, { kind: "members", members: admission(members, name, {}) });
      return;
    }
    this.count("join");
    this.say(() => `${name} is a member`);
    this.outside.delete(name);
    this.owners = new Owners(this.inside());
    const machine = this.machine(name);
    machine.given = members;
    this.start(machine);
    this.connect();
  }

  /** Other members own what they do: a node begins a life in which its rules know. */
  private renew(machine: Machine): void {
    const { name, disk } = machine;
    delete machine.node;
    disk.crash(Infinity);
    this.say(() => `${name} begins anew, as others are members`);
    this.disconnect([name], this.wires.neighbours(name));
    const life = disk.incarnation;
    this.agenda.plan(this.nowMs + 1, { kind: "restart", name, life });
  }

  /** Whether all nodes go by the same members, and have sent what is to be elsewhere. */
  private handedOver(): boolean {
    if (this.schedule.joins === undefined || this.schedule.joins.length === 0) return true;
    return this.inside().every((name) => {
      const { node, owners } = this.machine(name);
      const same = owners?.members.length === this.inside().length;
      return (
        same && node?.peers().every(({ ready, unacknowledged }) => ready && unacknowledged === 0)
      );
    });
  }

  /** Connections are with those who are members now. */
  private relink(name: string): void {
    this.say(() => `${name} knows: ${membersText(this.machine(name).node?.members ?? new Map())}`);
    for (const [a, b] of this.wires.connected()) if (!this.linked(a, b)) this.disconnect([a], [b]);
    this.connect();
  }

  private linked(a: string, b: string): boolean {
    const [one, other] = [this.machine(a).node, this.machine(b).node];
    if (one === undefined || other === undefined) return false;
    return !this.comings.any || this.comings.linked(one, other, [a, b]);
  }

  private stops(name: string, { accepted, records }: NodeOutput): Crash | undefined {
    if (this.calm) return undefined;
    if (accepted.length > 0) return this.fates.crash(name, "accepted");
    return records.length > 0 ? this.fates.crash(name, "written") : undefined;
  }

  private write(machine: Machine, { records }: NodeOutput): void {
    const { disk, name } = machine;
    if (records.length === 0) return;
    disk.write(records);
    const takesMs = this.calm ? 1 : this.fates.fsync(name);
    if (takesMs > 1) this.count("slow-fsync");
    machine.syncedMs = Math.max(machine.syncedMs, this.nowMs + takesMs);
    const [life, count] = [disk.incarnation, disk.written];
    this.say(() => `${name} writes record ${count}`);
    this.agenda.plan(machine.syncedMs, { kind: "synced", name, life, count });
  }

  private accept({ name }: Machine, accepted: Accepted): void {
    const { request, origin, from, to } = accepted;
    this.say(() => `${name} accepts ${request} as ${origin}#${from}-${to}`);
    const insert = this.schedule.inserts.find((other) =>
      this.portions(other).some((portion) => portion.request === request),
    );
    if (insert === undefined || this.requests.of(request) !== undefined) return;
    this.requests.accept(accepted, name);
    const againMs = this.calm ? undefined : this.fates.repeat(request);
    if (againMs !== undefined)
      this.agenda.plan(this.nowMs + againMs, { kind: "insert", insert, again: true });
  }

  // ---- clients ----

  private insert(insert: Insert, again: boolean): void {
    const done = this.requests.done(insert) && !again;
    if (done || !this.comings.takes(this.schedule, insert.node)) return;
    if (!again) this.agenda.plan(this.nowMs + retryMs, { kind: "insert", insert, again });
    if (!this.comings.open(insert.node)) return;
    const { after = [], seals: relations } = insert;
    const { inserts } = this.schedule;
    if (inserts.some((other) => after.includes(other.request) && !this.requests.done(other)))
      return;
    // Who seals a key has to have all that was accepted of it.
    if (this.ends(insert) && !this.handedOver()) return;
    for (const { node, request, facts } of this.portions(insert)) {
      const machine = this.machine(node);
      if (machine.node === undefined || (this.requests.of(request) !== undefined && !again))
        continue;
      if (relations !== undefined) {
        if (!this.insertedAll(node)) continue;
        this.say(() => `${node} is asked to seal`);
        this.give(machine, { kind: "seal", request, relations });
        continue;
      }
      this.say(() => `${node} is asked to insert ${request}: ${this.list(facts)}`);
      this.checker.insert(request, facts);
      this.give(machine, { kind: "insert", request, facts });
    }
  }

  /** Whether a request seals keys, or rules may do so when they have its facts. */
  private ends({ facts }: Insert): boolean {
    const { parts } = this.program;
    const seals = new Set([...(parts?.seals.values() ?? []), ...(parts?.closing ?? [])]);
    return facts.some(({ relation }) => seals.has(relation));
  }

  /** What a client sends to which node. */
  private portions(insert: Insert): readonly Portion[] {
    const { parts } = this.program;
    const { owners } = this;
    return parts === undefined || owners === undefined
      ? [insert]
      : portionsOf(parts, owners, insert);
  }

  /** Whether a node has accepted all that its clients insert. */
  private insertedAll(name: string): boolean {
    return this.schedule.inserts.every(({ node, request, seals }) => {
      return node !== name || seals !== undefined || this.requests.of(request) !== undefined;
    });
  }

  // ---- frames ----

  private send({ from, to, frame }: Omit<Wire, "connection">): void {
    const connection = this.wires.connection(from, to);
    if (connection === undefined) return;
    this.tally.note(from, to, frame);
    const arrivals = this.traffic.arrivals(from, to, this.nowMs, this.calm);
    const text = (): string => frameText(frame, (fact) => factText(this.program, fact));
    if (arrivals.length === 0) this.say(() => `${from} > ${to} lost: ${text()}`);
    for (const atMs of arrivals) {
      this.say(() => `${from} > ${to} until ${atMs}: ${text()}`);
      this.agenda.plan(atMs, { kind: "arrival", wire: { from, to, connection, frame } });
    }
  }

  private arrive({ from, to, connection, frame }: Wire): void {
    const present = this.wires.connection(from, to);
    if (present === undefined || !this.wires.passes(from, to)) return;
    if (present !== connection) {
      if (!this.schedule.late) return;
      this.count("late");
    }
    this.say(() => `${to} < ${from}: ${frameText(frame, (fact) => factText(this.program, fact))}`);
    this.give(this.machine(to), { kind: "frame", peer: from, frame });
  }

  private connect(): void {
    const alive = (name: string): boolean => this.machine(name).node !== undefined;
    for (const [a, b] of this.wires.connect(alive, (a, b) => this.linked(a, b))) {
      this.say(() => `${a} and ${b} are connected`);
      this.give(this.machine(a), { kind: "connected", peer: b });
      this.give(this.machine(b), { kind: "connected", peer: a });
    }
  }

  private disconnect(some: readonly string[], others: readonly string[]): void {
    for (const [a, b] of this.wires.disconnect(some, others)) {
      this.say(() => `${a} and ${b} are not connected`);
      this.give(this.machine(a), { kind: "disconnected", peer: b });
      this.give(this.machine(b), { kind: "disconnected", peer: a });
    }
  }

  // ---- faults ----

  private begins(fault: TimedFault): void {
    if (isMemberFault(fault)) {
      this.count(fault.kind);
      this.say(
        () => `${fault.node} is to ${fault.kind === "forget" ? "be forgotten" : fault.kind}`,
      );
      this.comings.want(fault);
      this.agenda.plan(this.nowMs, { kind: "members" });
      return;
    }
    switch (fault.kind) {
      case "crash":
        this.crash(fault);
        return;
      case "restore":
        this.restore(fault);
        return;
      case "cut":
        this.cut(fault);
    }
  }

  private crash({ node: name, keeps, torn, downMs }: Crash): void {
    const machine = this.machine(name);
    if (machine.node === undefined) return;
    delete machine.node;
    const lost = machine.disk.crash(keeps);
    this.count("crash");
    if (torn && lost > 0) this.count("torn");
    this.say(() => `${name} crashes: ${lost} records are lost${torn ? ", one is torn" : ""}`);
    this.disconnect([name], this.wires.neighbours(name));
    const life = machine.disk.incarnation;
    this.agenda.plan(this.nowMs + downMs, { kind: "restart", name, life });
  }

  private restore(fault: TimedFault & { readonly kind: "restore" }): void {
    const { node: name, permille, downMs } = fault;
    this.crash({ kind: "crash", node: name, keeps: 0, torn: false, downMs });
    const machine = this.machine(name);
    machine.disk.restore(permille);
    machine.told = [];
    this.count("restore");
    this.say(() => `${name} is to come back with ${machine.disk.written} records`);
    this.requests.lose(machine, this.machines.values(), this.checker);
  }

  private cut(fault: TimedFault & { readonly kind: "cut" }): void {
    const { from, to, oneWay, noticed, untilMs } = fault;
    this.count(oneWay ? "one-way" : "cut");
    this.say(() => `cut from ${from.join(" ")} to ${to.join(" ")}${oneWay ? ", one way" : ""}`);
    this.wires.cut(from, to);
    if (!oneWay) this.wires.cut(to, from);
    if (noticed) this.disconnect(from, to);
    this.agenda.plan(untilMs, { kind: "heal", fault });
  }

  private heal({ from, to, oneWay }: TimedFault & { readonly kind: "cut" }): void {
    this.say(() => `healed from ${from.join(" ")} to ${to.join(" ")}`);
    this.wires.heal(from, to);
    if (!oneWay) this.wires.heal(to, from);
    this.connect();
  }

  private calmDown(): void {
    this.calm = true;
    const { gone } = this.schedule;
    this.say(() => (gone.length === 0 ? "all is calm" : `all is calm; ${gone.join(" ")} is gone`));
    for (const name of gone) {
      this.dead.add(name);
      const machine = this.machine(name);
      if (machine.node !== undefined) this.end(machine);
    }
    for (const machine of this.machines.values())
      if (machine.node === undefined && !this.away(machine.name)) this.start(machine);
    this.connect();
    this.agenda.plan(this.nowMs + lookMs, { kind: "look" });
  }

  /** A machine ends, and does not begin again by itself. */
  private end(machine: Machine): void {
    delete machine.node;
    machine.disk.crash(0);
    this.disconnect([machine.name], this.wires.neighbours(machine.name));
  }

  // ---- the end ----

  private look(): void {
    const { convergedMs = 0 } = this.schedule;
    const [waiting] = this.outside;
    const outside = waiting === undefined ? undefined : `${waiting} is no member`;
    const reason = outside ?? this.comings.pending ?? apart(this.settled());
    if (reason === undefined) {
      this.convergedMs = this.nowMs;
      this.say(() => "the network has converged");
    }
    this.checker.check("converged", reason === undefined || this.nowMs < convergedMs, () => {
      return reason ?? "";
    });
    this.agenda.plan(this.nowMs + lookMs, { kind: "look" });
  }

  private settled(): Calm {
    const { program, schedule, requests, checker, owners } = this;
    const core = [...this.machines.values()].filter(({ name }) => !this.away(name));
    return { program, schedule, core, requests, checker, owners };
  }

  private away(name: string): boolean {
    return this.dead.has(name) || this.outside.has(name);
  }

  private machine(name: string): Machine {
    const machine = this.machines.get(name);
    if (machine === undefined) throw new Error(`${name} is a node`);
    return machine;
  }

  private living(name: string, life: number): Machine | undefined {
    const machine = this.machine(name);
    return machine.node === undefined || machine.disk.incarnation !== life ? undefined : machine;
  }

  private count(kind: FaultKind): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
  }

  private list(facts: readonly Fact[]): string {
    return factsText(this.program, facts);
  }

  private say(line: () => string): void {
    this.trace?.(`${String(this.nowMs).padStart(5)} ${line()}`);
  }
}
