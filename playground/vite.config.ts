import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { version } from "../package.json" with { type: "json" };

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

// A page for any static host, also in a folder of one: all addresses are relative.
// eslint-disable-next-line no-restricted-exports -- what Vite reads
export default defineConfig({
  root: path("."),
  base: "./",
  define: { calmVersion: JSON.stringify(version) },
  worker: { format: "es" },
  build: {
    outDir: path("../dist/playground"),
    emptyOutDir: true,
    target: "es2023",
    reportCompressedSize: false,
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
});
