// `calm init`: a project to begin with, from the files in templates/.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { CommandError, exitCodes, type ExitCode } from "./exit.ts";
import type { Host } from "./host.ts";
import type { InitOptions } from "./init-templates.ts";

/** Writes a project into `folder`; where one of its files is there already, nothing is written. */
export function init(
  folder: string,
  { template }: InitOptions,
  host: Host,
  version: string,
): ExitCode {
  const files = [...filesOf("common"), ...filesOf(template)].toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const there = files.filter(({ name }) => existsSync(join(folder, name)));
  if (there.length > 0) {
    const paths = there.map(({ name }) => join(folder, name)).join(", ");
    const hint = "name another folder: calm init DIR";
    throw new CommandError(exitCodes.usage, `${paths} would be overwritten`, hint);
  }
  let calmdb = `^${version}`;
  try {
    mkdirSync(folder, { recursive: true });
    if (isClone) calmdb = `file:${unixPath(relative(realpathSync(folder), root))}`;
    const values = { __NAME__: nameOf(folder), __CALMDB__: JSON.stringify(calmdb).slice(1, -1) };
    for (const { name, text } of files) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, filled(text, values), { flag: "wx" });
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CommandError(exitCodes.usage, `cannot write the project: ${message}`);
  }
  // The project is whole before anything is said of it: who reads may go away.
  host.stdout.write(files.map(({ name }) => `${join(folder, name)}\n`).join(""));
  if (isClone) host.stderr.write(`calm: package.json names this clone: ${calmdb}\n`);
  host.stderr.write(nextSteps(folder));
  return exitCodes.ok;
}

/** The folder of the package: as far from here as from the bundle. */
const root = join(import.meta.dirname, "../..");

/** Whether the package is a clone of the repository and not installed, so that npm may not know its
 * version. */
const isClone = !root.split(sep).includes("node_modules");

function unixPath(path: string): string {
  return path.split(sep).join("/");
}

function nextSteps(folder: string): string {
  const at = relative(process.cwd(), resolve(folder));
  const steps = [...(at === "" ? [] : [`cd ${at}`]), "npm install", "npx calm test ."];
  return `calm: next: ${steps.join(" && ")}\n`;
}

/** A file of a project: its path in there, and its text with places to fill in. */
type TemplateFile = { readonly name: string; readonly text: string };

function filesOf(template: string): readonly TemplateFile[] {
  const folder = join(root, "templates", template);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const parts = relative(folder, path).split(sep);
      // npm leaves some names with a dot out of a package.
      const name = parts.map((part) => part.replace(/^dot-/, ".")).join("/");
      return { name, text: readFileSync(path, "utf8") };
    });
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/__[A-Z]+__/g, (place) => values[place] ?? place);
}

/** The name of a project: that of its folder, with what npm allows in one. */
function nameOf(folder: string): string {
  const name = basename(resolve(folder))
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|-+$/g, "");
  return name === "" ? "calm-project" : name;
}
