import { expect } from "chai";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format } from "node:util";
import ts from "typescript";

/** The examples of the library: `ts` blocks of pages, and of what stands above the code. Each says
 * behind `//=>` what it prints. */
type Example = { readonly place: string; readonly path: string; readonly text: string };

const root = fileURLToPath(new URL("../../", import.meta.url));
const entry = join(root, "src/index.ts");
const sources = readdirSync(join(root, "src/library")).map((name) => `src/library/${name}`);
const examples = ["README.md", "docs/library.md", ...sources].flatMap((file) => examplesIn(file));
/** What asks nodes that are not there: only its types are looked at. */
const unrun = ["docs/node.md", "docs/ordered.md", "docs/store.md"].flatMap((file) =>
  examplesIn(file, " not run: [^\n]*"),
);

describe("the examples of the library", () => {
  it("are many, and are where readers look for them", () => {
    const places = new Set(examples.map(({ place }) => place.replace(/:\d+$/, "")));
    expect([...places]).to.include.members([
      ...["README.md", "docs/library.md", "src/library/engine.ts", "src/library/database.ts"],
      ...["src/library/functor.ts", "src/library/program-text.ts"],
    ]);
  });

  it("have the right types, as strictly as this project", () => {
    expect(unrun).to.have.length(3);
    expect(typeErrors([...examples, ...unrun])).to.deep.equal([]);
  });

  it("would be seen to have wrong ones", () => {
    const text = 'import { Engine } from "calmdb";\nEngine.compile(1);\n';
    const wrong = { place: "here:1", path: join(root, "test/docs/wrong.mts"), text };
    expect(typeErrors([wrong])[0]).to.match(/^here:2: Argument of type 'number' is not assignable/);
  });

  for (const { place, text } of examples)
    it(`${place} prints what it says`, async () => {
      const said = [...text.matchAll(/^\s*\/\/=>(?: (.*))?$/gm)].map(([, line = ""]) => line);
      expect(said, "an example without `//=>` shows nothing").to.have.length.above(0);
      expect(await printed(text)).to.deep.equal(said);
    });
});

/** The examples of a file; `info` is what follows `ts` above them, as a pattern. */
function examplesIn(file: string, info = ""): Example[] {
  const text = readFileSync(join(root, file), "utf8");
  const fence = file.endsWith(".md")
    ? new RegExp(`^\`\`\`ts${info}\\n([^]*?)^\`\`\`$`, "gm")
    : /^ +\* ```ts\n([^]*?)^ +\* ```$/gm;
  return [...text.matchAll(fence)].map((match, at) => {
    const line = text.slice(0, match.index).split("\n").length + 1;
    const path = join(root, `test/docs/${file.replace(/\W/g, "-")}-${at}.mts`);
    return { place: `${file}:${line}`, path, text: (match[1] ?? "").replace(/^ +\* ?/gm, "") };
  });
}

/** What the compiler says of examples that lie nowhere but here. */
function typeErrors(all: readonly Example[]): string[] {
  const read = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, root);
  const paths = { calmdb: [entry], "calmdb/client": [join(root, "src/client.ts")] };
  const settings: ts.CompilerOptions = { ...options, noEmit: true, paths, types: ["node"] };
  const host = ts.createCompilerHost(settings);
  const texts = new Map(all.map(({ path, text }) => [path, text]));
  const program = ts.createProgram([...texts.keys()], settings, {
    ...host,
    fileExists: (path) => texts.has(path) || host.fileExists(path),
    readFile: (path) => texts.get(path) ?? host.readFile(path),
    getSourceFile: (path, version, onError) => {
      const text = texts.get(path);
      if (text === undefined) return host.getSourceFile(path, version, onError);
      return ts.createSourceFile(path, text, version);
    },
  });
  return all.flatMap(({ path, place }) => {
    const file = program.getSourceFile(path);
    const found = [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ];
    return found.map(({ messageText, start = 0 }) => {
      const line = file?.getLineAndCharacterOfPosition(start).line ?? 0;
      const [name = "", first = "0"] = place.split(":");
      return `${name}:${Number(first) + line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
  });
}

/** Runs an example, and returns the lines that it prints. */
async function printed(text: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "calm-example-"));
  const { log } = console;
  const lines: string[] = [];
  try {
    const path = join(folder, "example.mts");
    const library = JSON.stringify(pathToFileURL(entry).href);
    writeFileSync(path, text.replace(/from "calmdb"/g, `from ${library}`));
    console.log = (...values: unknown[]) => lines.push(...format(...values).split("\n"));
    await import(pathToFileURL(path).href);
  } finally {
    console.log = log;
    rmSync(folder, { recursive: true });
  }
  return lines;
}
