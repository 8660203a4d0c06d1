// Builds what is imported as `calmdb` into an empty dist: the modules that package.json exports, with
// those that they import, and their types; and calmdb.min.js, all of index.js in one file. All of it
// is for browsers, too: one that comes to import something of Node's fails the build.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { writeLicenses } from "./licenses.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

rmSync(`${root}/dist`, { recursive: true, force: true });
const tsc = [`${root}/node_modules/typescript/bin/tsc`, "-p", `${root}/tsconfig.build.json`];
const { status } = spawnSync(process.execPath, tsc, { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);

const forBrowsers = {
  absWorkingDir: root,
  bundle: true,
  platform: "browser",
  format: "esm",
  target: "es2022",
  logLevel: "warning",
};
try {
  const entryPoints = ["dist/client.js", "dist/stages.js"];
  await build({ ...forBrowsers, entryPoints, outdir: "dist", write: false });
  const outfile = "dist/calmdb.min.js";
  const whole = { entryPoints: ["dist/index.js"], outfile, minify: true, metafile: true };
  const { metafile } = await build({ ...forBrowsers, ...whole });
  const inputs = Object.keys(metafile.inputs).map((path) => join(root, path));
  writeLicenses(join(root, outfile), inputs);
} catch {
  console.error("the library was not built: it has to run in browsers");
  process.exit(1);
}
