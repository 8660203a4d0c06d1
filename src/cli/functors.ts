import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Implementations } from "../value/user-functor.ts";
import { CommandError, exitCodes } from "./exit.ts";

/** Returns what the ES module in `file` exports: the functors of a program, by name. A module that
 * cannot be loaded is a usage error. */
export async function loadFunctors(file: string | undefined): Promise<Implementations> {
  if (file === undefined) return {};
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as Implementations;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const hint =
      code === "ERR_UNKNOWN_FILE_EXTENSION"
        ? "this Node does not load TypeScript; give the module as JavaScript (.js or .mjs)"
        : "it has to be an ES module that exports a function for each functor";
    const reason = error instanceof Error ? message : String(error);
    throw new CommandError(exitCodes.usage, `cannot load functors from "${file}": ${reason}`, hint);
  }
}
