import { levelColors, pointColor, pointText, stratumText, vertexText } from "./model.ts";
import type { Edge, Graph, Vertex } from "./model.ts";

/** Returns the graph in the language of Graphviz: a cluster for each stratum. Edges that need all
 * of a relation are dashed; those with points of order are thick, and say which. Inputs are
 * slanted, outputs have two lines around them. */
export function dotGraph(graph: Graph): string {
  const clusters = graph.strata.map(({ relations }, at) => {
    const vertices = relations.flatMap((of) => {
      const vertex = graph.vertices[of];
      return vertex === undefined ? [] : [`    v${of} ${vertexAttributes(graph, vertex)};\n`];
    });
    const label = JSON.stringify(stratumText(graph, at));
    return `  subgraph cluster_${at} {\n    label=${label};\n${vertices.join("")}  }\n`;
  });
  const edges = graph.edges.map(
    (edge) => `  v${edge.from} -> v${edge.to}${edgeAttributes(graph, edge)};\n`,
  );
  return `digraph program {\n${settings}${clusters.join("")}${edges.join("")}}\n`;
}

const settings = `  rankdir=LR;
  graph [fontname="sans-serif", color="#999999", style=rounded];
  node [fontname="sans-serif", shape=box, style=filled, fontcolor="#000000"];
  edge [fontname="sans-serif", fontsize=10];
`;

function vertexAttributes(graph: Graph, vertex: Vertex): string {
  return attributes({
    label: [vertex.name, ...vertexText(graph, vertex)].join("\n"),
    fillcolor: levelColors[vertex.level],
    ...(vertex.input && { shape: "parallelogram" }),
    ...(vertex.output && { peripheries: "2" }),
  });
}

function edgeAttributes(graph: Graph, edge: Edge): string {
  const { reads, when, points } = edge;
  const label = [...(when === undefined ? [] : [when]), ...pointText(graph, points)].join("\n");
  const set = {
    ...(reads !== "positive" && { style: "dashed" }),
    ...(when !== undefined && { arrowhead: "empty" }),
    ...(label !== "" && { label }),
    ...(points.length > 0 && { color: pointColor, penwidth: "2" }),
  };
  return Object.keys(set).length === 0 ? "" : ` ${attributes(set)}`;
}

function attributes(set: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(set).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `[${pairs.join(", ")}]`;
}
