// The closure of a graph that is kept up by hand, for graphs of few vertices: arrays with a place
// for each pair, and loops that know the rules. What the engine does takes at least this, as it
// deletes and proves again in the same way, by the same ranks.
/** A closure with the edges that it is of. */
export class BareClosure {
  private readonly vertices: number;
  /** The rank of each path by its place; 0 where there is none. Paths to one vertex lie together. */
  private readonly ranks: Int32Array;
  private readonly marked: Uint8Array;
  private readonly next: number[][];
  private readonly before: number[][];
  private rank = 0;
  paths = 0;

  constructor(edges: readonly (readonly number[])[]) {
    this.vertices = 1 + edges.reduce((most, [x = 0, y = 0]) => Math.max(most, x, y), 0);
    this.ranks = new Int32Array(this.vertices ** 2);
    this.marked = new Uint8Array(this.vertices ** 2);
    this.next = Array.from({ length: this.vertices }, () => []);
    this.before = Array.from({ length: this.vertices }, () => []);
    for (const [x = 0, y = 0] of edges) {
      this.next[x]?.push(y);
      this.before[y]?.push(x);
    }
    this.derive(edges.flatMap(([x = 0, y = 0]) => this.added(x, y)));
  }

  insert(x: number, y: number): void {
    this.next[x]?.push(y);
    this.before[y]?.push(x);
    const fresh = this.added(x, y);
    for (const source of this.sourcesOf(x)) fresh.push(...this.added(source, y));
    this.derive(fresh);
  }

  /** Returns how many paths were looked at. */
  remove(x: number, y: number): number {
    const { vertices, ranks, marked, next } = this;
    drop(next[x], y);
    drop(this.before[y], x);
    const gone: number[] = [];
    let looked = 0;
    let found = [...this.sourcesOf(x), x].map((source) => y * vertices + source);
    found = [...new Set(found)].filter((place) => ranks[place] !== 0);
    while (found.length > 0) {
      looked += found.length;
      for (const place of found) marked[place] = 0;
      const going = found.filter((place) => ranks[place] !== 0 && !this.holds(place, true));
      found = [];
      for (const place of going) {
        const source = place % vertices;
        for (const end of next[(place - source) / vertices] ?? []) {
          const after = end * vertices + source;
          if ((ranks[after] ?? 0) <= (ranks[place] ?? 0) || marked[after] === 1) continue;
          marked[after] = 1;
          found.push(after);
        }
      }
      for (const place of going) {
        ranks[place] = 0;
        gone.push(place);
      }
    }
    this.paths -= gone.length;
    for (const place of gone) marked[place] = 1;
    let back = gone.filter((place) => this.holds(place, false));
    while (back.length > 0) {
      this.rank++;
      for (const place of back) this.putBack(place);
      const after: number[] = [];
      for (const place of back) {
        const source = place % vertices;
        for (const end of next[(place - source) / vertices] ?? []) {
          const one = end * vertices + source;
          if (marked[one] === 0) continue;
          marked[one] = 0;
          after.push(one);
        }
      }
      back = after;
    }
    for (const place of gone) marked[place] = 0;
    return looked;
  }

  private putBack(place: number): void {
    this.ranks[place] = this.rank;
    this.marked[place] = 0;
    this.paths++;
  }

  /** Whether a path follows from an edge, or another one: of a lower rank if that is asked for. */
  private holds(place: number, ranked: boolean): boolean {
    const { vertices, ranks, before } = this;
    const source = place % vertices;
    const bound = ranked ? (ranks[place] ?? 0) : Infinity;
    for (const middle of before[(place - source) / vertices] ?? []) {
      const rank = ranks[middle * vertices + source] ?? 0;
      if (middle === source || (rank !== 0 && rank < bound)) return true;
    }
    return false;
  }

  private sourcesOf(end: number): number[] {
    const { vertices, ranks } = this;
    const sources: number[] = [];
    for (let x = 0; x < vertices; x++) if (ranks[end * vertices + x] !== 0) sources.push(x);
    return sources;
  }

  private derive(fresh: number[]): void {
    const { vertices, next } = this;
    for (let from = fresh; from.length > 0;) {
      const found: number[] = [];
      for (const place of from) {
        const source = place % vertices;
        for (const end of next[(place - source) / vertices] ?? []) this.add(source, end, found);
      }
      from = found;
    }
  }

  private added(source: number, end: number): number[] {
    const found: number[] = [];
    this.add(source, end, found);
    return found;
  }

  private add(source: number, end: number, found: number[]): void {
    const place = end * this.vertices + source;
    if (this.ranks[place] !== 0) return;
    this.ranks[place] = ++this.rank;
    this.paths++;
    found.push(place);
  }
}

function drop(list: number[] | undefined, word: number): void {
  list?.splice(list.indexOf(word), 1);
}
