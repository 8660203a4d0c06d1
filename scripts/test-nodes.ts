// `npm run test:nodes`: the tests, once on each version of Node that is supported, and at the end how
// many passed on each. Types, lint and format do not depend on Node: `npm test` checks them once.
import { spawn, spawnSync } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { nodeOfVersion, nodesCache } from "./node-versions.ts";
import { scriptOptions } from "./script-options.mjs";

const usage = `usage: npm run test:nodes -- [--only VERSION,…] [--cache FOLDER] [WORD …]

Runs the tests on Node 20, 22 and 24, one after the other, and says how many passed on each.
What remains are words for mocha: files instead of all, --grep, --bail.

  --only VERSION,…   these versions instead, as npm knows them: 22, or 20.19.0
  --cache FOLDER     where npm installs them at first use, 180 MB each
                     (${nodesCache})
  --help             this text

Ends with 0 if all tests passed on all of them, 1 if one did not, 2 if this was used wrongly or a
version cannot be had.

example: npm run test:nodes -- --only 24 "test/cli/**/*.test.ts"`;

/** What mocha made of the tests on one version. */
type Ran = {
  readonly version: string;
  readonly status: number | null;
  readonly seconds: number;
  readonly said: string;
};

const root = fileURLToPath(new URL("..", import.meta.url));
const all = "test/**/*.test.ts";
const { options, words } = asked(process.argv.slice(2));
const files = words.some((word) => word.endsWith(".ts")) ? words : [...words, all];
const versions = options.only.split(",");
const executables = versions.map((version) => executableOf(version));

const ran: Ran[] = [];
for (const executable of executables) ran.push(await tested(executable));

console.log("");
for (const { version, seconds, said } of ran)
  console.log(`${version.padEnd(10)} ${said}  (${seconds.toFixed(0)} s)`);
process.exitCode = ran.every(({ status }) => status === 0) ? 0 : 1;

function asked(args: readonly string[]) {
  const known = {
    only: { type: "string", default: "20,22,24" },
    cache: { type: "string", default: nodesCache },
  } as const;
  // Only what stands before the first word for mocha is ours.
  const ends = args.findIndex(
    (arg, at) => !/^--(?:only|cache|help)(?:=|$)/.test(arg) && !takesValue(args[at - 1]),
  );
  const [own, rest] = ends < 0 ? [args, []] : [args.slice(0, ends), args.slice(ends)];
  const { values } = scriptOptions({ args: [...own], options: known }, usage);
  return { options: values, words: rest };
}

/** Whether what follows this word is its value. */
function takesValue(word = ""): boolean {
  return word === "--only" || word === "--cache";
}

function executableOf(version: string): string {
  if (!/^\d+(?:\.\d+){0,2}$/.test(version)) refused(`"${version}" is no version of Node`);
  try {
    return nodeOfVersion(version, options.cache);
  } catch (error) {
    return refused(String(error));
  }
}

/** Runs the tests by this executable, which is also the `node` that they start by its name. */
function tested(executable: string): Promise<Ran> {
  const version = spawnSync(executable, ["--version"], { encoding: "utf8" }).stdout.trim();
  console.log(`\nNode ${version}`);
  const path = `${dirname(executable)}${delimiter}${process.env["PATH"] ?? ""}`;
  const args = [`${root}/node_modules/mocha/bin/mocha.js`, ...files];
  const startMs = performance.now();
  const child = spawn(executable, args, {
    ...{ cwd: root, env: { ...process.env, PATH: path }, stdio: ["inherit", "pipe", "inherit"] },
  });
  let tail = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    process.stdout.write(text);
    tail = `${tail}${text}`.slice(-1000);
  });
  return new Promise((resolve) => {
    child.on("close", (status) => {
      const closing = tail.match(/^\d+ passed, \d+ failed, \d+ skipped$/gm)?.at(-1);
      const seconds = (performance.now() - startMs) / 1000;
      resolve({ version, status, seconds, said: closing ?? `ended with ${status ?? "a signal"}` });
    });
  });
}

function refused(why: string): never {
  console.error(`npm run test:nodes: ${why}\n\n${usage}`);
  process.exit(2);
}
