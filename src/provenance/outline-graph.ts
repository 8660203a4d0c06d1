// Proofs as graphs: what holds points at what it rests on, and what is used twice is drawn once.
import type { Program } from "../analysis/program.ts";
import { described, partsOf, type ProofNode } from "./proof-text.ts";
import type { Proof } from "./proof.ts";

/** Returns proofs in Graphviz's language. */
export function proofDot(proofs: readonly Proof[], program: Program): string {
  const quote = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;
  const { nodes, edges } = graphOf(proofs);
  const lines = nodes.map((node, at) => {
    const { text, beside } = described(node, program);
    const label =
      quote(text).slice(0, -1) + (beside === "" ? "" : `\\n${quote(beside).slice(1, -1)}`);
    return `  n${at} [label=${label}", shape=${"derivation" in node ? "box" : "plaintext"}];`;
  });
  const arrows = edges.map(([from, to]) => `  n${from} -> n${to};`);
  return ["digraph proof {", ...lines, ...arrows, "}"].join("\n") + "\n";
}

/** Returns proofs as a flowchart of Mermaid. */
export function proofMermaid(proofs: readonly Proof[], program: Program): string {
  const escape = (text: string): string =>
    text.replace(/[^\w ,.:()=+-]/g, (character) => `#${character.codePointAt(0) ?? 0};`);
  const { nodes, edges } = graphOf(proofs);
  const lines = nodes.map((node, at) => {
    const { text, beside } = described(node, program);
    return `  n${at}["${escape(text)}${beside === "" ? "" : `<br/>${escape(beside)}`}"]`;
  });
  const arrows = edges.map(([from, to]) => `  n${from} --> n${to}`);
  return ["flowchart TD", ...lines, ...arrows].join("\n") + "\n";
}

function graphOf(proofs: readonly Proof[]) {
  const places = new Map<ProofNode, number>();
  const place = (node: ProofNode): number => {
    const at = places.get(node) ?? places.size;
    places.set(node, at);
    return at;
  };
  proofs.forEach(place);
  const edges: (readonly [from: number, to: number])[] = [];
  for (const [node, from] of places)
    for (const part of partsOf(node)) edges.push([from, place(part)]);
  return { nodes: [...places.keys()], edges };
}
