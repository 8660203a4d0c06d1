import type { Cell } from "./pair.ts";

/** How many pairs are read at once while it is not known how large values are. */
const atFirst = 8;

/** How many pairs to read at once, of which the values are in memory together: few where values are
 * large. */
export class ReadAhead {
  private readonly most: number;
  private largest: number | undefined;

  constructor(most: number) {
    this.most = most;
  }

  /** How many to read where there is room for so many bytes, at least one. */
  pairs(bytes: number): number {
    const fits = this.largest === undefined ? atFirst : bytes / Math.max(1, this.largest);
    return Math.max(1, Math.min(this.most, Math.floor(fits)));
  }

  /** Takes note of what was read; returns about how many bytes that is. */
  note({ versions }: Cell): number {
    const bytes = versions.reduce((sum, { data }) => sum + data.length, 0);
    this.largest = Math.max(this.largest ?? 0, bytes);
    return bytes;
  }
}

/** Yields at most so many of what there is to come, at least one. */
export function* firstOf<T>(items: Iterator<T>, most: number): Generator<T> {
  for (let count = 0; count === 0 || count < Math.floor(most); count++) {
    const next = items.next();
    if (next.done === true) return;
    yield next.value;
  }
}
