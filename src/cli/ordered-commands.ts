// The flags of `calm txn` and `calm ordered`.
import { type Command, Option } from "commander";
import type { OrderedAsk, OrderedVerb } from "./ordered.ts";
import type { TxnOptions } from "./txn.ts";

/** What the commands do. */
export type OrderedActions = {
  readonly txn: (name: string, args: readonly string[], options: TxnOptions) => Promise<void>;
  readonly ordered: (verb: OrderedVerb, options: OrderedAsk) => Promise<void>;
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
  const verbs: Readonly<Record<OrderedVerb, string>> = {
    status: "say how things stand with the ordered plane at a node",
    checkpoint: "have a node make a checkpoint of its partition now",
    members: "say who the members are, and how far each is",
    promote: "have a node that follows the log lead it: once its leader is dead, and stays so",
  };
  for (const verb of Object.keys(verbs) as OrderedVerb[])
    reaching(group.command(verb))
      .description(verbs[verb])
      .addHelpText("after", `\nExample:\n  calm ordered ${verb} --url http://127.0.0.1:7411`)
      .action((options: OrderedAsk) => ordered(verb, options));
  group.addHelpText("after", "\nExample:\n  calm ordered status");
}

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
