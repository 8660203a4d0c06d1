// `npm test`: every check, as many at a time as there are processors, ending at the first that fails,
// and then the tests, so that their closing line (`N passed, N failed, N skipped`) is the last of all.
import { spawn, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { scriptOptions } from "./script-options.mjs";

scriptOptions({});

/** The longest first, so that none is waited for alone. */
const checks = ["lint", "typecheck", "format:check", "unused", "grammar:check"];
const shell = process.platform === "win32";

const waiting = [...checks];
const running = new Set();
const processors = availableParallelism();
await Promise.all(Array.from({ length: processors }, runChecks));
// Tests wait for servers and for time: one process more than there are processors.
const tests = [...scriptWords("test:unit"), "--", "--parallel", "--jobs", String(processors + 1)];
process.exit(spawnSync("npm", tests, { stdio: "inherit", shell }).status ?? 1);

async function runChecks() {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const startMs = performance.now();
    const { status, output } = await ended(check);
    if (status !== 0) {
      process.stdout.write(output);
      console.error(`\nnpm test: ${check} failed; run it alone with: npm run ${check}`);
      for (const child of running) child.kill();
      process.exit(status ?? 1);
    }
    console.log(`${check} ok (${((performance.now() - startMs) / 1000).toFixed(1)} s)`);
  }
}

/** Runs a script of npm, and returns its exit status and what it printed. */
function ended(check) {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", scriptWords(check), { stdio: ["ignore", "pipe", "pipe"], shell });
    const printed = [];
    running.add(child);
    child.stdout.on("data", (bytes) => printed.push(bytes));
    child.stderr.on("data", (bytes) => printed.push(bytes));
    child.on("error", reject);
    child.on("close", (status) => {
      running.delete(child);
      resolve({ status, output: Buffer.concat(printed) });
    });
  });
}

function scriptWords(script) {
  return ["run", "--silent", script];
}
