// `calm why --url` and `calm whynot --url`: a node says why something holds there, or does not.
import type { Explanation } from "../client/explanation.ts";
import { outlineOfNodes } from "../provenance/proof-json.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import { ask } from "./node-admin.ts";
import type { WhyOptions } from "./why-options.ts";
import { printProofs } from "./why-print.ts";

/** Prints what a node says of a goal. */
export async function explainAtNode(
  verb: "why" | "whynot",
  goal: string,
  options: WhyOptions,
  host: Host,
): Promise<ExitCode> {
  const { depth, all, format } = options;
  const answer = (await ask(options, host, "POST", "/v1/why", {
    goal,
    absence: verb === "whynot",
    ...(depth !== undefined && { depth }),
    ...(all !== undefined && { proofs: all }),
  })) as Explanation;
  const { proofs, absence } = answer;
  if (verb === "why") {
    const outlines = proofs.map(({ nodes, root }) => outlineOfNodes(nodes, root));
    return printProofs(goal, { outlines, json: () => proofs }, options, host);
  }
  const [found] = proofs;
  if (found !== undefined) {
    host.stderr.write(`calm: ${found.tuple} holds\n  \`calm why\` says why\n`);
    return exitCodes.problem;
  }
  if (absence === undefined)
    throw new CommandError(
      exitCodes.usage,
      "no tuple fits the goal; `calm whynot` explains one tuple",
      "give a constant for each column, such as path(4, 1)",
    );
  const { shown, ...rest } = absence;
  host.stdout.write(format === "json" ? `${JSON.stringify(rest, null, 2)}\n` : shown);
  return exitCodes.ok;
}
