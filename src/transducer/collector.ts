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
import { partFrom, partTo } from "./batch-parts.ts";
import type { Batch, Change, Origin } from "./protocol.ts";
import { endOf, type Gone, type Ranges, rangesOf, union } from "./ranges.ts";
import { lastOf } from "./shared.ts";

/** The relations, by their places, in which rules say what can be cleaned up: `spent(dot)` of a
 * fact that is alone in its part of a batch; `names(by, dot)` of what the part that begins with the
 * dot `by` names, a fact of it for each dot. */
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

/** What a tombstone names: most name one dot of their own origin, which is its number alone;
 * "nothing" where that is not dots alone. */
type Named = number | Dot[] | "nothing";

/** The numbers of tombstones of an origin, and in the same places what they name. */
type Tombstones = { readonly numbers: number[]; readonly named: Named[] };

/** What rules said of an origin: numbers of facts that are spent, in the order in which they said
 * so, and tombstones. There is one of each for a put that replaces another: in sets they would cost
 * more. */
type Said = { readonly spent: number[]; readonly tombstones: Tombstones };

const nothingSaid = (): Said => ({ spent: [], tombstones: { numbers: [], named: [] } });

/** What rules have said can be cleaned up, and has not been yet. */
export class Collector {
  private readonly cleaning: Cleaning;
  /** What was not looked at yet, or is to be again, */
  private readonly due = new Map<Origin, Said>();
  /** and what was when it could not go. */
  private readonly stays = new Map<Origin, Said>();

  constructor(cleaning: Cleaning) {
    this.cleaning = cleaning;
  }

  /** How many tombstones are kept since somebody may not know of them. */
  get waiting(): number {
    let sum = 0;
    for (const of of [this.due, this.stays])
      for (const { tombstones } of of.values()) sum += tombstones.numbers.length;
    return sum;
  }

  /** How much there is to look at. */
  get left(): number {
    let sum = 0;
    for (const { spent, tombstones } of this.due.values())
      sum += Math.max(spent.length, tombstones.numbers.length);
    return sum;
  }

  /** Has all that stays looked at again. */
  again(): void {
    for (const [origin, { spent, tombstones }] of this.stays) {
      const due = of(this.due, origin, nothingSaid);
      for (const number of spent) due.spent.push(number);
      for (const [at, number] of tombstones.numbers.entries())
        addTombstone(due.tombstones, number, tombstones.named[at] ?? "nothing");
    }
    this.stays.clear();
  }

  /** Takes in what rules say, which is durable. */
  note({ relation, tuples }: Pick<Change, "relation" | "tuples">): void {
    const { spent, names } = this.cleaning;
    if (relation !== spent && relation !== names) return;
    // Most are of one origin.
    let near = "";
    for (const [first, second] of tuples) {
      // What is no dot names nothing that there is.
      const dot = dotOf(first, near);
      if (dot === undefined) continue;
      const { origin, number } = dot;
      near = origin;
      const said = of(this.due, origin, nothingSaid);
      if (relation === spent) said.spent.push(number);
      if (relation === names) addNamed(said.tombstones, number, dotOf(second, near), origin);
    }
  }

  /** Looks at so much of what there is to look at of each origin; returns what of it can be cleaned
   * up now, and counts as gone from then on. */
  collect(view: HeldView, most = Infinity): Gone {
    // The values that go: facts that are alone in their parts of batches.
    const values = new Map<Origin, Ranges>();
    const looked = [...this.due].map(
      ([origin, said]) => [origin, firstOf(said, origin, most)] as const,
    );
    for (const [origin, { spent }] of looked) {
      const durable = view.durable(origin);
      const found: number[] = [];
      for (const number of spent) {
        const batch = view.batch(origin, number);
        const late = batch !== undefined && lastOf(batch) > durable;
        // What a tombstone names may be on its way yet.
        if (late || (batch === undefined && !view.gone(origin, number)))
          of(this.stays, origin, nothingSaid).spent.push(number);
        else if (batch !== undefined) {
          const from = partFrom(batch, number);
          if (from === partTo(batch, number)) found.push(from, from);
        }
      }
      if (found.length > 0) values.set(origin, rangesOf(found));
    }
    const dropped = (origin: Origin, number: number): boolean =>
      endOf(values.get(origin) ?? [], number) !== undefined;
    const goesEverywhere = (origin: Origin, number: number): boolean =>
      view.everywhere(origin, number) && (view.gone(origin, number) || dropped(origin, number));
    const gone = new Map(values);
    for (const [origin, { tombstones }] of looked) {
      const found: number[] = [];
      const goes = (number: number, named: Named): boolean => {
        const batch = view.batch(origin, number);
        if (named === "nothing" || batch === undefined || dropped(origin, number)) return true;
        const to = partTo(batch, number);
        const count = typeof named === "number" ? 1 : named.length;
        if (partFrom(batch, number) !== number || to - number + 1 !== count) return false;
        if (!view.everywhere(origin, number)) return false;
        if (typeof named === "number") {
          if (!goesEverywhere(origin, named)) return false;
        } else if (!named.every((dot) => goesEverywhere(dot.origin, dot.number))) return false;
        found.push(number, to);
        return true;
      };
      for (const [at, number] of tombstones.numbers.entries()) {
        const named = tombstones.named[at] ?? "nothing";
        if (goes(number, named)) continue;
        addTombstone(of(this.stays, origin, nothingSaid).tombstones, number, named);
      }
      if (found.length > 0) gone.set(origin, union(gone.get(origin) ?? [], rangesOf(found)));
    }
    for (const [origin, { spent, tombstones }] of this.due)
      if (spent.length + tombstones.numbers.length === 0) this.due.delete(origin);
    return gone;
  }
}

/** Takes out the first of what was said of an origin, so many at most. */
function firstOf({ spent, tombstones }: Said, origin: Origin, most: number): Said {
  const { numbers, named } = inOrder(tombstones, origin);
  return {
    spent: spent.splice(0, most),
    tombstones: { numbers: numbers.splice(0, most), named: named.splice(0, most) },
  };
}

/** Takes note of a tombstone, and of all that one names. */
function addTombstone({ numbers, named }: Tombstones, number: number, names: Named): void {
  numbers.push(number);
  named.push(names);
}

/** Takes note of what a tombstone names: most of all that one names comes at once. */
function addNamed(
  { numbers, named }: Tombstones,
  number: number,
  dot: Dot | undefined,
  origin: Origin,
): void {
  const names = dot === undefined ? "nothing" : dot.origin === origin ? dot.number : [dot];
  const last = numbers.length - 1;
  if (numbers[last] === number) named[last] = joined(named[last] ?? "nothing", names, origin);
  else addTombstone({ numbers, named }, number, names);
}

/** Brings tombstones into the order of their numbers, each once. They mostly are. */
function inOrder(tombstones: Tombstones, origin: Origin): Tombstones {
  const { numbers, named } = tombstones;
  if (numbers.every((number, at) => at === 0 || (numbers[at - 1] ?? 0) < number)) return tombstones;
  const all = new Map<number, Named>();
  for (const [at, number] of numbers.entries()) {
    const names = named[at] ?? "nothing";
    const known = all.get(number);
    all.set(number, known === undefined ? names : joined(known, names, origin));
  }
  numbers.length = named.length = 0;
  for (const [number, names] of [...all].sort(([a], [b]) => a - b)) {
    numbers.push(number);
    named.push(names);
  }
  return tombstones;
}

function joined(one: Named, other: Named, origin: Origin): Named {
  if (one === "nothing" || other === "nothing") return "nothing";
  const dotsOf = (of: number | Dot[]) => (typeof of === "number" ? [{ origin, number: of }] : of);
  return [...dotsOf(one), ...dotsOf(other)];
}

/** Returns the dot that a value is; at once where it is of the origin `near`. */
function dotOf(value: unknown, near: Origin): Dot | undefined {
  if (typeof value !== "string") return undefined;
  if (near !== "" && value.charCodeAt(near.length) === 0x3a && value.startsWith(near)) {
    const number = numberIn(value, near.length + 1);
    if (number !== undefined) return { origin: near, number };
  }
  const colon = value.lastIndexOf(":");
  const origin = value.slice(0, Math.max(colon, 0));
  const number = numberIn(value, colon + 1);
  if (number === undefined || !/^[^/\s]+\/\d{1,16}$/.test(origin)) return undefined;
  return { origin, number };
}

/** Returns the number that the rest of a text is: at most 15 digits, the first of which is no 0. */
function numberIn(text: string, from: number): number | undefined {
  const digits = text.length - from;
  if (digits < 1 || digits > 15 || text.charCodeAt(from) === 0x30) return undefined;
  let number = 0;
  for (let at = from; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    number = 10 * number + digit;
  }
  return number;
}

function of<T>(values: Map<Origin, T>, origin: Origin, fresh: () => T): T {
  const known = values.get(origin);
  if (known !== undefined) return known;
  const value = fresh();
  values.set(origin, value);
  return value;
}
