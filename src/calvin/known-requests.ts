// The requests that the log had, so that none is carried out twice. Which of them are known at an
// epoch is a function of the log before it, and so the same on every replica, however far each has
// come: what decides are the limits below, which are no settings of a node.
import type { Ending } from "./ending.ts";
import type { OrderedRequest } from "./record.ts";
import { epochOf, type Position } from "./storage.ts";

/** A request that the log had before. */
export type Known = {
  readonly position: Position;
  /** The partition that answers. */
  readonly home: number;
  /** Known at that partition, once it is carried out. */
  result?: Ending;
};

/** For how long requests are known: at least the last epochs or the last requests, whichever are
 * fewer. All replicas of a log have the same. */
export type RememberedLimits = {
  readonly rememberedEpochs: number;
  /** What is forgotten is forgotten epoch by epoch, so that up to an epoch more are known. */
  readonly rememberedRequests: number;
};

const rememberedLimits: RememberedLimits = {
  rememberedEpochs: 100_000,
  rememberedRequests: 1 << 20,
};

/** Returns the name of a request among those that are known: that of nearly all is its id alone, of
 * which no text has to be made. */
export function requestName({ id, attempt }: Pick<OrderedRequest, "id" | "attempt">): string {
  const isPlain = attempt === 0 && id.charCodeAt(0) !== 0x20;
  return isPlain ? id : ` ${attempt} ${id}`;
}

/** Returns a name as checkpoints have it: the id, and how often the request was begun before. */
export function storedName(name: string): string {
  if (name.charCodeAt(0) !== 0x20) return `${name} 0`;
  const end = name.indexOf(" ", 1);
  return `${name.slice(end + 1)} ${name.slice(1, end)}`;
}

/** Returns the name of what a checkpoint has. */
export function namedAs(stored: string): string {
  const end = stored.lastIndexOf(" ");
  return requestName({ id: stored.slice(0, end), attempt: Number(stored.slice(end + 1)) });
}

/** The requests that are known at one partition. */
export class KnownRequests {
  private readonly limits: RememberedLimits;
  private readonly known: Map<string, Known>;
  /** The names that were new in an epoch. Known at the next one are those of the epochs from `from`
   * on, which are `count`. */
  private readonly names = new Map<number, string[]>();
  private from: number;
  private count = 0;
  /** The first epoch that is not dropped: epochs that are not carried out may still know it. */
  private kept: number;
  /** What came again after it was forgotten, as it was known before. */
  private again: (readonly [string, Known])[] = [];
  /** The names of those: of all others an epoch that is dropped is the one that knows them. */
  private readonly renewed = new Set<string>();

  /** `requests` are those known after an epoch, in their order. */
  constructor(
    epoch: number,
    requests: readonly (readonly [string, Known])[],
    limits: Partial<RememberedLimits>,
  ) {
    this.limits = { ...rememberedLimits, ...limits };
    this.known = new Map(requests);
    for (const [name, { position }] of requests) this.note(name, epochOf(position));
    const [first] = requests;
    this.from = first === undefined ? epoch + 1 : epochOf(first[1].position);
    this.kept = this.from;
  }

  /** How many requests are held. */
  get size(): number {
    return this.known.size + this.again.length;
  }

  /** The first epoch whose requests are known at the next one. */
  get first(): number {
    return this.from;
  }

  /** The request as the epochs before had it; undefined where it is new. */
  find(name: string): Known | undefined {
    const before = this.known.get(name);
    return before !== undefined && epochOf(before.position) >= this.from ? before : undefined;
  }

  /** Takes in a request that is new (`find`). */
  add(name: string, known: Known): void {
    const before = this.known.get(name);
    if (before !== undefined) {
      this.again.push([name, before]);
      this.renewed.add(name);
    }
    this.known.set(name, known);
    this.note(name, epochOf(known.position));
  }

  /** Settles what is known at the epoch after this one, all of whose requests are taken in. */
  close(epoch: number): void {
    const { rememberedEpochs, rememberedRequests } = this.limits;
    for (; this.from <= epoch; this.from++) {
      const count = this.names.get(this.from)?.length ?? 0;
      const isLate = this.from < epoch - rememberedEpochs;
      if (!isLate && count > 0 && this.count - count < rememberedRequests) return;
      this.count -= count;
    }
  }

  /** Drops the requests of epochs before one. */
  drop(before: number): void {
    if (this.again.length > 0)
      this.again = this.again.filter(([, { position }]) => epochOf(position) >= before);
    // By names: a map whose first entries were deleted is slow to find its first one.
    for (; this.kept < before; this.kept++) {
      for (const name of this.names.get(this.kept) ?? [])
        if (!this.renewed.has(name) || this.isOf(name, this.kept)) {
          this.known.delete(name);
          this.renewed.delete(name);
        }
      this.names.delete(this.kept);
    }
  }

  /** The requests of some epochs, both included, in their order. */
  between(first: number, last: number): (readonly [string, Known])[] {
    return [...this.again, ...this.known]
      .filter(([, { position }]) => first <= epochOf(position) && epochOf(position) <= last)
      .toSorted(([, one], [, other]) => one.position - other.position);
  }

  private isOf(name: string, epoch: number): boolean {
    const known = this.known.get(name);
    return known !== undefined && epochOf(known.position) === epoch;
  }

  private note(name: string, epoch: number): void {
    this.count++;
    const names = this.names.get(epoch);
    if (names === undefined) this.names.set(epoch, [name]);
    else names.push(name);
  }
}
