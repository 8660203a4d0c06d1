import { readFileSync } from "node:fs";
import { missingFunctors } from "../engine/functors.ts";
import { hasErrors } from "../base/diagnostic.ts";
import { type FsyncPolicy, LogError } from "../runtime/node/durable-log.ts";
import { LongLine } from "../server/maelstrom-messages.ts";
import { serveMaelstrom } from "../server/maelstrom.ts";
import type { StopCause } from "../server/node-driver.ts";
import { nodeProgram } from "../server/node-program.ts";
import type { Implementations } from "../value/user-functor.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import { compileOptions, printDiagnostics, type ProgramOptions, sourceOf } from "./program.ts";
import { withoutSilenced } from "./warnings.ts";

/** The options of `calm maelstrom`, as the command line gives them. */
export type MaelstromOptions = ProgramOptions & {
  readonly data?: string;
  readonly fsync: FsyncPolicy;
  /** The module that implements the program's functors. */
  readonly functors?: string;
};

/** Runs a node of a program in Maelstrom, until the test closes its input. */
export async function maelstrom(
  file: string,
  options: MaelstromOptions,
  functors: Implementations,
  host: Host,
): Promise<ExitCode> {
  if (file === "-")
    throw new CommandError(exitCodes.usage, "the program is a file: messages are standard input");
  const modules = options.functors === undefined ? [] : [readFileSync(options.functors)];
  const compilation = nodeProgram(sourceOf(file, host), compileOptions(options), { modules });
  const { program } = compilation;
  const missing = program === undefined ? [] : missingFunctors(program.plan, functors);
  const found = [...withoutSilenced(compilation.diagnostics, options), ...missing];
  printDiagnostics(found, options, host);
  if (program === undefined || hasErrors(missing)) return exitCodes.problem;
  const { data, fsync } = options;
  try {
    const cause = await serveMaelstrom({
      ...{ program, functors, fsync, input: process.stdin },
      ...(data !== undefined && { data }),
      write: (line) => {
        try {
          host.stdout.write(`${line}\n`);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
          // Nobody listens any more: the test is over.
          process.stdin.destroy();
        }
      },
      log: (line) => {
        host.stderr.write(`calm: ${line}\n`);
      },
      nowMs: () => host.nowMs(),
    });
    return stopped(cause, options, host);
  } catch (error) {
    if (!(error instanceof LogError || error instanceof LongLine)) throw error;
    throw new CommandError(exitCodes.problem, error.message);
  }
}

function stopped(cause: StopCause | undefined, options: MaelstromOptions, host: Host): ExitCode {
  switch (cause?.kind) {
    case undefined:
      return exitCodes.ok;
    case "log":
    case "left":
    case "forgotten":
      throw new CommandError(exitCodes.problem, cause.error.message);
    case "evaluation":
      printDiagnostics(cause.error.diagnostics, options, host);
      return exitCodes.limit;
    case "fault":
      throw cause.error;
  }
}
