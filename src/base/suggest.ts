/** Returns the candidate that `name` most likely means, by edit distance; the first of several,
 * undefined where none is near. A third of the letters may differ, and case costs nothing. */
export function suggest(name: string, candidates: Iterable<string>): string | undefined {
  // One letter is like any other letter: nothing was meant by it.
  let limit = Math.min(Math.max(1, Math.floor(name.length / 3)), name.length - 1);
  const wanted = name.toLowerCase();
  let best: string | undefined;
  for (const candidate of candidates) {
    if (limit < 0) break;
    if (candidate === name || Math.abs(candidate.length - name.length) > limit) continue;
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    if (distance > limit) continue;
    best = candidate;
    limit = distance - 1;
  }
  return best;
}

/** Returns how many insertions, deletions, replacements and swaps of neighbours turn `a` into `b`
 * (the optimal string alignment distance), or more than `limit` where it is more than that. */
export function editDistance(a: string, b: string, limit = Infinity): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at);
  let nearBefore = 0;
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    // Cells further from the diagonal than the limit are out of its reach.
    const from = Math.max(1, i - limit);
    const to = Math.min(b.length, i + limit);
    let near = from === 1 ? i : Infinity;
    for (let j = from; j <= to; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (previous[j] ?? Infinity) + 1,
        (row[j - 1] ?? Infinity) + 1,
        (previous[j - 1] ?? Infinity) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? Infinity) + 1);
      row[j] = cost;
      near = Math.min(near, cost);
    }
    if (Math.min(near, nearBefore) > limit) return Infinity;
    nearBefore = near;
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? Infinity;
}
