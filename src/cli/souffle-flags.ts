// What Soufflé's command line has and ours has not: said clearly, or without effect.
import { Option, type Command } from "commander";
import { CommandError, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";

const compiles = "`calm run` generates code while it runs, and there is nothing else to compile";
const functors = "functors are functions of an ES module: --functors FILE";

/** Flags that ask for what there is not, and what there is instead. */
const refused: readonly (readonly [flags: string, instead: string])[] = [
  ["-c, --compile", compiles],
  ["-C, --compile-many", compiles],
  ["-o, --dl-program [file]", compiles],
  ["-g, --generate [file]", "`calm explain --code` prints the code that is generated"],
  ["-G, --generate-many [dir]", "`calm explain --code` prints the code that is generated"],
  ["-s, --swig [lang]", "a program is used from JavaScript and TypeScript as a library"],
  ["-l, --libraries [file]", functors],
  ["-L, --library-dir [dir]", functors],
  ["-r, --debug-report [file]", "`calm explain` prints strata, plans and code"],
  ["--parse-errors", "--show parse-errors prints them"],
  ["--preprocessor [command]", "the preprocessor is built in; --no-preprocessor turns it off"],
];

const ordersChosen = "join orders are chosen while a program runs";

/** Flags that change how Soufflé works and not what it answers. */
const useless: readonly (readonly [flags: string, because: string])[] = [
  ["-a, --auto-schedule <file>", ordersChosen],
  ["--emit-statistics", ordersChosen],
  ["-z, --disable-transformers <names>", "there are no transformers of these names"],
  ["--live-profile", "--profile writes its file when the run has ended"],
  ["--profile-frequency", "--profile keeps every iteration"],
];

/** Adds Soufflé's other flags to a command: each ends it with a clear word, or is noted to have no
 * effect. They are not listed in the help. */
export function refuseSouffleFlags(command: Command, host: Host): Command {
  for (const [flags, instead] of refused) {
    on(command, flags, (name) => {
      throw new CommandError(exitCodes.usage, `${name} is not available`, instead);
    });
  }
  on(command, "-t, --provenance [mode]", (_, mode) => {
    if (mode === "none") return;
    const hint = "`calm why FILE 'path(1, 4)'` explains a tuple, `calm whynot` that there is none";
    throw new CommandError(exitCodes.usage, "--provenance is not available", hint);
  });
  for (const [flags, because] of useless)
    on(command, flags, (name) => host.stderr.write(`calm: ${name} has no effect: ${because}\n`));
  return command;
}

function on(command: Command, flags: string, use: (name: string, value: unknown) => void): void {
  const option = new Option(flags).hideHelp();
  // Apart from options of ours that begin alike (`--no-preprocessor`).
  option.attributeName = () => `souffle ${flags}`;
  command.addOption(option);
  const long = `--${option.name()}`;
  command.on(`option:${option.name()}`, (value: unknown) => use(long, value));
}
