// `npm run size`: builds the playground, and says what a browser loads of it, gzipped: for the page,
// for the first check of a program, and for its first run. With `--assert` it ends with 1 where that
// is more than is allowed.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { scriptOptions } from "./script-options.mjs";

const bytesOfKb = 1000;
const { values } = scriptOptions({ options: { assert: { type: "boolean", default: false } } });
const folder = mkdtempSync(join(tmpdir(), "calmdb-size-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const outDir = join(folder, "playground");
await build({ root: "playground", logLevel: "error", build: { outDir } });

const read = (name) => readFileSync(join(outDir, name), "utf8");

/** Returns the scripts of `assets/` with all that they import before they begin. */
function closure(names) {
  const found = new Set(names);
  for (const name of found) {
    if (!name.endsWith(".js")) continue;
    const imports = read(`assets/${name}`).matchAll(
      /(?:^|[;}])(?:import|export)(?:[^;"'()]*?from)?["'`]\.\/([\w.-]+)["'`]/g,
    );
    for (const [, imported] of imports) found.add(imported);
  }
  return [...found];
}

/** Returns the one script that `text` names so, as in `worker-8f3a.js`. */
function named(text, name) {
  const all = new Set(text.match(new RegExp(`\\b${name}-[\\w-]{8}\\.js`, "g")));
  if (all.size !== 1) throw new Error(`there is not one script "${name}", but ${all.size}`);
  return [...all][0];
}

const html = read("index.html");
const page = closure([...html.matchAll(/assets\/([\w.-]+\.(?:js|css))"/g)].map(([, name]) => name));
const scripts = page.filter((name) => name.endsWith(".js")).map((name) => read(`assets/${name}`));
const worker = named(scripts.join("\n"), "worker");
const check = closure([worker]);
const run = closure([named(read(`assets/${worker}`), "evaluation")]).filter(
  (name) => !check.includes(name),
);

const gzipped = (text) => gzipSync(text, { level: 9 }).length;
const sizeOf = (names) => names.reduce((sum, name) => sum + gzipped(read(`assets/${name}`)), 0);
const loads = [
  { what: "the page", bytes: gzipped(html) + sizeOf(page), kbMax: 250 },
  { what: "the worker, up to the first check", bytes: sizeOf(check), kbMax: 120 },
  { what: "the first run", bytes: sizeOf(run) },
];

let fits = true;
for (const { what, bytes, kbMax } of loads) {
  const bound = kbMax === undefined ? "" : `  of ${String(kbMax).padStart(3)}`;
  console.log(`${what.padEnd(36)} ${(bytes / bytesOfKb).toFixed(1).padStart(7)} KB${bound}`);
  fits &&= kbMax === undefined || bytes <= kbMax * bytesOfKb;
}
if (!fits) console.log("more than is allowed: load later what is not needed at once");
process.exitCode = fits || !values.assert ? 0 : 1;
