// Builds the `calm` command into dist/bin, for a fast start:
//   calm.cjs      the launcher: answers --version itself, else loads the bundle
//   main.bundle   src/cli/bin.ts with everything it imports, one script in a function wrapper
//   main.cache    V8's compiled code of the bundle, as far as a small `calm run` executes it
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

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

await build({ ...shared, entryPoints: ["scripts/launcher.cjs"], outfile: "dist/bin/calm.cjs" });
await build({
  ...shared,
  entryPoints: ["src/cli/bin.ts"],
  outfile: "dist/bin/main.bundle",
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
});
chmodSync(`${root}/dist/bin/calm.cjs`, 0o755);

const warmUp = spawnSync(process.execPath, ["scripts/code-cache.cjs"], { cwd: root });
if (warmUp.status !== 0) {
  process.stderr.write(warmUp.stderr);
  console.error("the bundle was built, but does not run scripts/startup.dl");
  process.exit(1);
}
