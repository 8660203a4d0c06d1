// Planted bugs: each is a patch on a copy of the sources, and the simulation, or a test of what runs
// below it, has to notice it.
//
//     npm run mutants
//     npm run mutants -- --only outbox
//
// Fails where one survives, and where a patch does not apply any more.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Mutant, Noticing } from "./mutant.ts";
import { plantedBugs } from "./planted-bugs.ts";
import { scriptOptions } from "./script-options.mjs";

const { values } = scriptOptions({
  options: { only: { type: "string" }, seeds: { type: "string" }, verbose: { type: "boolean" } },
});
const root = fileURLToPath(new URL("..", import.meta.url));
const copied = [
  ...["package.json", "tsconfig.json", ".mocharc.json", "src", "scripts", "programs"],
  ...["test/support", "test/runtime", "test/calvin", "test/transducer", "test/server/ordered"],
];
const seeds = values.seeds ?? "2000";
/** So long a test may take without a bug, on a machine that is busy with more than this. With one
 * that has it wait for ever it is given up sooner. */
const patienceMs = 600_000;
const folder = mkdtempSync(join(tmpdir(), "calm-mutants-"));
// The name of tests chooses all that they have to notice.
const chosen = plantedBugs.filter(({ name, noticedBy: { file = "" } }) =>
  [name, file].some((text) => text.includes(values.only ?? "")),
);
const startMs = performance.now();
let survivors = 0;
try {
  for (const path of copied) cpSync(join(root, path), join(folder, path), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  // What fails without a bug notices nothing.
  for (const file of new Set(chosen.flatMap(({ noticedBy: by }) => by.file ?? []))) {
    const failing = noticed({ kind: "tests", file }, patienceMs);
    if (failing !== undefined) throw new Error(`${file} fails as it is: ${failing}`);
  }
  for (const mutant of chosen) {
    const caught = catches(mutant);
    if (caught === undefined) survivors++;
    const how = caught === undefined ? "" : ` (${caught})`;
    process.stdout.write(`${caught === undefined ? "SURVIVES" : "caught"}: ${mutant.name}${how}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
process.stdout.write(`${chosen.length} planted bugs, ${survivors} not noticed (${seconds} s)\n`);
process.exitCode = survivors > 0 || chosen.length === 0 ? 1 : 0;

/** Returns what notices the patches; undefined where nothing does. */
function catches({ patches, noticedBy }: Mutant): string | undefined {
  const before = new Map<string, string>();
  for (const { file, from, to } of patches) {
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    if (!before.has(path)) before.set(path, text);
    if (text.split(from).length !== 2) throw new Error(`${file} does not have once: ${from}`);
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
  }
  try {
    return noticed(noticedBy);
  } finally {
    for (const [path, text] of before) writeFileSync(path, text);
  }
}

/** Returns which check or test fails on the copy; undefined where all hold. */
function noticed(by: Noticing, timeoutMs?: number): string | undefined {
  const program = by.program === undefined ? [] : ["--program", by.program];
  const simulation = ["--import", "tsx", "scripts/sim.ts", "--seeds", seeds, "--first", ...program];
  const patience = timeoutMs === undefined ? [] : ["--timeout", `${timeoutMs}`];
  const tests = ["node_modules/mocha/bin/mocha.js", "--bail", "--exit", ...patience, by.file ?? ""];
  const argv = by.kind === "tests" ? tests : simulation;
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
    ...{ cwd: folder, encoding: "utf8", env: { ...process.env, FORCE_COLOR: "0" } },
  });
  if (values.verbose === true) process.stdout.write(stdout);
  if (status === 0) return undefined;
  const pattern = by.kind === "tests" ? /^ *1\) (.*)$/m : /^(.*?): violation of ([\w-]+)/m;
  const found = pattern.exec(stdout)?.slice(1).join(", ");
  if (status !== 1 || found === undefined)
    throw new Error(`what is to notice a bug does not run:\n${stdout}\n${stderr}`);
  return found;
}
