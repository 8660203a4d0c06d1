// A network of nodes in a world that is all decided: clients, links, disks and time. What happens is
// a function of the program and the schedule.
import type { FactMap } from "../transducer/model.ts";
import type { Fact } from "../transducer/fact.ts";
import { Node } from "../transducer/node.ts";
import type { Accepted, NodeInput, NodeOutput } from "../transducer/protocol.ts";
import { StepFault } from "../transducer/transducer.ts";
import { Agenda } from "./agenda.ts";
import { type Acknowledged, Checker, type CheckKind, Violation } from "./checker.ts";
import { Disk } from "./disk.ts";
import { type Crash, FateSource } from "./fates.ts";
import type { FaultKind } from "./faults.ts";
import { frameText } from "./frame-text.ts";
import {
  answerOf,
  factText,
  missingFrom,
  outputOf,
  Recorded,
  type SimulatedProgram,
  transducerOf,
} from "./program.ts";
import { replayedOutput } from "./replay.ts";
import type { Insert, Schedule, TimedFault } from "./schedule.ts";
import { type Wire, Wires } from "./wires.ts";

/** What came of a run. */
export type Outcome = {
  /** The schedule as it was: all that was drawn by chance is written down. */
  readonly schedule: Schedule;
  readonly counts: RunCounts;
  /** How often each fault happened. */
  readonly faults: ReadonlyMap<FaultKind, number>;
  /** How often each check was made. */
  readonly checks: ReadonlyMap<CheckKind, number>;
  /** When the network had converged. */
  readonly convergedMs?: number;
  readonly failure?: Failure;
  /** What the nodes that are there in the end have put out. */
  readonly outputs: ReadonlyMap<string, FactMap>;
  /** What one machine puts out that has all input that was accepted. */
  readonly answer: FactMap;
};

/** How much happened in a run. */
export type RunCounts = {
  readonly events: number;
  readonly frames: number;
  readonly requests: number;
};

/** A check that failed in a run. */
export type Failure = {
  readonly atMs: number;
  readonly check: CheckKind;
  readonly message: string;
};

/** What is to happen. */
type Happening =
  | { readonly kind: "insert"; readonly insert: Insert; readonly again: boolean }
  | { readonly kind: "arrival"; readonly wire: Wire }
  | {
      readonly kind: "synced";
      readonly name: string;
      readonly life: number;
      readonly count: number;
    }
  | { readonly kind: "tick"; readonly name: string; readonly life: number }
  | { readonly kind: "fault"; readonly fault: TimedFault }
  | { readonly kind: "heal"; readonly fault: TimedFault & { readonly kind: "cut" } }
  | { readonly kind: "restart"; readonly name: string; readonly life: number }
  | { readonly kind: "calm" }
  | { readonly kind: "look" };

/** One node over all its lives. */
type Machine = {
  readonly name: string;
  readonly disk: Disk;
  readonly share: readonly Fact[];
  node?: Node;
  inbox?: Recorded;
  syncedMs: number;
  /** What it has put out. */
  told: Fact[];
};

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
  private readonly checker: Checker;
  private readonly agenda = new Agenda<Happening>();
  private readonly faults = new Map<FaultKind, number>();
  private readonly acknowledged = new Map<string, Acknowledged>();
  private readonly arrivals = new Map<string, number>();
  private readonly dead = new Set<string>();
  private events = 0;
  private frames = 0;
  private nowMs = 0;
  private calm = false;
  private convergedMs: number | undefined;

  constructor(
    program: SimulatedProgram,
    schedule: Schedule,
    trace: ((line: string) => void) | undefined,
  ) {
    const { names, links, fates, inserts } = schedule;
    this.program = program;
    this.schedule = schedule;
    this.trace = trace;
    this.wires = new Wires(links);
    this.fates = new FateSource(fates);
    this.checker = new Checker(program);
    const share = (name: string): Fact[] =>
      program.sealed ? inserts.flatMap(({ node, facts }) => (node === name ? facts : [])) : [];
    this.machines = new Map(
      names.map((name): [string, Machine] => [
        name,
        { ...{ name, disk: new Disk(), share: share(name) }, syncedMs: 0, told: [] },
      ]),
    );
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
      if (this.calm) this.end();
    });
    const alive = [...this.machines.values()].filter(({ node }) => node !== undefined);
    return {
      schedule: { ...this.schedule, fates: { kind: "fixed", fates: this.fates.fates } },
      counts: { events: this.events, frames: this.frames, requests: this.acknowledged.size },
      faults: this.faults,
      checks: this.checker.counts,
      ...(this.convergedMs !== undefined && { convergedMs: this.convergedMs }),
      ...(failure !== undefined && { failure }),
      outputs: new Map(alive.map((machine) => [machine.name, this.outputOf(machine)])),
      answer: answerOf(this.program, this.input(alive)),
    };
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
    const { inserts, faults, calmMs, convergedMs } = this.schedule;
    if (this.program.sealed)
      for (const { request, facts } of inserts) this.checker.insert(request, facts);
    else
      for (const insert of inserts)
        this.agenda.plan(insert.atMs, { kind: "insert", insert, again: false });
    for (const fault of faults) this.agenda.plan(fault.atMs, { kind: "fault", fault });
    if (convergedMs !== undefined) this.agenda.plan(calmMs, { kind: "calm" });
    for (const machine of this.machines.values()) this.start(machine);
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
      case "restart": {
        const machine = this.machine(what.name);
        if (machine.node !== undefined || machine.disk.incarnation !== what.life) return;
        this.start(machine);
        this.connect();
        return;
      }
      case "calm":
        this.calmDown();
        return;
      case "look":
        this.look();
    }
  }

  // ---- nodes ----

  private start(machine: Machine): void {
    const { name, disk, share } = machine;
    const { names, limits } = this.schedule;
    const records = disk.begin();
    const { program } = this;
    machine.inbox = new Recorded(transducerOf(program, name, names), share);
    machine.node = new Node(
      {
        ...{ name, incarnation: disk.incarnation, peers: this.wires.neighbours(name) },
        ...{ transducer: machine.inbox, floods: program.floods, limits },
        kept: program.model.network.roles.map(({ kept }) => kept),
      },
      records,
    );
    const life = disk.incarnation;
    this.say(() => `${name} begins life ${life} with ${records.length} records`);
    this.agenda.plan(this.nowMs + tickMs, { kind: "tick", name, life });
    if (life > 1) this.checkKept(machine);
    // What depends on memory is there again after some heartbeats.
    if (program.promise !== "monotone") return;
    const lost = missingFrom(program, machine.told, this.outputOf(machine));
    this.checker.check("output-kept", lost.length === 0, () => {
      return `${name} had put out ${this.list(lost)}, and has not after a crash`;
    });
  }

  /** What was acknowledged is there when a node has come back. */
  private checkKept({ name, node }: Machine): void {
    for (const { accepted, holders, request } of this.acknowledged.values()) {
      if (!holders.includes(name)) continue;
      const holds = node?.holds.get(accepted.origin) ?? 0;
      this.checker.check("acknowledged-kept", holds >= accepted.to, () => {
        return `${name} has lost ${request}, which was accepted`;
      });
    }
  }

  private give(machine: Machine, input: NodeInput): void {
    const { node, disk, name } = machine;
    if (node === undefined) return;
    const out = node.step(input);
    this.checker.check("no-fault", true, () => "");
    this.checker.output(name, disk, out);
    this.write(machine, out);
    for (const { relation, tuples, replaced } of out.changes) {
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
    for (const { to, frame } of out.frames) this.send({ from: name, to, frame });
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
    const insert = this.schedule.inserts.find((other) => other.request === request);
    if (insert === undefined || this.acknowledged.has(request)) return;
    this.acknowledged.set(request, { ...insert, accepted, holders: [name] });
    const againMs = this.calm ? undefined : this.fates.repeat(request);
    if (againMs !== undefined)
      this.agenda.plan(this.nowMs + againMs, { kind: "insert", insert, again: true });
  }

  // ---- clients ----

  private insert(insert: Insert, again: boolean): void {
    const { node, request, facts } = insert;
    if ((this.acknowledged.has(request) && !again) || this.dead.has(node)) return;
    const machine = this.machine(node);
    if (!again) this.agenda.plan(this.nowMs + retryMs, { kind: "insert", insert, again });
    if (machine.node === undefined) return;
    this.say(() => `${node} is asked to insert ${request}: ${this.list(facts)}`);
    this.checker.insert(request, facts);
    this.give(machine, { kind: "insert", request, facts });
  }

  // ---- frames ----

  private send({ from, to, frame }: Omit<Wire, "connection">): void {
    const connection = this.wires.connection(from, to);
    if (connection === undefined) return;
    this.frames++;
    const delays = this.calm ? [1] : this.fates.frame(from, to);
    if (delays.length === 0) this.count("loss");
    if (delays.length > 1) this.count("duplicate");
    const text = (): string => frameText(frame, (fact) => factText(this.program, fact));
    if (delays.length === 0) this.say(() => `${from} > ${to} lost: ${text()}`);
    for (const delayMs of delays) {
      if (delayMs > 1) this.count("delay");
      let atMs = this.nowMs + delayMs;
      const last = this.arrivals.get(`${from}>${to}`) ?? 0;
      if (this.schedule.ordered) atMs = Math.max(atMs, last);
      else if (atMs < last) this.count("reorder");
      this.arrivals.set(`${from}>${to}`, Math.max(atMs, last));
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
    for (const [a, b] of this.wires.connect(alive)) {
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
    for (const [request, before] of this.acknowledged) {
      const { accepted, holders } = before;
      const { origin, to } = accepted;
      if (!holders.includes(name) || (machine.disk.writtenHolds.get(origin) ?? 0) >= to) continue;
      const left = [...this.machines.values()].filter(({ disk }) => {
        return (disk.holds.get(origin) ?? 0) >= to;
      });
      this.acknowledged.set(request, { ...before, holders: left.map((other) => other.name) });
      this.checker.forget(request);
    }
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
      if (machine.node === undefined) continue;
      delete machine.node;
      machine.disk.crash(0);
      this.disconnect([name], this.wires.neighbours(name));
    }
    for (const machine of this.machines.values())
      if (machine.node === undefined && !this.dead.has(machine.name)) this.start(machine);
    this.connect();
    this.agenda.plan(this.nowMs + lookMs, { kind: "look" });
  }

  // ---- the end ----

  private look(): void {
    const { convergedMs = 0 } = this.schedule;
    const apart = this.apart();
    if (apart === undefined) {
      this.convergedMs = this.nowMs;
      this.say(() => "the network has converged");
    }
    this.checker.check("converged", apart === undefined || this.nowMs < convergedMs, () => {
      return apart ?? "";
    });
    this.agenda.plan(this.nowMs + lookMs, { kind: "look" });
  }

  /** What keeps the network from having converged. */
  private apart(): string | undefined {
    const core = this.core();
    const [first] = core;
    for (const { insert, holders } of this.required()) {
      const known = this.acknowledged.get(insert.request);
      if (known === undefined) return `${insert.request} is not accepted`;
      const { origin, to } = known.accepted;
      if (!this.program.floods || !holders.some((name) => !this.dead.has(name))) continue;
      const without = core.find(({ node }) => (node?.holds.get(origin) ?? 0) < to);
      if (without !== undefined) return `${without.name} does not have ${insert.request}`;
    }
    const holds = ({ node }: Machine): string =>
      this.program.floods ? [...(node?.holds ?? [])].toSorted().join(" ") : "";
    if (first === undefined) return undefined;
    const other = core.find((machine) => holds(machine) !== holds(first));
    if (other !== undefined) return `${first.name} and ${other.name} hold different facts`;
    if (this.program.promise === "none") return undefined;
    const answer = answerOf(this.program, this.input(core));
    for (const machine of core) {
      const output = this.outputOf(machine);
      if (output.equals(answer)) continue;
      const missing = missingFrom(this.program, answer.values(), output);
      const more = missingFrom(this.program, output.values(), answer);
      return `${machine.name} has not ${this.list(missing)}, and has ${this.list(more)} that one machine has not`;
    }
    return undefined;
  }

  private end(): void {
    const { program } = this;
    for (const machine of this.core()) {
      const { name, inbox } = machine;
      if (program.promise === "none") continue;
      const output = this.outputOf(machine);
      const lost = missingFrom(program, machine.told, output);
      this.checker.check("output-kept", lost.length === 0, () => {
        return `${name} had put out ${this.list(lost)}, and has not in the end`;
      });
      if (program.promise !== "monotone" || inbox === undefined) continue;
      const again = replayedOutput(program, name, this.schedule.names, inbox.inbox, this.events);
      this.checker.check("replayed", again.equals(output), () => {
        const [less, more] = [
          missingFrom(program, output.values(), again),
          missingFrom(program, again.values(), output),
        ];
        return `${name}, given the same in another order, has not ${this.list(less)}, and has ${this.list(more)} more`;
      });
    }
  }

  /** The nodes that have to converge. */
  private core(): readonly Machine[] {
    return [...this.machines.values()].filter(({ name }) => !this.dead.has(name));
  }

  /** The requests that have to be accepted by then. */
  private required(): { readonly insert: Insert; readonly holders: readonly string[] }[] {
    if (this.program.sealed) return [];
    return this.schedule.inserts.flatMap((insert) => {
      if (this.dead.has(insert.node)) return [];
      return [{ insert, holders: this.acknowledged.get(insert.request)?.holders ?? [] }];
    });
  }

  /** The input that some nodes have, all together. */
  private input(machines: readonly Machine[]): Fact[] {
    const { program, schedule } = this;
    if (program.sealed) return schedule.inserts.flatMap(({ facts }) => facts);
    if (!program.floods)
      return schedule.inserts.flatMap(({ request, facts }) =>
        this.acknowledged.has(request) ? facts : [],
      );
    const most = new Map<string, number>();
    for (const { node } of machines)
      for (const [origin, count] of node?.holds ?? [])
        most.set(origin, Math.max(count, most.get(origin) ?? 0));
    return this.checker.held(most);
  }

  private outputOf({ node }: Machine): FactMap {
    return outputOf(this.program, { tuples: (relation) => node?.tuples(relation) ?? [] });
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
    if (facts.length === 0) return "nothing";
    return facts
      .map((fact) => factText(this.program, fact))
      .toSorted()
      .join(" ");
  }

  private say(line: () => string): void {
    this.trace?.(`${String(this.nowMs).padStart(5)} ${line()}`);
  }
}
