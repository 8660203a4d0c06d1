// What a node receives while it waits for seals, and what it begins with when all have come.
import { assert } from "../base/assert.ts";
import type { Fact } from "./fact.ts";
import { type Batch, nameOf, type VersionVector } from "./protocol.ts";
import type { Sealing, Seals } from "./seals.ts";

/** What there is to do once all awaited input is there. */
export type Beginning = {
  /** The facts of the first step, in an order that is the same at all nodes. */
  readonly first: readonly Fact[];
  /** What is delivered after it, in the order in which it came: messages and events. */
  readonly rest: readonly Fact[];
};

type Received =
  | { readonly kind: "batch"; readonly batch: Batch }
  | { readonly kind: "messages"; readonly facts: readonly Fact[] };

/** What was received and has to wait. */
export class Withheld {
  private readonly sealing: Sealing;
  private readonly seals: Seals;
  private readonly awaited: ReadonlySet<number>;
  private received: Received[] = [];
  private waits: boolean;
  /** The relations that rules have sealed, and the node has not. */
  private readonly due = new Set<number>();

  constructor(sealing: Sealing, seals: Seals) {
    this.sealing = sealing;
    this.seals = seals;
    this.awaited = new Set(sealing.awaited);
    this.waits = this.awaited.size > 0;
    if (this.waits) this.foresee([]);
  }

  /** Whether input is awaited. */
  get waiting(): boolean {
    return this.waits;
  }

  /** Withholds a batch. */
  batch(batch: Batch): void {
    this.received.push({ kind: "batch", batch });
    this.foresee(batch.facts);
  }

  /** Withholds messages. */
  messages(facts: readonly Fact[]): void {
    this.received.push({ kind: "messages", facts });
  }

  /** Whether all awaited relations are sealed, and all of them is held. */
  complete(holds: VersionVector): boolean {
    return [...this.awaited].every((relation) => this.seals.complete(relation, holds));
  }

  /** Ends the waiting. `keeps` says of which facts are no events. */
  begin(keeps: (fact: Fact) => boolean): Beginning {
    assert(this.waits, "what has begun does not begin");
    this.waits = false;
    const withheld = this.received.splice(0);
    const batches = withheld.flatMap((one) => (one.kind === "batch" ? [one.batch] : []));
    const input = batches.toSorted(inOrder).flatMap((batch) => this.counted(batch));
    const rest = withheld.flatMap((one) =>
      one.kind === "messages" ? one.facts : one.batch.facts.filter((fact) => !keeps(fact)),
    );
    return { first: input.filter(keeps), rest };
  }

  /** The facts of a batch, without those of awaited relations that no seal counts: a member that
   * had lost its seal, and learnt of it again, may have accepted such in between. */
  counted({ origin, from, facts }: Batch): readonly Fact[] {
    if (this.awaited.size === 0) return facts;
    const member = nameOf(origin);
    return facts.filter(
      ({ relation }, at) =>
        !this.awaited.has(relation) || this.seals.covers(member, relation, origin, from + at),
    );
  }

  /** Takes note of what rules seal, by the tuples that they derived so far. */
  noteRules(tuples: (relation: number) => readonly unknown[]): void {
    for (const { of, relation } of this.sealing.rules ?? [])
      if (tuples(of).length > 0) this.due.add(relation);
  }

  /** Returns the relations that rules have sealed since it was asked last. */
  sealedByRules(): readonly number[] {
    const due = [...this.due];
    this.due.clear();
    return due;
  }

  /** Evaluates the rules that seal while all else waits. */
  private foresee(facts: readonly Fact[]): void {
    const { early } = this.sealing;
    if (early === undefined) return;
    const { transducer, reads } = early;
    transducer.step(facts.filter(({ relation }) => reads.has(relation)));
    this.noteRules((relation) => transducer.tuples(relation));
  }
}

/** By origin, then by number. */
function inOrder(one: Batch, other: Batch): number {
  if (one.origin === other.origin) return one.from - other.from;
  return one.origin < other.origin ? -1 : 1;
}
