import { type Fact, keyOf } from "./fact.ts";
import type { Origin } from "./protocol.ts";
import type { SharedFacts } from "./shared.ts";

/** Where a fact came from: the dot of an input, or the message that it came with, which is numbered
 * among those of its sender's life to this node. */
export type FactSource = {
  readonly kind: "fact" | "message";
  readonly origin: Origin;
  readonly number: number;
};

type Messages = { readonly origin: Origin; readonly from: number; readonly facts: readonly Fact[] };

/** What a node has received last of what the rules of others have sent. What is older is forgotten:
 * nothing that is computed depends on it. */
export class Trail {
  private readonly factsMax: number;
  private readonly messages: Messages[] = [];
  private count = 0;

  constructor(factsMax: number) {
    this.factsMax = factsMax;
  }

  /** Messages came in. */
  add(messages: Messages): void {
    this.messages.push(messages);
    this.count += messages.facts.length;
    let old = 0;
    for (; this.count > this.factsMax && old < this.messages.length; old++)
      this.count -= this.messages[old]?.facts.length ?? 0;
    if (old > 0) this.messages.splice(0, old);
  }

  /** Returns where facts came from, by their keys: inputs that are shared, and messages. Of those
   * that came several times it is the first. */
  sourcesOf(facts: readonly Fact[], shared: SharedFacts): ReadonlyMap<string, FactSource> {
    const wanted = new Set(facts.map(keyOf));
    const relations = new Set(facts.map(({ relation }) => relation));
    const found = new Map<string, FactSource>();
    const look = (kind: FactSource["kind"], { origin, from, facts: of }: Messages): void => {
      for (const [at, fact] of of.entries()) {
        if (!relations.has(fact.relation)) continue;
        const key = keyOf(fact);
        if (wanted.has(key) && !found.has(key)) found.set(key, { kind, origin, number: from + at });
      }
    };
    for (const [origin, held] of shared.holds)
      for (const batch of shared.between(origin, 0, held)) look("fact", batch);
    for (const messages of this.messages) look("message", messages);
    return found;
  }
}
