/** What is to happen, in the order of its times; what is due at the same time, in the order in
 * which it was planned. */
export class Agenda<T> {
  private readonly entries: { readonly atMs: number; readonly what: T }[] = [];

  plan(atMs: number, what: T): void {
    let [low, high] = [0, this.entries.length];
    // The next is the last entry.
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.entries[middle]?.atMs ?? 0) >= atMs) low = middle + 1;
      else high = middle;
    }
    while (low > 0 && this.entries[low - 1]?.atMs === atMs) low--;
    this.entries.splice(low, 0, { atMs, what });
  }

  next(): { readonly atMs: number; readonly what: T } | undefined {
    return this.entries.pop();
  }
}
