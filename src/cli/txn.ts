// `calm txn`: carries out a transaction at a node of the ordered plane.
import { NodeError } from "../client/node-error.ts";
import {
  type TransactionEnd,
  type TransactionInfo,
  TransactionUnknown,
} from "../client/ordered-client.ts";
import type { ClientValue } from "../client/values.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import { type OrderedAsk, reached } from "./ordered.ts";

/** The options of `calm txn`. */
export type TxnOptions = OrderedAsk & {
  /** The name of the request. */
  readonly id?: string;
};

/** Carries out a transaction, and says how it ended. */
export async function txn(
  name: string,
  args: readonly string[],
  options: TxnOptions,
  host: Host,
): Promise<ExitCode> {
  const { client, refused } = reached(options, host);
  const { id } = options;
  const known = await client.transactions().catch((error: unknown) => {
    throw refused(error);
  });
  const values = argumentsOf(name, args, known);
  let end: TransactionEnd;
  try {
    end = await client.transaction(name, values, id === undefined ? {} : { id });
  } catch (error) {
    if (error instanceof TransactionUnknown)
      throw new CommandError(
        exitCodes.problem,
        error.message,
        `the same command with --id ${error.id} is safe, and tells`,
      );
    if (error instanceof NodeError && error.code === "bad-arguments")
      throw new CommandError(exitCodes.usage, error.message, error.hint);
    throw refused(error);
  }
  if (options.format === "json") host.stdout.write(`${JSON.stringify(end, undefined, 2)}\n`);
  else if (end.status === "done") {
    const { epoch, removed, inserted } = end;
    host.stdout.write(`done in epoch ${epoch}: ${removed} removed, ${inserted} inserted\n`);
  } else host.stderr.write(`calm: aborted: ${end.reason}\n`);
  return end.status === "done" ? exitCodes.ok : exitCodes.problem;
}

/** Returns what texts say of the parameters of a transaction. Throws a `CommandError`. */
function argumentsOf(
  name: string,
  args: readonly string[],
  known: readonly TransactionInfo[],
): ClientValue[] {
  const transaction = known.find((of) => of.name === name);
  if (transaction === undefined)
    throw new CommandError(
      exitCodes.usage,
      `the program has no transaction "${name}"`,
      known.length === 0 ? "it has none" : `it has ${known.map((of) => of.name).join(", ")}`,
    );
  const { parameters } = transaction;
  if (parameters.length !== args.length)
    throw new CommandError(
      exitCodes.usage,
      `"${name}" takes ${parameters.length} arguments, and ${args.length} are given`,
      `${name}(${parameters.map((of) => `${of.name}: ${of.type}`).join(", ")})`,
    );
  return parameters.map(({ name: parameter, type, kind }, at) => {
    const value = valueOf(kind, args[at] ?? "");
    if (value !== undefined) return value;
    const what = `argument "${parameter}" of "${name}" is a ${type}`;
    throw new CommandError(exitCodes.usage, `${what}, and "${args[at] ?? ""}" is none`);
  });
}

/** Returns the value that a text says, of a class of kinds; the node looks at it more closely. */
function valueOf(kind: string, text: string): ClientValue | undefined {
  switch (kind) {
    case "number":
      return /^-?\d+$/.test(text) ? BigInt(text) : undefined;
    case "unsigned":
      return /^\d+$/.test(text) ? BigInt(text) : undefined;
    case "float":
      if (["inf", "-inf", "nan"].includes(text)) return text;
      return text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
    case "symbol":
      return text;
    default:
      return jsonOf(text);
  }
}

function jsonOf(text: string): ClientValue | undefined {
  try {
    return JSON.parse(text) as ClientValue;
  } catch {
    return undefined;
  }
}
