import type { Origin } from "./protocol.ts";
import { endOf, type Gone, joinedGone } from "./ranges.ts";

/** How many ranges of what went lately are kept one by one: who knows less is told all. */
const rangesKept = 1 << 12;

/** What is gone at a node, durably, in the order in which it went: the changes are numbered from 1
 * in a life of the node. Who has all up to a number is told what came after. */
export class GoneLog {
  private whole: Gone = new Map();
  private last = 0;
  private readonly latest: { readonly number: number; readonly gone: Gone }[] = [];
  private kept = 0;

  /** The number of the last change. */
  get number(): number {
    return this.last;
  }

  /** Takes in what went, all of it at once. */
  add(gone: Gone): void {
    this.last++;
    this.whole = joinedGone(this.whole, gone);
    this.latest.push({ number: this.last, gone });
    this.kept += sizeOf(gone);
    while (this.kept > rangesKept) this.kept -= sizeOf(this.latest.shift()?.gone ?? new Map());
  }

  /** Whether all numbers of an origin from one to another have gone. */
  has(origin: Origin, from: number, to: number): boolean {
    return (endOf(this.whole.get(origin) ?? [], from) ?? 0) >= to;
  }

  /** What went after the change of a number. */
  since(number: number): Gone {
    const oldest = this.latest[0]?.number ?? this.last + 1;
    if (number + 1 < oldest) return this.whole;
    const later = this.latest.filter((one) => one.number > number);
    return later.reduce((all: Gone, { gone }) => joinedGone(all, gone), new Map());
  }
}

function sizeOf(gone: Gone): number {
  return [...gone.values()].reduce((sum, ranges) => sum + ranges.length / 2, 0);
}
