/** One row of the import table: what the files of a folder (or a single file of `src`) may use. */
export type ImportRow = {
  /** Folders whose files may be imported, beside the row's own. */
  readonly folders: readonly string[];
  /** Folders of which types alone may be imported (`import type`). */
  readonly types: readonly string[];
  /** Modules from outside: npm packages by name, Node's by `node:` and name, `node:*` for all, and
   * `(computed)` for what a user names. */
  readonly modules: readonly string[];
  /** True below the drivers: no clock, randomness, environment, disk, socket, timer, console. */
  readonly pure: boolean;
};

/** The import table: each folder of `src`, and each file that lies in `src` itself, with what it
 * may import. A row names only rows above it, so imports go one way. A folder that is not here
 * may not exist; a new edge is a commit of its own. */
export const importTable: Readonly<Record<string, ImportRow>> = {
  base: pure([]),
  value: pure(["base"]),
  syntax: pure(["base", "value"], { modules: ["chevrotain"] }),
  analysis: pure(["base", "value", "syntax"]),
  plan: pure(["base", "value", "analysis"]),
  codegen: pure(["base", "value", "plan"]),
  engine: pure(["base", "value", "plan", "codegen"]),
  "understand.ts": pure(["base", "value", "syntax", "analysis", "plan"]),
  "compile.ts": pure(["base", "value", "syntax", "analysis", "plan", "codegen", "understand.ts"]),
  "goal.ts": pure(["base", "value", "syntax", "analysis"]),
  io: pure(["base", "value"]),
  transducer: pure(["base", "value", "engine"], {
    types: ["plan", "codegen"],
    modules: ["immutable"],
  }),
  provenance: pure(["base", "value", "analysis", "plan", "codegen", "engine", "transducer"]),
  witness: pure(["base", "value", "analysis", "plan", "codegen", "engine", "transducer"]),
  calvin: pure(["base", "value", "engine", "transducer"], { types: ["plan", "codegen"] }),
  sim: pure(["base", "value", "transducer"], { types: ["calvin"], modules: ["immutable"] }),
  runtime: driver(["base", "value", "transducer"], { types: ["calvin"], modules: ["ws", "lmdb"] }),
  client: driver(["base", "value", "runtime"]),
  "client.ts": pure(["client"]),
  library: { ...driver(stages()), modules: [] },
  server: driver([...stages(), "runtime"], { modules: ["ws", "zod"] }),
  repl: driver([...stages(), "runtime", "client", "server"], { modules: ["immutable"] }),
  lsp: driver(stages(), {
    modules: [
      "vscode-languageserver",
      "vscode-languageserver/node",
      "vscode-languageserver-textdocument",
      "vscode-languageserver-types",
    ],
  }),
  cli: driver([...stages(), "runtime", "client", "server", "repl", "lsp"], {
    // The functors of a program are in a module that the user names.
    modules: ["commander", "node-sqlite3-wasm", "(computed)"],
  }),
  "index.ts": pure(["base", "value", "codegen", "engine", "library", "client.ts"]),
  "stages.ts": pure(stages()),
  "imports.ts": pure([]),
};

type Extras = { readonly types?: readonly string[]; readonly modules?: readonly string[] };

function pure(folders: readonly string[], { types = [], modules = [] }: Extras = {}): ImportRow {
  return { folders, types, modules, pure: true };
}

function driver(folders: readonly string[], { types = [], modules = [] }: Extras = {}): ImportRow {
  return { folders, types, modules: ["node:*", ...modules], pure: false };
}

/** Everything below the drivers, for the folders that compose. */
function stages(): readonly string[] {
  return [
    ...[
      "base",
      "value",
      "syntax",
      "analysis",
      "plan",
      "codegen",
      "engine",
      "understand.ts",
      "compile.ts",
      "goal.ts",
    ],
    ...["io", "transducer", "provenance", "witness", "calvin", "sim"],
  ];
}
