import { assert } from "../base/assert.ts";
import type { Batch, Origin, VersionVector } from "./protocol.ts";

/** The batches that a node holds, by their origins, without gaps. */
export class SharedFacts {
  private readonly batches = new Map<Origin, Batch[]>();
  private readonly held = new Map<Origin, number>();

  /** How many facts are held of each origin. */
  get holds(): VersionVector {
    return this.held;
  }

  /** How many facts are held of an origin. */
  of(origin: Origin): number {
    return this.held.get(origin) ?? 0;
  }

  /** Adds a batch, which is the next of its origin. */
  add(batch: Batch): void {
    const { origin, from, facts } = batch;
    assert(from === this.of(origin) + 1, "batches of an origin have no gaps");
    const known = this.batches.get(origin);
    if (known === undefined) this.batches.set(origin, [batch]);
    else known.push(batch);
    this.held.set(origin, from + facts.length - 1);
  }

  /** Yields the batches of an origin after its fact number `after`, up to number `upTo`. */
  *between(origin: Origin, after: number, upTo: number): Generator<Batch> {
    const batches = this.batches.get(origin) ?? [];
    let [low, high] = [0, batches.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lastOf(batches[middle]) <= after) low = middle + 1;
      else high = middle;
    }
    for (let at = low; at < batches.length; at++) {
      const batch = batches[at];
      if (batch === undefined || lastOf(batch) > upTo) return;
      yield batch;
    }
  }
}

/** The number of the last fact of a batch. */
export function lastOf(batch: Batch | undefined): number {
  return batch === undefined ? 0 : batch.from + batch.facts.length - 1;
}
