// `npm start`: the main job on real input. Why are the packages there that this project's own lock
// file lists? The answers are printed as tables, and then what to try next.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { factsOfLock, writeFacts } from "../programs/dependencies/convert.mjs";
import { scriptOptions } from "./script-options.mjs";

scriptOptions({});

const project = fileURLToPath(new URL("..", import.meta.url));
const calm = join(project, "dist", "bin", "calm.cjs");
const program = join(project, "programs", "dependencies", "dependencies.dl");
const facts = join(project, "dist", "example", "facts");
const asked = ["debug", "lodash-es"];

if (!existsSync(calm)) {
  console.error("npm start: the project is not built; `npm ci` does that, or `npm run build`");
  process.exit(1);
}
const lock = readFileSync(join(project, "package-lock.json"), "utf8");
writeFacts({ ...factsOfLock(lock), asked: asked.map((name) => [name]) }, facts);

const run = ["run", program, "-F", facts, "--format", "table", "--rows", "8"];
console.log(`$ npx calm ${run.map(shown).join(" ")}\n`);
const { status } = spawnSync(process.execPath, [calm, ...run], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);

console.log(`
Those were answers about this project's own package-lock.json:
  summary, production   what is installed, and what production alone pulls in
  why, chain            why ${asked.join(" and ")} are there: all edges, and every chain
  dependent             which packages reach them
  cycle, duplicate      what depends on itself, what is there in several versions
  brings                what each direct dependency brings along, and what it alone does
  unmet, misjudged      nothing, if all is well

Next:
  the rules that gave them     programs/dependencies/dependencies.dl
  a project of yours           node programs/dependencies/convert.mjs LOCKFILE facts NAME …
                               npx calm run programs/dependencies/dependencies.dl -F facts \\
                                 --format table
  a first program of yours     programs/01-family.dl, and 14 more in programs/README.md
                               npx calm run programs/02-reachability.dl --format table
  what the command can do      npx calm --help`);

function shown(word) {
  return word.startsWith(project) ? relative(process.cwd(), word) || "." : word;
}
