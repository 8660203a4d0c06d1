import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { parse } from "yaml";

import { calm, inFolder } from "../programs/calm.ts";
import { project } from "../programs/folder.ts";

const read = (name: string): string => readFileSync(join(project, name), "utf8");

type Hook = Readonly<Record<"id" | "name" | "entry" | "language" | "files", string>> & {
  readonly args?: readonly string[];
};

describe(".pre-commit-hooks.yaml", () => {
  const hooks = parse(read(".pre-commit-hooks.yaml")) as Hook[];
  const ugly = ".decl  r(x:number)\nr(1).\n.output r\n";
  const broken = "r(1).\n";

  /** Runs a hook on the files of a folder that it is about. */
  const hooked = (id: string, files: Readonly<Record<string, string>>): Promise<[number, string]> =>
    inFolder(async (folder) => {
      const hook = hooks.find((one) => one.id === id);
      const about = Object.keys(files).filter((name) => new RegExp(hook?.files ?? "").test(name));
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      const [word, ...words] = [...(hook?.entry ?? "").split(" "), ...(hook?.args ?? [])];
      expect(word).to.equal("calm");
      const { code } = await calm([...words, ...about.map((name) => join(folder, name))]);
      return [code, about.map((name) => readFileSync(join(folder, name), "utf8")).join()];
    });

  it("names commands that the package installs", () => {
    const { bin } = JSON.parse(read("package.json")) as { bin: Record<string, string> };
    expect(bin).to.have.property("calm");
    expect(hooks.map(({ id }) => id)).to.deep.equal(["calm-check", "calm-fmt"]);
    for (const { language, name } of hooks) expect([language, name !== ""]).to.eql(["node", true]);
  });

  it("fails for a program with errors, and looks at programs alone", async () => {
    expect((await hooked("calm-check", { "a.dl": broken }))[0]).to.equal(1);
    expect((await hooked("calm-check", { "a.dl": ugly, "b.txt": broken }))[0]).to.equal(0);
  });

  it("writes programs canonically", async () => {
    const [code, text] = await hooked("calm-fmt", { "a.dl": ugly });
    expect([code, text]).to.deep.equal([0, ".decl r(x: number)\nr(1).\n.output r\n"]);
  });
});

type Pattern = {
  readonly regexp: string;
  readonly file: number;
  readonly line: number;
  readonly column: number;
  readonly severity: number;
  readonly code: number;
  readonly message: number;
};

describe("the problem matchers", () => {
  const github = JSON.parse(read("editors/problem-matcher.json")) as {
    readonly problemMatcher: readonly { readonly pattern: readonly Pattern[] }[];
  };
  const code = JSON.parse(read("editors/vscode-tasks.json")) as {
    readonly tasks: readonly {
      readonly command: string;
      readonly problemMatcher: { readonly pattern: Pattern };
    }[];
  };
  const [pattern] = github.problemMatcher.flatMap((matcher) => matcher.pattern);

  it("are of one mind", () => {
    expect(code.tasks[0]?.problemMatcher.pattern).to.deep.equal(pattern);
  });

  it("take apart each line that calm check prints", () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, "my programs"));
      const file = join(folder, "my programs", "a:1.dl");
      const config = { rules: { "var-appears-once": "note" } };
      writeFileSync(join(folder, "calm.config.json"), JSON.stringify(config));
      const text = `.decl e(x: number, y: number)
.input e
.decl r(x: number)
// calm-ignore unknown-relation: [none] of these
r(x) :- e(x, y), !e(3, x).
.output r
`;
      writeFileSync(file, text);
      const [, ...words] = (code.tasks[0]?.command ?? "").replace(/^npx /, "").split(" ");
      const argv = [...words, "--no-witness"].map((word) => (word === "." ? folder : word));
      const { stdout } = await calm(argv);
      const found = stdout
        .trim()
        .split("\n")
        .map((line) => {
          const groups = new RegExp(pattern?.regexp ?? "").exec(line) ?? [];
          const { file: path = 0, line: row = 0, column = 0, severity = 0 } = pattern ?? {};
          const { code: of = 0, message = 0 } = pattern ?? {};
          expect(groups[message], line).to.match(/^["\w].{10}/);
          return [groups[path], groups[row], groups[column], groups[severity], groups[of]];
        });
      expect(found).to.deep.equal([
        [file, "4", "16", "warning", "unused-suppression"],
        [file, "5", "14", "note", "var-appears-once"],
        [file, "5", "19", "error", "negation-not-monotone"],
      ]);
    }));
});

describe("the programs of this repository", () => {
  it("pass the check, without a warning, in less than a second of work", async () => {
    const before = process.cpuUsage();
    const { code, stdout, stderr } = await calm([
      "check",
      join(project, "programs"),
      "--no-witness",
      "--fail-level",
      "warning",
    ]);
    const { user, system } = process.cpuUsage(before);
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: "" });
    expect(stderr).to.match(/^ok: \d+ relations, .* in \d+ files\n$/);
    expect((user + system) / 1e6).to.be.lessThan(1);
  });
});
