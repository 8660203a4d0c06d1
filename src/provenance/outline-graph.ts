// Proofs as graphs: what holds points at what it rests on, and what is used twice is drawn once.
import type { Outline } from "./outline.ts";

/** Returns proofs in Graphviz's language. */
export function outlineDot(proofs: readonly Outline[]): string {
  const quote = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;
  const { nodes, edges } = graphOf(proofs);
  const lines = nodes.map(({ text, beside, style }, at) => {
    const label =
      quote(text).slice(0, -1) + (beside === "" ? "" : `\\n${quote(beside).slice(1, -1)}`);
    return `  n${at} [label=${label}", shape=${style === "strong" ? "box" : "plaintext"}];`;
  });
  const arrows = edges.map(([from, to]) => `  n${from} -> n${to};`);
  return ["digraph proof {", ...lines, ...arrows, "}"].join("\n") + "\n";
}

/** Returns proofs as a flowchart of Mermaid. */
export function outlineMermaid(proofs: readonly Outline[]): string {
  const escape = (text: string): string =>
    text.replace(/[^\w ,.:()=+-]/g, (character) => `#${character.codePointAt(0) ?? 0};`);
  const { nodes, edges } = graphOf(proofs);
  const lines = nodes.map(({ text, beside }, at) => {
    return `  n${at}["${escape(text)}${beside === "" ? "" : `<br/>${escape(beside)}`}"]`;
  });
  const arrows = edges.map(([from, to]) => `  n${from} --> n${to}`);
  return ["flowchart TD", ...lines, ...arrows].join("\n") + "\n";
}

function graphOf(proofs: readonly Outline[]) {
  const places = new Map<Outline, number>();
  const place = (node: Outline): number => {
    const at = places.get(node) ?? places.size;
    places.set(node, at);
    return at;
  };
  proofs.forEach(place);
  const edges: (readonly [from: number, to: number])[] = [];
  for (const [node, from] of places) for (const part of node.parts) edges.push([from, place(part)]);
  return { nodes: [...places.keys()], edges };
}
