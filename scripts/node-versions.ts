// Executables of other versions of Node, from npm's packages `node-PLATFORM-ARCH`. They are no
// dependencies (180 MB each): npm installs one into a folder of its own when it is first asked for.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The folder that keeps them between runs. */
export const nodesCache = join(
  process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"),
  "calmdb",
  "nodes",
);

/** Returns the executable of a version ("22", "20.19.0"), installed in `cache` if it is not there;
 * throws what npm said if it cannot be had. */
export function nodeOfVersion(version: string, cache = nodesCache): string {
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const folder = join(cache, version);
  const file = process.platform === "win32" ? "node.exe" : "node";
  const executable = join(folder, "node_modules", name, "bin", file);
  if (existsSync(executable)) return executable;
  mkdirSync(folder, { recursive: true });
  // A project of its own: npm looks for one upwards, and could find that of the caller.
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const words = ["install", "--no-audit", "--no-fund", "--ignore-scripts", `${name}@${version}`];
  const shell = process.platform === "win32";
  const { status, stderr } = spawnSync("npm", words, { cwd: folder, shell, encoding: "utf8" });
  if (status !== 0 || !existsSync(executable))
    throw new Error(`npm has no ${name}@${version} for us:\n${stderr.trim()}`);
  return executable;
}
