import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { parse } from "yaml";

import { templates } from "../../src/cli/init-templates.ts";
import { builtCommand } from "../support/built-command.ts";
import { ClusterNode } from "../support/cluster.ts";
import { calm, inFolder, type Outcome } from "../programs/calm.ts";

type Workflow = {
  readonly jobs: { readonly calm: { readonly steps: { readonly run?: string }[] } };
};

/** Runs a command line as it is typed, in a folder. */
async function typed(line: string, folder: string): Promise<Outcome> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? "",
  );
  const before = process.cwd();
  process.chdir(folder);
  try {
    return await calm(words);
  } finally {
    process.chdir(before);
  }
}

describe("calm init", () => {
  for (const template of templates) {
    it(`makes a project whose commands work: ${template}`, () =>
      inFolder(async (parent) => {
        const folder = join(parent, "My Project");
        const { code, stdout, stderr } = await calm(["init", folder, "--template", template]);
        expect(code, stderr).to.equal(0);
        expect(stderr).to.include("npm install && npx calm test .");
        const text = (name: string): string => readFileSync(join(folder, name), "utf8");
        for (const path of stdout.trim().split("\n")) expect(existsSync(path), path).to.equal(true);
        for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
          if (entry.isFile())
            expect(readFileSync(join(entry.parentPath, entry.name), "utf8")).not.to.match(
              /__[A-Z]/,
            );
        const { name, scripts, devDependencies } = JSON.parse(text("package.json")) as {
          name: string;
          scripts: Record<string, string>;
          devDependencies: Record<string, string>;
        };
        expect(name).to.equal("my-project");
        // npm may not know the version of a clone.
        const [, clone = ""] = /^file:(.+)$/.exec(devDependencies["calmdb"] ?? "") ?? [];
        expect(stderr).to.include(`file:${clone}`);
        expect(JSON.parse(readFileSync(join(folder, clone, "package.json"), "utf8"))).to.include({
          name: "calmdb",
        });
        for (const file of ["settings", "tasks"]) JSON.parse(text(`.vscode/${file}.json`));
        expect(text(".gitignore")).to.include("node_modules/");

        const workflow = parse(text(".github/workflows/calm.yml")) as Workflow;
        const steps = workflow.jobs.calm.steps.flatMap(({ run }) => run ?? []);
        const shown = [...text("README.md").matchAll(/^npx calm .*$/gm)].map(([line]) => line);
        const lines = [...Object.values(scripts).map((line) => `npx ${line}`), ...steps, ...shown];
        const own = [...new Set(lines)].filter(
          // What needs a pull request, and nodes that go on, are not run here.
          (line) =>
            line.startsWith("npx calm ") &&
            !/\$\{\{|^npx calm kv /.test(line) &&
            !line.endsWith("&"),
        );
        expect(own).to.include.members(["npx calm check .", "npx calm test ."]);
        expect(own.length).to.be.greaterThan(6);
        for (const line of own) {
          const outcome = await typed(line.slice("npx calm ".length), folder);
          expect(outcome.code, `${line}\n${outcome.stdout}${outcome.stderr}`).to.equal(0);
        }
        for (const line of shown.filter((one) => one.endsWith("&"))) {
          const asked = `${line.slice("npx calm ".length).replace(/ &$/, "")} --print-config`;
          expect((await typed(asked, folder)).code).to.equal(0);
        }
        // A test that can fail: another fact, another answer.
        const [facts = ""] = readdirSync(folder).filter((file) => file.endsWith(".facts"));
        writeFileSync(join(folder, facts), text(facts).split("\n").slice(0, -2).join("\n"));
        expect((await typed("test .", folder)).code).to.equal(1);
      })).timeout(180_000);
  }

  it("makes a project whose README starts a store, puts and gets", () =>
    inFolder(async (parent) => {
      const folder = join(parent, "shop");
      expect((await calm(["init", folder, "--template", "store"])).code).to.equal(0);
      const text = readFileSync(join(folder, "README.md"), "utf8");
      const lines = [...text.matchAll(/^npx calm (kv .*)$/gm)].map(([, line = ""]) => line);
      const [serve = "", ...asked] = lines;
      expect(serve).to.equal("kv serve &");
      const node = new ClusterNode("a", ["--data", join(folder, "calm-data/a")], ["kv", "serve"]);
      await node.start();
      try {
        const said = asked.map((line) => {
          const argv = [builtCommand(), ...line.split(" ")];
          const env = { ...process.env, CALM_URL: node.url };
          const { status, stdout } = spawnSync(process.execPath, argv, { cwd: folder, env });
          expect(status, line).to.equal(0);
          return stdout.toString();
        });
        expect(said.slice(1)).to.deep.equal(["blue", "color\ta\tblue\n"]);
      } finally {
        await node.kill();
      }
    })).timeout(180_000);

  it("overwrites nothing", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "README.md"), "mine");
      const { code, stderr } = await calm(["init", folder]);
      expect(code).to.equal(2);
      expect(stderr).to.include("README.md would be overwritten");
      expect(readdirSync(folder)).to.deep.equal(["README.md"]);
      // What is in nobody's way stays.
      const other = join(folder, "other");
      mkdirSync(other);
      writeFileSync(join(other, "notes.md"), "mine");
      expect((await calm(["init", other])).code).to.equal(0);
      expect(readFileSync(join(other, "notes.md"), "utf8")).to.equal("mine");
    }));

  it("says what cannot be written", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "file"), "");
      const { code, stderr } = await calm(["init", join(folder, "file", "project")]);
      expect(code).to.equal(2);
      expect(stderr).to.include("cannot write the project");
    }));
});
