import { readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { version } from "../package.json" with { type: "json" };
import { writeLicenses } from "../scripts/licenses.mjs";

const path = (of: string): string => fileURLToPath(new URL(of, import.meta.url));

/** Lists what was built in `files.json`: what `offline.js` keeps for times without a network; and
 * writes the licences of it. */
function listing(): Plugin {
  let folder = "";
  return {
    name: "listing",
    apply: "build",
    configResolved: ({ root, build }) => {
      folder = join(root, relative(root, build.outDir));
    },
    closeBundle: () => {
      const files = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
        .filter((name) => name !== "offline.js" && name !== "index.html")
        .map((name) => name.replaceAll("\\", "/"));
      writeLicenses(join(folder, "index.html"), [...modules]);
      writeFileSync(join(folder, "files.json"), JSON.stringify(files.sort()));
    },
  };
}

const modules = new Set<string>();

/** Collects what the page and its workers are made of, for the licences of it. */
function collecting(): Plugin {
  return {
    name: "collecting",
    apply: "build",
    generateBundle: (_, bundle) => {
      for (const file of Object.values(bundle))
        if (file.type === "chunk") for (const module of file.moduleIds) modules.add(module);
    },
  };
}

// A page for any static host, also in a folder of one: all addresses are relative.
// eslint-disable-next-line no-restricted-exports -- what Vite reads
export default defineConfig({
  root: path("."),
  base: "./",
  define: { calmVersion: JSON.stringify(version) },
  plugins: [listing(), collecting()],
  worker: { format: "es", plugins: () => [collecting()] },
  build: {
    outDir: path("../dist/playground"),
    emptyOutDir: true,
    target: "es2023",
    reportCompressedSize: false,
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
});
