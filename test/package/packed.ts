// The package as others get it: packed, installed in an empty project, type checked, run under Node,
// bundled by Vite and run with nothing of Node's. It takes a minute, and has a script of its own:
// `npm run test:package`.
import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { build } from "vite";

const root = fileURLToPath(new URL("../../", import.meta.url));
const [, example = ""] =
  /^```ts\n([^]*?)^```$/m.exec(readFileSync(join(root, "README.md"), "utf8")) ?? [];
const said = [...example.matchAll(/^\/\/=> (.*)$/gm)].map(([, line = ""]) => line);

/** A module of CommonJS that uses the library and the client. */
const required = `import calmdb = require("calmdb");
import client = require("calmdb/client");
const engine: typeof calmdb.Engine = calmdb.Engine;
(globalThis as unknown as { console: { log(...of: unknown[]): void } }).console.log(
  typeof engine, typeof client.NodeClient,
);
`;

/** The most that the package, what a page loads of it, and what it needs at run time may be. */
const packedBytesMax = 2_500_000;
const bundleBytesMax = 640 << 10;
const clientBytesMax = 12 << 10;
const dependencies = ["chevrotain", "node-sqlite3-wasm"];

describe("the package", function () {
  this.timeout(300_000);
  const home = mkdtempSync(join(tmpdir(), "calm-package-"));
  let tarball = "";
  let files: readonly { readonly path: string; readonly size: number }[] = [];

  before(() => {
    const packing = ["pack", "--json", "--pack-destination", home];
    // What `prepare` prints comes before what npm says.
    const printed = run("npm", packing, root).replace(/^[^]*?(?=^\[$)/m, "");
    const [packed] = JSON.parse(printed) as {
      readonly filename: string;
      readonly size: number;
      readonly files: typeof files;
    }[];
    tarball = join(home, packed?.filename ?? "");
    files = packed?.files ?? [];
    expect(packed?.size).to.be.below(packedBytesMax);
    run("npm", ["init", "-y"], home);
    run("npm", ["pkg", "set", "type=module"], home);
    const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--omit=dev"];
    run("npm", ["install", tarball, ...quiet], home);
    writeFileSync(join(home, "example.ts"), example);
  });
  after(() => {
    rmSync(home, { recursive: true });
  });

  it("holds the library, the command, and what the command reads, and nothing else", () => {
    const places = new Set(files.map(({ path }) => path.replace(/\/.*/, "")));
    expect([...places].toSorted()).to.deep.equal([
      ...[
        "LICENSE",
        "README.md",
        "dist",
        "docs",
        "grammar",
        "package.json",
        "programs",
        "templates",
      ],
    ]);
    const own = files.map(({ path }) => path).filter((path) => path.startsWith("dist/"));
    expect(own).to.include.members(["dist/index.js", "dist/index.d.ts", "dist/bin/main.bundle"]);
    expect(own.filter((path) => path.endsWith(".cache"))).to.deep.equal([]);
    // What is made of the grammar is for the tests and the manual.
    const grammar = files.map(({ path }) => path).filter((path) => path.startsWith("grammar/"));
    expect(grammar).to.deep.equal(["grammar/datalog.ne"]);
    expect(own.filter((path) => /^dist\/(?:cli|server|repl|lsp|sim)\//.test(path))).to.deep.equal(
      [],
    );
  });

  it("has the licences of what is bundled beside each bundle", () => {
    const texts = files.map(({ path }) => path).filter((path) => path.endsWith(".LICENSE.txt"));
    const bundles = [
      "dist/bin/main.bundle",
      "dist/bin/run.bundle",
      "dist/calmdb.min.js",
      "dist/playground/index.html",
    ];
    expect(texts).to.have.members(bundles.map((path) => `${path}.LICENSE.txt`));
    for (const path of texts) {
      const text = readFileSync(join(home, "node_modules/calmdb", path), "utf8");
      expect(text, path).to.match(/^chevrotain [\d.]+ \(Apache-2\.0\)$/m);
      expect(text, path).to.include("TERMS AND CONDITIONS").and.to.include("lodash-es 4.18");
    }
  });

  it("says what it has as bundlers and runtimes want it", async () => {
    const { messages, pkg } = await publint({ pkgDir: root, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).to.deep.equal([]);
  });

  it("brings along no more than it needs", () => {
    const { dependencies: listed = {} } = JSON.parse(
      readFileSync(join(home, "node_modules/calmdb/package.json"), "utf8"),
    ) as { readonly dependencies?: Record<string, string> };
    expect(Object.keys(listed).toSorted()).to.deep.equal(dependencies);
  });

  for (const [name, settings] of [
    ["Node, also where it is required", { module: "NodeNext", moduleResolution: "NodeNext" }],
    ["bundlers", { module: "ESNext", moduleResolution: "Bundler" }],
  ] as const)
    it(`has types for ${name}, which are all right`, () => {
      const compilerOptions = {
        ...{ target: "ES2022", lib: ["ES2023", "DOM", "DOM.AsyncIterable"], strict: true },
        ...{ skipLibCheck: false, types: [], outDir: "out", rootDir: "." },
        ...settings,
      };
      const uses = ["", "/client", "/stages", "/bundle"].map(
        (path, at) => `export * as part${at} from "calmdb${path}";\n`,
      );
      writeFileSync(join(home, "uses.ts"), uses.join(""));
      writeFileSync(join(home, "required.cts"), required);
      const asked = settings.module === "NodeNext" ? ["required.cts"] : [];
      const project = { compilerOptions, files: ["example.ts", "uses.ts", ...asked] };
      writeFileSync(join(home, "tsconfig.json"), JSON.stringify(project));
      run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."], home);
    });

  it("runs the README's example under Node", () => {
    expect(run(process.execPath, ["out/example.js"], home)).to.equal(`${said.join("\n")}\n`);
    const all = 'import { part0, part1, part2, part3 } from "./out/uses.js";';
    const shown = "console.log(typeof part0.Engine, typeof part1.NodeClient);";
    const more = "console.log(typeof part2.evaluate, typeof part3.Engine);";
    writeFileSync(join(home, "all.js"), [all, shown, more].join("\n"));
    const wanted = "function function\nfunction function\n";
    expect(run(process.execPath, ["all.js"], home)).to.equal(wanted);
  });

  it("can be required", () => {
    expect(run(process.execPath, ["out/required.cjs"], home)).to.equal("function function\n");
  });

  it("runs the README's example in a page that Vite made", async () => {
    const page = '<!doctype html><script type="module" src="/example.ts"></script>';
    writeFileSync(join(home, "index.html"), page);
    const script = await bundled("index.html");
    expect(script.length).to.be.below(bundleBytesMax);
    expect(inBrowser(script)).to.equal(`${said.join("\n")}\n`);
  });

  it("has a client that is small in such a page", async () => {
    const text = 'import { NodeClient } from "calmdb/client"; console.log(typeof NodeClient);';
    writeFileSync(join(home, "client.js"), text);
    const page = '<!doctype html><script type="module" src="/client.js"></script>';
    writeFileSync(join(home, "client.html"), page);
    const script = await bundled("client.html");
    expect(script.length).to.be.below(clientBytesMax);
    expect(inBrowser(script)).to.equal("function\n");
  });

  it("is one file for pages without a bundler", () => {
    const script = readFileSync(join(home, "node_modules/calmdb/dist/calmdb.min.js"), "utf8");
    expect(script.length).to.be.below(bundleBytesMax);
    inBrowser(script);
  });

  it("has the command", () => {
    const calm = join(home, "node_modules/.bin/calm");
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      readonly version: string;
    };
    expect(run(calm, ["--version"], home)).to.equal(`${version}\n`);
    writeFileSync(join(home, "p.dl"), ".decl p(x: number)\np(41 + 1).\n.output p\n");
    expect(run(calm, ["run", "p.dl", "-D", "-"], home)).to.include("42");
    expect(run(calm, ["run", "p.dl", "-D", "-"], home), "from its cache").to.include("42");
    const bin = readdirSync(join(home, "node_modules/calmdb/dist/bin"));
    expect(bin.filter((name) => name.endsWith(".cache"))).to.deep.equal([
      `run.${process.version}-${process.arch}.cache`,
    ]);
    expect(run(calm, ["check", "--explain", "unsafe-variable"], home)).to.include("# unsafe-");
  });

  /** The script that Vite makes of a page. */
  async function bundled(page: string): Promise<string> {
    const outDir = join(home, "page");
    rmSync(outDir, { recursive: true, force: true });
    mkdirSync(outDir);
    const input = join(home, page);
    await build({
      ...{ root: home, configFile: false, logLevel: "warn" },
      build: {
        ...{ outDir, target: "es2022", modulePreload: false, reportCompressedSize: false },
        rolldownOptions: { input },
      },
    });
    const scripts = readdirSync(join(outDir, "assets")).filter((name) => name.endsWith(".js"));
    expect(scripts).to.have.length(1);
    return readFileSync(join(outDir, "assets", scripts[0] ?? ""), "utf8");
  }

  /** Runs a module with what browsers have, and returns what it prints. */
  function inBrowser(script: string): string {
    const path = join(home, "script.js");
    writeFileSync(path, script);
    const runner = fileURLToPath(new URL("run-as-page.mjs", import.meta.url));
    return run(
      process.execPath,
      ["--experimental-vm-modules", "--no-warnings", runner, path],
      home,
    );
  }
});

function run(command: string, words: readonly string[], cwd: string): string {
  // The settings of npm that runs this test are not those of another project.
  const own = Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_OPTIONS$/i.test(name));
  const env = Object.fromEntries(own);
  try {
    return execFileSync(command, words, { cwd, env, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${command} ${words.join(" ")}\n${stdout ?? ""}${stderr ?? String(error)}`);
  }
}
