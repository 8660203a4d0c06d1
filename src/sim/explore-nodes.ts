// All runs of a few nodes: every order in which frames arrive, once, again or never, and in which
// what is asked of the nodes is done. Acknowledgements arrive at once, and what is written is
// durable at once: what comes of their being late is left to simulations. Nodes are real ones;
// what one does in a state is computed once, by repeating a shortest way there, then looked up.
import { assert } from "../base/assert.ts";
import type { Node } from "../transducer/node.ts";
import type { Frame, NodeInput } from "../transducer/protocol.ts";
import { stateText } from "./state-text.ts";

/** A node at its beginning, or after what has happened to it. */
export type Begun = {
  readonly node: Node;
  /** What its rules have derived, as far as nodes in the same state can differ in it. */
  readonly derived: () => unknown;
};

/** What is explored. */
export type NodesToExplore<View> = {
  readonly names: readonly string[];
  /** Returns a node that nothing has happened to; always the same one. */
  readonly begin: (name: string) => Begun;
  /** What is to be known of a node in a state. */
  readonly view: (begun: Begun) => View;
  /** What may be asked of a node in a state, beside taking in frames. */
  readonly asked: (name: string, view: View) => readonly NodeInput[];
  /** Says what is wrong when all have come to rest after a cut; undefined where nothing is. */
  readonly wrong: (views: ReadonlyMap<string, View>) => string | undefined;
  /** Says what is wrong with a node in a state that can be reached. */
  readonly wrongAt: (name: string, view: View) => string | undefined;
  readonly statesMax: number;
};

/** What came of an exploration. */
export type NodesExplored = {
  /** How many states of all nodes, with what is on its way, were reached. */
  readonly states: number;
  /** How many states single nodes have come to. */
  readonly local: number;
  /** Whether these are all that can be reached. */
  readonly complete: boolean;
  /** The first thing that is wrong, after which nothing more was explored, and the way to it. */
  readonly violation?: { readonly what: string; readonly run: readonly string[] };
};

/** A state of one node, and the last step of a shortest way to it. */
type Local<View> = {
  readonly id: number;
  readonly name: string;
  readonly from?: { readonly local: Local<View>; readonly input: NodeInput };
  readonly view: View;
  readonly asked: readonly NodeInput[];
  readonly next: Map<string, Done<View>>;
};

/** Where a step leads, and the frames that it sends, by their places among all frames. */
type Done<View> = { readonly to: Local<View>; readonly sent: readonly number[] };

type Travelling = {
  readonly from: string;
  readonly to: string;
  readonly frame: Frame;
  readonly text: string;
};

/** A state of all nodes; what is on its way can arrive any number of times. */
type Global<View> = {
  readonly locals: readonly Local<View>[];
  readonly frames: readonly number[];
  readonly before?: { readonly state: Global<View>; readonly step: string };
};

/** Explores, breadth first, from the state in which all nodes are connected and have heard so. */
export function exploreNodes<View>(explored: NodesToExplore<View>): NodesExplored {
  return new NodesExploration(explored).run();
}

class NodesExploration<View> {
  private readonly explored: NodesToExplore<View>;
  private readonly locals = new Map<string, Local<View>>();
  private readonly travelling: Travelling[] = [];
  private readonly places = new Map<string, number>();
  /** What is wrong, by the states of the nodes, after a cut. */
  private readonly settled = new Map<string, string | undefined>();

  constructor(explored: NodesToExplore<View>) {
    this.explored = explored;
  }

  run(): NodesExplored {
    const { statesMax } = this.explored;
    const start = this.explored.names.map((name) => this.begun(name));
    const first: Global<View> = { locals: this.connected(start), frames: [] };
    const seen = new Set([keyOf(first)]);
    const queue = [first];
    for (let at = 0; at < queue.length; at++) {
      const state = queue[at];
      if (state === undefined) break;
      const what = this.wrong(state);
      const counts = { states: seen.size, local: this.locals.size };
      if (what !== undefined)
        return { ...counts, complete: false, violation: { what, run: runTo(state) } };
      for (const next of this.successors(state)) {
        const key = keyOf(next);
        if (seen.has(key)) continue;
        if (seen.size >= statesMax) return { ...counts, complete: false };
        seen.add(key);
        queue.push(next);
      }
    }
    return { states: seen.size, local: this.locals.size, complete: true };
  }

  private *successors(state: Global<View>): Generator<Global<View>> {
    const { names } = this.explored;
    for (const place of state.frames) {
      const one = this.at(place);
      yield this.after(state, names.indexOf(one.to), inputOf(one), one.text);
    }
    for (const [at, { name, asked }] of state.locals.entries())
      for (const input of asked)
        yield this.after(state, at, input, `${name} is asked ${stateText(input)}`);
  }

  private after(state: Global<View>, at: number, input: NodeInput, step: string): Global<View> {
    const local = state.locals[at];
    assert(local !== undefined, "a node of that place");
    const { to, sent } = this.step(local, input, step);
    const arrived = this.acknowledged(state.locals.with(at, to), sent);
    const fresh = arrived.frames.filter((place) => !state.frames.includes(place));
    const frames = [...state.frames, ...fresh].toSorted((a, b) => a - b);
    return { locals: arrived.locals, frames, before: { state, step } };
  }

  /** The nodes when the acknowledgements among frames have arrived, and what else is sent. */
  private acknowledged(before: readonly Local<View>[], sent: readonly number[]) {
    let locals = before;
    const frames: number[] = [];
    const queue = [...sent];
    for (const place of queue) {
      const one = this.at(place);
      const at = this.explored.names.indexOf(one.to);
      const local = locals[at];
      assert(local !== undefined, "a frame goes to a node");
      if (one.frame.kind !== "ack") frames.push(place);
      else {
        const done = this.step(local, inputOf(one), one.text);
        locals = locals.with(at, done.to);
        queue.push(...done.sent);
      }
    }
    return { locals, frames };
  }

  private at(place: number): Travelling {
    const one = this.travelling[place];
    assert(one !== undefined, "what is on its way was sent");
    return one;
  }

  /** What is wrong in a state, or in what comes of it when all connections break, what was on its
   * way is lost, and all that is sent from then on arrives. */
  private wrong({ locals }: Global<View>): string | undefined {
    const { wrong, wrongAt } = this.explored;
    const ids = locals.map(({ id }) => id).join();
    if (!this.settled.has(ids)) {
      const now = locals.map(({ name, view }) => wrongAt(name, view));
      const atRest = this.atRest(locals);
      const views = new Map(atRest.map(({ name, view }) => [name, view]));
      this.settled.set(ids, now.find((what) => what !== undefined) ?? wrong(views));
    }
    return this.settled.get(ids);
  }

  /** The nodes after a cut, once nothing happens any more though all are asked to clean up. */
  private atRest(locals: readonly Local<View>[]): readonly Local<View>[] {
    let now = this.connected(locals);
    for (;;) {
      const before = now;
      for (const at of now.keys()) now = this.arrived(now, at, [{ kind: "collect" }]);
      if (now.every((local, at) => local === before[at])) return now;
    }
  }

  /** The nodes when all have been connected anew, and have taken in all that follows from it. */
  private connected(locals: readonly Local<View>[]): readonly Local<View>[] {
    const { names } = this.explored;
    let now = locals;
    const sent: number[] = [];
    for (const kind of ["disconnected", "connected"] as const)
      for (const [at, name] of names.entries())
        for (const peer of names) {
          const local = now[at];
          if (peer === name || local === undefined) continue;
          const done = this.step(local, { kind, peer }, `${kind} ${peer}`);
          now = now.with(at, done.to);
          sent.push(...done.sent);
        }
    return this.delivered(now, sent);
  }

  private arrived(
    locals: readonly Local<View>[],
    at: number,
    inputs: readonly NodeInput[],
  ): readonly Local<View>[] {
    let now = locals;
    const sent: number[] = [];
    for (const input of inputs) {
      const local = now[at];
      assert(local !== undefined, "a node of that place");
      const done = this.step(local, input, stateText(input));
      now = now.with(at, done.to);
      sent.push(...done.sent);
    }
    return this.delivered(now, sent);
  }

  /** The nodes when frames, and those that follow from them, have arrived in order. */
  private delivered(
    locals: readonly Local<View>[],
    frames: readonly number[],
  ): readonly Local<View>[] {
    let now = locals;
    const queue = [...frames];
    for (const place of queue) {
      const one = this.at(place);
      const at = this.explored.names.indexOf(one.to);
      const local = now[at];
      assert(local !== undefined, "a frame goes to a node");
      const { to, sent } = this.step(local, inputOf(one), one.text);
      now = now.with(at, to);
      queue.push(...sent);
    }
    return now;
  }

  // ---- one node ----

  private begun(name: string): Local<View> {
    return this.local(name, this.explored.begin(name));
  }

  private step(local: Local<View>, input: NodeInput, text: string): Done<View> {
    const known = local.next.get(text);
    if (known !== undefined) return known;
    const begun = this.explored.begin(local.name);
    const before: NodeInput[] = [];
    for (let at = local; at.from !== undefined; at = at.from.local) before.unshift(at.from.input);
    const counts = { given: 0 };
    for (const one of before) stepDurably(begun.node, one, counts);
    const sent = stepDurably(begun.node, input, counts).map(({ to, frame }) =>
      this.placeOf(local.name, to, frame),
    );
    const done = { to: this.local(local.name, begun, { local, input }), sent: [...new Set(sent)] };
    local.next.set(text, done);
    return done;
  }

  private local(name: string, begun: Begun, from?: Local<View>["from"]): Local<View> {
    const text = `${name} ${stateText([begun.node, begun.derived()])}`;
    const known = this.locals.get(text);
    if (known !== undefined) return known;
    const view = this.explored.view(begun);
    const asked = this.explored.asked(name, view);
    const id = this.locals.size;
    const fresh = { id, name, view, asked, next: new Map<string, Done<View>>() };
    const local = from === undefined ? fresh : { ...fresh, from };
    this.locals.set(text, local);
    return local;
  }

  private placeOf(from: string, to: string, frame: Frame): number {
    const text = `${from} to ${to}: ${stateText(frame)}`;
    const known = this.places.get(text);
    if (known !== undefined) return known;
    this.places.set(text, this.travelling.length);
    return this.travelling.push({ from, to, frame, text }) - 1;
  }
}

function inputOf({ from, frame }: Travelling): NodeInput {
  return { kind: "frame", peer: from, frame };
}

/** Has a node take in something, and what it writes be durable at once; returns what it sends. */
function stepDurably(node: Node, input: NodeInput, counts: { given: number }) {
  const { records, frames } = node.step(input);
  if (records.length === 0) return frames;
  counts.given += records.length;
  return [...frames, ...node.step({ kind: "persisted", count: counts.given }).frames];
}

function keyOf<View>({ locals, frames }: Global<View>): string {
  return `${locals.map(({ id }) => id).join()} ${frames.join()}`;
}

function runTo<View>(state: Global<View>): string[] {
  const run: string[] = [];
  for (let at = state; at.before !== undefined; at = at.before.state) run.unshift(at.before.step);
  return run;
}
