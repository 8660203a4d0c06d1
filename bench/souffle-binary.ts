import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";

/** A Soufflé that is installed here. */
export type Souffle = {
  readonly file: string;
  readonly version: string;
  /** The width of its numbers. */
  readonly bits: 32 | 64;
};

/** Returns the Soufflés that are there, by their width: those that `CALM_BENCH_SOUFFLE` and
 * `CALM_BENCH_SOUFFLE_64` name, and the one on the PATH. */
export function souffles(): ReadonlyMap<32 | 64, Souffle> {
  const { CALM_BENCH_SOUFFLE: named, CALM_BENCH_SOUFFLE_64: wide } = process.env;
  const found = new Map<32 | 64, Souffle>();
  for (const file of [onPath("souffle"), wide, named]) {
    if (file === undefined || file === "") continue;
    const { stdout, status } = spawnSync(file, ["--version"], { encoding: "utf8" });
    if (status !== 0) throw new Error(`${file} --version fails`);
    const bits = /Word size: 64/.test(stdout) ? 64 : 32;
    const version = /Version: *(\S+)/.exec(stdout)?.[1] ?? "of unknown version";
    found.set(bits, { file, version, bits });
  }
  return found;
}

/** Returns the executable that Soufflé makes of a program for so many threads. It is made once for
 * each text and compiler, and kept in `folder`. */
export function compiledBySouffle(
  { file }: Souffle,
  name: string,
  text: string,
  jobs: number,
  folder: string,
): string {
  const hash = createHash("sha256").update(readFileSync(file)).update(`${jobs}\n${text}`);
  const executable = join(folder, `${name}-${hash.digest("hex").slice(0, 12)}`);
  if (existsSync(executable)) return executable;
  const source = `${executable}.dl`;
  writeFileSync(source, text);
  // The number of threads is a property of what is compiled: without it no loop is parallel.
  const args = ["-w", `-j${jobs}`, "-o", `${executable}.part`, source];
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`Soufflé does not compile ${name}:\n${stdout}${stderr}`);
  renameSync(`${executable}.part`, executable);
  return executable;
}

function onPath(program: string): string | undefined {
  const files = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, program));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
