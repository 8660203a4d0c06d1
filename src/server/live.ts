// Live queries: who follows which output.
import type { Change } from "../transducer/protocol.ts";
import type { Value } from "../value/schema.ts";
import type { LiveMessage, LiveRelation } from "./live-relation.ts";
import type { NodeDriver } from "./node-driver.ts";

/** Where messages to one follower go. */
export type LiveSink = {
  /** Returns whether more can be taken at once; if not, `resume` is called when it can. */
  write(message: LiveMessage): boolean;
  /** Ends the connection; the follower may come back. `behind`: it was too slow to be told all;
   * `stopped`: the node is ending. */
  end(reason: "behind" | "stopped"): void;
};

/** One who follows an output. */
export type Follower = {
  /** The sink can take more. */
  resume(): void;
  /** Tells nothing more. */
  leave(): void;
};

/** The outputs of a node, and who follows them. */
export class LiveRelations {
  private readonly relations: ReadonlyMap<number, LiveRelation>;
  private readonly followers = new Map<number, Set<Following>>();

  constructor(relations: ReadonlyMap<number, LiveRelation>) {
    this.relations = relations;
  }

  /** How many follow an output. */
  get size(): number {
    let sum = 0;
    for (const of of this.followers.values()) sum += of.size;
    return sum;
  }

  /** Takes in what became of outputs. */
  publish(changes: readonly Change[]): void {
    for (const change of changes) {
      this.relations.get(change.relation)?.publish(change);
      for (const follower of this.followers.get(change.relation) ?? []) follower.news();
    }
  }

  /** Tells a sink what an output holds and becomes: from a position on where that is possible,
   * otherwise from all there is, as soon as the node has what it waits for. Undefined where the
   * relation is no output. */
  follow(
    at: number,
    position: string | undefined,
    driver: Pick<NodeDriver, "onDurable" | "onReady">,
    tuples: () => readonly (readonly Value[])[],
    sink: LiveSink,
  ): Follower | undefined {
    const relation = this.relations.get(at);
    if (relation === undefined) return undefined;
    const among = this.followers.get(at) ?? new Set();
    this.followers.set(at, among);
    const follower = new Following(relation, sink, () => among.delete(follower));
    among.add(follower);
    const after = position === undefined ? undefined : relation.numberAt(position);
    if (after !== undefined) {
      follower.begin(after, undefined);
      return follower;
    }
    const stopped = (): void => {
      if (!follower.left) follower.end();
    };
    const begin = (found: readonly (readonly Value[])[]): void => {
      if (!follower.left) follower.begin(relation.number, found);
    };
    driver.onReady(() => {
      if (!follower.left) driver.onDurable(tuples, begin, stopped);
    }, stopped);
    return follower;
  }

  /** Ends all connections. */
  close(): void {
    for (const among of this.followers.values()) for (const follower of [...among]) follower.end();
  }
}

/** A follower takes what its sink has room for; what it has not had yet is in the history of the
 * relation, for a while. */
class Following implements Follower {
  left = false;
  private readonly relation: LiveRelation;
  private readonly sink: LiveSink;
  private readonly forget: () => void;
  private opening: Iterator<LiveMessage> | undefined;
  private told = 0;
  private begun = false;
  /** Whether it was told that it has all there was. */
  private current = false;
  private open = true;

  constructor(relation: LiveRelation, sink: LiveSink, forget: () => void) {
    this.relation = relation;
    this.sink = sink;
    this.forget = forget;
  }

  /** Goes on after the message of a number; where there are tuples, with these first. */
  begin(told: number, tuples: readonly (readonly Value[])[] | undefined): void {
    this.begun = true;
    this.told = told;
    this.opening = this.first(tuples);
    this.resume();
  }

  resume(): void {
    this.open = true;
    this.news();
  }

  /** There may be more to tell. */
  news(): void {
    if (!this.begun) return;
    while (this.open && !this.left) {
      const message = this.next();
      if (message === undefined) return;
      if (message === "behind") {
        this.leave();
        this.sink.end("behind");
        return;
      }
      this.open = this.sink.write(message);
    }
  }

  leave(): void {
    this.left = true;
    this.forget();
  }

  end(): void {
    this.leave();
    this.sink.end("stopped");
  }

  private next(): LiveMessage | "behind" | undefined {
    const opening = this.opening?.next();
    if (opening !== undefined && opening.done !== true) return opening.value;
    this.opening = undefined;
    if (this.told === this.relation.number) {
      if (this.current) return undefined;
      this.current = true;
      return this.relation.current(this.told);
    }
    const message = this.relation.message(this.told + 1);
    if (message === undefined) return "behind";
    this.told++;
    return message;
  }

  private *first(tuples: readonly (readonly Value[])[] | undefined): Generator<LiveMessage> {
    const { relation } = this;
    yield relation.start(tuples !== undefined);
    if (tuples !== undefined) yield* relation.snapshot(tuples);
  }
}
