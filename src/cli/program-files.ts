import { readdirSync, statSync, type Dirent } from "node:fs";
import { join } from "node:path";
import { CommandError, exitCodes } from "./exit.ts";

/** The programs that a path names: itself, or the .dl files in a folder and below, in order. What
 * is hidden and what is installed is left out. A folder that cannot be read is a usage error. */
export function programsAt(path: string): string[] {
  if (path === "-" || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  return entriesOf(path)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.isDirectory())
        return /^\.|^node_modules$/.test(entry.name) ? [] : programsAt(join(path, entry.name));
      return entry.name.endsWith(".dl") ? [join(path, entry.name)] : [];
    });
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new CommandError(exitCodes.usage, `cannot read folder "${folder}": ${code}`);
  }
}
