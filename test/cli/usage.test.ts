import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { calm, inFolder } from "../programs/calm.ts";

const mistakes = `.decl edge(x: number, y: number)
.decl name(x: number, n: symbol)
edge(1, 2)) .
edge(1, "two").
name(x, n) :- edge(x, _).
edgy(x) :- edge(x, x).
edge(x, y) :- edge(x, y, _).
name(x, "a") :- edge(x, _), !name(x, "b").
`;

describe("the command line", () => {
  it("answers --help of every command with an example and exits with 0", async () => {
    for (const command of ["run", "check", "test", "explain", "fmt", "init", "completion"]) {
      const { code, stdout } = await calm([command, "--help"]);
      expect(code).to.equal(0);
      expect(stdout).to.match(new RegExp(`Example:\\n {2}calm ${command} `));
    }
    expect((await calm(["--help"])).stdout).to.match(/Exit codes:/);
  });

  it("exits with 2 on wrong usage, and says what is meant", async () => {
    const wrong = await calm(["chek", "a.dl"]);
    expect(wrong.code).to.equal(2);
    expect(wrong.stderr).to.match(/Did you mean check/);
    expect((await calm(["run", "a.dl", "--formt", "csv"])).code).to.equal(2);
    expect((await calm(["run", "a.dl", "--format", "xml"])).code).to.equal(2);
    expect((await calm(["run", "a.dl", "-j", "many"])).code).to.equal(2);
    expect((await calm(["run", "a.dl", "-M", "1=2"])).code).to.equal(2);
    expect((await calm(["run", "there-is-no-such-file.dl"])).code).to.equal(2);
    expect((await calm(["run"])).code).to.equal(2);
  });

  it("finds every mistake of a program in one run and exits with 1", () =>
    inFolder(async (folder) => {
      const file = join(folder, "mistakes.dl");
      writeFileSync(file, mistakes);
      const { code, stdout } = await calm(["check", file, "--format", "concise"]);
      expect(code).to.equal(1);
      const found = stdout
        .trim()
        .split("\n")
        .filter((line) => line.includes(" error["))
        .map((line) => /:(\d+):\d+: error\[([\w-]+)\]/.exec(line)?.slice(1).join(" "));
      expect(found).to.deep.equal([
        "3 unexpected-token",
        "4 type-mismatch",
        "5 unsafe-variable",
        "6 unknown-relation",
        "7 wrong-arity",
        "8 unstratified",
      ]);
    }));

  it("gives the same findings as JSON, with places", () =>
    inFolder(async (folder) => {
      const file = join(folder, "mistakes.dl");
      writeFileSync(file, mistakes);
      const { stdout } = await calm(["check", file, "--format", "json"]);
      const { files } = JSON.parse(stdout) as {
        files: { diagnostics: Record<string, unknown>[] }[];
      };
      const finding = files[0]?.diagnostics.find(({ code }) => code === "wrong-arity");
      expect(finding).to.include({ severity: "error", path: file });
      expect(finding?.["start"]).to.include({ line: 7 });
    }));

  it("shows strata, plans and code", () =>
    inFolder(async (folder) => {
      const file = join(folder, "closure.dl");
      writeFileSync(
        file,
        ".decl e(x: number)\n.decl p(x: number)\np(x) :- e(x).\np(x + 1) :- p(x), x < 5.\n",
      );
      expect((await calm(["explain", file, "--strata"])).stdout).to.match(/R_2, recursive/);
      expect((await calm(["explain", file])).stdout).to.match(
        /delta at 0: .*\n +scan +delta p\(x\)/,
      );
      expect((await calm(["explain", file, "--code"])).stdout).to.match(/for \(/);
      expect((await calm(["explain", file, "--code", "--plan"])).code).to.equal(2);
    }));

  it("works as a process: exit codes, a closed pipe, a program on standard input", function () {
    this.timeout(180_000);
    const bin = fileURLToPath(new URL("../../src/cli/bin.ts", import.meta.url));
    const node = (args: readonly string[], input?: string): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, ["--import", "tsx", bin, ...args], { input, encoding: "utf8" });
    const program = ".decl r(x: number)\nr(42).\n.output r(IO=stdout)\n";
    const ran = node(["run", "-"], program);
    expect(ran.stdout).to.match(/\n42\n/);
    expect(ran.status).to.equal(0);
    expect(node(["check", "-"], "r(1).").status).to.equal(1);
    expect(node(["check", "--format"]).status).to.equal(2);
  });
});
