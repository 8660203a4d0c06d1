import { readFileSync } from "node:fs";
import { missingFunctors } from "../engine/functors.ts";
import { type Diagnostic, hasErrors } from "../base/diagnostic.ts";
import type { Source } from "../base/source.ts";
import { understand } from "../understand.ts";
import { type FsyncPolicy, LogError } from "../runtime/node/durable-log.ts";
import { OrderedLogError } from "../runtime/ordered-log-error.ts";
import { LongLine } from "../server/maelstrom-messages.ts";
import { MaelstromMember } from "../server/maelstrom-member.ts";
import { OrderedMaelstromNode } from "../server/maelstrom-ordered.ts";
import { type MaelstromLines, serveMaelstrom } from "../server/maelstrom.ts";
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
  const source = sourceOf(file, host);
  const lines = { input: process.stdin, ...outputs(host) };
  const parts = { ...lines, functors, nowMs: () => host.nowMs() };
  const reported = (diagnostics: readonly Diagnostic[]): void => {
    printDiagnostics(withoutSilenced(diagnostics, options), options, host);
  };
  try {
    const ordered = hasTransactions(source, options);
    const given = { modules, ordered };
    const { program, diagnostics } = nodeProgram(source, compileOptions(options), given);
    // Transactions call functors that the rest of the program does not.
    const called = ordered ? program?.program : program?.plan;
    const missing = called === undefined ? [] : missingFunctors(called, functors);
    reported([...diagnostics, ...missing]);
    if (program === undefined || hasErrors(missing)) return exitCodes.problem;
    if (ordered) {
      if (options.data !== undefined)
        throw new CommandError(
          exitCodes.usage,
          "--data: nodes that carry out transactions keep nothing, the log is with lin-kv",
        );
      const error = await serveMaelstrom(lines, (name, members) =>
        OrderedMaelstromNode.start(name, members, { ...parts, program }),
      );
      if (error !== undefined) throw error;
      return exitCodes.ok;
    }
    const { data, fsync } = options;
    const kept = { fsync, ...(data !== undefined && { data }) };
    const cause = await serveMaelstrom(lines, (name, members) =>
      MaelstromMember.start(name, members, { ...parts, ...kept, program }),
    );
    return stopped(cause, options, host);
  } catch (error) {
    const known = [LogError, OrderedLogError, LongLine].some((kind) => error instanceof kind);
    if (!known) throw error;
    throw new CommandError(exitCodes.problem, (error as Error).message);
  }
}

/** Whether what is asked for needs an order of all requests. */
function hasTransactions(source: Source, options: MaelstromOptions): boolean {
  const { program } = understand(source, compileOptions(options));
  return program !== undefined && program.transactions.length > 0;
}

function outputs(host: Host): Pick<MaelstromLines, "write" | "log"> {
  return {
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
  };
}

function stopped(cause: StopCause | undefined, options: MaelstromOptions, host: Host): ExitCode {
  switch (cause?.kind) {
    case undefined:
      return exitCodes.ok;
    case "log":
    case "left":
    case "forgotten":
    case "ordered":
      throw new CommandError(exitCodes.problem, cause.error.message);
    case "evaluation":
      printDiagnostics(cause.error.diagnostics, options, host);
      return exitCodes.limit;
    case "fault":
      throw cause.error;
  }
}
