import type { Fact } from "../../src/transducer/fact.ts";
import type { Batch, Origin, VersionVector } from "../../src/transducer/protocol.ts";
import { SharedFacts } from "../../src/transducer/shared.ts";

/** What one machine tells another: what it holds, and what the other seems to lack. */
export type FactsMessage = {
  readonly name: string;
  readonly life: number;
  readonly holds: VersionVector;
  readonly batches: readonly Batch[];
};

/** The free facts of a machine: its own and those of others, as nodes flood them. Nothing leaves it
 * before it is durable. */
export class FreeFacts {
  readonly name: string;
  shared = new SharedFacts();
  private durable: VersionVector = new Map();
  private incarnation = 1;
  /** Of its disk: what an earlier one acknowledged this one may not have. */
  private life = 1;
  private readonly heard = new Map<
    string,
    { readonly life: number; readonly holds: VersionVector }
  >();

  constructor(name: string) {
    this.name = name;
  }

  get origin(): Origin {
    return `${this.name}/${this.incarnation}`;
  }

  get holds(): VersionVector {
    return this.durable;
  }

  insert(facts: readonly Fact[]): void {
    this.shared.add({ origin: this.origin, from: this.shared.of(this.origin) + 1, facts });
  }

  sync(): void {
    this.durable = new Map(this.shared.holds);
  }

  /** What is not durable is gone. */
  crash(): void {
    const { shared } = this;
    this.shared = new SharedFacts();
    for (const [origin, count] of this.durable)
      for (const batch of shared.between(origin, 0, count)) this.shared.add(batch);
    this.incarnation++;
  }

  /** The disk is gone. */
  lose(): void {
    this.durable = new Map();
    this.heard.clear();
    this.crash();
    this.life++;
  }

  /** What each machine has acknowledged, as far as this one knows. */
  acknowledged(): Map<string, VersionVector> {
    const others = [...this.heard].map(([name, { holds }]) => [name, holds] as const);
    return new Map([...others, [this.name, this.durable]]);
  }

  message(to: string): FactsMessage {
    const known = this.heard.get(to)?.holds ?? new Map<Origin, number>();
    const { name, life, durable: holds } = this;
    const batches = [...holds].flatMap(([origin, count]) => [
      ...this.shared.between(origin, known.get(origin) ?? 0, count),
    ]);
    return { name, life, holds, batches };
  }

  hear({ name, life, holds, batches }: FactsMessage): void {
    for (const batch of batches)
      if (batch.from === this.shared.of(batch.origin) + 1) this.shared.add(batch);
    const known = this.heard.get(name);
    if (known !== undefined && known.life > life) return;
    const most = new Map(known?.life === life ? known.holds : []);
    for (const [origin, count] of holds) most.set(origin, Math.max(count, most.get(origin) ?? 0));
    this.heard.set(name, { life, holds: most });
  }
}
