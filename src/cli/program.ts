// From a file's name to a compiled program, with its diagnostics printed: what all commands share.
import { readFileSync } from "node:fs";
import { compile, type CompiledProgram } from "../compile.ts";
import type { CompileOptions } from "../understand.ts";
import { hasErrors, sorted, type Diagnostic } from "../base/diagnostic.ts";
import { render } from "../base/render.ts";
import type { Source } from "../base/source.ts";
import { demandedRelations, relationNames } from "../plan/demand-options.ts";
import type { Domain } from "../value/schema.ts";
import { channelsOf } from "./channels.ts";
import { CommandError, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import { uselessPragmas, withPragmas, type PragmaOptions } from "./pragmas.ts";
import { withoutSilenced, type WarningOptions } from "./warnings.ts";

/** The options of every command that reads a program, as the command line gives them. */
export type ProgramOptions = {
  readonly includeDir: readonly string[];
  readonly macro: readonly string[];
  readonly preprocessor: boolean;
  readonly domain: "32" | "64";
  readonly color: "auto" | "always" | "never";
  /** Returns the text of an included file; from the disk unless given. */
  readonly load?: NonNullable<CompileOptions["load"]>;
  readonly pragma?: readonly string[];
  /** Names of relations with commas between them, or `*`. */
  readonly magicTransform?: string;
  readonly magicTransformExclude?: string;
  readonly inlineExclude?: string;
} & WarningOptions &
  PragmaOptions;

/** What came of reading a program: what was found, and the program if none of it is an error. */
export type LoadedProgram<T> = {
  readonly diagnostics: readonly Diagnostic[];
  readonly compiled?: CompiledProgram;
  /** The options with what the program's pragmas set. */
  readonly options: T;
};

/** Reads and compiles `file` (`-`: standard input); an unreadable file is a usage error. */
function loadProgram<T extends ProgramOptions>(
  file: string,
  given: T,
  host: Host,
): LoadedProgram<T> {
  const { diagnostics, compiled } = compile(sourceOf(file, host), compileOptions(given));
  const pragmas = compiled?.program.pragmas ?? [];
  const options = withPragmas(given, pragmas);
  const channels = compiled === undefined ? [] : channelsOf(compiled.program).diagnostics;
  const found = sorted([...diagnostics, ...channels, ...uselessPragmas(pragmas)]);
  const kept = withoutSilenced(found, options);
  if (compiled === undefined || hasErrors(found)) return { diagnostics: kept, options };
  return { diagnostics: kept, compiled, options };
}

/** Returns the text of `file` (`-`: standard input); an unreadable file is a usage error. */
export function sourceOf(file: string, host: Host): Source {
  return file === "-"
    ? { path: "<stdin>", text: textOfStdin(host) }
    : { path: file, text: textOfFile(file) };
}

/** Returns how the command line says that a program is to be compiled. */
export function compileOptions(options: ProgramOptions): CompileOptions {
  const { magicTransform, magicTransformExclude, inlineExclude } = options;
  return {
    domain: Number(options.domain) as Domain,
    preprocess: options.preprocessor,
    includeDirectories: options.includeDir,
    macros: macrosOf(options.macro),
    load: options.load ?? loadText,
    ...(inlineExclude !== undefined && { inlineExclude: relationNames(inlineExclude) }),
    magic: {
      ...(magicTransform !== undefined && { relations: demandedRelations(magicTransform) }),
      ...(magicTransformExclude !== undefined && { exclude: relationNames(magicTransformExclude) }),
    },
  };
}

/** Loads `file` and prints what was found to stderr; without a program if it cannot be run. */
export function runnableProgram<T extends ProgramOptions>(
  file: string,
  options: T,
  host: Host,
): Omit<LoadedProgram<T>, "diagnostics"> {
  const loaded = loadProgram(file, options, host);
  printDiagnostics(loaded.diagnostics, options, host);
  return loaded;
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
function counts(diagnostics: readonly Diagnostic[]): string {
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
