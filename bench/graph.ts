import { random } from "../src/base/random.ts";

/** Returns the text of a facts file: `edges` edges of a random graph over `vertices`, seeded. */
export function randomGraph(vertices: number, edges: number, seed: number): string {
  const next = random(seed);
  const lines: string[] = [];
  for (let i = 0; i < edges; i++) lines.push(`${next.below(vertices)}\t${next.below(vertices)}`);
  return `${lines.join("\n")}\n`;
}
