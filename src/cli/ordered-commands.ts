// The flags of `calm txn` and `calm ordered`.
import { Argument, type Command, Option } from "commander";
import type { MembersChange, OrderedAsk, OrderedVerb } from "./ordered.ts";
import { CommandError, exitCodes } from "./exit.ts";
import type { TxnOptions } from "./txn.ts";

/** What the commands do. */
export type OrderedActions = {
  readonly txn: (name: string, args: readonly string[], options: TxnOptions) => Promise<void>;
  readonly ordered: (
    verb: OrderedVerb,
    options: OrderedAsk,
    change?: MembersChange,
  ) => Promise<void>;
};

/** Adds to the root the commands that ask nodes of the ordered plane. */
export function orderedCommands(root: Command, { txn, ordered }: OrderedActions): void {
  reaching(root.command("txn <name> [args...]"))
    .description("carry out a transaction at a node of the ordered plane")
    .option("--id <id>", "the request's name: what is asked again under it is carried out once")
    .addHelpText("after", txnHelp)
    .action(txn);
  const group = root
    .command("ordered")
    .description("ask nodes of the ordered plane how they stand, or for a checkpoint");
  const verbs: Readonly<Record<Exclude<OrderedVerb, "members">, string>> = {
    status: "say how things stand with the ordered plane at a node",
    checkpoint: "have a node make a checkpoint of its partition now",
    promote: "have a node that follows the log lead it: once its leader is dead, and stays so",
  };
  for (const verb of Object.keys(verbs) as (keyof typeof verbs)[])
    reaching(group.command(verb))
      .description(verbs[verb])
      .addHelpText("after", `\nExample:\n  calm ordered ${verb} --url http://127.0.0.1:7411`)
      .action((options: OrderedAsk) => ordered(verb, options));
  reaching(group.command("members"))
    .description("say who the members are and how far each is; or add or remove one")
    .addArgument(new Argument("[change]", "what is to be done").choices(["add", "remove"]))
    .argument("[name]", "with whom: one who is added is connected, with --place")
    .addHelpText("after", membersHelp)
    .action(
      (change: "add" | "remove" | undefined, name: string | undefined, options: OrderedAsk) =>
        change === undefined
          ? ordered("members", options)
          : ordered(
              "members",
              options,
              change === "add" ? { add: named(name) } : { remove: named(name) },
            ),
    );
  group.addHelpText("after", "\nExample:\n  calm ordered status");
}

function named(name: string | undefined): string {
  if (name !== undefined) return name;
  throw new CommandError(
    exitCodes.usage,
    "no member is named",
    "calm ordered members add NAME, or remove NAME",
  );
}

const membersHelp = `
A member that is dead holds back the cutting of the log until it is removed.

Examples:
  calm ordered members --url http://127.0.0.1:7411
  calm ordered members remove b --url http://127.0.0.1:7411
  calm ordered members add c --url http://127.0.0.1:7411`;

/** Adds what every command takes that asks nodes. */
export function reaching(command: Command): Command {
  return command
    .option(
      "--url <url>",
      "a node, or several with commas: one that answers is asked (CALM_URL; http://127.0.0.1:7411)",
    )
    .option("--token <file>", "the file with their secret (CALM_TOKEN: the secret itself)")
    .addOption(
      new Option("--format <form>", "how it is said").choices(["text", "json"]).default("text"),
    );
}

const txnHelp = `
Arguments are of the types that the transaction declares; symbols need no quotes, records and the
like are JSON. What begins with - stands behind --.

Exit codes: 0 it is carried out, 1 it aborted or is refused, 2 wrong usage.
When nobody says whether it is carried out, the same command with --id is safe, and tells.

Example:
  calm txn transfer ada ben 500 --url http://127.0.0.1:7411,http://127.0.0.1:7412`;
