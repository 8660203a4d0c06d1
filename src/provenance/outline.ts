import type { Program } from "../analysis/program.ts";
import { described, partsOf, type ProofNode } from "./proof-node.ts";
import type { Proof } from "./proof.ts";

/** A proof as it is shown: lines that rest on others. What is used twice is one object. */
export type Outline = {
  readonly text: string;
  readonly beside: string;
  readonly style?: "good" | "bad" | "strong";
  readonly parts: readonly Outline[];
  /** The proof of the tuple goes on where this one was cut. */
  readonly cut?: true;
};

/** Returns the outline of a proof. */
export function outlineOf(proof: Proof, program: Program): Outline {
  const outlines = new Map<ProofNode, Outline & { readonly parts: Outline[] }>();
  const made = (node: ProofNode) => {
    const known = outlines.get(node);
    if (known !== undefined) return known;
    const cut = "derivation" in node && node.derivation.kind === "cut";
    const outline = { ...described(node, program), parts: [], ...(cut && { cut: true as const }) };
    outlines.set(node, outline);
    return outline;
  };
  const root = made(proof);
  // Nodes that are met are appended while the map is gone through.
  for (const [node, outline] of outlines) outline.parts.push(...partsOf(node).map(made));
  return root;
}
