// From a file's name to a compiled program, with its diagnostics printed: what all commands share.
import { readFileSync } from "node:fs";
import { compile, type CompiledProgram } from "../compile.ts";
import { hasErrors, sorted, type Diagnostic } from "../base/diagnostic.ts";
import { render } from "../base/render.ts";
import type { Domain } from "../value/schema.ts";
import { channelsOf } from "./channels.ts";
import { CommandError, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";

/** The options of every command that reads a program, as the command line gives them. */
export type ProgramOptions = {
  readonly includeDir: readonly string[];
  readonly macro: readonly string[];
  readonly preprocessor: boolean;
  readonly domain: "32" | "64";
  readonly warn: boolean;
  readonly color: "auto" | "always" | "never";
};

/** What came of reading a program: what was found, and the program if none of it is an error. */
export type LoadedProgram = {
  readonly diagnostics: readonly Diagnostic[];
  readonly compiled?: CompiledProgram;
};

/** Reads and compiles `file` (`-`: standard input); an unreadable file is a usage error. */
export function loadProgram(file: string, options: ProgramOptions, host: Host): LoadedProgram {
  const text = file === "-" ? textOfStdin(host) : textOfFile(file);
  const { diagnostics, compiled } = compile(
    { path: file === "-" ? "<stdin>" : file, text },
    {
      domain: Number(options.domain) as Domain,
      preprocess: options.preprocessor,
      includeDirectories: options.includeDir,
      macros: macrosOf(options.macro),
      load: loadText,
    },
  );
  const channels = compiled === undefined ? [] : channelsOf(compiled.program).diagnostics;
  const found = sorted([...diagnostics, ...channels]);
  const kept = options.warn ? found : found.filter(({ severity }) => severity === "error");
  if (compiled === undefined || hasErrors(found)) return { diagnostics: kept };
  return { diagnostics: kept, compiled };
}

/** Loads `file` and prints what was found to stderr; undefined if it cannot be run. */
export function runnableProgram(
  file: string,
  options: ProgramOptions,
  host: Host,
): CompiledProgram | undefined {
  const { diagnostics, compiled } = loadProgram(file, options, host);
  printDiagnostics(diagnostics, options, host);
  return compiled;
}

/** Prints frames to stderr, and how many of each severity. */
export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  options: Pick<ProgramOptions, "color">,
  host: Host,
): void {
  if (diagnostics.length === 0) return;
  host.stderr.write(render(diagnostics, { color: colored(options, host, "stderr") }));
  host.stderr.write(`${counts(diagnostics)}\n`);
}

/** `2 errors, 1 warning`; notes are not counted. */
export function counts(diagnostics: readonly Diagnostic[]): string {
  const plural = (severity: "error" | "warning"): string[] => {
    const count = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? "" : "s"}`];
  };
  return [...plural("error"), ...plural("warning")].join(", ");
}

/** Whether to colour what goes to a stream: `--color`, then NO_COLOR and FORCE_COLOR, then whether
 * it is a terminal. */
export function colored(
  options: Pick<ProgramOptions, "color">,
  host: Host,
  stream: "stdout" | "stderr",
): boolean {
  if (options.color !== "auto") return options.color === "always";
  if ((host.env["NO_COLOR"] ?? "") !== "") return false;
  if ((host.env["FORCE_COLOR"] ?? "") !== "") return true;
  return host[stream].terminal;
}

/** Returns the text of an included file, undefined where there is none. */
export function loadText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** `-M "A=1 B"` as Soufflé takes it: several macros in one argument, a name alone is 1. */
export function macrosOf(options: readonly string[]): Record<string, string> {
  const macros: Record<string, string> = {};
  for (const word of options.flatMap((option) => option.split(/\s+/).filter(Boolean))) {
    const [, name, value] = /^([A-Za-z_]\w*)(?:=(.*))?$/.exec(word) ?? [];
    if (name === undefined)
      throw new CommandError(exitCodes.usage, `macro "${word}" is not NAME or NAME=VALUE`);
    macros[name] = value ?? "1";
  }
  return macros;
}

/** Returns the text of a program's file; an unreadable one is a usage error. */
export function textOfFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such file" : (code ?? String(error));
    throw new CommandError(exitCodes.usage, `cannot read program "${file}": ${reason}`);
  }
}

/** Returns what can be read from standard input. */
export function textOfStdin(host: Host): string {
  const decoder = new TextDecoder();
  let text = "";
  for (const chunk of host.stdin()) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
