import { assert } from "../base/assert.ts";
import { leftOf, partsOf } from "./batch-parts.ts";
import type { Fact } from "./fact.ts";
import type { Batch, Origin, VersionVector } from "./protocol.ts";
import { countOf, difference, endOf, type Gone, type Ranges, union } from "./ranges.ts";

/** So many batches after the last that was asked for are tried before one is searched for. */
const nearMax = 8;

/** The batches that a node holds, by their origins. What is held has no gaps, but for what is gone,
 * of which the numbers are kept. */
export class SharedFacts {
  private readonly batches = new Map<Origin, Batch[]>();
  private readonly held = new Map<Origin, number>();
  /** Also of facts that are not held yet: they are passed over when their turn comes. */
  private readonly dropped = new Map<Origin, Ranges>();
  /** Where batches were found last, in two rows of questions that alternate. */
  private readonly found = [0, 0];
  private factCount = 0;
  private weighs = 0;

  /** How many facts are held of each origin, those that are gone included. */
  get holds(): VersionVector {
    return this.held;
  }

  /** How many facts are there. */
  get size(): number {
    return this.factCount;
  }

  /** What the facts weigh that are there, about in bytes. */
  get weight(): number {
    return this.weighs;
  }

  /** What is gone, of each origin. */
  get gone(): Gone {
    return this.dropped;
  }

  /** How many facts are held of an origin, those that are gone included. */
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
    this.factCount += facts.length;
    this.weighs += weightOf(batch);
    this.advance(origin, from + facts.length - 1);
  }

  /** The last of the numbers after one that are gone without a gap; that one where the next is
   * not. */
  passedOver(origin: Origin, number: number): number {
    return endOf(this.dropped.get(origin) ?? [], number + 1) ?? number;
  }

  /** Whether a fact is gone. */
  isGone(origin: Origin, number: number): boolean {
    return endOf(this.dropped.get(origin) ?? [], number) !== undefined;
  }

  /** The batch that a number of an origin is in, where that is there. */
  batch(origin: Origin, number: number): Batch | undefined {
    const batches = this.batches.get(origin) ?? [];
    const batch = batches[this.placeNear(batches, number - 1)];
    return batch !== undefined && batch.from <= number ? batch : undefined;
  }

  /** What of a batch is taken in next: what neither is held nor gone. Undefined where that is
   * nothing, or comes after what is not held. */
  next(batch: Batch): Batch | undefined {
    const { origin, from } = batch;
    const next = this.of(origin) + 1;
    if (from > next || lastOf(batch) < next) return undefined;
    if (batch.split === undefined) return from === next ? batch : undefined;
    const left = leftOf(batch, this.dropped.get(origin) ?? [], next);
    return left?.from === next ? left : undefined;
  }

  /** Lets go what is gone, in whole parts of batches; returns what of it was not gone before, and
   * the batches that were there, or as much of them as went. */
  drop(gone: Gone): { readonly fresh: Gone; readonly batches: readonly Batch[] } {
    const fresh = new Map<Origin, Ranges>();
    const out: Batch[] = [];
    for (const [origin, ranges] of gone) {
      const before = this.dropped.get(origin) ?? [];
      const news = difference(ranges, before);
      if (news.length === 0) continue;
      fresh.set(origin, news);
      this.dropped.set(origin, union(before, news));
      const left: Batch[] = [];
      // Both are in order.
      let at = 0;
      for (const batch of this.batches.get(origin) ?? []) {
        while ((news[at + 1] ?? Infinity) < batch.from) at += 2;
        if ((news[at] ?? Infinity) > lastOf(batch)) left.push(batch);
        else if (batch.split === undefined) out.push(batch);
        else
          for (const part of partsOf(batch))
            (endOf(news, part.from) === undefined ? left : out).push(part);
      }
      this.batches.set(origin, left);
      this.advance(origin, this.of(origin));
    }
    for (const batch of out) {
      this.factCount -= batch.facts.length;
      this.weighs -= weightOf(batch);
    }
    return { fresh, batches: out };
  }

  /** Yields the batches of an origin after its fact number `after`, up to number `upTo`. */
  *between(origin: Origin, after: number, upTo: number): Generator<Batch> {
    const batches = this.batches.get(origin) ?? [];
    for (let at = placeAfter(batches, after); at < batches.length; at++) {
      const batch = batches[at];
      if (batch === undefined || lastOf(batch) > upTo) return;
      yield batch;
    }
  }

  /** Puts a batch in the place of the one with its numbers: the same with a signature. */
  replace(batch: Batch): void {
    const batches = this.batches.get(batch.origin) ?? [];
    const at = placeAfter(batches, batch.from - 1);
    if (batches[at]?.from === batch.from) batches[at] = batch;
  }

  /** All facts that are there, in the order of origins and numbers. */
  *facts(): Generator<Fact> {
    for (const batches of this.batches.values()) for (const { facts } of batches) yield* facts;
  }

  /** How many facts are gone, and how many ranges they are remembered as. */
  goneCounts(): { readonly facts: number; readonly ranges: number } {
    const all = [...this.dropped.values()];
    return {
      facts: all.reduce((sum, ranges) => sum + countOf(ranges), 0),
      ranges: all.reduce((sum, ranges) => sum + ranges.length / 2, 0),
    };
  }

  /** As `placeAfter`; of batches that are asked for in about their order it costs no search. */
  private placeNear(batches: readonly Batch[], number: number): number {
    for (const [which, found] of this.found.entries()) {
      const end = Math.min(found + nearMax, batches.length);
      if (found > 0 && lastOf(batches[found - 1]) > number) continue;
      for (let at = found; at < end; at++)
        if (lastOf(batches[at]) > number) {
          this.found[which] = at;
          return at;
        }
    }
    const at = placeAfter(batches, number);
    [this.found[0], this.found[1]] = [at, this.found[0] ?? 0];
    return at;
  }

  /** Holds facts up to a number, and what is gone right after them. */
  private advance(origin: Origin, upTo: number): void {
    const held = endOf(this.dropped.get(origin) ?? [], upTo + 1) ?? upTo;
    if (held > 0) this.held.set(origin, held);
  }
}

/** The number of the last fact of a batch. */
export function lastOf(batch: Batch | undefined): number {
  return batch === undefined ? 0 : batch.from + batch.facts.length - 1;
}

/** What the facts of a batch weigh, about in bytes. */
export function weightOf({ facts }: Pick<Batch, "facts">): number {
  let sum = 0;
  for (const { values } of facts) {
    sum += 32;
    for (const value of values) sum += typeof value === "string" ? value.length + 16 : 16;
  }
  return sum;
}

/** Returns where a part of facts ends that begins at a place: it has so many of them, and weighs no
 * more than that unless it has one alone. */
export function endOfPart(
  facts: readonly Fact[],
  from: number,
  factsMax: number,
  bytesMax: number,
): number {
  let [end, bytes] = [from, 0];
  for (; end < facts.length && end - from < factsMax; end++) {
    bytes += weightOf({ facts: facts.slice(end, end + 1) });
    if (bytes > bytesMax && end > from) break;
  }
  return end;
}

/** The place of the first of some batches, in their order, that ends after a number. */
function placeAfter(batches: readonly Batch[], number: number): number {
  let [low, high] = [0, batches.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lastOf(batches[middle]) <= number) low = middle + 1;
    else high = middle;
  }
  return low;
}
