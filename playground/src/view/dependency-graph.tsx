// What is derived from what: boxes in the order of strata, from inputs down to outputs.
import dagre from "@dagrejs/dagre";
import { useMemo } from "preact/hooks";
import type { GraphView } from "../protocol.ts";
import { levelSigns } from "./level-badge.tsx";

const boxHeight = 40;
const letterPx = 8.2;
const loopPx = 26;

type Edge = GraphView["edges"][number];
type Drawn = {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly {
    readonly vertex: GraphView["vertices"][number];
    readonly x: number;
    readonly y: number;
    readonly width: number;
  }[];
  readonly lines: readonly { readonly edge: Edge; readonly path: string; readonly middle: Point }[];
};
type Point = { readonly x: number; readonly y: number };

/** The graph. It is also said as a list, for those who do not see it. */
export function DependencyGraph({
  graph,
  chosen,
  onChoose,
  onPoint,
}: {
  readonly graph: GraphView;
  readonly chosen: string | undefined;
  readonly onChoose: (relation: string) => void;
  readonly onPoint: (point: number) => void;
}) {
  const { width, height, boxes, lines } = useMemo(() => laidOut(graph), [graph]);
  return (
    <div class="graph">
      <svg
        viewBox={`0 0 ${String(width)} ${String(height)}`}
        style={{ maxWidth: `${String(width)}px` }}
        role="group"
        aria-label="What is derived from what"
      >
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 10 10"
            refX="9"
            refY="5"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0 0 10 5 0 10z" />
          </marker>
        </defs>
        {lines.map(({ edge, path, middle }) => (
          <g
            class={`edge ${edge.reads}${edge.point === undefined ? "" : " point"}`}
            key={`${edge.from} ${edge.to} ${edge.reads} ${edge.when ?? ""}`}
          >
            <path d={path} marker-end="url(#arrow)" />
            {label(edge) !== "" && (
              <g
                {...(edge.point !== undefined && {
                  role: "button",
                  tabindex: 0,
                  "aria-label": `${label(edge)}: ${edge.to} reads ${edge.from}: ${edge.reads}; show it in the program`,
                  onClick: () => {
                    if (edge.point !== undefined) onPoint(edge.point);
                  },
                  onKeyDown: (event: KeyboardEvent) => {
                    if (event.key === "Enter" && edge.point !== undefined) onPoint(edge.point);
                  },
                })}
              >
                <rect
                  class="edge-back"
                  x={middle.x - label(edge).length * 3.6 - 4}
                  y={middle.y - 9}
                  width={label(edge).length * 7.2 + 8}
                  height="18"
                  rx="4"
                />
                <text x={middle.x} y={middle.y + 4}>
                  {label(edge)}
                </text>
              </g>
            )}
          </g>
        ))}
        {boxes.map(({ vertex, x, y, width: wide }) => {
          const { name, level, input, output, stratum } = vertex;
          const { sign, text } = levelSigns[level];
          const roles = [
            input ? "input" : "",
            output ? "output" : "",
            `stratum ${String(stratum + 1)}`,
          ]
            .filter((role) => role !== "")
            .join(" · ");
          return (
            <g
              class={`vertex box-${level}${chosen === name ? " chosen" : ""}`}
              key={name}
              role="button"
              tabindex={0}
              aria-label={`${sign} ${name} ${roles}: ${text}`}
              aria-pressed={chosen === name}
              onClick={() => {
                onChoose(name);
              }}
              onKeyDown={(event: KeyboardEvent) => {
                if (event.key === "Enter") onChoose(name);
              }}
            >
              <rect x={x - wide / 2} y={y - boxHeight / 2} width={wide} height={boxHeight} rx="8" />
              <text class="vertex-name" x={x} y={y - 2}>
                {sign} {name}
              </text>{" "}
              <text class="vertex-text" x={x} y={y + 13}>
                {roles}
              </text>
            </g>
          );
        })}
      </svg>
      <ul class="visually-hidden">
        {graph.edges.map(({ from, to, reads }) => (
          <li key={`${from} ${to} ${reads}`}>
            {to} is derived from {from}
            {reads === "positive" ? "" : `, by ${reads}`}
          </li>
        ))}
      </ul>
    </div>
  );
}

function label({ reads, when }: Edge): string {
  const word = { positive: "", negation: "not", aggregate: "aggregate" }[reads];
  return [word, when === undefined ? "" : when === "later" ? ":~" : ":+"]
    .filter((part) => part !== "")
    .join(" ");
}

function laidOut({ vertices, edges }: GraphView): Drawn {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 22, ranksep: 44, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  const widthOf = (name: string): number => Math.max(118, name.length * letterPx + 34);
  for (const { name } of vertices) graph.setNode(name, { width: widthOf(name), height: boxHeight });
  const known = new Set(vertices.map(({ name }) => name));
  const drawn = edges.filter(({ from, to }) => known.has(from) && known.has(to));
  // What depends on itself has a loop at its side, for which there has to be room.
  const loops = new Set(drawn.flatMap(({ from, to }) => (from === to ? [from] : [])));
  for (const name of loops)
    graph.setNode(name, { width: widthOf(name) + 2 * loopPx, height: boxHeight });
  for (const [at, { from, to }] of drawn.entries())
    if (from !== to) graph.setEdge(from, to, {}, String(at));
  dagre.layout(graph);
  const { width = 100, height = 50 } = graph.graph() as { width?: number; height?: number };
  return {
    width: Math.max(width, 60),
    height: Math.max(height, 50),
    boxes: vertices.map((vertex) => {
      const { x, y } = graph.node(vertex.name) as Point;
      return { vertex, x, y, width: widthOf(vertex.name) };
    }),
    lines: drawn.map((edge, at) => {
      if (edge.from === edge.to) {
        const { x, y } = graph.node(edge.from) as Point;
        const right = x + widthOf(edge.from) / 2;
        const path = `M${pair({ x: right, y: y - 9 })} C${pair({ x: right + loopPx, y: y - 20 })} ${pair({ x: right + loopPx, y: y + 20 })} ${pair({ x: right + 2, y: y + 9 })}`;
        return { edge, path, middle: { x: right + loopPx, y } };
      }
      const { points = [] } = graph.edge(edge.from, edge.to, String(at)) as {
        readonly points?: readonly Point[];
      };
      return { edge, path: smooth(points), middle: points[points.length >> 1] ?? { x: 0, y: 0 } };
    }),
  };
}

/** A line through points that has no corners. */
function smooth(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return "";
  let path = `M${pair(first)}`;
  for (const [at, point] of rest.entries()) {
    const next = rest[at + 1];
    if (next === undefined) break;
    path += ` Q${pair(point)} ${pair({ x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 })}`;
  }
  return `${path} L${pair(last)}`;
}

function pair({ x, y }: Point): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}
