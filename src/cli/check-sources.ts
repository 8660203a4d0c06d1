// From the paths of `calm check` to the texts that are checked.
import { dirname, relative, resolve, sep } from "node:path";
import type { Source } from "../base/source.ts";
import type { Config } from "./config.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { matchesAny } from "./glob.ts";
import type { Host } from "./host.ts";
import { programsAt } from "./program-files.ts";
import { sourceOf, textOfStdin } from "./program.ts";

/** How standard input is named. */
export type SourceOptions = { readonly stdinFilename?: string };

/** Returns the folder from which a configuration is looked for. */
export function startOf(paths: readonly string[], { stdinFilename }: SourceOptions): string {
  const [first = "."] = paths;
  if (first === "-") return stdinFilename === undefined ? "." : dirname(stdinFilename);
  return programsAt(first)[0] === first ? dirname(first) : first;
}

/** Returns the programs to check, without those that the configuration ignores. */
export function sourcesOf(
  paths: readonly string[],
  { stdinFilename }: SourceOptions,
  config: Config,
  host: Host,
): Source[] {
  const fromFolder = (path: string): string =>
    relative(config.folder, resolve(path)).split(sep).join("/");
  const named = paths.length > 0 ? paths.flatMap(programsAt) : programsOf(config, fromFolder);
  if (named.length === 0) {
    const where = paths.length === 0 ? "." : paths.join(", ");
    throw new CommandError(exitCodes.usage, `there is no program in ${where}`, "a .dl file is one");
  }
  return [...new Set(named)].flatMap((path) => {
    const stdin = path === "-" && stdinFilename !== undefined;
    if (matchesAny(fromFolder(stdin ? stdinFilename : path), config.ignore)) return [];
    return [stdin ? { path: stdinFilename, text: textOfStdin(host) } : sourceOf(path, host)];
  });
}

function programsOf({ files, folder }: Config, fromFolder: (path: string) => string): string[] {
  if (files === undefined) return programsAt(".");
  const root = relative(process.cwd(), folder);
  return programsAt(root === "" ? "." : root).filter((path) => matchesAny(fromFolder(path), files));
}
