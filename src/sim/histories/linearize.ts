// Whether the operations on one object are as if each took effect at one moment between its call
// and its return: the search of Wing and Gong (1993), with the memory of Lowe ("Testing for
// linearizability", 2017).

/** An operation on one object as its client saw it. */
export type TimedOperation<Operation> = {
  readonly process: string;
  readonly from: number;
  /** When it returned; undefined where nobody knows whether it took effect, and when. */
  readonly to?: number;
  readonly operation: Operation;
};

/** What an object does by itself. */
export type SequentialModel<State, Operation> = {
  readonly initial: State;
  /** The state after an operation; undefined where it cannot have had this result. */
  readonly step: (state: State, operation: Operation) => State | undefined;
  /** Equal for equal states alone. */
  readonly stateText: (state: State) => string;
};

/** Whether operations can be put in an order, and how far one came. */
export type Linearization =
  | { readonly kind: "linearizable"; readonly order: readonly number[] }
  | {
      readonly kind: "not-linearizable";
      /** A longest order that was found; what returned next fits at none of its ends. */
      readonly order: readonly number[];
      readonly stuck: number;
    }
  /** The search took more steps than it may. */
  | { readonly kind: "unknown" };

/** The steps of a search, unless other limits are given: histories of a thousand operations, of a
 * dozen processes, take far fewer. */
const linearizeStepsMax = 5_000_000;

/** Returns an order of operations, given by their places, in which a model allows their results and
 * none is after one that was called when it had returned already. */
export function linearize<State, Operation>(
  operations: readonly TimedOperation<Operation>[],
  model: SequentialModel<State, Operation>,
  stepsMax = linearizeStepsMax,
): Linearization {
  const events = new Events(operations);
  const tried = new Set<string>();
  const path: { readonly at: number; readonly before: State }[] = [];
  const done = new Prefix(events.inCallOrder);
  let state = model.initial;
  let returned = operations.filter(({ to }) => to !== undefined).length;
  let best: { order: number[]; stuck: number } | undefined;
  let event = events.first();
  for (let steps = 0; returned > 0; steps++) {
    if (steps > stepsMax) return { kind: "unknown" };
    if (event?.kind === "call") {
      const { at } = event;
      const operation = operations[at]?.operation as Operation;
      const next = model.step(state, operation);
      if (next !== undefined) {
        done.add(at);
        const name = `${done.text()} ${model.stateText(next)}`;
        if (!tried.has(name)) {
          tried.add(name);
          path.push({ at, before: state });
          state = next;
          if (operations[at]?.to !== undefined) returned--;
          events.take(at);
          event = events.first();
          continue;
        }
        done.remove(at);
      }
      event = event.next;
      continue;
    }
    // A return whose call is not taken, or the end: the last one was taken too early.
    if (event !== undefined && (best === undefined || path.length > best.order.length))
      best = { order: path.map(({ at }) => at), stuck: event.at };
    const last = path.pop();
    if (last === undefined)
      return { kind: "not-linearizable", ...(best ?? { order: [], stuck: 0 }) };
    state = last.before;
    done.remove(last.at);
    if (operations[last.at]?.to !== undefined) returned++;
    event = events.putBack(last.at).next;
  }
  return { kind: "linearizable", order: path.map(({ at }) => at) };
}

/** A call or a return, in a list of those that are not taken. */
type Event = {
  readonly kind: "call" | "return" | "head";
  readonly at: number;
  before: Event | undefined;
  next: Event | undefined;
};

class Events {
  /** The places of operations in the order of their calls. */
  readonly inCallOrder: readonly number[];
  private readonly head: Event;
  private readonly calls = new Map<number, Event>();
  private readonly returns = new Map<number, Event>();

  constructor(operations: readonly TimedOperation<unknown>[]) {
    const all = operations.flatMap(({ from, to }, at) => [
      { kind: "call" as const, at, time: from },
      ...(to === undefined ? [] : [{ kind: "return" as const, at, time: to }]),
    ]);
    // At one time calls are first: what returns just then is not before them.
    all.sort((a, b) => a.time - b.time || (a.kind === b.kind ? 0 : a.kind === "call" ? -1 : 1));
    this.inCallOrder = all.filter(({ kind }) => kind === "call").map(({ at }) => at);
    this.head = { kind: "head", at: -1, before: undefined, next: undefined };
    let last: Event = this.head;
    for (const { kind, at } of all) {
      const event: Event = { kind, at, before: last, next: undefined };
      last.next = event;
      last = event;
      (kind === "call" ? this.calls : this.returns).set(at, event);
    }
  }

  first(): Event | undefined {
    return this.head.next;
  }

  /** Takes an operation's call and return out. */
  take(at: number): void {
    for (const event of [this.calls.get(at), this.returns.get(at)]) {
      if (event === undefined) continue;
      if (event.before !== undefined) event.before.next = event.next;
      if (event.next !== undefined) event.next.before = event.before;
    }
  }

  /** Puts back what was taken last; returns its call. */
  putBack(at: number): Event {
    for (const event of [this.returns.get(at), this.calls.get(at)]) {
      if (event === undefined) continue;
      if (event.before !== undefined) event.before.next = event;
      if (event.next !== undefined) event.next.before = event;
    }
    const call = this.calls.get(at);
    if (call === undefined) throw new RangeError(`no operation at ${at}`);
    return call;
  }
}

/** A set of operations, nearly all that were called up to some time: its text is short. */
class Prefix {
  private readonly places: ReadonlyMap<number, number>;
  private readonly has: Uint8Array;
  private beyond = 0;
  private count = 0;

  constructor(inCallOrder: readonly number[]) {
    this.places = new Map(inCallOrder.map((at, place) => [at, place]));
    this.has = new Uint8Array(inCallOrder.length);
  }

  add(at: number): void {
    this.has[this.places.get(at) ?? -1] = 1;
    this.count++;
    while (this.has[this.beyond] === 1) this.beyond++;
  }

  remove(at: number): void {
    const place = this.places.get(at) ?? -1;
    this.has[place] = 0;
    this.count--;
    this.beyond = Math.min(this.beyond, place);
  }

  text(): string {
    const names = [this.beyond];
    for (let place = this.beyond, left = this.count - this.beyond; left > 0; place++)
      if (this.has[place] === 1) {
        names.push(place);
        left--;
      }
    return names.join(",");
  }
}
