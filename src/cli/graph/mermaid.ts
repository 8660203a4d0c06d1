import { levels } from "../../analysis/levels.ts";
import { levelColors, pointColor, pointText, stratumText, vertexText } from "./model.ts";
import type { Edge, Graph, Vertex } from "./model.ts";

/** Returns the graph as a flowchart of Mermaid, with what `dotGraph` says: GitHub and GitLab draw
 * it where it stands in a fenced block. */
export function mermaidGraph(graph: Graph): string {
  const strata = graph.strata.map(({ relations }, at) => {
    const vertices = relations.flatMap((of) => {
      const vertex = graph.vertices[of];
      return vertex === undefined ? [] : [`    v${of}${shape(graph, vertex)}:::${vertex.level}\n`];
    });
    return `  subgraph s${at}[${quoted([stratumText(graph, at)])}]\n${vertices.join("")}  end\n`;
  });
  const edges = graph.edges.map((edge) => `  v${edge.from} ${arrow(graph, edge)} v${edge.to}\n`);
  const thick = [...graph.edges.keys()].filter((at) => graph.edges[at]?.points.length !== 0);
  const style = `stroke:${pointColor},stroke-width:3px`;
  const used = levels.filter((level) => graph.vertices.some((vertex) => vertex.level === level));
  return [
    "flowchart LR\n",
    ...strata,
    ...edges,
    ...(thick.length === 0 ? [] : [`  linkStyle ${thick.join(",")} ${style}\n`]),
    ...used.map((level) => `  classDef ${level} fill:${levelColors[level]},color:#000\n`),
  ].join("");
}

function shape(graph: Graph, vertex: Vertex): string {
  const text = quoted([vertex.name, ...vertexText(graph, vertex)]);
  if (vertex.input) return `[/${text}/]`;
  return vertex.output ? `[[${text}]]` : `[${text}]`;
}

function arrow(graph: Graph, { reads, when, points }: Edge): string {
  const line = reads === "positive" ? "-->" : "-.->";
  const lines = [...(when === undefined ? [] : [when]), ...pointText(graph, points)];
  return lines.length === 0 ? line : `${line}|${quoted(lines)}|`;
}

/** A text in which nothing means anything to Mermaid. */
function quoted(lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    line.replace(/["#<>&]/g, (character) => `#${character.charCodeAt(0)};`),
  );
  return `"${escaped.join("<br>")}"`;
}
