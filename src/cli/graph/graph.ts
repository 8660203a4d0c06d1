// `calm check --graph`: a program as a picture of what depends on what, with levels.
import { writeFileSync } from "node:fs";
import { monotonicity } from "../../analysis/monotone.ts";
import type { Source } from "../../base/source.ts";
import { understand } from "../../understand.ts";
import { CommandError, exitCodes, type ExitCode } from "../exit.ts";
import type { Host } from "../host.ts";
import { compileOptions, printDiagnostics, type ProgramOptions } from "../program.ts";
import { dotGraph } from "./dot.ts";
import type { GraphForm } from "./forms.ts";
import { jsonGraph } from "./json.ts";
import { mermaidGraph } from "./mermaid.ts";
import { graphOf, type Graph } from "./model.ts";

const writers: Readonly<Record<GraphForm, (graph: Graph) => string>> = {
  dot: dotGraph,
  mermaid: mermaidGraph,
  json: jsonGraph,
};

/** Prints the graph of the one program among `sources`, or writes it to a file. */
export function graph(
  form: GraphForm,
  sources: readonly Source[],
  options: ProgramOptions & { readonly outputFile?: string },
  host: Host,
): ExitCode {
  const [source, second] = sources;
  if (source === undefined || second !== undefined) {
    const message = `a graph is of one program, and these are ${sources.length}`;
    throw new CommandError(exitCodes.usage, message, "name a .dl file");
  }
  const { diagnostics, program } = understand(source, compileOptions(options));
  if (program === undefined) {
    printDiagnostics(diagnostics, options, host);
    return exitCodes.problem;
  }
  const text = writers[form](graphOf(source.path, program, monotonicity(program)));
  if (options.outputFile === undefined) host.stdout.write(text);
  else write(options.outputFile, text);
  return exitCodes.ok;
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new CommandError(exitCodes.usage, `cannot write "${file}": ${code}`);
  }
}
