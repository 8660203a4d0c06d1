/** How many values may wait for those before them. */
const earlyMax = 1 << 10;

/** How long a value waits for those before it: they may be lost. */
const earlyMs = 50;

/** Puts the numbered values of one sender in order again that overtook each other on the way. What
 * comes too late is given out at once. */
export class InOrder<T> {
  /** The number up to which all was given out, or given up. */
  private last: number | undefined;
  private readonly early = new Map<number, T>();
  private sinceMs = 0;

  /** Takes a value in, and returns those whose turn it is. */
  take(number: number, value: T, nowMs: number): T[] {
    this.last ??= number - 1;
    if (number <= this.last) return [value];
    if (this.early.size === 0) this.sinceMs = nowMs;
    this.early.set(number, value);
    if (this.early.size > earlyMax) return this.all();
    const ready: T[] = [];
    for (let next = this.early.get(this.last + 1); next !== undefined;) {
      ready.push(next);
      this.early.delete(++this.last);
      next = this.early.get(this.last + 1);
    }
    if (ready.length > 0) this.sinceMs = nowMs;
    return ready;
  }

  /** Returns those that have waited for long, in order. */
  expired(nowMs: number): T[] {
    return this.early.size > 0 && nowMs - this.sinceMs >= earlyMs ? this.all() : [];
  }

  private all(): T[] {
    const waiting = [...this.early].sort(([a], [b]) => a - b);
    this.early.clear();
    this.last = waiting.at(-1)?.[0];
    return waiting.map(([, value]) => value);
  }
}
