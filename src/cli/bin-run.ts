// What `calm run` runs: all of it is what evaluation needs, so that it starts faster than `bin.ts`.
import { commandLine } from "./command-line.ts";
import { processHost } from "./host.ts";
import { runCommand } from "./run-command.ts";

/** Is settled when the command has ended. */
export const ended = commandLine(process.argv.slice(2), processHost(), [runCommand]).then(
  (code) => {
    process.exitCode = code;
  },
);
