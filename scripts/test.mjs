// `npm test`: every check in order, stopping at the first that fails. The tests come last, so that
// their closing line (`N passed, N failed, N skipped`) is the last line of all.
import { spawnSync } from "node:child_process";

const checks = ["typecheck", "lint", "format:check", "unused", "grammar:check"];

for (const check of checks) {
  const startMs = performance.now();
  const { status, stdout } = npmRun(check, ["inherit", "pipe", "inherit"]);
  if (status !== 0) {
    process.stdout.write(stdout);
    console.error(`\nnpm test: ${check} failed; run it alone with: npm run ${check}`);
    process.exit(status ?? 1);
  }
  console.log(`${check} ok (${((performance.now() - startMs) / 1000).toFixed(1)} s)`);
}
process.exit(npmRun("test:unit", "inherit").status ?? 1);

function npmRun(script, stdio) {
  const shell = process.platform === "win32";
  return spawnSync("npm", ["run", "--silent", script], { stdio, shell });
}
