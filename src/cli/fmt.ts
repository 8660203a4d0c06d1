import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";

import { format } from "../syntax/format.ts";
import { exitCodes, CommandError, type ExitCode } from "./exit.ts";
import type { Host } from "./host.ts";
import {
  loadText,
  macrosOf,
  printDiagnostics,
  type ProgramOptions,
  textOfFile,
  textOfStdin,
} from "./program.ts";
import { programsAt } from "./program-files.ts";
import { unifiedDiff } from "./unified-diff.ts";

/** The options of `calm fmt`. */
export type FormatOptions = Pick<
  ProgramOptions,
  "includeDir" | "macro" | "preprocessor" | "color"
> & {
  readonly check?: true;
  readonly diff?: true;
  readonly stdout?: true;
};

/** Writes programs in canonical layout: in place, or to stdout; or says which ones are not. A file
 * with syntax errors is left as it is, the others are still formatted. */
export function fmt(paths: readonly string[], options: FormatOptions, host: Host): ExitCode {
  let code: ExitCode = exitCodes.ok;
  for (const path of paths.length === 0 ? ["."] : paths)
    for (const file of programsAt(path)) {
      const text = file === "-" ? textOfStdin(host) : textOfFile(file);
      const { text: result, diagnostics } = format(
        { path: file === "-" ? "<stdin>" : file, text },
        {
          preprocess: options.preprocessor,
          includeDirectories: options.includeDir,
          macros: macrosOf(options.macro),
          load: loadText,
        },
      );
      printDiagnostics(diagnostics, options, host);
      if (result === undefined) code = exitCodes.problem;
      else if (!deliver({ file, text, result }, options, host)) code = exitCodes.problem;
    }
  return code;
}

/** Hands on what became of a file; returns whether all is as it was asked to be. */
function deliver(
  { file, text, result }: { file: string; text: string; result: string },
  { check, diff, stdout }: FormatOptions,
  host: Host,
): boolean {
  const same = text === result;
  if (diff === true && !same) host.stdout.write(unifiedDiff(file, text, result));
  if (check === true) {
    if (!same && diff !== true) host.stdout.write(`${file}\n`);
    return same;
  }
  if (diff === true) return true;
  if (stdout === true || file === "-") host.stdout.write(result);
  else if (!same) replace(file, result);
  return true;
}

/** Writes a file aside and puts it in place, so that no reader sees half of it. */
function replace(file: string, text: string): void {
  const aside = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(aside, text, { mode: statSync(file).mode });
    renameSync(aside, file);
  } catch (error) {
    rmSync(aside, { force: true });
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new CommandError(exitCodes.usage, `cannot write program "${file}": ${code}`);
  }
}
