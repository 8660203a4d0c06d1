// Files as they were in a revision, asked of git itself: nothing is checked out.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { CommandError, exitCodes } from "../exit.ts";
import type { Host } from "../host.ts";
import { loadText } from "../program.ts";
import type { EarlierTexts } from "./versions.ts";

/** How much one answer of git may be. */
const answerBytesMax = 1 << 28;

/** What hooks tell git about the repository that they run for; we ask about the one that the files
 * are in. */
const repositoryVariables = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"];

/** Returns the texts of a revision of the repository that `path` is in. What is outside of it is as
 * it is now. Where git cannot answer it is a usage error that says why. */
export function gitVersion(revision: string, path: string, { env }: Host): EarlierTexts {
  const folder = existingFolder(path);
  const run = (...args: string[]) => git(args, folder, { ...process.env, ...env });
  const root = rootOf(run("rev-parse", "--show-cdup"), revision, folder);
  const commit = run(
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${revision}^{commit}`,
  );
  if (commit.status !== 0) throw unknownRevision(revision, run);
  const tree = commit.stdout.toString().trim();
  const listed = answerOf(run("ls-tree", "-r", "-z", "--full-tree", tree), revision);
  const blobs = new Map(
    [...listed.toString().matchAll(/\d+ blob ([0-9a-f]+)\t([^\0]*)\0/g)].map(
      ([, blob = "", name = ""]) => [name, blob] as const,
    ),
  );
  const texts = new Map<string, string>();
  const nameOf = (file: string) => relative(root, resolve(file)).split(sep).join("/");
  const textAt = (file: string): string | undefined => {
    const name = nameOf(file);
    if (name === ".." || name.startsWith("../")) return loadText(file);
    const blob = blobs.get(name);
    if (blob === undefined) return undefined;
    const text =
      texts.get(blob) ??
      unchanged(file, blob) ??
      answerOf(run("cat-file", "blob", blob), revision).toString();
    texts.set(blob, text);
    return text;
  };
  const programs = (below: string): string[] => {
    const prefix = [...nameOf(below).split("/").filter(Boolean), ""].join("/");
    return [...blobs.keys()]
      .filter((name) => name.startsWith(prefix) && name.endsWith(".dl"))
      .map((name) => name.slice(prefix.length))
      .filter((name) => !/(?:^|\/)(?:\.|node_modules\/)/.test(name))
      .map((name) => join(below, name));
  };
  return { program: textAt, included: textAt, programs };
}

type Answer = { readonly status: number; readonly stdout: Buffer; readonly stderr: string };

function git(args: readonly string[], cwd: string, env: Host["env"]): Answer {
  const kept = Object.entries(env).filter(([name]) => !repositoryVariables.includes(name));
  const { error, status, stdout, stderr } = spawnSync("git", args, {
    cwd,
    env: { ...Object.fromEntries(kept), LC_ALL: "C" },
    maxBuffer: answerBytesMax,
  });
  if (error !== undefined) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "it is not installed" : error.message;
    const hint = "--against takes a folder with the earlier version, too";
    throw new CommandError(exitCodes.usage, `git cannot be run: ${reason}`, hint);
  }
  return { status: status ?? 1, stdout, stderr: stderr.toString().trim() };
}

/** The folder from which all names of the repository are. */
function rootOf({ status, stdout, stderr }: Answer, revision: string, folder: string): string {
  if (status === 0) return resolve(folder, stdout.toString().trim());
  const none = stderr.includes("not a git repository");
  const message = none
    ? `there is no folder "${revision}", and "${folder}" is in no git repository`
    : `git cannot say in which repository "${folder}" is`;
  throw new CommandError(exitCodes.usage, message, none ? undefined : stderr);
}

function unknownRevision(revision: string, run: (...args: string[]) => Answer): CommandError {
  const message = `there is no folder and no revision "${revision}" here`;
  const shallow = run("rev-parse", "--is-shallow-repository").stdout.toString().trim() === "true";
  const hint = shallow
    ? "this clone has not the whole history: fetch what is missing, `fetch-depth: 0` on GitHub"
    : "name a commit, a branch or a tag: `HEAD~1`, `origin/main`";
  return new CommandError(exitCodes.usage, message, hint);
}

function answerOf({ status, stdout, stderr }: Answer, revision: string): Buffer {
  if (status === 0) return stdout;
  throw new CommandError(exitCodes.usage, `git cannot read "${revision}"`, stderr);
}

/** The text of a file if it is that of `blob`: most are, and git need not be asked again. */
function unchanged(file: string, blob: string): string | undefined {
  if (!(statSync(file, { throwIfNoEntry: false })?.isFile() ?? false)) return undefined;
  const bytes = readFileSync(file);
  const hash = createHash(blob.length === 40 ? "sha1" : "sha256");
  hash.update(`blob ${bytes.length}\0`).update(bytes);
  return hash.digest("hex") === blob ? bytes.toString() : undefined;
}

function existingFolder(path: string): string {
  const folder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const found = folder ? path : dirname(path);
  return statSync(found, { throwIfNoEntry: false })?.isDirectory() === true ? found : ".";
}
