// `calm node seal`: a member says that its share of inputs is complete.
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import { type AdminOptions, ask, type SealStatus, sealsText } from "./node-admin.ts";

/** The options of `calm node seal`. */
export type SealOptions = Pick<AdminOptions, "url" | "token" | "format"> & {
  /** All inputs of the program. */
  readonly all?: boolean;
};

/** Has a node seal its share of relations, and says who else has. */
export async function nodeSeal(
  named: readonly string[],
  options: SealOptions,
  host: Host,
): Promise<ExitCode> {
  const { all = false, format } = options;
  if (all === named.length > 0)
    throw new CommandError(
      exitCodes.usage,
      "calm node seal takes relations, or --all",
      "calm node status says which relations have been sealed",
    );
  const relations = all ? "all" : named;
  const done = (await ask(options, host, "POST", "/v1/seal", { relations })) as {
    readonly node: string;
    readonly relations: readonly SealStatus[];
  };
  if (format === "json") host.stdout.write(`${JSON.stringify(done, undefined, 2)}\n`);
  else host.stdout.write(sealsText(done.relations));
  return exitCodes.ok;
}
