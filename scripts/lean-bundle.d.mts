import type { Plugin } from "esbuild";

/** Makes bundles start faster; a build fails where a dependency is not what this expects. */
export const leanBundle: Plugin;
