import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** The programs that a path names: itself, or the .dl files in a folder and below, in order. What
 * is hidden and what is installed is left out. */
export function programsAt(path: string): string[] {
  if (path === "-" || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  const entries = readdirSync(path, { withFileTypes: true });
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.isDirectory())
        return /^\.|^node_modules$/.test(entry.name) ? [] : programsAt(join(path, entry.name));
      return entry.name.endsWith(".dl") ? [join(path, entry.name)] : [];
    });
}
