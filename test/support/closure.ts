/** Returns all pairs of which the second can be reached from the first, as texts. */
export function closureOf(edges: readonly (readonly [number, number])[]): string[] {
  const next = new Map<number, number[]>();
  for (const [x, y] of edges) next.set(x, [...(next.get(x) ?? []), y]);
  const paths: string[] = [];
  for (const begin of next.keys()) {
    const reached = new Set<number>();
    const open = [begin];
    for (let at = open.pop(); at !== undefined; at = open.pop())
      for (const y of next.get(at) ?? [])
        if (!reached.has(y)) {
          reached.add(y);
          open.push(y);
        }
    for (const y of reached) paths.push(`${begin}\t${y}`);
  }
  return paths;
}
