import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { expect } from "chai";
import { buildSync } from "esbuild";
import { parse } from "yaml";

import { inFolder } from "../programs/calm.ts";
import { project } from "../programs/folder.ts";

type Step = {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly shell?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
};
type Action = {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
};

const text = readFileSync(join(project, "action.yml"), "utf8");
const action = parse(text) as Action;
const { steps } = action.runs;

const clean = ".decl bid(i: symbol, b: symbol)\n.input bid\n.output bid\n";
const counting = clean.replace(
  ".output bid",
  ".decl many(n: number)\nmany(n) :- n = count : { bid(_, _) }.\n.output bid, many",
);

/** What a step did. */
type Ran = {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly files: (name: string) => string;
};

/** Runs the step of that name as GitHub does, on files in a folder, with what `inputs` says and what
 * `prepare` does there before; `github` has values of that context. */
async function ran(
  name: string,
  files: Readonly<Record<string, string>>,
  given: {
    readonly inputs?: Readonly<Record<string, string>>;
    readonly github?: Readonly<Record<string, string>>;
    readonly prepare?: (folder: string) => void;
  } = {},
): Promise<Ran> {
  const step = steps.find((one) => one.name === name);
  return inFolder((folder) => {
    const tools = join(folder, "tools");
    const work = join(folder, "work");
    put(join(tools, "dist/bin/calm.cjs"), bundle);
    // Takes the place of what asks a registry: says what it was asked for, and runs the same.
    put(join(tools, "npx"), `#!/usr/bin/env bash\n${npx}`);
    put(join(tools, "gh"), '#!/usr/bin/env bash\necho "gh $*"\ncat\n');
    for (const tool of ["npx", "gh"]) chmodSync(join(tools, tool), 0o755);
    for (const [path, content] of Object.entries(files)) put(join(work, path), content);
    given.prepare?.(work);
    const context: Record<string, string> = {
      "github.action_path": tools,
      "github.token": "secret",
      ...given.github,
    };
    for (const [input, { default: value }] of Object.entries(action.inputs))
      context[`inputs.${input}`] = given.inputs?.[input] ?? evaluated(value, context);
    const env = Object.entries(step?.env ?? {}).map(
      ([key, value]) => [key, evaluated(value, context)] as const,
    );
    const script = join(folder, "step.sh");
    writeFileSync(script, step?.run ?? "exit 99");
    const outputFile = join(folder, "outputs");
    writeFileSync(outputFile, "");
    const { status, stdout, stderr } = spawnSync(
      "bash",
      ["--noprofile", "--norc", "-eo", "pipefail", script],
      {
        cwd: work,
        encoding: "utf8",
        env: {
          PATH: `${tools}:${process.env["PATH"] ?? ""}`,
          GITHUB_ACTIONS: "true",
          GITHUB_OUTPUT: outputFile,
          GITHUB_STEP_SUMMARY: join(work, "step.md"),
          ...Object.fromEntries<string>(env),
        },
      },
    );
    const outputs = readFileSync(outputFile, "utf8").trim().split("\n").filter(Boolean);
    const left = new Map(
      ["calm.sarif", "step.md"].map((path) => [path, contentOf(join(work, path))]),
    );
    return {
      status,
      stdout,
      stderr,
      outputs: Object.fromEntries(outputs.map((line) => line.split("=") as [string, string])),
      files: (path) => left.get(path) ?? "",
    };
  });
}

/** The command, as it would be built for the action. */
let bundle = "";

function bundled(): string {
  const { outputFiles } = buildSync({
    absWorkingDir: project,
    entryPoints: ["src/cli/bin.ts"],
    bundle: true,
    platform: "node",
    format: "cjs",
    define: { "import.meta.dirname": "__dirname" },
    external: ["node-sqlite3-wasm"],
    write: false,
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}

const npx = `echo "npx $*"
while [ "$1" != calm ]; do shift; done; shift
exec node "$ACTION_PATH/dist/bin/calm.cjs" "$@"
`;

function put(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** A value with what stands in `${{ }}` looked up; what there is not is empty, as GitHub has it. */
function evaluated(value: string, context: Readonly<Record<string, string>>): string {
  return value.replace(/\$\{\{ *([\w.-]+) *\}\}/g, (_, name: string) => context[name] ?? "");
}

describe("action.yml", () => {
  before(() => {
    bundle = bundled();
  });

  it("declares what it uses, and uses what it declares", () => {
    expect(action.runs.using).to.equal("composite");
    const used = [...text.matchAll(/\binputs\.([\w-]+)/g)].map(([, name]) => name);
    expect([...new Set(used)].toSorted()).to.deep.equal(Object.keys(action.inputs).toSorted());
    const ids = steps.flatMap(({ id }) => (id === undefined ? [] : [id]));
    const asked = [...text.matchAll(/\bsteps\.(\w+)\.outputs\.(\w+)/g)];
    for (const [, id] of asked) expect(ids).to.include(id);
    expect(asked.map(([, , name]) => name)).to.include.members(Object.keys(action.outputs));
    for (const step of steps)
      if (step.run !== undefined) expect(step.shell, step.name).to.equal("bash");
      else expect(step.uses).to.match(/^[\w-]+\/[\w/-]+@v\d+$/);
  });

  it("has the inputs of texts in the environment, where nothing of them is evaluated", () => {
    for (const { run } of steps) expect(run ?? "").not.to.match(/\$\{\{/);
  });

  it("uploads the report whatever came of the check", () => {
    const upload = steps.find(({ uses }) => uses?.includes("upload-sarif"));
    expect(upload?.if).to.match(/^always\(\) && /);
  });

  it("checks, counts, writes the report, and passes", async () => {
    const { status, stdout, outputs, files } = await ran("calm check", { "a.dl": clean });
    expect(status).to.equal(0);
    expect(stdout).to.equal("");
    expect(outputs).to.deep.equal({ errors: "0", warnings: "0", sarif: "calm.sarif" });
    expect(JSON.parse(files("calm.sarif"))).to.include({ version: "2.1.0" });
    expect(files("step.md")).to.match(/calm check/);
  });

  it("fails with annotations where there are findings", async () => {
    const { status, stdout, outputs } = await ran("calm check", { "in/a.dl": counting });
    expect(status).to.equal(1);
    expect(stdout).to.match(/^in\/a\.dl:4:16: error\[aggregate-not-monotone\]/m);
    expect(stdout).to.match(/^::error file=in\/a\.dl,line=4,/m);
    expect(outputs).to.include({ errors: "1", sarif: "calm.sarif" });
  });

  it("compares with the base of the pull request", async () => {
    const commit = (folder: string, ...args: string[]): string => {
      const user = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
      const { status, stdout, stderr } = spawnSync("git", [...user, ...args], {
        cwd: folder,
        encoding: "utf8",
      });
      expect(status, stderr).to.equal(0);
      return stdout.trim();
    };
    const prepare = (folder: string): void => {
      commit(folder, "init", "--quiet", ".");
      commit(folder, "add", "a.dl");
      commit(folder, "commit", "--quiet", "--message", "one");
      commit(folder, "tag", "base");
      writeFileSync(join(folder, "a.dl"), counting.replace("bid, many", "many"));
    };
    const { status, stdout, outputs } = await ran(
      "calm check",
      { "a.dl": clean },
      {
        inputs: { args: "--level ordered --no-witness" },
        github: { "github.event.pull_request.base.sha": "base" },
        prepare,
      },
    );
    expect(status).to.equal(1);
    expect(stdout).to.match(
      /a\.dl:1:7: error\[output-removed\] output "bid" is no output any more/,
    );
    expect(outputs).to.include({ errors: "1" });
  });

  it("takes a version from npm, a baseline, and words that nothing evaluates", async () => {
    const files = { "a.dl": counting, "b c.json": "", "calm.json": '{"version":1,"findings":[]}' };
    const inputs = {
      version: "0.1.0",
      baseline: "calm.json",
      paths: "a.dl $(touch evaluated)",
      "fail-level": "warning",
    };
    const { status, stdout, stderr, outputs } = await ran("calm check", files, { inputs });
    expect(stdout).to.equal(
      "npx --yes --package calmdb@0.1.0 -- calm check --fail-level warning --format sarif " +
        "--output-file calm.sarif --baseline calm.json -- a.dl $(touch evaluated)\n",
    );
    expect(stderr).to.match(/cannot read program "\$\(touch"/);
    expect({ status, outputs }).to.deep.equal({ status: 2, outputs: {} });
  });

  it("comments with what fails, and fails for nothing of that", async () => {
    const github = { "github.event.pull_request.number": "7" };
    const name = "Comment on the pull request";
    const { status, stdout, files } = await ran(name, { "a.dl": counting }, { github });
    expect(status).to.equal(0);
    expect(stdout).to.match(/^gh pr comment 7 --edit-last --create-if-none --body-file -\n/);
    expect(stdout).to.match(/### calm check: 1 error/);
    expect(files("step.md")).to.equal("");
  });
}).timeout(180_000);
