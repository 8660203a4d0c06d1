import { outlineDot, outlineMermaid } from "../provenance/outline-graph.ts";
import { outlineHtml } from "../provenance/outline-html.ts";
import { outlineText, type Paint } from "../provenance/outline-text.ts";
import type { Outline } from "../provenance/outline.ts";
import { type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import { colored } from "./program.ts";
import type { WhyOptions } from "./why-options.ts";

/** Proofs as they are shown, and as programs read them. */
export type PrintedProofs = {
  readonly outlines: readonly Outline[];
  readonly json: () => unknown;
};

/** Prints proofs of what fits a goal, or that nothing does. */
export function printProofs(
  goal: string,
  { outlines, json }: PrintedProofs,
  options: WhyOptions,
  host: Host,
): ExitCode {
  if (outlines.length > 0) {
    host.stdout.write(proofsText(outlines, json, options, host));
    return exitCodes.ok;
  }
  host.stderr.write(`calm: no tuple fits ${goal.trim()}\n  \`calm whynot\` says why\n`);
  if (options.format === "json") host.stdout.write("[]\n");
  return exitCodes.problem;
}

function proofsText(
  outlines: readonly Outline[],
  json: () => unknown,
  options: WhyOptions,
  host: Host,
): string {
  switch (options.format) {
    case "text":
      return outlines.map((one) => outlineText(one, paintFor(options, host))).join("\n");
    case "json":
      return `${JSON.stringify(json(), null, 2)}\n`;
    case "dot":
      return outlineDot(outlines);
    case "mermaid":
      return outlineMermaid(outlines);
    case "html":
      return outlineHtml(outlines);
  }
}

const styles = { dim: 2, good: 32, bad: 31, strong: 1 } as const;

/** How parts of an explanation are marked on the standard output. */
export function paintFor(options: WhyOptions, host: Host): Paint {
  if (!colored(options, host, "stdout")) return (_style, text) => text;
  return (style, text) => `\x1b[${styles[style]}m${text}\x1b[0m`;
}
