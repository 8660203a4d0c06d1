// `calm node seal`: a member says that its share of inputs is complete.
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import { type AdminOptions, ask, type SealStatus, sealsText } from "./node-admin.ts";

/** The options of `calm node seal`. */
export type SealOptions = Pick<AdminOptions, "url" | "token" | "format"> & {
  /** All inputs of the program. */
  readonly all?: boolean;
  /** The key of one relation in parts that is sealed. */
  readonly key?: readonly string[];
};

/** Has a node seal its share of relations, and says who else has. */
export async function nodeSeal(
  named: readonly string[],
  options: SealOptions,
  host: Host,
): Promise<ExitCode> {
  const { all = false, key, format } = options;
  if (key !== undefined && named.length !== 1)
    throw new CommandError(exitCodes.usage, "calm node seal --key seals a key of one relation");
  if (all === named.length > 0)
    throw new CommandError(
      exitCodes.usage,
      "calm node seal takes relations, or --all",
      "calm node status says which relations have been sealed",
    );
  const relations =
    key === undefined ? (all ? "all" : named) : [{ relation: named[0], key: key.map(valueOf) }];
  const done = (await ask(options, host, "POST", "/v1/seal", { relations })) as {
    readonly node: string;
    readonly relations: readonly SealStatus[];
    readonly keys?: readonly { relation: string; key: readonly unknown[]; owner: string }[];
  };
  if (format === "json") host.stdout.write(`${JSON.stringify(done, undefined, 2)}\n`);
  else {
    for (const { relation, key: sealed, owner } of done.keys ?? [])
      host.stdout.write(`${relation}(${sealed.map(String).join(", ")}) is sealed at ${owner}\n`);
    if (done.relations.length > 0) host.stdout.write(sealsText(done.relations));
  }
  return exitCodes.ok;
}

/** A value of a key: numbers and symbols as they are, all else as JSON. */
function valueOf(text: string): unknown {
  if (!/^[[{]/.test(text) && !/^-?\d+\.\d/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(exitCodes.usage, `"${text}" is no JSON`);
  }
}
