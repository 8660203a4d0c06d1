// The flags of `calm why` and `calm whynot`.
import { type Command, Option } from "commander";
import { natural } from "./flag-values.ts";
import { absenceFormats, proofFormats, type WhyOptions } from "./why-options.ts";

/** Does what one of the commands says; `asked` is a program and a goal, or at a node the goal. */
export type Explain = (
  verb: "why" | "whynot",
  asked: readonly string[],
  options: WhyOptions,
  command: Command,
) => Promise<void>;

/** Adds to the two commands, which take a program, their goal and their flags. */
export function whyCommands(
  commands: { readonly why: Command; readonly whynot: Command },
  explain: Explain,
): void {
  explaining(commands.why, "why", explain)
    .description("print the proofs of the tuples that fit a goal: the rules and facts behind them")
    .addOption(formatOption(proofFormats))
    .option("--depth <n>", "how many steps of a proof are shown", natural)
    .option("--all <n>", "how many proofs of a tuple are shown", natural)
    .addHelpText("after", whyHelp);
  explaining(commands.whynot, "whynot", explain)
    .description("print how each rule fails to derive a tuple")
    .addOption(formatOption(absenceFormats))
    .option("--depth <n>", "how often it is asked in turn why a premise is absent", natural)
    .addHelpText("after", "\nExample:\n  calm whynot programs/02-reachability.dl 'reach(4, 1)'");
}

function explaining(command: Command, verb: "why" | "whynot", explain: Explain): Command {
  return command
    .argument("[goal]", "an atom, such as 'path(1, 4)'; variables and _ stand for anything")
    .optionsGroup("Explanation:")
    .option("-F, --fact-dir <dir>", "where `.input` relations are read from", ".")
    .option("--functors <module>", "an ES module that exports the program's functors")
    .option("--url <url>", "ask the node there of what it holds; no program is named then")
    .option("--token <file>", "the file with its secret (CALM_TOKEN: the secret itself)")
    .action((first: string, goal: string | undefined, options: WhyOptions, of: Command) =>
      explain(verb, goal === undefined ? [first] : [first, goal], options, of),
    );
}

function formatOption(formats: readonly string[]): Option {
  return new Option("--format <format>", "how it is printed").choices(formats).default("text");
}

const whyHelp = `
Examples:
  calm why programs/02-reachability.dl 'reach("oslo", X)'
  calm why --url http://127.0.0.1:7411 'path(1, X)'`;
