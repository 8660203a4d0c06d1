// From arguments to a command to an exit code, for the commands that are given.
import { Command, CommanderError, Help, type Option } from "commander";
import { CommandError, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";

declare const calmVersion: string | undefined;

/** The version of this build. */
export const version = typeof calmVersion === "string" ? calmVersion : "0.0.0-source";

/** Commands that are defined together. */
export type CommandGroup = {
  /** The names for which no other commands are needed. */
  readonly names: readonly string[];
  /** Adds them to the root; what they do ends with an exit code for `finish`. */
  readonly add: (root: Command, host: Host, finish: (code: number) => void) => void;
};

/** Runs one command line (without the program's name) and returns its exit code; never throws.
 * Where it begins with a command's name no others are defined: that would cost every start. */
export async function commandLine(
  argv: readonly string[],
  host: Host,
  groups: readonly CommandGroup[],
): Promise<number> {
  let code: number = exitCodes.ok;
  const finish = (result: number): void => void (code = result);
  try {
    const named = groups.filter(({ names }) => names.includes(argv[0] ?? ""));
    const root = rootCommand(host);
    for (const { add } of named.length > 0 ? named : groups) add(root, host, finish);
    await root.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    return report(error, host);
  }
}

function report(error: unknown, host: Host): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof CommandError) {
    host.stderr.write(`calm: ${error.message}\n`);
    if (error.hint !== undefined) host.stderr.write(`  ${error.hint}\n`);
    return error.code;
  }
  // The reader of our output went away, as `head` does.
  if ((error as NodeJS.ErrnoException | undefined)?.code === "EPIPE") return exitCodes.ok;
  host.stderr.write(`calm: internal error, please report it\n${trace(error)}\n`);
  return exitCodes.fault;
}

function trace(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function rootCommand(host: Host): Command {
  return (
    new Command("calm")
      .description("Datalog that knows which of its questions need coordination.")
      .version(version, "-V, --version", "print the version")
      // The options of commands of commands are theirs.
      .enablePositionalOptions()
      .helpOption("-h, --help", "print help")
      .exitOverride()
      .configureOutput({
        writeOut: (text) => host.stdout.write(text),
        writeErr: (text) => host.stderr.write(text),
      })
      .configureHelp({ optionDescription: described })
      .showSuggestionAfterError()
      .addHelpText("after", exitCodeHelp)
  );
}

/** What the help says of an option; that a list is empty at first goes without saying. */
function described(option: Option): string {
  return Array.isArray(option.defaultValue)
    ? option.description
    : new Help().optionDescription(option);
}

const exitCodeHelp = `
Exit codes: 0 fine, 1 the program or the data has a problem, 2 wrong usage, 3 a limit stopped it,
70 our own mistake.

Example:
  calm run programs/02-reachability.dl --format table`;
