// An esbuild plugin that leaves out of the start of the command what a run rarely comes to.
import { readFile } from "node:fs/promises";

/** Modules of Node that most runs never call: each is required when the first of its exports is
 * asked for. Commander names one of them for commands that are programs of their own. */
const rarelyCalled = ["child_process", "tty", "v8", "worker_threads", "zlib"];

/** Chevrotain's lexer makes a table of all 65,536 units of text when it is made, which takes longer
 * than reading a program; what the table holds is computed where it is asked for. */
const lexerTable = {
  made: /charCodeToOptimizedIdxMap = new Array\(65536\);\s*for \(.*\) \{\s*(.*)\s*\}/,
  formula: "charCodeToOptimizedIdxMap[i] = i > 255 ? 255 + ~~(i / 255) : i;",
  read: "charCodeToOptimizedIdxMap[charCode]",
  computed: "255 + ~~(charCode / 255)",
};

/** Makes bundles start faster; a build fails where a dependency is not what this expects. */
export const leanBundle = {
  name: "lean-bundle",
  setup(build) {
    const namespace = "rarely-called";
    const filter = new RegExp(`^node:(${rarelyCalled.join("|")})$`);
    build.onResolve({ filter }, ({ path, namespace: from }) =>
      from === namespace ? { path, external: true } : { path, namespace },
    );
    build.onLoad({ filter: /.*/, namespace }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) => name !== "default");
      const getters = names.map((name) => `get ${name}() { return require("${path}").${name}; }`);
      return { contents: `module.exports = {${getters.join(",\n")}};` };
    });
    build.onLoad({ filter: /chevrotain\/lib\/src\/scan\/lexer\.js$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const [whole, formula] = lexerTable.made.exec(text) ?? [];
      if (formula?.trim() !== lexerTable.formula || !text.includes(lexerTable.read))
        throw new Error(`${path} makes another table than scripts/lean-bundle.mjs replaces`);
      return { contents: text.replace(whole, "").replace(lexerTable.read, lexerTable.computed) };
    });
  },
};
