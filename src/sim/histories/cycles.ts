// Finds the circles among dependencies, the weakest first, each by a shortest walk in its strongly
// connected component (Elle, section 6).
import { assert } from "../../base/assert.ts";
import { stronglyConnected } from "../../base/graph.ts";
import type { AnomalyKind, OrderUsed } from "./anomaly.ts";
import type { Dependency, DependencyKind } from "./dependency.ts";

/** Dependencies each of which begins where the one before it ends, the first where the last ends;
 * no transaction is in it twice. */
export type Cycle = {
  readonly kind: CycleKind;
  readonly order?: OrderUsed;
  readonly dependencies: readonly Dependency[];
};

/** Anomalies that are circles. */
export type CycleKind = Extract<AnomalyKind, "G0" | "G1c" | "G-single" | "G-nonadjacent" | "G2">;

/** In a large component a kind of circle is looked for from so many dependencies. Where more would
 * be needed to find one the component is still reported, by a circle of another kind. */
const startsMax = 2000;

/** What a circle of a kind begins with, and goes on with. */
const shapes: readonly {
  readonly kind: CycleKind;
  readonly first: DependencyKind;
  readonly rest: readonly DependencyKind[];
}[] = [
  { kind: "G0", first: "ww", rest: ["ww"] },
  { kind: "G1c", first: "wr", rest: ["ww", "wr"] },
  { kind: "G-single", first: "rw", rest: ["ww", "wr"] },
  { kind: "G-nonadjacent", first: "rw", rest: ["ww", "wr", "rw"] },
  { kind: "G2", first: "rw", rest: ["ww", "wr", "rw"] },
];

const ordersUsed: Readonly<Record<OrderUsed | "none", readonly DependencyKind[]>> = {
  none: [],
  process: ["process"],
  realtime: ["process", "realtime"],
};

/** Returns circles: for each kind at most one in each component of what such a circle can consist
 * of, and at least one in each component of all. `count` is that of the transactions. */
export function cycles(count: number, dependencies: readonly Dependency[]): Cycle[] {
  const found = new Map<string, Cycle>();
  for (const order of ["none", "process", "realtime"] as const)
    for (const { kind, first, rest } of shapes) {
      const allowed = new Set<DependencyKind>([first, ...rest, ...ordersUsed[order]]);
      for (const component of new Graph(count, dependencies, allowed).components()) {
        const known = [...found.values()].some(
          (of) => of.kind === kind && inside(of, component) && of.order === undefined,
        );
        if (known) continue;
        const goesOn = new Set([...rest, ...ordersUsed[order]]);
        const cycle = component.search({ kind, order, first, goesOn });
        if (cycle !== undefined) found.set(nameOf(cycle), cycle);
      }
    }
  for (const component of new Graph(count, dependencies).components()) {
    if ([...found.values()].some((cycle) => inside(cycle, component))) continue;
    const cycle = component.any();
    found.set(nameOf(cycle), cycle);
  }
  return [...found.values()];
}

function inside({ dependencies }: Cycle, component: Component): boolean {
  return dependencies.every(({ from }) => component.has(from));
}

function nameOf({ kind, order, dependencies }: Cycle): string {
  const steps = dependencies.map(({ from, kind: by }) => `${from} ${by}`).toSorted();
  return [kind, order, ...steps].join(" ");
}

/** The dependencies of some kinds. */
class Graph {
  private readonly out: Dependency[][];

  constructor(
    count: number,
    dependencies: readonly Dependency[],
    allowed?: ReadonlySet<DependencyKind>,
  ) {
    this.out = Array.from({ length: count }, () => []);
    for (const dependency of dependencies)
      if (allowed?.has(dependency.kind) !== false) this.out[dependency.from]?.push(dependency);
  }

  /** The components in which there are circles. */
  components(): Component[] {
    const { out } = this;
    const found = stronglyConnected(out.length, (at) => (out[at] ?? []).map(({ to }) => to));
    return found
      .filter(({ length }) => length > 1)
      .sort(([a = 0], [b = 0]) => a - b)
      .map((vertices) => new Component(vertices, out));
  }
}

/** What a walk has been through, besides where it is. */
type Been = {
  /** An order of processes or of time. */
  readonly ordered: boolean;
  /** How many `rw`: 0, 1, or more. */
  readonly unseen: number;
  /** The last step was `rw`. */
  readonly justUnseen: boolean;
  /** Two `rw` in a row. */
  readonly adjacent: boolean;
};

type Step = { readonly dependency: Dependency; readonly been: Been; readonly before?: Step };

type Search = {
  readonly kind: CycleKind;
  readonly order: OrderUsed | "none";
  readonly first: DependencyKind;
  readonly goesOn: ReadonlySet<DependencyKind>;
};

/** A strongly connected component. */
class Component {
  private readonly vertices: ReadonlySet<number>;
  private readonly out: readonly (readonly Dependency[])[];

  constructor(vertices: readonly number[], out: readonly (readonly Dependency[])[]) {
    this.vertices = new Set(vertices);
    this.out = out;
  }

  has(vertex: number): boolean {
    return this.vertices.has(vertex);
  }

  /** Returns a circle of a kind; the first that is found is a shortest one from where it begins. */
  search(search: Search): Cycle | undefined {
    let starts = 0;
    for (const start of this.dependencies()) {
      if (start.kind !== search.first) continue;
      if (++starts > startsMax) return undefined;
      const walk = this.walk(start, search);
      const cycle = (walk === undefined ? [] : simple(walk))
        .map(classified)
        .find(({ kind, order = "none" }) => kind === search.kind && order === search.order);
      if (cycle !== undefined) return cycle;
    }
    return undefined;
  }

  /** Returns any circle. */
  any(): Cycle {
    const [start] = this.dependencies();
    assert(start !== undefined, "a component has dependencies");
    const goesOn = new Set<DependencyKind>(["ww", "wr", "rw", "process", "realtime"]);
    const walk = this.walk(start, { goesOn });
    const [cycle] = (walk === undefined ? [] : simple(walk)).map(classified);
    assert(cycle !== undefined, "in a component there is a way back");
    return cycle;
  }

  private *dependencies(): Generator<Dependency> {
    for (const vertex of this.vertices)
      for (const dependency of this.out[vertex] ?? [])
        if (this.vertices.has(dependency.to)) yield dependency;
  }

  /** Returns a shortest walk that begins with a dependency and ends where it began. */
  private walk(
    start: Dependency,
    { kind, order = "none", goesOn }: Partial<Search> & Pick<Search, "goesOn">,
  ): Dependency[] | undefined {
    const nothing = { ordered: false, unseen: 0, justUnseen: false, adjacent: false };
    const queue: Step[] = [{ dependency: start, been: after(nothing, start) }];
    const known = new Set<string>();
    for (const step of queue) {
      const { dependency, been } = step;
      if (dependency.to === start.from && closes(been)) return unwound(step);
      for (const next of this.out[dependency.to] ?? []) {
        if (!goesOn.has(next.kind) || !this.vertices.has(next.to)) continue;
        if (kind === "G-nonadjacent" && been.justUnseen && next.kind === "rw") continue;
        const then = after(been, next);
        const { ordered, unseen, justUnseen, adjacent } = then;
        const name = `${next.to} ${ordered} ${unseen} ${justUnseen} ${adjacent}`;
        if (known.has(name)) continue;
        known.add(name);
        queue.push({ dependency: next, been: then, before: step });
      }
    }
    return undefined;

    function closes({ ordered, unseen, justUnseen, adjacent }: Been): boolean {
      if (order !== "none" && !ordered) return false;
      if (kind === "G-nonadjacent") return unseen > 1 && !justUnseen;
      if (kind === "G2") return unseen > 1 && (adjacent || justUnseen);
      return true;
    }
  }
}

function after({ ordered, unseen, justUnseen, adjacent }: Been, { kind }: Dependency): Been {
  const rw = kind === "rw";
  return {
    ordered: ordered || kind === "process" || kind === "realtime",
    unseen: Math.min(2, unseen + (rw ? 1 : 0)),
    justUnseen: rw,
    adjacent: adjacent || (rw && justUnseen),
  };
}

function unwound(end: Step): Dependency[] {
  const walk: Dependency[] = [];
  for (let step: Step | undefined = end; step !== undefined; step = step.before)
    walk.push(step.dependency);
  return walk.reverse();
}

/** Takes a closed walk apart where it comes to a transaction again. */
function simple(walk: readonly Dependency[]): Dependency[][] {
  const parts: Dependency[][] = [];
  let open: Dependency[] = [];
  for (const dependency of walk) {
    open.push(dependency);
    const at = open.findIndex(({ from }) => from === dependency.to);
    if (at < 0) continue;
    parts.push(open.slice(at));
    open = open.slice(0, at);
  }
  assert(open.length === 0, "a closed walk consists of circles");
  return parts;
}

function classified(dependencies: readonly Dependency[]): Cycle {
  const kinds = dependencies.map(({ kind }) => kind);
  const unseen = kinds.filter((kind) => kind === "rw").length;
  const adjacent = kinds.some((kind, at) => kind === "rw" && kinds.at(at - 1) === "rw");
  const kind =
    unseen > 1
      ? adjacent
        ? "G2"
        : "G-nonadjacent"
      : unseen === 1
        ? "G-single"
        : kinds.includes("wr")
          ? "G1c"
          : "G0";
  if (kinds.includes("realtime")) return { kind, order: "realtime", dependencies };
  if (kinds.includes("process")) return { kind, order: "process", dependencies };
  return { kind, dependencies };
}
