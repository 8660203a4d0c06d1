// What can be cleaned up: facts that rules say nobody needs, once nothing can bring back what they
// were needed against.
//
// A put is spent as soon as a tombstone that names it is durable here. A tombstone is done when all
// that it names is gone here, and every member is known to hold both it and what it names. Of what
// is gone the numbers are kept, as ranges: a late copy is not taken in again.
//
// The members' word is not relied on: one may join later, or lose the end of its log. So nodes also
// tell each other what is gone (`Gone`), always with what the tombstones among it name. Who takes
// that in drops the same, and lacks nothing that a tombstone would have told it.
import type { Batch, Change, Origin } from "./protocol.ts";
import { type Gone, rangesOf } from "./ranges.ts";
import { lastOf } from "./shared.ts";

/** The relations, by their places, in which rules say what can be cleaned up: `spent(dot)` of a
 * fact that is alone in its batch; `names(by, dot)` of what the batch with the dot `by` names, a
 * fact of it for each dot. */
export type Cleaning = { readonly spent: number; readonly names: number };

/** What a node holds, as cleaning up sees it. */
export type HeldView = {
  /** The batch that a number of an origin is in, unless it is gone or not held. */
  readonly batch: (origin: Origin, number: number) => Batch | undefined;
  readonly gone: (origin: Origin, number: number) => boolean;
  /** How many facts of an origin are durable. */
  readonly durable: (origin: Origin) => number;
  /** Whether every member is known to hold the facts of an origin up to a number. */
  readonly everywhere: (origin: Origin, number: number) => boolean;
};

/** One fact's name: its origin, and its number there. */
export type Dot = { readonly origin: Origin; readonly number: number };

/** Returns the dot that a text is. */
function dotOf(text: string): Dot | undefined {
  const [, origin, digits] = /^([^/\s]+\/\d{1,16}):([1-9]\d{0,14})$/.exec(text) ?? [];
  return origin === undefined ? undefined : { origin, number: Number(digits) };
}

/** What rules have said can be cleaned up, and has not been yet. */
export class Collector {
  private readonly cleaning: Cleaning;
  /** Dots as texts, as rules say them: what they mean is looked at when it is collected. */
  private readonly spent = new Set<string>();
  /** By the dot of a tombstone, what it names. */
  private readonly tombstones = new Map<string, string[]>();

  constructor(cleaning: Cleaning) {
    this.cleaning = cleaning;
  }

  /** How many tombstones are kept since somebody may not know of them. */
  get waiting(): number {
    return this.tombstones.size;
  }

  /** Takes in what rules say, which is durable. */
  note({ relation, tuples }: Pick<Change, "relation" | "tuples">): void {
    const { spent, names } = this.cleaning;
    if (relation !== spent && relation !== names) return;
    for (const [first, second] of tuples) {
      if (typeof first !== "string") continue;
      if (relation === spent) this.spent.add(first);
      if (relation !== names || typeof second !== "string") continue;
      const known = this.tombstones.get(first);
      if (known === undefined) this.tombstones.set(first, [second]);
      else known.push(second);
    }
  }

  /** Returns what can be cleaned up now; it counts as gone from then on. */
  collect(view: HeldView): Gone {
    const found = new Map<Origin, [number, number][]>();
    const dropped = new Set<Batch>();
    const drop = (batch: Batch): void => {
      dropped.add(batch);
      const ranges = found.get(batch.origin) ?? [];
      ranges.push([batch.from, lastOf(batch)]);
      found.set(batch.origin, ranges);
    };
    for (const text of this.spent) {
      const dot = dotOf(text);
      if (dot === undefined) {
        this.spent.delete(text);
        continue;
      }
      const { origin, number } = dot;
      const batch = view.batch(origin, number);
      const late = batch !== undefined && lastOf(batch) > view.durable(origin);
      // What a tombstone names may be on its way yet.
      if (late || (batch === undefined && !view.gone(origin, number))) continue;
      this.spent.delete(text);
      if (batch?.facts.length === 1 && !dropped.has(batch)) drop(batch);
    }
    const isGone = ({ origin, number }: Dot): boolean => {
      const batch = view.batch(origin, number);
      return batch === undefined ? view.gone(origin, number) : dropped.has(batch);
    };
    for (const [text, texts] of this.tombstones) {
      const [by, ...named] = [text, ...texts].map(dotOf);
      const batch = by && view.batch(by.origin, by.number);
      if (!all(named) || by === undefined || batch === undefined || dropped.has(batch)) {
        this.tombstones.delete(text);
        continue;
      }
      const whole = batch.from === by.number && batch.facts.length === named.length;
      const everywhere = [by, ...named].every((dot) => view.everywhere(dot.origin, dot.number));
      if (!whole || !everywhere || !named.every(isGone)) continue;
      this.tombstones.delete(text);
      drop(batch);
    }
    return new Map([...found].map(([origin, pairs]) => [origin, rangesOf(pairs)]));
  }
}

/** Whether all that is listed is there. */
function all<T>(items: readonly (T | undefined)[]): items is readonly T[] {
  return !items.includes(undefined);
}
