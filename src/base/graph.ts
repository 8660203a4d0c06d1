/** Returns the strongly connected components of the graph with vertices 0 … `count - 1`, each in
 * ascending order. A component stands after all that its vertices reach (reverse topological
 * order). Tarjan's algorithm with its own stack: a path may be as long as memory allows. */
export function stronglyConnected(
  count: number,
  successors: (vertex: number) => readonly number[],
): number[][] {
  const components: number[][] = [];
  const index = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const open = new Uint8Array(count);
  const path: number[] = [];
  let visited = 0;

  const enter = (vertex: number) => {
    index[vertex] = low[vertex] = visited++;
    open[vertex] = 1;
    path.push(vertex);
    return { vertex, next: successors(vertex), at: 0 };
  };
  const lower = (vertex: number, to: number) => {
    low[vertex] = Math.min(low[vertex] ?? 0, to);
  };

  for (let root = 0; root < count; root++) {
    if (index[root] !== -1) continue;
    const calls = [enter(root)];
    for (let call = calls.at(-1); call !== undefined; call = calls.at(-1)) {
      const { vertex } = call;
      const successor = call.next[call.at++];
      if (successor === undefined) {
        calls.pop();
        const caller = calls.at(-1);
        if (caller !== undefined) lower(caller.vertex, low[vertex] ?? 0);
        if (low[vertex] === index[vertex]) components.push(close(vertex));
      } else if (index[successor] === -1) {
        calls.push(enter(successor));
      } else if (open[successor] === 1) {
        lower(vertex, index[successor] ?? 0);
      }
    }
  }
  return components;

  function close(root: number): number[] {
    const component = path.splice(path.lastIndexOf(root));
    for (const vertex of component) open[vertex] = 0;
    return component.sort((a, b) => a - b);
  }
}

/** Returns the vertices of a shortest path, `from` and `to` included; undefined where there is
 * none. Where `from` is `to` that is the vertex alone. */
export function shortestPath(
  from: number,
  to: number,
  successors: (vertex: number) => readonly number[],
): number[] | undefined {
  const cameFrom = new Map<number, number>([[from, from]]);
  const queue = [from];
  for (const vertex of queue) {
    if (vertex === to) return unwind(to);
    for (const next of successors(vertex)) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, vertex);
      queue.push(next);
    }
  }
  return undefined;

  function unwind(end: number): number[] {
    const path = [end];
    for (let at = end; at !== from;) {
      at = cameFrom.get(at) ?? from;
      path.push(at);
    }
    return path.reverse();
  }
}
