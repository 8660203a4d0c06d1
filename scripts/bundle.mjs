// Builds the `calm` command into dist/bin, for a fast start:
//   calm.cjs      the launcher: answers --version itself, else loads a bundle
//   run.bundle    src/cli/bin-run.ts with what it imports: `calm run` and no other command
//   main.bundle   src/cli/bin.ts with everything it imports: all commands
//   worker-thread.cjs   src/cli/worker-thread.ts: what the threads of --jobs run
//   server-thread.cjs   src/cli/server-thread.ts: by which servers run in a thread
//   *.LICENSE.txt the licences of the packages in each bundle
//   *.cache       V8's compiled code of each bundle, as far as small programs have it executed, for
//                 this version of Node; where there is none the launcher leaves one
// A bundle is one script in a function wrapper.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { leanBundle } from "./lean-bundle.mjs";
import { writeLicenses } from "./licenses.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));

const shared = {
  absWorkingDir: root,
  platform: "node",
  target: "node20",
  format: "cjs",
  minifySyntax: true,
  define: { calmVersion: JSON.stringify(version) },
  logLevel: "warning",
};

for (const name of ["worker-thread", "server-thread"])
  await build({
    ...shared,
    entryPoints: [`src/cli/${name}.ts`],
    outfile: `dist/bin/${name}.cjs`,
    bundle: true,
    minify: true,
  });
const bundled = {
  ...shared,
  metafile: true,
  plugins: [leanBundle],
  bundle: true,
  // Names stay, for traces of the stack; half of the bytes are read and checked in vain otherwise.
  minifyWhitespace: true,
  legalComments: "eof",
  // The launcher runs the bundle as a script, in which `import()` is not available: what is
  // imported so is part of the bundle, or required, and evaluated when the call is reached. What a
  // user names is imported by the launcher: `calmImport`.
  supported: { "dynamic-import": false },
  // Finds its WebAssembly beside itself.
  external: ["node-sqlite3-wasm", "lmdb"],
  // The bundle lies as deep in the package as the sources.
  define: { ...shared.define, "import.meta.dirname": "__dirname" },
  logOverride: { "empty-import-meta": "error" },
  banner: { js: "(function (exports, require, module, __filename, __dirname, calmImport) {" },
  footer: { js: "})" },
};

const bin = join(root, "dist/bin");
const bundles = [
  { name: "run", entry: "src/cli/bin-run.ts" },
  { name: "main", entry: "src/cli/bin.ts" },
];

for (const name of existsSync(bin) ? readdirSync(bin) : [])
  if (name.endsWith(".cache")) rmSync(join(bin, name));
await build({ ...shared, entryPoints: ["scripts/launcher.cjs"], outfile: "dist/bin/calm.cjs" });
await build({
  ...shared,
  entryPoints: ["scripts/leave-code-cache.cjs"],
  outdir: "dist/bin",
  outExtension: { ".js": ".cjs" },
});
chmodSync(`${root}/dist/bin/calm.cjs`, 0o755);
for (const { name, entry } of bundles) {
  const outfile = `dist/bin/${name}.bundle`;
  const { metafile } = await build({ ...bundled, entryPoints: [entry], outfile });
  const inputs = Object.keys(metafile.inputs).map((path) => join(root, path));
  writeLicenses(join(root, outfile), inputs);
  const warmUp = spawnSync(process.execPath, ["scripts/code-cache.cjs", name], { cwd: root });
  if (warmUp.status === 0) continue;
  process.stderr.write(warmUp.stderr);
  console.error(`${name}.bundle was built, but does not run the programs of its cache`);
  process.exit(1);
}
