// From an npm lock file (package-lock.json or npm-shrinkwrap.json, lockfileVersion 2 or 3) to the
// facts that dependencies.dl reads:
//
//   node programs/dependencies/convert.mjs LOCKFILE OUTDIR [NAME …]
//
// The NAMEs are the packages that the program is asked about. The lock file says which packages lie
// in which folder; who gets which of them is not written there: the program works it out.
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const marker = "node_modules/";

/** Returns rows by relation: `package(path, name, version, dev, optional)`, `depends(path, name,
 * wanted, kind)`, `installed(folder, name, path)`, `above(path, folder)`. The project itself has the
 * path `.`; other paths are as in the lock file. Throws an Error with a message for users if the
 * text is no lock file that it can read. */
export function factsOfLock(text) {
  let lock;
  try {
    lock = JSON.parse(text);
  } catch (error) {
    throw new Error(`this is not JSON: ${error.message}`, { cause: error });
  }
  if (typeof lock?.packages !== "object" || lock.packages === null) {
    throw new Error(
      "the file has no `packages`: it is no lock file of version 2 or 3 " +
        "(npm 7 or later rewrites an older one: npm install --package-lock-only)",
    );
  }
  const facts = { package: [], depends: [], installed: [], above: [] };
  for (const [path, entry] of Object.entries(lock.packages)) {
    const name = entry.name ?? nameOf(path) ?? lock.name ?? "(the project)";
    const here = path === "" ? "." : path;
    if (path.includes(marker)) {
      const target = entry.link === true ? entry.resolved : path;
      facts.installed.push([folderOf(path), nameOf(path), target]);
    }
    if (entry.link === true) continue;
    const flags = [entry.dev, entry.optional].map((flag) => (flag === true ? 1 : 0));
    facts.package.push([here, name, entry.version ?? "", ...flags]);
    if (path !== "") facts.above.push([here, folderOf(path)]);
    for (const [dependency, [range, kind]] of dependencies(path, entry)) {
      facts.depends.push([here, dependency, range, kind]);
    }
  }
  for (const [name, target] of workspaces(lock.packages)) {
    facts.depends.push([".", name, `file:${target}`, "workspace"]);
  }
  return facts;
}

// Of one name that is listed twice npm takes the later list of these.
function dependencies(path, entry) {
  const found = new Map();
  for (const [name, range] of Object.entries(entry.peerDependencies ?? {})) {
    const optional = entry.peerDependenciesMeta?.[name]?.optional === true;
    found.set(name, [range, optional ? "peerOptional" : "peer"]);
  }
  const lists = { prod: entry.dependencies, optional: entry.optionalDependencies };
  // What a package needs for its own development is installed for the project's own packages only.
  if (!path.includes(marker)) lists.dev = entry.devDependencies;
  for (const [kind, list] of Object.entries(lists)) {
    for (const [name, range] of Object.entries(list ?? {})) found.set(name, [range, kind]);
  }
  return found;
}

// The project depends on each of its workspaces, which are links in its node_modules.
function workspaces(packages) {
  const project = packages[""] ?? {};
  if (project.workspaces === undefined) return [];
  const listed = dependencies("", project);
  return Object.entries(packages)
    .filter(([path, { link }]) => link === true && path.startsWith(marker))
    .map(([path, { resolved }]) => [nameOf(path), resolved])
    .filter(([name]) => !listed.has(name));
}

function nameOf(path) {
  const at = path.lastIndexOf(marker);
  return at < 0 ? path.split("/").at(-1) || undefined : path.slice(at + marker.length);
}

/** The folder whose `node_modules` holds the path; of a workspace the project. */
function folderOf(path) {
  const at = path.lastIndexOf(marker);
  return at <= 0 ? "." : path.slice(0, at - 1);
}

/** Writes one `REL.facts` for each relation; the folder is made if need be. */
export function writeFacts(facts, folder) {
  mkdirSync(folder, { recursive: true });
  for (const [relation, rows] of Object.entries(facts)) {
    const lines = rows.map((row) => row.map(cell).join("\t") + "\n");
    writeFileSync(join(folder, `${relation}.facts`), lines.join(""));
  }
}

function cell(value) {
  return String(value).replaceAll(/[\t\r\n]+/g, " ");
}

function main([lockFile, folder, ...asked]) {
  if (lockFile === undefined || folder === undefined) {
    console.error("usage: node convert.mjs LOCKFILE OUTDIR [NAME …]");
    process.exit(2);
  }
  try {
    const facts = factsOfLock(readFileSync(lockFile, "utf8"));
    writeFacts({ ...facts, asked: asked.map((name) => [name]) }, folder);
  } catch (error) {
    console.error(`${lockFile}: ${error.message}`);
    process.exit(1);
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2));
}
