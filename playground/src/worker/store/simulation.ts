// Three nodes of a store, and the messages between them. The nodes are those that `calm kv serve`
// runs (src/transducer/node.ts), with their clean-up, and so are the rules. What is simulated is the
// network, and disks, on which all is durable at once.
//
// A message arrives at once unless the link that it is on is held. Acknowledgements wait there, too,
// and are not drawn.
import { partsOf } from "../../../../src/transducer/batch-parts.ts";
import type { Fact } from "../../../../src/transducer/fact.ts";
import { IncrementalTransducer } from "../../../../src/transducer/incremental.ts";
import { Node } from "../../../../src/transducer/node.ts";
import type { Batch, Frame, NodeInput } from "../../../../src/transducer/protocol.ts";
import { countOf, endOf, type Gone, joinedGone } from "../../../../src/transducer/ranges.ts";
import { lastOf } from "../../../../src/transducer/shared.ts";
import {
  type ShownAnswer,
  type ShownCell,
  type ShownKept,
  type ShownStoreNode,
  type StoreAction,
  storeNodes,
  type StoreView,
} from "../../store-protocol.ts";
import { linkOf } from "../network/world.ts";
import type { StoreProgram } from "./program.ts";

/** Nodes clean up so often, one after the other, that what one says lets the next go on. */
const cleanRounds = 3;

type Machine = {
  readonly name: string;
  readonly node: Node;
  readonly transducer: IncrementalTransducer;
  records: number;
  gone: Gone;
};

type Travelling = {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly frame: Frame;
  readonly copy: boolean;
};

type Insert = { readonly relation: number; readonly values: readonly string[] };

/** A store of three nodes. What it is, is a function of its program and of what was done. */
export class StoreSimulation {
  private readonly program: StoreProgram;
  private readonly machines: ReadonlyMap<string, Machine>;
  private pool: Travelling[] = [];
  private readonly held = new Set<string>();
  private readonly log: string[] = [];
  private answer: ShownAnswer | undefined;

  constructor(program: StoreProgram) {
    this.program = program;
    this.machines = new Map(storeNodes.map((name) => [name, this.machine(name)]));
    for (const peer of storeNodes)
      for (const { name } of this.machines.values())
        if (name !== peer) this.step(name, { kind: "connected", peer });
    this.deliverAll();
  }

  /** Lets something happen. What cannot happen changes nothing. */
  act(action: StoreAction): void {
    this.answer = undefined;
    switch (action.kind) {
      case "put":
        this.put(action);
        break;
      case "get":
        this.get(action);
        break;
      case "remove":
        this.remove(action);
        break;
      case "hold":
      case "release": {
        const [one, other] = action.between;
        const hold = action.kind === "hold";
        if (hold) this.held.add(linkOf(one, other));
        else this.held.delete(linkOf(one, other));
        this.log.push(`messages between ${one} and ${other} ${hold ? "wait" : "go on"}`);
        break;
      }
      case "deliver":
      case "copy":
        this.withMessage(action);
        break;
      case "clean":
        this.clean();
        break;
    }
    this.deliverAll();
  }

  /** The store as it is now. */
  view(): StoreView {
    const nodes = [...this.machines.values()].map((machine) => this.shown(machine));
    const reads = new Set(nodes.map(({ cells }) => JSON.stringify(cells)));
    return {
      nodes,
      messages: this.pool.flatMap(({ id, from, to, frame, copy }) => {
        if (frame.kind !== "batch" && frame.kind !== "gone") return [];
        const kind = frame.kind === "batch" ? "fact" : "seal";
        return [{ ...{ id, from, to, copy, kind }, text: this.frameText(frame) }];
      }),
      held: [...this.held].map((link): [string, string] => {
        const [one = "", other = ""] = link.split(" ");
        return [one, other];
      }),
      log: [...this.log],
      agreed: reads.size === 1,
      ...(this.answer && { answer: this.answer }),
      rules: this.program.rules,
    };
  }

  // ---- what clients do, as the server of a store has it done (src/server/kv/pair-requests.ts) ----

  private put({ node: name, k1, k2, value }: StoreAction & { readonly kind: "put" }): void {
    const machine = this.of(name);
    const { put } = this.program.relations;
    const seen = this.seen(machine, k1, k2);
    const { origin, nextNumber } = machine.node;
    const dot = `${origin}:${String(nextNumber)}`;
    const replaces = seen.length === 0 ? "" : `, in place of ${seen.join(", ")}`;
    this.log.push(`${name} puts ${JSON.stringify(value)} at ${k1}/${k2}, as ${dot}${replaces}`);
    const fact: Insert = { relation: put, values: [k1, k2, dot, "text/plain", value] };
    const by = `${origin}:${String(nextNumber + 1)}`;
    if (seen.length === 0) this.insert(name, [fact]);
    else this.insert(name, [fact, ...this.tombstones({ k1, k2 }, seen, by)], 1);
  }

  private remove({ node: name, k1, k2 }: StoreAction & { readonly kind: "remove" | "get" }): void {
    const machine = this.of(name);
    const seen = this.seen(machine, k1, k2);
    if (seen.length === 0) {
      this.log.push(`${name} has nothing to remove at ${k1}/${k2}`);
      return;
    }
    const by = `${machine.node.origin}:${String(machine.node.nextNumber)}`;
    this.log.push(`${name} removes ${k1}/${k2}: tombstone ${by} names ${seen.join(", ")}`);
    this.insert(name, this.tombstones({ k1, k2 }, seen, by));
  }

  private get({ node: name, k1, k2 }: StoreAction & { readonly kind: "remove" | "get" }): void {
    const cell = this.cells(this.of(name)).find((one) => one.k1 === k1 && one.k2 === k2);
    this.answer = { node: name, k1, k2, versions: cell?.versions ?? [] };
    const [winner] = this.answer.versions;
    const what = winner === undefined ? "nothing" : JSON.stringify(winner.value);
    this.log.push(`${name} reads ${what} at ${k1}/${k2}`);
  }

  private tombstones(
    { k1, k2 }: { readonly k1: string; readonly k2: string },
    dots: readonly string[],
    by: string,
  ): Insert[] {
    const { remove: relation } = this.program.relations;
    return dots.map((dot) => ({ relation, values: [k1, k2, dot, by] }));
  }

  private insert(name: string, facts: readonly Fact[], split?: number): void {
    const request = String(this.log.length);
    const parts = split === undefined ? {} : { split };
    this.step(name, { kind: "insert", request, facts, once: true, ...parts });
  }

  private clean(): void {
    const before = new Map([...this.machines].map(([name, { gone }]) => [name, sizeOf(gone)]));
    for (let round = 0; round < cleanRounds; round++)
      for (const name of storeNodes) {
        this.step(name, { kind: "collect" });
        this.deliverAll();
      }
    const texts = storeNodes.map((name) => {
      const count = sizeOf(this.of(name).gone) - (before.get(name) ?? 0);
      return `${name} lets ${count === 0 ? "nothing" : String(count)} go`;
    });
    this.log.push(`clean-up: ${texts.join(", ")}`);
  }

  private withMessage({ kind, message }: StoreAction & { kind: "deliver" | "copy" }): void {
    const found = this.pool.find(({ id }) => id === message);
    if (found === undefined) return;
    if (kind === "deliver") {
      this.pool = this.pool.filter((one) => one !== found);
      this.deliver(found);
      return;
    }
    this.log.push(`a copy of ${this.frameText(found.frame)} to ${found.to} is late`);
    this.pool.push({ ...found, id: this.freeId(found), copy: true });
  }

  // ---- the network ----

  private machine(name: string): Machine {
    const { evaluated, kept, relations } = this.program;
    const transducer = new IncrementalTransducer(evaluated, name, storeNodes);
    const node = new Node({
      ...{ name, incarnation: 1, transducer, kept, floods: true },
      peers: storeNodes.filter((other) => other !== name),
      cleaning: { spent: relations.spent, names: relations.names },
      // What went is forgotten as soon as it can be, so that nothing is shown that is not there.
      limits: { garbageMin: 0 },
    });
    return { name, node, transducer, records: 0, gone: new Map() };
  }

  private of(name: string): Machine {
    const machine = this.machines.get(name);
    if (machine === undefined) throw new Error(`there is no node "${name}"`);
    return machine;
  }

  private step(name: string, input: NodeInput): void {
    const machine = this.of(name);
    const { records, frames } = machine.node.step(input);
    for (const { to, frame } of frames) this.send(name, to, frame);
    for (const record of records)
      if (record.kind === "gone") machine.gone = joinedGone(machine.gone, record.gone);
    machine.records += records.length;
    if (records.length > 0) this.step(name, { kind: "persisted", count: machine.records });
  }

  private send(from: string, to: string, frame: Frame): void {
    // A later acknowledgement says all that the one before does.
    if (frame.kind === "ack")
      this.pool = this.pool.filter(
        (one) => one.from !== from || one.to !== to || one.frame.kind !== "ack",
      );
    this.pool.push({ id: this.freeId({ from, to, frame }), from, to, frame, copy: false });
  }

  /** A name for a message that none on its way has: links to this page hold such names. */
  private freeId({ from, to, frame }: Pick<Travelling, "from" | "to" | "frame">): string {
    let id = `${from}>${to} ${frame.kind}`;
    if (frame.kind === "batch") id += ` ${dotOf(frame.batch)}`;
    if (frame.kind === "gone") id += ` ${String(frame.number)}`;
    while (this.pool.some((one) => one.id === id)) id += "'";
    return id;
  }

  /** Lets everything arrive that no held link keeps, and what is sent then. */
  private deliverAll(): void {
    for (;;) {
      const next = this.pool.find(
        ({ from, to, copy }) => !copy && !this.held.has(linkOf(from, to)),
      );
      if (next === undefined) return;
      this.pool = this.pool.filter((one) => one !== next);
      this.deliver(next);
    }
  }

  private deliver({ from, to, frame, copy }: Travelling): void {
    if (frame.kind === "batch") {
      const { node, gone } = this.of(to);
      const { origin, from: first } = frame.batch;
      const known = node.taken(origin) >= lastOf(frame.batch);
      const went = endOf(gone.get(origin) ?? [], first) !== undefined;
      if (copy || !known) {
        const after = went ? ", which is gone here: nothing comes back" : ", which it has";
        this.log.push(`${to} receives ${this.frameText(frame)} from ${from}${known ? after : ""}`);
      }
    }
    this.step(to, { kind: "frame", peer: from, frame });
  }

  // ---- what is shown ----

  private shown(machine: Machine): ShownStoreNode {
    const { name, gone } = machine;
    return {
      name,
      cells: this.cells(machine),
      kept: this.kept(machine),
      gone: [...gone].flatMap(([origin, ranges]) =>
        Array.from({ length: ranges.length / 2 }, (_, at) => {
          const [from = 0, to = 0] = [ranges[2 * at], ranges[2 * at + 1]];
          return `${origin}:${String(from)}${from === to ? "" : `–${String(to)}`}`;
        }),
      ),
      goneCount: sizeOf(gone),
    };
  }

  private cells({ transducer }: Machine): ShownCell[] {
    const { live, winner } = this.program.relations;
    const winners = new Set(transducer.tuples(winner).map(([, , dot]) => dot));
    const cells = new Map<string, ShownCell & { readonly versions: ShownCell["versions"] }>();
    for (const [k1, k2, dot, , value] of transducer.tuples(live) as readonly string[][]) {
      if (k1 === undefined || k2 === undefined || dot === undefined) continue;
      const key = JSON.stringify([k1, k2]);
      const version = { dot, value: value ?? "", winner: winners.has(dot) };
      const versions = [...(cells.get(key)?.versions ?? []), version];
      versions.sort((a, b) => Number(b.winner) - Number(a.winner) || (a.dot < b.dot ? -1 : 1));
      cells.set(key, { k1, k2, versions });
    }
    return [...cells].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => cell);
  }

  private kept({ node, transducer }: Machine): ShownKept[] {
    const { put, remove, spent } = this.program.relations;
    const removed = new Set(transducer.tuples(spent).map(([dot]) => dot));
    return [...node.holds.keys()].sort().flatMap((origin) =>
      [...node.batches(origin, 0, Infinity)].flatMap(partsOf).map((batch): ShownKept => {
        const dot = dotOf(batch);
        const [fact] = batch.facts;
        const [k1 = "", k2 = "", , , value = ""] = (fact?.values ?? []) as readonly string[];
        const text = `${k1}/${k2}`;
        if (fact?.relation === put)
          return {
            ...{ kind: "put", dot, removed: removed.has(dot) },
            text: `${text} = ${JSON.stringify(value)}`,
          };
        const facts = batch.facts.filter(({ relation }) => relation === remove);
        const names = facts.map(({ values }) => values[2] as string);
        return { kind: "tombstone", dot, text, names };
      }),
    );
  }

  private seen({ transducer }: Machine, k1: string, k2: string): string[] {
    const found = transducer.tuples(this.program.relations.seen) as readonly string[][];
    const there = found.filter(([one, other]) => one === k1 && other === k2);
    return there.flatMap(([, , dot]) => dot ?? []).sort();
  }

  private frameText(frame: Frame): string {
    if (frame.kind === "gone") return "what is gone";
    if (frame.kind !== "batch") return frame.kind;
    const { facts } = frame.batch;
    const rows = facts.map(({ values }) => values as readonly string[]);
    const [[k1 = "", k2 = "", , , value = ""] = []] = rows;
    const puts = facts[0]?.relation === this.program.relations.put;
    const dots = rows.slice(puts ? 1 : 0).map(([, , dot]) => dot);
    const without = dots.length === 0 ? "" : `without ${dots.join(", ")}`;
    if (!puts) return `${k1}/${k2} ${without}`;
    return `${k1}/${k2} = ${JSON.stringify(value)}${without && `, ${without}`}`;
  }
}

function dotOf({ origin, from }: Batch): string {
  return `${origin}:${String(from)}`;
}

function sizeOf(gone: Gone): number {
  return [...gone.values()].reduce((sum, ranges) => sum + countOf(ranges), 0);
}
