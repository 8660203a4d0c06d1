// What depends on what in a program, with what is known of it: what all forms are drawn from.
import type { Level, Monotonicity, PointOfOrder } from "../../analysis/levels.ts";
import type { Literal, Program, RelationAt } from "../../analysis/program.ts";
import { positionAt, type Span } from "../../base/source.ts";

/** The relations of a program, what is derived from what, and why not all of it is monotone. */
export type Graph = {
  /** The text that the program is in. */
  readonly path: string;
  /** In the order of the program's relations. */
  readonly vertices: readonly Vertex[];
  readonly edges: readonly Edge[];
  readonly points: readonly PointOfOrder[];
  readonly strata: readonly {
    readonly relations: readonly RelationAt[];
    readonly recursive: boolean;
  }[];
};

/** A relation. */
export type Vertex = {
  readonly name: string;
  readonly level: Level;
  readonly final: boolean;
  readonly networkDependent: boolean;
  readonly input: boolean;
  readonly output: boolean;
  readonly snapshot: boolean;
  /** The points of order of the relation that are at none of its edges. */
  readonly points: readonly PointOfOrder[];
};

/** How a rule reads a relation. */
export type Reading = "positive" | "negation" | "aggregate";

/** That `to` is derived from `from`, with the points of order that are about this. */
export type Edge = {
  readonly from: RelationAt;
  readonly to: RelationAt;
  readonly reads: Reading;
  /** In which step `to` holds, if it is not the one in which `from` does. */
  readonly when?: "next" | "later";
  readonly points: readonly PointOfOrder[];
};

/** Returns the graph of a program whose text is at `path`. */
export function graphOf(path: string, program: Program, verdict: Monotonicity): Graph {
  const inputs = new Set(
    program.directives.flatMap(({ word, relation }) => (word === "input" ? [relation] : [])),
  );
  const bare = edgesOf(program);
  const edgeOf = new Map(
    verdict.points.flatMap((point) => {
      const edge = edgeAt(point, bare);
      return edge === undefined ? [] : [[point, edge] as const];
    }),
  );
  const edges = bare.map((edge) => ({
    ...edge,
    points: verdict.points.filter((point) => edgeOf.get(point) === edge),
  }));
  const vertices = program.relations.map(({ name }, at): Vertex => {
    const {
      level = "ordered",
      final = false,
      networkDependent = false,
    } = verdict.relations[at] ?? {};
    return {
      name,
      level,
      final,
      networkDependent,
      input: inputs.has(at),
      output: verdict.outputs.includes(at),
      snapshot: verdict.snapshots.includes(at),
      points: verdict.points.filter((point) => point.relation === at && !edgeOf.has(point)),
    };
  });
  return { path, vertices, edges, points: verdict.points, strata: program.strata };
}

type BareEdge = Omit<Edge, "points">;

function edgesOf({ rules }: Program): BareEdge[] {
  const found = new Map<string, BareEdge>();
  for (const { head, body, when } of rules)
    for (const [from, reads] of readings(body, "positive")) {
      const edge = { from, to: head.relation, reads, ...(when !== undefined && { when }) };
      found.set(Object.values(edge).join(), edge);
    }
  const order: readonly Reading[] = ["positive", "negation", "aggregate"];
  return [...found.values()].sort(
    (a, b) => a.to - b.to || a.from - b.from || order.indexOf(a.reads) - order.indexOf(b.reads),
  );
}

/** The relations that a body reads, and how; within an aggregate all is read for it. */
function readings(body: readonly Literal[], how: Reading): (readonly [RelationAt, Reading])[] {
  return body.flatMap((literal) => {
    if (literal.kind === "atom") return [[literal.relation, how] as const];
    if (literal.kind === "negation")
      return [[literal.relation, how === "positive" ? "negation" : how] as const];
    return literal.kind === "aggregate" ? readings(literal.body, "aggregate") : [];
  });
}

/** The edge that a point of order is about: of those between its relations the one that reads as it
 * says. */
function edgeAt(point: PointOfOrder, edges: readonly BareEdge[]): BareEdge | undefined {
  const between = edges.filter(({ from, to }) => from === point.reads && to === point.relation);
  return between.find(({ reads }) => reads === point.kind) ?? between[0];
}

/** What is said at an edge or a vertex of its points of order: what they are, and where. */
export function pointText({ path }: Graph, points: readonly PointOfOrder[]): string[] {
  return points.map(({ kind, span }) => `${kind} at ${shortPlace(path, span)}`);
}

function shortPlace(path: string, { source, start }: Span): string {
  const { line, column } = positionAt(source, start);
  return source.path === path ? `${line}:${column}` : `${source.path}:${line}:${column}`;
}

/** What is said of a relation beside its name: the level is always there, so that nothing depends
 * on colours. */
export function vertexText(graph: Graph, vertex: Vertex): string[] {
  const { level, input, output, snapshot, networkDependent, points } = vertex;
  const words = [
    level,
    ...(input ? ["input"] : []),
    ...(output ? ["output"] : []),
    ...(snapshot ? ["snapshot"] : []),
    ...(networkDependent ? ["depends on the network"] : []),
  ];
  return [words.join(", "), ...pointText(graph, points)];
}

/** The name of a stratum, by its place in the order of evaluation. */
export function stratumText({ strata }: Graph, at: number): string {
  return `stratum ${at + 1}${strata[at]?.recursive === true ? ", recursive" : ""}`;
}

/** The colours of levels. They are of Okabe and Ito, who chose them for all kinds of eyes; black is
 * legible on each. */
export const levelColors: Readonly<Record<Level, string>> = {
  M: "#009E73",
  F1: "#56B4E9",
  F2: "#F0E442",
  coordinating: "#E69F00",
  ordered: "#D55E00",
};

/** The colour of points of order. */
export const pointColor = "#D55E00";
