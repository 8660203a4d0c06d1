/** The edges of a graph, from both ends; vertices are numbers below 2^26. */
export class EdgeGraph {
  private readonly next = new Map<number, number[]>();
  private readonly before = new Map<number, number[]>();

  constructor(edges: readonly (readonly number[])[]) {
    for (const [x = 0, y = 0] of edges) {
      append(this.next, x, y);
      append(this.before, y, x);
    }
  }

  /** The paths that are an edge, end with it, or with an edge after one of some other paths: each as
   * one number. */
  pathsOver([x = 0, y = 0]: readonly number[], paths: readonly Int32Array[]): ReadonlySet<number> {
    const found = new Set([numberOf(x, y)]);
    for (const source of this.sourcesOf(x)) found.add(numberOf(source, y));
    const [sources = [], ends = []] = paths;
    for (const [row, source] of sources.entries())
      for (const end of this.next.get(ends[row] ?? -1) ?? []) found.add(numberOf(source, end));
    return found;
  }

  /** The vertices from which a path leads to one. */
  private sourcesOf(vertex: number): ReadonlySet<number> {
    const found = new Set<number>();
    for (let from = [vertex]; from.length > 0;) {
      const ahead = new Set(from.flatMap((one) => this.before.get(one) ?? []));
      from = [...ahead].filter((one) => !found.has(one));
      for (const one of from) found.add(one);
    }
    return found;
  }
}

function numberOf(source: number, end: number): number {
  return source * 2 ** 26 + end;
}

function append(lists: Map<number, number[]>, key: number, word: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [word]);
  else list.push(word);
}
