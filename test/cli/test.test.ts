import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import Ajv from "ajv";
import { expect } from "chai";
import { parse } from "yaml";

import { calm, inFolder, type Outcome } from "../programs/calm.ts";
import { project } from "../programs/folder.ts";

type Files = Readonly<Record<string, string | Uint8Array>>;

const reach = `.decl edge(x: number, y: number)
.input edge
.decl reach(x: number, y: number)
reach(x, y) :- edge(x, y).
reach(x, z) :- reach(x, y), edge(y, z).
.output reach
`;

function write(folder: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** Runs `calm test` on files in a folder of their own; `use` is called before they are gone. */
function tested(
  files: Files,
  args: readonly string[] = [],
  use: (folder: string) => void = () => undefined,
): Promise<Outcome> {
  return inFolder(async (folder) => {
    write(folder, files);
    const paths = args.some((arg) => arg.endsWith(".dl")) ? [] : [folder];
    const argv = args.map((arg) => (arg.endsWith(".dl") ? join(folder, arg) : arg));
    const outcome = await calm(["test", ...paths, ...argv]);
    use(folder);
    const local = (text: string): string => text.replaceAll(`${folder}/`, "");
    return { ...outcome, stdout: local(outcome.stdout), stderr: local(outcome.stderr) };
  });
}

describe("calm test", () => {
  it("compares relations as sets, in the form of their output", async () => {
    const program = `.decl a(n: number, s: symbol)
a(1, "x"). a(2, "y,z").
.output a(filename="out/a.txt", delimiter=";", headers=true)
.output a(IO=jsonfile, filename="a.json")
.output a(filename="packed.csv.gz", compress=true)
`;
    const files = {
      "a.dl": program,
      "a.expected/a.txt": "n;s\n2;y,z\n1;x\n2;y,z\n",
      "a.expected/a.json": '[[2, "y,z"], [1, "x"]]',
      "a.expected/packed.csv.gz": gzipSync("1\tx\n2\ty,z\n"),
    };
    const { stdout, code } = await tested(files);
    expect(stdout).to.match(/^ok {4}a\.dl {2}3 expectations/);
    expect(code).to.equal(0);
    const { stdout: wrong, code: failed } = await tested({
      ...files,
      "a.expected/a.txt": "n;s\n3;é\n1;x\n",
    });
    expect(failed).to.equal(1);
    expect(wrong.split("\n").slice(1, 5)).to.deep.equal([
      '      relation "a": 1 missing, 1 not expected (a.expected/a.txt)',
      "          n  s",
      "        + 2  y,z",
      "        - 3  é",
    ]);
  });

  it("shows as many differences as it is told to, in the order of values", async () => {
    const facts = Array.from({ length: 30 }, (_, at) => `${String(at - 5)}\t0\n`).join("");
    const files = { "r.dl": reach, "edge.facts": facts, "r.expected/reach.csv": "" };
    const { stdout } = await tested(files, ["--rows", "2"]);
    expect(stdout).to.match(/ {8}\+ -5 {2}0\n {8}\+ -4 {2}0\n {10}… and 28 more\n/);
  });

  it("says that nothing is expected, and takes it only where it is told to", async () => {
    const files = { "r.dl": reach, "edge.facts": "1\t2\n" };
    const { stdout, stderr, code } = await tested(files);
    expect(code).to.equal(1);
    expect(stdout).to.match(/^EMPTY r\.dl {2}expects nothing/);
    expect(stderr).to.include("--allow-empty");
    expect((await tested(files, ["--allow-empty"])).code).to.equal(0);
  });

  it("asks nothing of what a tested program includes", async () => {
    const files = {
      "r.dl": reach.replace(".input edge\n", ""),
      "r.test.dl": '#include "r.dl"\nedge(1, 2).\n.expect reach { (1, 2) }\n',
    };
    const { stdout, code } = await tested(files);
    expect(code, stdout).to.equal(0);
    expect(stdout)
      .to.match(/^ok {4}r\.test\.dl/)
      .and.not.include("EMPTY");
  });

  it("runs cases, and those alone that are named", async () => {
    const files = {
      "r.dl": reach,
      "r.cases/one/edge.facts": "1\t2\n",
      "r.cases/one/expected/reach.csv": "1\t2\n",
      "r.cases/two/edge.facts": "1\t2\n",
      "r.cases/two/expected/reach.csv": "2\t1\n",
    };
    const all = await tested(files);
    expect(all.code).to.equal(1);
    expect(all.stdout).to.match(/^ok {4}r\.dl > one .*\nFAIL {2}r\.dl > two /);
    const one = await tested(files, ["--filter", "> one"]);
    expect(one.code).to.equal(0);
    expect(one.stdout).to.include("1 test: 1 passed");
    const none = await tested(files, ["--filter", "three"]);
    expect({ code: none.code, stdout: none.stdout }).to.deep.equal({ code: 2, stdout: "" });
    expect(none.stderr).to.include("has a name with three");
    expect((await tested(files, ["-q"])).stdout).to.match(/^FAIL {2}r\.dl > two/);
  });

  it("writes what there is, by --update, and leaves what is met as it is", async () => {
    const files = {
      "r.dl": `${reach}.printsize reach\n`,
      "edge.facts": "1\t2\n2\t1\n",
      "r.cases/none/edge.facts": "",
    };
    await tested(files, ["r.dl", "--update"], (folder) => {
      const text = (name: string): string => readFileSync(join(folder, name), "utf8");
      expect(text("r.cases/none/expected/reach.csv")).to.equal("");
      expect(text("r.cases/none/expected/stdout.txt")).to.equal("reach\t0\n");
      // What its cases speak for needs nothing beside it.
      expect(existsSync(join(folder, "r.expected"))).to.equal(false);
    });
    const met = { "r.dl": reach, "edge.facts": "1\t2\n3\t4\n" };
    const order = "3\t4\n1\t2\n";
    await tested({ ...met, "r.expected/reach.csv": order }, ["--update"], (folder) => {
      expect(readFileSync(join(folder, "r.expected/reach.csv"), "utf8")).to.equal(order);
    });
    await tested(met, ["r.dl", "--update"], (folder) => {
      expect(readFileSync(join(folder, "r.expected/reach.csv"), "utf8")).to.equal("1\t2\n3\t4\n");
    });
  });

  it("takes floats for the same that are near, one for one", async () => {
    const program = `.decl a(s: symbol, f: float)
a("x", 0.3). a("x", 1000000.0). a("y", 0.5).
`;
    const files = {
      "a.dl": program,
      "a.expected/a.csv": "x\t0.30000000000000004\nx\t1000001\ny\t0.5\n",
    };
    expect((await tested(files)).stdout).to.include("2 missing, 2 not expected");
    expect((await tested(files, ["--tolerance", "1e-5"])).code).to.equal(0);
    const one = await tested(files, ["--tolerance", "1e-9"]);
    expect(one.stdout).to.include("1 missing, 1 not expected");
    const twice = { ...files, "a.expected/a.csv": "x\t0.3\nx\t0.3000001\nx\t1e6\ny\t0.5\n" };
    expect((await tested(twice, ["--tolerance", "1e-3"])).stdout).to.include("1 missing (");
    const infinite = { ...files, "a.expected/a.csv": "x\t0.3\nx\tinf\ny\t0.5\n" };
    expect((await tested(infinite, ["--tolerance", "0.5"])).stdout).to.include("1 missing, 1 not");
    expect((await tested(files, ["--tolerance", "2"])).code).to.equal(2);
  });

  it("holds findings and levels against their files", async () => {
    const wrong = ".decl a(x: number)\na(y).\n";
    expect((await tested({ "w.dl": wrong })).stdout).to.include("error[unsafe-variable]");
    const expected = { "w.dl": wrong, "w.expected/findings.txt": "w.dl:3 error unsafe-variable\n" };
    const { stdout, code } = await tested(expected);
    expect(code).to.equal(1);
    expect(stdout).to.include("-w.dl:3 error unsafe-variable\n").and.include("+w.dl:2 error");
    await tested(expected, ["--update"], (folder) => {
      const text = readFileSync(join(folder, "w.expected/findings.txt"), "utf8");
      expect(text).to.include("w.dl:2 error unsafe-variable\n");
    });
    const levels = {
      "r.dl": reach,
      "edge.facts": "1\t2\n",
      "r.expected/levels.txt": "# all of it\nreach  M\nedgy M\n",
    };
    const judged = await tested(levels);
    expect(judged.stdout).to.include(" reach  M\n").and.include("-edgy M\n");
    expect(judged.stdout).to.include("+edgy unknown-relation");
  });

  it("fails on answers of a program that is expected to be refused", async () => {
    const refused = {
      "w.dl": ".decl a(x: number)\n.output a\na(y) :- b(y).\n",
      "w.expected/findings.txt": "w.dl:3 error unknown-relation\n",
      "w.expected/a.csv": "1\n",
    };
    const { stdout, code } = await tested(refused);
    expect(code).to.equal(1);
    expect(stdout).to.include("the program does not run");
  });

  it("fails where a contract is broken, or an `.expect` does not hold in a case", async () => {
    const broken = `.decl a(x: number)
.decl b(x: number)
.input a
.input b
.decl c(x: number)
c(x) :- a(x), !b(x).
.output c
.calm monotone c
`;
    const contract = await tested({ "a.dl": broken, "a.facts": "", "b.facts": "" });
    expect(contract.code).to.equal(1);
    expect(contract.stdout).to.include("error[broken-contract]");
    const stated = await tested({
      "r.dl": `${reach}.expect reach { (1, 2) }\n`,
      "r.cases/other/edge.facts": "5\t6\n",
    });
    expect(stated.code).to.equal(1);
    expect(stated.stdout).to.match(/^FAIL {2}r\.dl > other {2}1 expectation /);
    expect(stated.stdout).to.include("missing: (1, 2)");
  });

  it("says what is wrong with files, and goes on with the other tests", async () => {
    const files = {
      "a.dl": reach,
      "a.expected/reich.csv": "",
      "b.dl": reach,
      "b.expected/reach.csv": "1\n",
      "c.dl": reach,
      "c.expected/notes.md": "",
      "edge.facts": "1\t2\n",
    };
    const { stdout, code } = await tested(files);
    expect(code).to.equal(1);
    expect(stdout).to.match(/"reich\.csv" is about relation "reich".*\n.*did you mean "reach"\?/);
    expect(stdout).to.include("b.expected/reach.csv:1:2: error[missing-columns]");
    expect(stdout).to.include('"notes.md" says nothing of a relation');
    const missing = await tested({ "a.dl": reach, "a.expected/reach.csv": "" });
    expect(missing.stdout).to.match(/error\[unreadable-facts\].*\n.*hint: facts of a test lie/);
    expect((await tested({ "a.dl": reach, "a.expected/reach.csv": "" }, ["-w"])).code).to.equal(0);
  });

  it("reads standard input from a file, and stops what does not end", async () => {
    const files = {
      "a.dl": ".decl a(x: number)\n.input a(IO=stdin)\n.expect a { (7) }\n",
      "stdin.txt": "7\n",
    };
    expect((await tested(files)).code).to.equal(0);
    const endless = ".decl n(x: number)\nn(0).\nn(x + 1) :- n(x).\n.expect n { (0) }\n";
    const { stdout, code } = await tested({ "n.dl": endless }, ["--max-tuples", "1000"]);
    expect(code).to.equal(1);
    expect(stdout).to.include("error[too-many-tuples]");
  });

  it("ends with 2 where it is used wrongly", async () => {
    expect((await calm(["test", "-"])).code).to.equal(2);
    expect((await calm(["test", "there-is-none.dl"])).code).to.equal(2);
    expect((await tested({ "notes.txt": "" })).stderr).to.include("there is no program");
    expect((await tested({}, ["--watch", "--format", "json"])).code).to.equal(2);
  });
});

describe("calm test --format", () => {
  const files = {
    "a & b.dl": ".decl a(x: number)\na(1).\n.expect a { (2) }\n",
    "c.dl": ".decl a(x: number)\na(1).\n.expect a { (1) }\n",
    "d.dl": ".decl a(x: number)\na(1).\n",
    "r.dl": reach,
    "r.cases/#1/edge.facts": "1\t2\n",
    "r.cases/#1/expected/reach.csv": "1\t3\n",
    "r.cases/#1/expected/stdout.txt": "other\n",
    "r.cases/#1/expected/x.csv": "",
  };

  it("json is what its schema says", async () => {
    const { stdout, code } = await tested(files, ["--format", "json"]);
    expect(code).to.equal(1);
    const schema = join(project, "docs/schema/test.schema.json");
    const ajv = new Ajv();
    const valid = ajv.validate(
      JSON.parse(readFileSync(schema, "utf8")) as object,
      JSON.parse(stdout),
    );
    expect(valid, ajv.errorsText()).to.equal(true);
    const { summary, tests } = JSON.parse(stdout) as {
      summary: object;
      tests: { case?: string; failures: { kind: string; differences?: object[] }[] }[];
    };
    expect(summary).to.include({ tests: 4, passed: 1, failed: 2, empty: 1 });
    const { failures = [] } = tests.find((one) => one.case === "#1") ?? {};
    expect(failures.map(({ kind }) => kind)).to.deep.equal(["relation", "message", "text"]);
    expect(failures[0]?.differences).to.deep.equal([
      { side: "unexpected", values: ["1", "2"] },
      { side: "missing", values: ["1", "3"] },
    ]);
  });

  it("junit counts what fails", async () => {
    const { stdout } = await tested(files, ["--format", "junit"]);
    expect(stdout).to.match(/<testsuites name="calm test" tests="4" failures="3" time="[\d.]+">/);
    expect(stdout).to.match(
      /<testcase classname="[^"]*a &amp; b" name="a &amp; b\.dl" time="[\d.]+">/,
    );
    expect(stdout).to.include('type="empty" message="the test expects nothing"');
    const allowed = await tested(files, ["--format", "junit", "--allow-empty"]);
    expect(allowed.stdout).to.include("<skipped/>").and.include('tests="4" failures="2"');
  });

  it("tap has a plan, a line for each test and YAML behind it", async () => {
    const { stdout } = await tested(files, ["--format", "tap", "--allow-empty"]);
    const [version, plan, ...lines] = stdout.split("\n");
    expect([version, plan]).to.deep.equal(["TAP version 14", "1..4"]);
    expect(lines.filter((line) => /^(?:not )?ok/.test(line))).to.deep.equal([
      "not ok 1 - a & b.dl",
      "ok 2 - c.dl",
      "ok 3 - d.dl # SKIP expects nothing",
      "not ok 4 - r.dl > \\#1",
    ]);
    const blocks = stdout.split(/^ {2}---\n/m).slice(1);
    const said = blocks.map((block) => parse(block.split(/^ {2}\.\.\.$/m)[0] ?? "") as object);
    expect(said).to.have.length(4);
    expect(said[3]).to.have.property("detail").that.includes('relation "reach": 1 missing');
  });
});

describe("calm test --watch", () => {
  const bin = fileURLToPath(new URL("../../src/cli/bin.ts", import.meta.url));

  it("runs again after a change, of facts in a folder that is new too", () =>
    inFolder(async (folder) => {
      const file = join(folder, "r.dl");
      write(folder, { "r.dl": reach, "edge.facts": "1\t2\n", "r.expected/reach.csv": "1\t2\n" });
      const child = spawn(process.execPath, ["--import", "tsx", bin, "test", "--watch", folder], {
        cwd: project,
      });
      const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
      let said = "";
      let look: () => void = () => undefined;
      const take = (chunk: Buffer): void => {
        said += chunk.toString();
        look();
      };
      child.stdout.on("data", take);
      child.stderr.on("data", take);
      /** Waits for the end of a run that says `wanted`. */
      const run = (wanted: RegExp): Promise<void> =>
        new Promise((resolve) => {
          look = () => {
            const end = said.lastIndexOf("waiting for changes");
            if (end < 0 || !wanted.test(said.slice(0, end))) return;
            said = "";
            resolve();
          };
          look();
        });
      try {
        await run(/ok {4}.*1 test: 1 passed/s);
        writeFileSync(join(folder, "edge.facts"), "1\t2\n2\t3\n");
        await run(/FAIL .*\+ 2 {2}3/s);
        writeFileSync(file, "reach(");
        await run(/FAIL .*error\[/s);
        writeFileSync(file, reach);
        write(folder, { "r.cases/new/edge.facts": "", "r.cases/new/expected/reach.csv": "" });
        await run(/r\.dl > new .*2 tests: 1 passed, 1 failed/s);
        writeFileSync(join(folder, "r.cases/new/edge.facts"), "8\t9\n");
        await run(/2 tests: 0 passed, 2 failed/);
      } finally {
        child.kill("SIGINT");
      }
      expect(await ended).to.equal(1);
    }));
});
