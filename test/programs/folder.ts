import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const project = fileURLToPath(new URL("../..", import.meta.url));

const programs = join(project, "programs");

/** A shipped program: its file, the folder of its facts, and the files that it is expected to write,
 * with the folder of these; of a program with cases those of the first one. */
export type Shipped = {
  readonly name: string;
  readonly path: string;
  readonly facts: string;
  readonly text: string;
  /** The text with what it includes. */
  readonly whole: string;
  readonly expectedFolder: string;
  readonly expected: readonly string[];
};

/** Every program in `programs/`, in reading order. */
export const shipped: readonly Shipped[] = readdirSync(programs, { recursive: true })
  .map((name) => String(name).replaceAll("\\", "/"))
  .filter((name) => name.endsWith(".dl"))
  .toSorted()
  .map((name) => {
    const path = join(programs, name);
    const stem = path.replace(/\.dl$/, "");
    const [first] = existsSync(`${stem}.cases`) ? readdirSync(`${stem}.cases`).toSorted() : [];
    const facts = first === undefined ? dirname(path) : join(`${stem}.cases`, first);
    const expectedFolder = first === undefined ? `${stem}.expected` : join(facts, "expected");
    return {
      name,
      path,
      facts,
      text: readFileSync(path, "utf8"),
      whole: withIncluded(path),
      expectedFolder,
      expected: existsSync(expectedFolder) ? readdirSync(expectedFolder).toSorted() : [],
    };
  });

function withIncluded(path: string): string {
  return readFileSync(path, "utf8").replace(/^#include "(.*)"$/gm, (_, file: string) =>
    withIncluded(join(dirname(path), file)),
  );
}

/** Runs the converter; with the facts of the project's own lock file unless another is given. */
export function convert(
  target: string,
  asked: readonly string[],
  lockFile = join(project, "package-lock.json"),
): { readonly status: number | null; readonly stderr: string } {
  const script = join(programs, "dependencies", "convert.mjs");
  const argv = [script, lockFile, target, ...asked];
  return spawnSync(process.execPath, argv, { encoding: "utf8" });
}
