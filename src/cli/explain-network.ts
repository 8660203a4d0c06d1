// `calm explain --network`: what is where on a network of nodes, and what is sent between them.
import { hasErrors } from "../base/diagnostic.ts";
import { understand } from "../understand.ts";
import {
  dumpNetwork,
  type ExplainedNetwork,
  explainedParts,
  explainedWhole,
} from "../plan/partition-dump.ts";
import { partition } from "../plan/partition.ts";
import { saysPartition } from "../plan/partitioned-program.ts";
import { Owners, ringPoints } from "../transducer/owners.ts";
import { CommandError, exitCodes, type ExitCode } from "./exit.ts";
import type { Host } from "./host.ts";
import { compileOptions, printDiagnostics, sourceOf, type ProgramOptions } from "./program.ts";
import { withoutSilenced } from "./warnings.ts";

/** What `calm explain --network` takes. */
export type NetworkOptions = ProgramOptions & {
  readonly nodes?: number;
  readonly format?: "text" | "json";
};

const nodesMax = 1_000;

/** Prints how nodes evaluate a program. */
export function explainNetwork(file: string, options: NetworkOptions, host: Host): ExitCode {
  const { nodes } = options;
  if (nodes !== undefined && (nodes < 1 || nodes > nodesMax))
    throw new CommandError(exitCodes.usage, `--nodes takes a number from 1 to ${nodesMax}`);
  const understood = understand(sourceOf(file, host), compileOptions(options));
  const { program } = understood;
  const parts =
    program !== undefined && saysPartition(program) ? partition(program) : { diagnostics: [] };
  const found = [...understood.diagnostics, ...parts.diagnostics];
  printDiagnostics(withoutSilenced(found, options), options, host);
  if (program === undefined || hasErrors(found)) return exitCodes.problem;
  const { partitioned } = parts;
  const explained =
    partitioned === undefined ? explainedWhole(program) : explainedParts(partitioned);
  const shares = nodes === undefined ? [] : sharesOf(nodes);
  if (options.format === "json")
    host.stdout.write(`${JSON.stringify({ ...explained, nodes: shares }, undefined, 2)}\n`);
  else host.stdout.write(dumpNetwork(explained) + sharesText(explained, shares));
  return exitCodes.ok;
}

/** A node, and which part of all keys it owns. */
type Share = { readonly name: string; readonly owns: number };

function sharesOf(count: number): Share[] {
  const owners = new Owners(Array.from({ length: count }, (_, at) => `n${at + 1}`));
  const owned = new Map(owners.members.map((name) => [name, 0]));
  for (const { from, to, member } of owners.ranges())
    owned.set(member, (owned.get(member) ?? 0) + to - from);
  return Array.from({ length: count }, (_, at) => {
    const name = `n${at + 1}`;
    return { name, owns: (owned.get(name) ?? 0) / ringPoints };
  });
}

function sharesText({ evaluation }: ExplainedNetwork, shares: readonly Share[]): string {
  const count = shares.length;
  if (count === 0) return "";
  const others = count - 1;
  const lines = [`${count} ${count === 1 ? "node" : "nodes"}`];
  if (evaluation === "parts") {
    const owner = Number((others / count).toFixed(2));
    lines.push(`  a tuple for its owner is ${owner} messages, one for each node ${others}`);
    for (const { name, owns } of shares)
      lines.push(`  ${name} owns ${(100 * owns).toFixed(1)}% of the keys`);
  } else if (evaluation === "flood") {
    lines.push("  each holds all inputs, and derives everything");
  }
  return lines.join("\n") + "\n";
}
