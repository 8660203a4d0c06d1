// `calm check --against`: where the earlier version of a program is read, and what became worse.
import { statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import type { Diagnostic } from "../../base/diagnostic.ts";
import type { Source } from "../../base/source.ts";
import { understand } from "../../understand.ts";
import { monotonicity } from "../../analysis/monotone.ts";
import type { FileReport } from "../check-report.ts";
import type { Config } from "../config.ts";
import type { Host } from "../host.ts";
import { programsAt } from "../program-files.ts";
import { compileOptions, loadText, type ProgramOptions } from "../program.ts";
import { goneFrom } from "./gone.ts";
import { gitVersion } from "./git.ts";
import { regressions } from "./regressions.ts";
import type { EarlierTexts, Judged } from "./versions.ts";

/** What became worse. */
export type Comparison = {
  /** In a program. A program that was not there then has nothing to lose. */
  readonly worse: (source: Source, now: Judged) => readonly Diagnostic[];
  /** In what was there beside the programs that were checked. */
  readonly gone: (files: readonly FileReport[], config: Config) => readonly FileReport[];
};

/** Returns what finds what became worse since a revision of git, or since a folder was filled with
 * an earlier version. */
export function comparison(
  against: string,
  { paths, start }: { readonly paths: readonly string[]; readonly start: string },
  options: ProgramOptions,
  host: Host,
): Comparison {
  const texts = folderAt(against)
    ? folderVersion(against, paths)
    : gitVersion(against, start, host);
  const worse: Comparison["worse"] = (source, now) => {
    const text = texts.program(source.path);
    if (text === undefined) return [];
    const { program } = understand(
      { path: source.path, text },
      { ...compileOptions(options), load: (path) => texts.included(path, source.path) },
    );
    if (program === undefined) {
      const message = `"${source.path}" had errors in ${against}, and is not compared with it`;
      host.stderr.write(`calm: ${message}\n`);
      return [];
    }
    const before = { program, verdict: monotonicity(program) };
    return regressions({ before, now, named: against, source });
  };
  const gone: Comparison["gone"] = (files, config) =>
    goneFrom(paths.length === 0 ? [config.folder] : paths, files, texts, {
      config,
      named: against,
      compile: compileOptions(options),
    });
  return { worse, gone };
}

/** A folder that holds what lies in the working folder, or in the folders that are checked. */
function folderVersion(folder: string, paths: readonly string[]): EarlierTexts {
  const roots = [".", ...paths.map((path) => (folderAt(path) ? path : join(path, "..")))];
  const below = (root: string, path: string): string | undefined => {
    const from = relative(resolve(root), resolve(path));
    return from === ".." || from.startsWith(`..${sep}`) ? undefined : join(folder, from);
  };
  const rootOf = (path: string): string | undefined =>
    roots.find((root) => {
      const earlier = below(root, path);
      return earlier !== undefined && loadText(earlier) !== undefined;
    });
  return {
    program: (path) => {
      const earlier = below(rootOf(path) ?? path, path);
      return earlier === undefined ? undefined : loadText(earlier);
    },
    programs: (root) => {
      const inside = below(".", root);
      const base = inside !== undefined && folderAt(inside) ? inside : folder;
      return programsAt(base).map((path) => join(root, relative(base, path)));
    },
    included: (path, from) => loadText(below(rootOf(from) ?? ".", path) ?? path),
  };
}

function folderAt(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
