import { expect } from "chai";
import { build, type BuildResult } from "esbuild";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";

import { importTable } from "../../src/imports.ts";
import { layerOf, sources } from "./sources.ts";

/** What browsers and their workers have, as far as it is needed. There is nothing of Node's. */
const webGlobals = {
  ...{ queueMicrotask, setTimeout, structuredClone, TextEncoder, TextDecoder },
  ...{ AbortController, AbortSignal, URL, URLSearchParams, crypto },
};

/** What is for browsers and workers: all that is below the drivers, the library and the client. */
const layers = Object.keys(importTable).filter(
  (layer) => importTable[layer]?.pure === true || ["client", "library"].includes(layer),
);

describe("in a browser's worker", () => {
  it("all that is below the drivers, the library and the client can be loaded", async () => {
    const own = sources.filter(({ path }) => layers.includes(layerOf(path)));
    const layersThere = new Set(own.map(({ path }) => layerOf(path)));
    expect([...layersThere]).to.include.members(["engine", "sim", "provenance", "witness", "io"]);
    const entry = own.map(({ path }) => `import "./src/${path}";`).join("\n");
    const { metafile, outputFiles = [] } = await bundled(entry);
    const inputs = Object.keys(metafile?.inputs ?? {});
    expect(inputs.filter((path) => path.startsWith("src/"))).to.have.length(own.length);
    expect(inputs.filter((path) => path.startsWith("node:"))).to.deep.equal([]);
    runInContext(outputFiles[0]?.text ?? "", createContext({ ...webGlobals }));
  });

  it("what is Node's would be seen", async () => {
    const entry = 'import { readFileSync } from "node:fs"; readFileSync("x");';
    const failed = await bundled(entry).then(
      () => "it was built",
      (error: unknown) => String(error),
    );
    expect(failed).to.include('Could not resolve "node:fs"');
  });

  it("programs are evaluated, checked and explained", async () => {
    const { outputFiles = [] } = await bundled(`
      import { Engine } from "./src/index.ts";
      import { understand } from "./src/understand.ts";
      import { Completed } from "./src/provenance/completed.ts";
      import { proofsOf } from "./src/provenance/prover.ts";
      const text = ".decl e(x: number, y: number) .decl p(x: number, y: number) e(1, 2). e(2, 3)." +
        "p(x, y) :- e(x, y). p(x, z) :- p(x, y), e(y, z).";
      const engine = Engine.compile(text);
      shown.push(engine.run().size("p"), engine.check().ok);
      const completed = new Completed(understand(text, { inlineExclude: ["*"] }).program, {});
      completed.evaluate();
      shown.push(proofsOf(completed, { relation: 1, values: [1n, 3n] }, { depth: 9 }).length);
    `);
    const shown: unknown[] = [];
    runInContext(outputFiles[0]?.text ?? "", createContext({ ...webGlobals, shown }));
    expect(shown).to.deep.equal([3, true, 1]);
  });
});

function bundled(entry: string): Promise<BuildResult> {
  return build({
    stdin: { contents: entry, resolveDir: fileURLToPath(new URL("../..", import.meta.url)) },
    bundle: true,
    format: "iife",
    logLevel: "silent",
    metafile: true,
    platform: "browser",
    target: "es2022",
    write: false,
    // Bare imports of modules without side effects are what is looked at here.
    ignoreAnnotations: true,
  });
}
