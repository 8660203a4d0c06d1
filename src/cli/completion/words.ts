// What can stand in a command line, from commander's own tree of commands: what the help says is
// what is completed.
import type { Argument, Command, Option } from "commander";

/** A command with the words that lead to it: none for `calm` itself. */
export type CommandWords = {
  /** `node status`. */
  readonly path: string;
  readonly commands: readonly Described[];
  readonly options: readonly OptionWords[];
  /** What its arguments are; the last one stands for all that follow where `variadic`. */
  readonly values: readonly ValueKind[];
  readonly variadic: boolean;
};

/** A word, and what it means in a few others. */
export type Described = { readonly word: string; readonly description: string };

/** An option. */
export type OptionWords = {
  /** `-F`, `--fact-dir`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** What stands behind it; undefined where nothing does. */
  readonly value?: ValueKind;
  readonly repeatable: boolean;
};

/** What a word is to be: one of several, a name in the file system, the beginning of a goal about
 * the program that stands before it, or anything. */
export type ValueKind =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "program" | "file" | "folder" | "goal" | "text" };

/** Returns the words of a command and of all below it: those that the help shows. */
export function commandWords(command: Command, path = ""): CommandWords[] {
  const help = command.createHelp();
  const below = help.visibleCommands(command);
  const own: CommandWords = {
    path,
    commands: below.map((one) => ({ word: one.name(), description: one.description() })),
    options: help.visibleOptions(command).map(optionWords),
    values: command.registeredArguments.map((argument) => argumentKind(argument, command)),
    variadic: command.registeredArguments.at(-1)?.variadic ?? false,
  };
  const from = path === "" ? "" : `${path} `;
  return [own, ...below.flatMap((one) => commandWords(one, `${from}${one.name()}`))];
}

function optionWords(option: Option): OptionWords {
  const { short, long, description, required, optional } = option;
  const first: unknown = option.defaultValue;
  const flags = [short, long].filter((flag): flag is string => typeof flag === "string");
  const takes = required || optional;
  return {
    flags,
    description,
    repeatable: Array.isArray(first),
    ...(takes && { value: valueKind(option) }),
  };
}

function valueKind({ argChoices, flags }: Option): ValueKind {
  if (argChoices !== undefined) return { kind: "words", words: argChoices };
  const name = /[<[]([\w-]+)/.exec(flags)?.[1] ?? "";
  if (/^(?:dir|folder)$/.test(name)) return { kind: "folder" };
  return { kind: /^(?:file|module|path)$/.test(name) ? "file" : "text" };
}

function argumentKind(argument: Argument, { parent }: Command): ValueKind {
  const { argChoices, description } = argument;
  if (argChoices !== undefined) return { kind: "words", words: argChoices };
  const name = argument.name();
  if (name === "command")
    return { kind: "words", words: (parent?.commands ?? []).map((one) => one.name()) };
  if (name === "goal") return { kind: "goal" };
  if (name === "dir") return { kind: "folder" };
  if (description.includes(".dl")) return { kind: "program" };
  return { kind: /^(?:file|path)$/.test(name) ? "file" : "text" };
}

/** The beginning of a description: up to a semicolon, on one line. */
export function brief(description: string): string {
  return description.replace(/[;:(\n].*$/s, "").trim();
}

/** A `sed` program that prints the names of the relations that a program declares. */
export const relationNames =
  "s/^[[:space:]]*\\.decl[[:space:]]*\\([A-Za-z_][A-Za-z0-9_]*\\)[[:space:]]*(.*/\\1/p";
