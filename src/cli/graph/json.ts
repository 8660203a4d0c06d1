import type { PointOfOrder } from "../../analysis/levels.ts";
import { rangeOf } from "../reports/place.ts";
import type { Graph } from "./model.ts";

/** Returns the graph as docs/schema/graph.schema.json describes it. */
export function jsonGraph({ path, vertices, edges, points, strata }: Graph): string {
  const name = (at: number): string => vertices[at]?.name ?? "";
  const placesOf = (some: readonly PointOfOrder[]): number[] =>
    some.map((point) => points.indexOf(point));
  const graph = {
    path,
    strata: strata.map(({ relations, recursive }) => ({
      relations: relations.map(name),
      recursive,
    })),
    relations: vertices.map((vertex) => ({ ...vertex, points: placesOf(vertex.points) })),
    edges: edges.map(({ from, to, reads, when, points: at }) => ({
      from: name(from),
      to: name(to),
      reads,
      when,
      points: placesOf(at),
    })),
    points: points.map(({ kind, relation, reads, level, span, message, hint }) => ({
      kind,
      relation: name(relation),
      reads: reads === undefined ? undefined : name(reads),
      level,
      path: span.source.path,
      ...rangeOf(span),
      message,
      hint,
    })),
  };
  return `${JSON.stringify(graph, null, 2)}\n`;
}
