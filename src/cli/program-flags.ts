// The flags that commands share: how the text of a program is understood, and what of it is shown.
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Host } from "./host.ts";
import { withPragmaFlags } from "./pragmas.ts";
import type { ProgramOptions } from "./program.ts";
import { shownForms, type Shown } from "./show.ts";
import { refuseSouffleFlags } from "./souffle-flags.ts";

/** Adds what every command that reads a program takes. */
export function reading(
  command: Command,
  host: Host,
  argument: readonly [name: string, description: string] = ["<file>", "a .dl program; - is stdin"],
): Command {
  return compiling(command.argument(...argument), host);
}

/** Adds what says how the text of a program is understood. */
export function compiling(command: Command, host: Host): Command {
  preprocessing(command)
    .addOption(domainOption())
    .option("-m, --magic-transform <relations>", "derive these on demand: names with commas, or *")
    .option("--magic-transform-exclude <relations>", "derive these as a whole")
    .option("--inline-exclude <relations>", "do not inline these: names with commas, or *")
    .option("-P, --pragma <key:value>", "as `.pragma`, before the program's own", collect, [])
    .optionsGroup("Warnings:")
    .option("-w, --no-warn", "print no warnings; a missing file of facts is empty")
    .addOption(warningOption())
    .option("--wno <name>", "do not print this warning, or `all` (repeatable)", collect, [])
    .option("--legacy", "do not warn of old forms of declarations");
  refuseSouffleFlags(command, host);
  return command.optionsGroup("Options:");
}

/** `--domain`. */
export function domainOption(): Option {
  return new Option("--domain <bits>", "width of numbers and floats")
    .choices(["32", "64"])
    .default("64");
}

function warningOption(): Option {
  const option = new Option("-W, --warn <name>", "print this warning, or `all`; no-NAME: do not")
    .argParser(collect)
    .default([]);
  // Apart from `--no-warn`, which is about all of them.
  option.attributeName = () => "warning";
  return option;
}

/** `--show`, of which each adds to those before it. */
export function showOption(): Option {
  return new Option(
    "--show <forms>",
    `do not run the program, print it as: ${shownForms.join(", ")}`,
  ).argParser((text: string, before: readonly Shown[] | undefined) => {
    const forms = text.split(",").map((name) => {
      const form = shownForms.find((one) => one === name);
      if (form === undefined)
        throw new InvalidArgumentError(`Allowed choices are ${shownForms.join(", ")}.`);
      return form;
    });
    return [...(before ?? []), ...forms];
  });
}

/** Adds what every command that reads the text of a program takes. */
export function preprocessing(command: Command): Command {
  return command
    .optionsGroup("Program:")
    .option("-I, --include-dir <dir>", "where #include looks (repeatable)", collect, [])
    .option("-M, --macro <macros>", 'macros: "NAME" or "NAME=VALUE …" (repeatable)', collect, [])
    .option("--no-preprocessor", "read the file as it is")
    .addOption(
      new Option("--color <when>", "colour in diagnostics")
        .choices(["auto", "always", "never"])
        .default("auto"),
    );
}

/** Adds the value of an option that may be given several times to those before it. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** What a help text ends with: a command line. */
export function example(line: string): string {
  return `\nExample:\n  ${line}`;
}

/** Returns options with the names of those that the command line gives. */
export function given<T extends ProgramOptions>(options: T, command: Command): T {
  const names = Object.keys(options).filter((name) => command.getOptionValueSource(name) === "cli");
  return withPragmaFlags({ ...options, given: new Set(names) });
}
