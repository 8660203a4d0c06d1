// Where the two planes meet. Free facts come to each replica when they come; ordered work may not
// see them "as they are now", or replicas would differ. So each epoch has a frontier: how many
// facts of each origin are seen from it on. It names only what a majority of the members holds
// durably: an origin that dies, with its disk, takes nothing away that others wait for.
import { assert } from "../base/assert.ts";
import type { Fact } from "../transducer/fact.ts";
import type { Batch, Origin, VersionVector } from "../transducer/protocol.ts";

/** Returns how many of some members are a majority of them. */
export function majorityOf(members: number): number {
  return Math.floor(members / 2) + 1;
}

/** Returns how many facts of each origin a majority of the members holds, durably. `acknowledged`
 * is what each of them has said that it holds; who has said nothing holds nothing, and who is no
 * member does not count. */
export function majorityFrontier(
  members: readonly string[],
  acknowledged: ReadonlyMap<string, VersionVector>,
): VersionVector {
  const names = [...new Set(members)];
  const held = names.map((name) => acknowledged.get(name) ?? new Map<Origin, number>());
  const frontier = new Map<Origin, number>();
  for (const origin of new Set(held.flatMap((of) => [...of.keys()]))) {
    const counts = held.map((of) => of.get(origin) ?? 0).toSorted((a, b) => b - a);
    const count = counts[majorityOf(names.length) - 1] ?? 0;
    if (count > 0) frontier.set(origin, count);
  }
  return frontier;
}

/** Returns the frontier that goes as far as both do. A frontier goes on and never back: a member
 * that lost its disk acknowledges less than before. */
export function joinedFrontier(before: VersionVector, now: VersionVector): VersionVector {
  const most = new Map(before);
  for (const [origin, count] of now) most.set(origin, Math.max(count, most.get(origin) ?? 0));
  return most;
}

/** Whether who holds so many facts of each origin has all that a frontier names: no replica takes
 * an epoch in before. */
export function reaches(holds: VersionVector, frontier: VersionVector): boolean {
  return [...frontier].every(([origin, count]) => (holds.get(origin) ?? 0) >= count);
}

/** Yields the free facts that a frontier adds to an earlier one, in an order that all replicas
 * share: by origin, and by number. `between` yields the batches of an origin after one number and
 * up to another, without gaps: what `reaches` has found is there, and is not cleaned up before it
 * was taken in. */
export function* addedFacts(
  before: VersionVector,
  now: VersionVector,
  between: (origin: Origin, after: number, upTo: number) => Iterable<Batch>,
): Generator<Fact> {
  const origins = [...now.keys()].toSorted((a, b) => (a < b ? -1 : 1));
  for (const origin of origins) {
    const upTo = now.get(origin) ?? 0;
    let after = before.get(origin) ?? 0;
    for (const { from, facts } of after < upTo ? between(origin, after, upTo) : []) {
      assert(from <= after + 1, "what a frontier names has no gaps");
      yield* facts.slice(after + 1 - from, upTo + 1 - from);
      after = Math.max(after, Math.min(upTo, from + facts.length - 1));
    }
    assert(after >= upTo, "what a frontier names is there");
  }
}
