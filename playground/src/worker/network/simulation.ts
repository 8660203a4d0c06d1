// A simulated network that somebody drives: which message arrives next, what is lost, who fails.
// What a node does in a step is the model of the paper (src/transducer/model.ts), as an immutable
// value; so is the whole world, of which every step is kept.
//
// Messages are sent until they are acknowledged: one that is lost is sent again after a while.
// Acknowledgements are not drawn. A node that crashes has on its disk what it had taken in. It is
// one file because whatever happens goes from one world to the next, and any of it can follow any.
import { Map as ImmutableMap, OrderedMap } from "immutable";
import { random } from "../../../../src/base/random.ts";
import { type Fact, keyOf, type Sent } from "../../../../src/transducer/fact.ts";
import type { FactMap, Model, NodeState } from "../../../../src/transducer/model.ts";
import { StepFault } from "../../../../src/transducer/transducer.ts";
import type {
  NetworkAction,
  NetworkSetup,
  NetworkVerdict,
  NetworkView,
  ShownNode,
} from "../../network-protocol.ts";
import { networkLimits } from "../../network-protocol.ts";
import type { Distributed } from "./program.ts";
import { emptyWorld, type Flight, linkOf, type Load, type NodeWorld, type World } from "./world.ts";

/** So many steps after a message was lost it is sent again. */
const resendSteps = 6;

/** How many lines of what happened are shown. */
const logLinesMax = 200;

/** A simulation, with all its steps. */
export class Simulation {
  private readonly what: Distributed;
  private readonly setup: NetworkSetup;
  private readonly names: readonly string[];
  private readonly answer: FactMap;
  private readonly facts: ReadonlyMap<string, Fact>;
  private readonly worlds: World[];

  constructor(what: Distributed, setup: NetworkSetup) {
    this.what = what;
    this.setup = setup;
    this.names = Array.from({ length: setup.nodes }, (_, at) => `n${String(at + 1)}`);
    const shown = what.facts.slice(0, networkLimits.factsMax);
    this.facts = new Map(shown.map((fact) => [this.text(fact), fact]));
    this.answer = this.answerOf([...this.facts.values()]);
    this.worlds = [this.first()];
  }

  /** The network after one of its steps. */
  view(at: number): NetworkView {
    const world = this.worlds[Math.min(Math.max(at, 0), this.worlds.length - 1)] ?? emptyWorld();
    const { flights, cuts, log } = world;
    const given = new Set(
      [...world.nodes.values()].flatMap(({ own }) => [...own.values()].map((of) => this.text(of))),
    );
    return {
      at: world.step,
      steps: this.worlds.length - 1,
      nodes: [...world.nodes].map(([name, node]) => this.shown(name, node)),
      flights: [...flights.values()].map(({ id, from, to, load, state }) => ({
        ...{ id, from, to },
        kind: load.kind,
        text: this.loadText(load),
        state: state === "moving" && !this.arrives(world, { from, to }) ? "blocked" : state,
      })),
      cuts: [...cuts].map((link): [string, string] => {
        const [one = "", other = ""] = link.split(" ");
        return [one, other];
      }),
      log: [...log.takeLast(logLinesMax)],
      verdict: this.verdict(world),
      left: [...this.facts.keys()].filter((text) => !given.has(text)),
      monotone: this.what.monotone,
      answer: this.answer.size,
      ...(this.setup.mode === "order" && {
        sequencer: { name: this.sequencer, epochs: this.lastEpoch(world) },
      }),
      modes: this.what.modes,
      inputs: [...this.facts.keys()],
    };
  }

  /** Lets something happen after a step; what had happened after it before is forgotten. */
  act(at: number, action: NetworkAction): NetworkView {
    const before = this.worlds[at];
    if (before === undefined || at >= networkLimits.stepsMax) return this.view(at);
    const after = this.happened(before, action);
    if (after === undefined) return this.view(at);
    this.worlds.length = at + 1;
    this.worlds.push(after.set("step", at + 1));
    return this.view(at + 1);
  }

  // ---- what happens ----

  private happened(world: World, action: NetworkAction): World | undefined {
    switch (action.kind) {
      case "step":
        return this.byChance(world, action);
      case "deliver":
      case "drop":
      case "duplicate":
      case "hold": {
        const flight = world.flights.get(action.flight);
        return flight && this.withFlight(world, flight, action.kind);
      }
      case "cut":
      case "heal": {
        const [one, other] = action.between;
        const link = linkOf(one, other);
        const cut = action.kind === "cut";
        const cuts = cut ? world.cuts.add(link) : world.cuts.remove(link);
        const text = `the link between ${one} and ${other} is ${cut ? "cut" : "healed"}`;
        return said(world.set("cuts", cuts), text);
      }
      case "crash":
      case "restart": {
        const up = action.kind === "restart";
        const text = up
          ? `${action.node} starts again, with what is on its disk`
          : `${action.node} crashes`;
        return said(this.put(world, action.node, { up }), text);
      }
      case "insert": {
        const fact = this.facts.get(action.fact);
        const node = world.nodes.get(action.node);
        if (fact === undefined || node?.up !== true) return undefined;
        return this.given(said(world, `${action.node} is given ${action.fact}`), action.node, [
          fact,
        ]);
      }
    }
  }

  private withFlight(
    world: World,
    flight: Flight,
    what: "deliver" | "drop" | "duplicate" | "hold",
  ): World | undefined {
    const { id, from, to, load, state } = flight;
    const text = this.loadText(load);
    switch (what) {
      case "deliver":
        if (!this.arrives(world, flight)) return undefined;
        return this.taken(
          said(world.deleteIn(["flights", id]), `${to} receives ${text} from ${from}`),
          to,
          load,
        );
      case "drop": {
        const lost: Flight = { ...flight, state: "lost", since: world.step };
        return said(
          world.setIn(["flights", id], lost),
          `${text} from ${from} to ${to} is lost; it will be sent again`,
        );
      }
      case "duplicate":
        return said(
          this.sent(world, from, to, load),
          `${text} from ${from} to ${to} is on its way twice`,
        );
      case "hold": {
        const held = state === "held";
        const next: Flight = { ...flight, state: held ? "moving" : "held" };
        return said(
          world.setIn(["flights", id], next),
          held ? `${text} to ${to} goes on` : `${text} to ${to} is held up`,
        );
      }
    }
  }

  /** What chance would have: what was lost is sent again when its time has come; else something
   * arrives, is lost or is repeated; else a node that has something to do computes. */
  private byChance(
    world: World,
    { loss, duplication }: { readonly loss: number; readonly duplication: number },
  ): World | undefined {
    const due = [...world.flights.values()].find(
      ({ state, since }) => state === "lost" && world.step - since >= resendSteps,
    );
    if (due !== undefined) return this.resent(world, due);
    const moving = [...world.flights.values()].filter(
      (flight) => flight.state === "moving" && this.arrives(world, flight),
    );
    const computing = this.names.filter((name) => {
      const node = world.nodes.get(name);
      return node?.up === true && node.again;
    });
    const choices = moving.length + computing.length;
    if (choices === 0) {
      const lost = [...world.flights.values()].find(({ state }) => state === "lost");
      return lost && this.resent(world, lost);
    }
    // A function of the seed and the step: who goes back and on sees the same again.
    const chance = random(this.setup.seed * 0x10001 + world.step);
    const chosen = chance.below(choices);
    const flight = moving[chosen];
    if (flight === undefined) {
      const name = chance.pick(computing);
      return this.computed(said(world, `${name} computes`), name, []);
    }
    if (chance.chance(loss)) return this.withFlight(world, flight, "drop");
    if (chance.chance(duplication)) return this.withFlight(world, flight, "duplicate");
    return this.withFlight(world, flight, "deliver");
  }

  private resent(world: World, flight: Flight): World {
    const { id, from, to, load } = flight;
    const again: Flight = { ...flight, state: "moving", since: world.step };
    return said(
      world.setIn(["flights", id], again),
      `${from} sends ${this.loadText(load)} to ${to} again: nobody acknowledged it`,
    );
  }

  /** Clients give a node facts. */
  private given(world: World, name: string, facts: readonly Fact[]): World {
    const node = world.nodes.get(name);
    if (node === undefined) return world;
    const next = this.put(world, name, { own: node.own.merge(this.model.keyed(facts)) });
    if (this.setup.mode === "order")
      return facts.reduce((of, fact) => this.handedIn(of, name, fact), next);
    if (this.setup.mode !== "wait") return this.computed(next, name, facts);
    return facts.reduce(
      (of, fact) => this.toAll(of, name, { kind: "fact", fact }),
      this.holding(next, name, facts),
    );
  }

  /** A node takes in what has arrived. */
  private taken(world: World, name: string, load: Load): World {
    if (load.kind === "epoch") return this.inOrder(world, name, load);
    if (this.setup.mode === "order")
      return load.kind === "fact" ? this.sequenced(world, load.fact) : world;
    if (this.setup.mode !== "wait")
      return load.kind === "fact" ? this.computed(world, name, [load.fact]) : world;
    if (load.kind === "fact") return this.begun(this.holding(world, name, [load.fact]), name);
    const node = world.nodes.get(name);
    const seals = (node?.seals ?? ImmutableMap<string, FactMap>()).set(load.of, load.facts);
    return this.begun(this.put(world, name, { seals }), name);
  }

  private holding(world: World, name: string, facts: readonly Fact[]): World {
    const held = world.nodes.get(name)?.held.merge(this.what.model.keyed(facts));
    return held === undefined ? world : this.put(world, name, { held });
  }

  /** A node that waits computes once it has heard all of all, in one step. */
  private begun(world: World, name: string): World {
    const node = world.nodes.get(name);
    if (node === undefined || node.state !== undefined || this.awaited(node).length > 0)
      return world;
    const { model } = this.what;
    const state = model.start(name, this.names, [...node.held.values()]);
    const ready = said(this.put(world, name, { state }), `${name} has all of all, and answers`);
    return this.computed(ready, name, []);
  }

  // ---- one order ----

  /** The node that puts facts in order. */
  private get sequencer(): string {
    return this.names[0] ?? "";
  }

  private lastEpoch({ nodes }: World): number {
    return nodes.get(this.sequencer)?.epochs.size ?? 0;
  }

  private handedIn(world: World, from: string, fact: Fact): World {
    return from === this.sequencer
      ? this.sequenced(world, fact)
      : this.sent(world, from, this.sequencer, { kind: "fact", fact });
  }

  /** The sequencer gives a fact the next epoch, and tells all; a copy of one that has an epoch
   * changes nothing. */
  private sequenced(world: World, fact: Fact): World {
    const known = world.nodes.get(this.sequencer)?.epochs ?? ImmutableMap<number, Fact>();
    if (known.some((of) => keyOf(of) === keyOf(fact))) return world;
    const load = { kind: "epoch", epoch: known.size + 1, fact } as const;
    const next = this.inOrder(world, this.sequencer, load);
    return this.toAll(
      said(next, `${this.sequencer} gives ${this.text(fact)} epoch ${String(load.epoch)}`),
      this.sequencer,
      load,
    );
  }

  /** A node takes an epoch once it has taken those before it: whatever overtakes it waits. */
  private inOrder(
    world: World,
    name: string,
    { epoch, fact }: { readonly epoch: number; readonly fact: Fact },
  ): World {
    const node = world.nodes.get(name);
    if (node === undefined) return world;
    const epochs = node.epochs.set(epoch, fact);
    let at = node.epoch;
    while (epochs.has(at + 1)) at++;
    if (at === node.epoch) return this.put(world, name, { epochs });
    const held = [...epochs].flatMap(([of, one]) => (of <= at ? [one] : []));
    // Its answer is that of all facts up to its epoch, as if there were no others.
    const { model } = this.what;
    const { state } = model.step(model.start(name, this.names, held), []);
    return this.put(world, name, { epochs, epoch: at, held: model.keyed(held), state });
  }

  /** A node computes one step of its transducer. */
  private computed(world: World, name: string, received: readonly Fact[]): World {
    const before = world.nodes.get(name)?.state;
    if (before === undefined) return world;
    let next: World = world;
    let state: NodeState;
    let sent: readonly Sent[];
    try {
      ({ state, sent } = this.model.step(before, received));
    } catch (error) {
      if (!(error instanceof StepFault)) throw error;
      return said(world, `${name} cannot compute: ${error.message}`);
    }
    const kept = before.kept.merge(this.model.keptOf(received));
    next = this.put(next, name, { state, again: !state.kept.equals(kept) });
    for (const { to, ...fact } of sent) {
      const load: Load = { kind: "fact", fact: this.model.interned(fact) };
      if (to === undefined) next = this.toAll(next, name, load);
      else if (this.names.includes(to)) next = this.sent(next, name, to, load);
    }
    return next;
  }

  private toAll(world: World, from: string, load: Load): World {
    return this.names
      .filter((to) => to !== from)
      .reduce(
        (next, to) => (this.knows(world, to, from, load) ? next : this.sent(next, from, to, load)),
        world,
      );
  }

  /** What a node has told another, that one need not be told. */
  private knows({ nodes }: World, to: string, from: string, load: Load): boolean {
    return load.kind === "fact" && this.setup.mode === "free" && from !== to
      ? nodes.get(to)?.state?.kept.has(keyOf(load.fact)) === true
      : false;
  }

  private sent(world: World, from: string, to: string, load: Load): World {
    const id = world.lastFlight + 1;
    const flight: Flight = { id, from, to, load, state: "moving", since: world.step };
    return world.merge({ lastFlight: id, flights: world.flights.set(id, flight) });
  }

  // ---- how it stands ----

  private first(): World {
    const { facts, names, setup } = this;
    const shares = new Map(names.map((name): [string, Fact[]] => [name, []]));
    let turn = 0;
    for (const [text, fact] of facts) {
      const chosen = setup.dealt[text] ?? names[turn++ % names.length] ?? "";
      shares.get(chosen)?.push(fact);
    }
    const waits = setup.mode === "wait";
    // Where they wait, and where they take facts in one order, they compute once they have some.
    const idle = waits || setup.mode === "order";
    let world = emptyWorld({
      nodes: OrderedMap(
        names.map((name): [string, NodeWorld] => [
          name,
          {
            up: true,
            own: ImmutableMap(),
            held: ImmutableMap(),
            seals: ImmutableMap(),
            epochs: ImmutableMap(),
            epoch: 0,
            state: idle ? undefined : this.model.start(name, names, shares.get(name) ?? []),
            // Its first step is still to come.
            again: !idle,
          },
        ]),
      ),
    });
    for (const [name, share] of shares)
      world = idle
        ? this.given(world, name, share)
        : this.put(world, name, { own: this.model.keyed(share) });
    if (!waits) return world;
    for (const [name, share] of shares) {
      const seal: Load = { kind: "seal", of: name, facts: this.model.keyed(share) };
      world = this.toAll(this.taken(world, name, seal), name, seal);
    }
    return world;
  }

  private get model(): Model {
    return this.setup.mode === "free" ? this.what.flooding : this.what.model;
  }

  /** What one machine that has all of the input puts out. */
  private answerOf(facts: readonly Fact[]): FactMap {
    const { model } = this.what;
    let state = model.start("one", ["one"], facts);
    const toSelf: Fact[] = [];
    let received: readonly Fact[] = [];
    for (let steps = 0; steps < networkLimits.stepsMax; steps++) {
      const before = state.kept.merge(model.keptOf(received));
      const step = model.step(state, received);
      state = step.state;
      for (const { to, ...fact } of step.sent) if (to === "one") toSelf.push(fact);
      if (toSelf.length === 0 && state.kept.equals(before)) break;
      received = toSelf.splice(0, 1);
    }
    return state.output;
  }

  private shown(name: string, node: NodeWorld): ShownNode {
    const output = [...(node.state?.output ?? ImmutableMap<string, Fact>()).values()];
    const { roles } = this.model.network;
    const held = node.state?.kept.merge(node.held) ?? node.held;
    return {
      name,
      up: node.up,
      own: [...node.own.values()].map((fact) => this.text(fact)),
      held: [...this.facts.values()].filter((fact) => held.has(keyOf(fact))).length,
      output: output
        .map((fact) => ({
          text: this.text(fact),
          relation: roles[fact.relation]?.name ?? "",
          state: this.right(fact)
            ? ("right" as const)
            : this.setup.mode === "order"
              ? ("earlier" as const)
              : ("wrong" as const),
        }))
        .sort((a, b) => (a.text < b.text ? -1 : 1)),
      missing: [...this.answer.keys()].filter((key) => !node.state?.output.has(key)).length,
      awaits: this.setup.mode === "wait" && node.state === undefined ? this.awaited(node) : [],
      ...(this.setup.mode === "order" && { epoch: node.epoch }),
    };
  }

  /** Whether a fact is in the answer; of a lattice, whether it is below what is. */
  private right(fact: Fact): boolean {
    if (this.answer.has(keyOf(fact))) return true;
    const { model } = this.what;
    if (!model.hasLattice(fact.relation)) return false;
    const rows = [...this.answer.values()].filter(({ relation }) => relation === fact.relation);
    return model.joined([...rows, fact]).equals(model.keyed(rows));
  }

  private awaited({ seals, held }: NodeWorld): string[] {
    return this.names.filter((name) => {
      const seal = seals.get(name);
      return seal === undefined || seal.some((_, key) => !held.has(key));
    });
  }

  private verdict(world: World): NetworkVerdict {
    const shown = [...world.nodes].map(([name, node]) => this.shown(name, node));
    if (shown.some(({ output }) => output.some(({ state }) => state === "wrong"))) return "wrong";
    const quiet = world.flights.isEmpty() && [...world.nodes.values()].every(({ again }) => !again);
    if (!quiet) return "running";
    return shown.every(({ missing }) => missing === 0) ? "converged" : "stuck";
  }

  private arrives({ cuts, nodes }: World, { from, to }: Pick<Flight, "from" | "to">): boolean {
    return !cuts.has(linkOf(from, to)) && nodes.get(to)?.up === true;
  }

  private put(world: World, name: string, change: Partial<NodeWorld>): World {
    const node = world.nodes.get(name);
    return node === undefined
      ? world
      : world.set("nodes", world.nodes.set(name, { ...node, ...change }));
  }

  private loadText(load: Load): string {
    switch (load.kind) {
      case "fact":
        return this.text(load.fact);
      case "epoch":
        return `epoch ${String(load.epoch)}: ${this.text(load.fact)}`;
      case "seal":
        return `“${load.of} has told all”`;
    }
  }

  private text(fact: Fact): string {
    const name = this.what.program.relations[fact.relation]?.name ?? "";
    return keyOf(fact).replace(/^\d+/, () => name);
  }
}

function said(world: World, text: string): World {
  return world.set("log", world.log.push(text));
}
