import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Implementations } from "../value/user-functor.ts";
import { CommandError, exitCodes } from "./exit.ts";

/** How the built command imports a module: it is itself a script, in which `import()` is not. */
declare const calmImport: ((url: string) => Promise<unknown>) | undefined;

/** Returns what the ES module in `file` exports: the functors of a program, by name. A module that
 * cannot be loaded is a usage error. */
export async function loadFunctors(file: string | undefined): Promise<Implementations> {
  if (file === undefined) return {};
  try {
    const url = pathToFileURL(resolve(file)).href;
    const module: unknown = await (typeof calmImport === "function"
      ? calmImport(url)
      : import(url));
    return module as Implementations;
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
