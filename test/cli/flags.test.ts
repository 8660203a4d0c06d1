import { expect } from "chai";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { warningNames } from "../../src/cli/warnings.ts";
import { calm, inFolder, type Outcome } from "../programs/calm.ts";

/** A program with one warning of each of three names. */
const warned = `
.type Old
.decl r(x: number) output
.decl nothing(x: number)
r(1).
r(x) :- r(x), nothing(y).
`;

async function run(folder: string, program: string, ...flags: string[]): Promise<Outcome> {
  const file = join(folder, "program.dl");
  writeFileSync(file, program);
  return await calm(["run", file, "-F", folder, "-D", "-", ...flags]);
}

/** The names of the warnings in what a command printed. */
function named({ stderr }: Outcome): string[] {
  return [...stderr.matchAll(/^warning\[([\w-]+)\]/gm)].map(([, name]) => name ?? "").toSorted();
}

const all = [
  "deprecated-qualifier",
  "deprecated-type-decl",
  "no-rules-nor-facts",
  "var-appears-once",
];

describe("flags of Soufflé's command line", () => {
  it("switch warnings, one name before all, and off before on", () =>
    inFolder(async (folder) => {
      const shown = async (...flags: string[]): Promise<string[]> =>
        named(await run(folder, warned, ...flags));
      expect(await shown()).to.deep.equal(all);
      expect(await shown("-w")).to.deep.equal([]);
      expect(await shown("--wno=all")).to.deep.equal([]);
      expect(await shown("-w", "-W", "var-appears-once")).to.deep.equal(["var-appears-once"]);
      expect(await shown("--wno", "all", "-Wno-rules-nor-facts")).to.deep.equal([
        "no-rules-nor-facts",
      ]);
      expect(await shown("--wno", "no-rules-nor-facts,var-appears-once")).to.deep.equal(
        all.slice(0, 2),
      );
      expect(await shown("-Wno-var-appears-once")).to.deep.equal(all.slice(0, 3));
      expect(await shown("--legacy")).to.deep.equal(all.slice(2));
      const wrong = await run(folder, warned, "--wno", "var-apears-once");
      expect(wrong.code).to.equal(2);
      expect(wrong.stderr).to.match(/is var-appears-once meant\?/);
    }));

  it("are set by pragmas, over which the command line goes, and -P with it", () =>
    inFolder(async (folder) => {
      const program = `.pragma "wno" "all"\n.pragma "legacy"${warned}`;
      expect(named(await run(folder, program))).to.deep.equal([]);
      expect(named(await run(folder, program, "--wno=dollar-sign"))).to.deep.equal(all.slice(2));
      const pragma = await run(folder, warned, "-P", "wno:no-rules-nor-facts", "-Plegacy");
      expect(named(pragma)).to.deep.equal(["var-appears-once"]);
      const unknown = await run(folder, warned, "-P", "colour:red");
      expect(unknown.code).to.equal(2);
      expect(unknown.stderr).to.match(/pragma "colour" sets no option/);
    }));

  it("name folders, also by pragmas", () =>
    inFolder(async (folder) => {
      const file = join(folder, "program.dl");
      const out = (name: string): string => join(folder, name, "r.csv");
      const text = `.pragma "output-dir" "${join(folder, "a")}"
        .pragma "output-dir" "${join(folder, "b")}"
        .decl r(x: number)\nr(1).\n.output r\n`;
      writeFileSync(file, text);
      const twice = await calm(["run", file]);
      expect(named(twice)).to.deep.equal(["useless-pragma"]);
      expect([existsSync(out("a")), existsSync(out("b"))]).to.deep.equal([false, true]);
      await calm(["run", file, `-D${join(folder, "c")}`]);
      expect(existsSync(out("c"))).to.equal(true);
      await calm(["run", file, "-P", `output-dir:${join(folder, "d")}`]);
      expect(existsSync(out("d"))).to.equal(true);
    }));

  it("without anything here to set are pragmas that are warned of", () =>
    inFolder(async (folder) => {
      const text = `.pragma "provenance" "explain"\n.decl r(x: number) r(1).\n.printsize r`;
      const outcome = await run(folder, text);
      expect(named(outcome)).to.deep.equal(["useless-pragma"]);
      expect(outcome.stdout).to.equal("r\t1\n");
    }));

  it("choose what is derived on demand and what is inlined", () =>
    inFolder(async (folder) => {
      const program = `
        .decl edge(x: number, y: number)
        edge(1, 2). edge(2, 3). edge(7, 8). edge(8, 9).
        .decl path(x: number, y: number)
        path(x, y) :- edge(x, y).
        path(x, z) :- path(x, y), edge(y, z).
        .decl two(x: number, y: number) inline
        two(x, z) :- edge(x, y), edge(y, z).
        .decl from(y: number)
        from(y) :- path(1, y).
        from(y) :- two(1, y).
        .output from\n`;
      const strata = async (...flags: string[]): Promise<string> => {
        writeFileSync(join(folder, "program.dl"), program);
        const { stdout } = await calm([
          "explain",
          join(folder, "program.dl"),
          "--strata",
          ...flags,
        ]);
        return stdout;
      };
      const plain = await run(folder, program);
      expect((await run(folder, program, "-m", "*", "--inline-exclude", "two")).stdout).to.equal(
        plain.stdout,
      );
      expect(await strata()).not.to.match(/^ *two\(/m);
      expect(await strata("--inline-exclude=two")).to.match(/^ *two\(/m);
      expect(await strata("-P", "inline-exclude:*")).to.match(/^ *two\(/m);
      expect((await strata("-m*")).length).to.be.greaterThan((await strata()).length);
      expect(await strata("-m", "*", "--magic-transform-exclude", "path")).to.equal(await strata());
    }));

  it("show forms of a program and do not run it", () =>
    inFolder(async (folder) => {
      const program = `
        .decl a(x: number)\n.decl b(x: number)\n.decl c(x: number)
        b(x) :- a(x), !c(x).\nc(x) :- b2(x).\n.decl b2(x: number)\nb2(x) :- a(x).\na(1).
        .output b\n`;
      const shown = async (form: string): Promise<string> => {
        const { code, stdout } = await run(folder, program, `--show=${form}`);
        expect(code).to.equal(0);
        return stdout;
      };
      expect(await shown("initial-ast")).to.match(/^b\(x\) :- a\(x\), !c\(x\)\.$/m);
      expect(await shown("parse-errors")).to.equal("");
      expect(await shown("transformed-ast")).to.match(/b\(x\) :- a\(x\), !c\(x\)/);
      expect(await shown("transformed-ram")).to.match(/scan/);
      expect(await shown("type-analysis")).to.match(/b\(x\) :- .*\n {2}x: number\n/);
      expect(await shown("precedence-graph-text")).to.match(/^b: a; !c$/m);
      expect(await shown("scc-graph-text")).to.match(/^a\n(.*\n)*b: a; !c$/m);
      const graphs = await shown("precedence-graph,scc-graph");
      expect(graphs).to.match(/v2 -> v1 \[style=dashed\];/);
      expect(graphs.match(/^digraph (\w+) \{$/gm)).to.have.length(2);
      expect((await run(folder, program, "--show", "ram")).code).to.equal(2);
      const wrong = await run(folder, "r(1", "--show=parse-errors");
      expect(wrong.code).to.equal(1);
      expect(wrong.stdout).to.match(/program\.dl:1:\d+: error/);
      expect((await run(folder, "r(1).", "--show=scc-graph")).code).to.equal(1);
    }));

  it("write a profile", () =>
    inFolder(async (folder) => {
      const path = join(folder, "profile.json");
      const program = ".decl r(x: number)\nr(0).\nr(x + 1) :- r(x), x < 5.\n.printsize r\n";
      const { stdout, stderr } = await run(folder, program, "-p", path);
      expect([stdout, stderr]).to.deep.equal(["r\t6\n", ""]);
      const profile = JSON.parse(readFileSync(path, "utf8")) as {
        complete: boolean;
        relations: object[];
        rules: { derived: number; line: number; ms: number }[];
        strata: { iterations: { derived: number }[] }[];
      };
      expect(profile.complete).to.equal(true);
      expect(profile.relations[0]).to.include({ name: "r", tuples: 6 });
      expect(profile.rules.at(-1)).to.include({ line: 3, derived: 5, firings: 5 });
      expect(profile.strata[0]?.iterations.map(({ derived }) => derived)).to.deep.equal([
        ...[0, 1, 1, 1, 1, 1, 0],
      ]);
      expect(profile.rules.at(-1)?.ms).to.be.a("number");
      const nowhere = await run(folder, program, "-p", join(folder, "no", "folder.json"));
      expect(nowhere.code).to.equal(1);
      expect(nowhere.stderr).to.match(/cannot write the profile/);
    }));

  it("print statistics with -v as with --stats", () =>
    inFolder(async (folder) => {
      const program = ".decl r(x: number)\nr(0).\n.printsize r\n";
      for (const flag of ["-v", "--verbose", "--stats", "-Pverbose"])
        expect((await run(folder, program, flag)).stderr, flag).to.match(/evaluate \d+ ms/);
    }));

  it("that there are not say what there is, and exit with 2", () =>
    inFolder(async (folder) => {
      const program = ".decl r(x: number)\nr(0).\n.printsize r\n";
      const wanted: [string[], RegExp][] = [
        [["-c"], /--compile is not available\n.*generates code while it runs/],
        [["-C"], /--compile-many/],
        [["-o", "program"], /--dl-program/],
        [["-g", "program.cpp"], /--generate is not available\n.*calm explain --code/],
        [["-G", "folder"], /--generate-many/],
        [["--generate=program.cpp"], /--generate/],
        [["-s", "java"], /--swig is not available\n.*library/],
        [["-lfunctors"], /--libraries is not available\n.*--functors FILE/],
        [["-t", "explain"], /--provenance is not available\n.*calm why/],
        [["--preprocessor", "cpp"], /built in/],
      ];
      for (const [flags, why] of wanted) {
        const { code, stderr, stdout } = await run(folder, program, ...flags);
        expect([code, stdout], flags.join(" ")).to.deep.equal([2, ""]);
        expect(stderr).to.match(why);
      }
      const harmless = await run(folder, program, "-t", "none", "--auto-schedule", "p.json");
      expect([harmless.code, harmless.stdout]).to.deep.equal([0, "r\t1\n"]);
      expect(harmless.stderr).to.match(/--auto-schedule has no effect: join orders/);
    }));
});

describe("names of warnings", () => {
  it("are all that can be warned of", () => {
    const folder = new URL("../../src/", import.meta.url);
    const texts = readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(new URL(name, folder), "utf8"));
    const codes = texts.flatMap((text) => [
      ...[...text.matchAll(/\bwarning\(\s*"([\w-]+)"/g)].map(([, code]) => code ?? ""),
      ...[...text.matchAll(/severity: "warning",\s*code: "([\w-]+)"/g)].map(
        ([, code]) => code ?? "",
      ),
    ]);
    expect(codes.length).to.be.greaterThan(8);
    expect(codes.filter((code) => !warningNames.includes(code))).to.deep.equal([]);
  });
});
