// What `calm check` says and returns, flag by flag. It is long because it is one list of what a
// script can rely on.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { calm, inFolder, type Outcome } from "../programs/calm.ts";

const clean = ".decl r(x: number)\nr(1).\n.output r\n";
/** One warning, in a rule of `r`. */
const warned = `.decl e(x: number, y: number)
.decl r(x: number)
e(1, 2).
r(x) :- e(x, y).
.output r
`;
const broken = "r(1).\n";
const warning = "var-appears-once";

/** Writes files below a folder and checks them there, with names instead of paths in what is said. */
async function checked(
  files: Readonly<Record<string, string>>,
  args: readonly string[],
  around: Parameters<typeof calm>[2] & { readonly input?: string } = {},
): Promise<Outcome & { readonly file: (name: string) => string }> {
  return inFolder(async (folder) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const argv = args.map((arg) => arg.replace(/^@/, `${folder}/`));
    const { code, stdout, stderr } = await calm(["check", ...argv], around.input, around);
    const left = new Map<string, string>();
    const named = (text: string): string => text.replaceAll(`${folder}/`, "");
    for (const name of [
      "calm-baseline.json",
      "out.sarif",
      "out.xml",
      "summary.md",
      ...Object.keys(files),
    ])
      try {
        left.set(name, named(readFileSync(join(folder, name), "utf8")));
      } catch {
        continue;
      }
    const file = (name: string): string => left.get(name) ?? "";
    return { code, stdout: named(stdout), stderr: named(stderr), file };
  });
}

describe("what calm check looks at", () => {
  it("is files and folders of programs, each once", async () => {
    const files = { "a.dl": warned, "in/b.dl": warned, "in/deep/c.dl": clean, "in/d.txt": broken };
    const { code, stdout, stderr } = await checked(files, ["@.", "@a.dl"]);
    expect(stdout.match(/^[\w/]+\.dl/gm)).to.deep.equal(["a.dl", "in/b.dl"]);
    expect(stderr).to.match(/^2 warnings: .* in 3 files\n$/);
    expect(code).to.equal(0);
  });

  it("is standard input, under the name that is given to it", async () => {
    const options = { input: warned };
    const { stdout } = await checked({}, ["-", "--stdin-filename", "editor/x.dl"], options);
    expect(stdout).to.match(/^editor\/x\.dl:4:14: warning\[var-appears-once\]/);
  });

  it("is not what cannot be read: exit 2", async () => {
    const absent = await checked({}, ["@absent.dl"]);
    expect(absent.code).to.equal(2);
    expect(absent.stderr).to.match(/cannot read program "absent\.dl": there is no such file/);
    const empty = await checked({ "a.txt": "" }, ["@."]);
    expect(empty.code).to.equal(2);
    expect(empty.stderr).to.match(/there is no program/);
  });

  it("is said once where two programs include it", async () => {
    const files = {
      "both.h": ".decl e(x: number, y: number)\n.decl r(x: number)\ne(1, 2).\nr(x) :- e(x, y).\n",
      "a.dl": '#include "both.h"\n.output r\n',
      "b.dl": '#include "both.h"\n.output r\n',
    };
    const { stdout } = await checked(files, ["@."]);
    expect(stdout.match(/var-appears-once/g)).to.have.length(1);
  });
});

describe("the exit code of calm check", () => {
  const codeOf = async (program: string, ...args: string[]): Promise<number> =>
    (await checked({ "a.dl": program }, ["@a.dl", ...args])).code;

  it("is 0 where nothing fails, 1 for errors, 2 for wrong usage", async () => {
    expect(await codeOf(clean)).to.equal(0);
    expect(await codeOf(warned)).to.equal(0);
    expect(await codeOf(broken)).to.equal(1);
    expect(await codeOf(clean, "--max-warnings", "some")).to.equal(2);
    expect(await codeOf(clean, "--level", "F3")).to.equal(2);
  });

  it("is 3 where a limit stops it, and nothing else is wrong", async () => {
    const deep = `.decl r(x: number)\nr(${"(".repeat(2000)}1${")".repeat(2000)}).\n`;
    const { code, stdout } = await checked({ "a.dl": deep }, ["@a.dl"]);
    expect(stdout).to.match(/error\[nesting-too-deep\]/);
    expect(code).to.equal(3);
  });

  it("follows --fail-level and --max-warnings", async () => {
    expect(await codeOf(warned, "--fail-level", "warning")).to.equal(1);
    expect(await codeOf(clean, "--fail-level", "note")).to.equal(0);
    expect(await codeOf(warned, "--max-warnings", "1")).to.equal(0);
    expect(await codeOf(warned, "--max-warnings", "0")).to.equal(1);
  });

  it("goes with silence under --quiet, except for what fails", async () => {
    const passing = await checked({ "a.dl": warned }, ["@a.dl", "--quiet"]);
    expect(passing).to.include({ code: 0, stdout: "", stderr: "" });
    const failing = await checked({ "a.dl": broken }, ["@a.dl", "--quiet"]);
    expect(failing.stdout).to.match(/^a\.dl:1:1: error\[unknown-relation\]/);
  });
});

describe("a comment that lets a finding pass", () => {
  const rule = "r(x) :- e(x, y).";
  const withComment = (text: string): string => warned.replace(rule, text);
  const found = async (program: string): Promise<string[]> => {
    const { stdout } = await checked({ "a.dl": program }, ["@a.dl"]);
    return [...stdout.matchAll(/:(\d+):\d+: \w+\[([\w-]+)\]/g)].map(
      ([, line, of]) => `${line} ${of}`,
    );
  };

  it("stands on the line before the clause, at its end, or in it", async () => {
    const all = `// calm-ignore ${warning}: it is an end`;
    expect(await found(warned)).to.deep.equal([`4 ${warning}`]);
    expect(await found(withComment(`${all}\n${rule}`))).to.deep.equal([]);
    expect(await found(withComment(`${rule} ${all}`))).to.deep.equal([]);
    expect(await found(withComment(`r(x) :-\n  ${all}\n  e(x, y).`))).to.deep.equal([]);
    expect(await found(withComment(`${all}\n// and more\n/* words */\n${rule}`))).to.deep.equal([]);
    expect(
      await found(withComment(`/* calm-ignore ${warning}: an\n end */\n${rule}`)),
    ).to.deep.equal([]);
  });

  it("names several codes, and is about the whole file if it says so", async () => {
    const file = `// calm-ignore-file ${warning}, no-rules-nor-facts: a sketch\n`;
    expect(await found(`${file}${warned.replace("e(1, 2).\n", "")}`)).to.deep.equal([]);
  });

  it("reaches the next clause and no further", async () => {
    const comment = `// calm-ignore ${warning}: it is an end`;
    expect(await found(withComment(`${comment}\n\n${rule}`))).to.deep.equal([
      "4 unused-suppression",
      `6 ${warning}`,
    ]);
    expect(await found(withComment(`${comment}\n${rule}\n${rule}`))).to.deep.equal([
      `6 ${warning}`,
    ]);
  });

  it("needs a reason", async () => {
    for (const comment of [`// calm-ignore ${warning}`, `// calm-ignore ${warning}: `])
      expect(await found(withComment(`${comment}\n${rule}`))).to.deep.equal([
        "4 suppression-without-reason",
      ]);
  });

  it("needs codes that there are", async () => {
    const program = withComment(`// calm-ignore var-apears-once: no\n${rule}`);
    const { stdout } = await checked({ "a.dl": program }, ["@a.dl", "--format", "pretty"]);
    expect(stdout).to.match(
      /there is no code "var-apears-once"[^]*did you mean var-appears-once\?/,
    );
    expect(await found(withComment(`// calm-ignore: no\n${rule}`))).to.include("4 unknown-code");
  });

  it("cannot be about what keeps the program from running", async () => {
    const program = `// calm-ignore unknown-relation: it comes later\n${broken}`;
    expect(await found(program)).to.deep.equal(["1 unused-suppression", "2 unknown-relation"]);
  });

  it("is not called useless while errors hide what it is about", async () => {
    const program = `// calm-ignore useless-pragma: of Soufflé\n.pragma "jobs" "1"\n${broken}`;
    expect(await found(program)).to.deep.equal(["3 unknown-relation"]);
  });
});

describe("the baseline of calm check", () => {
  const baseline = ["--baseline", "@calm-baseline.json"];

  it("lets pass what was found, and keeps its reasons when it is written again", async () => {
    const written = await checked({ "a.dl": warned }, ["@a.dl", ...baseline, "--update-baseline"]);
    expect(written).to.include({ code: 0, stdout: "" });
    expect(written.stderr).to.match(/^ok, 1 let pass: /);
    const text = written.file("calm-baseline.json");
    const { version, findings } = JSON.parse(text) as {
      version: number;
      findings: Record<string, unknown>[];
    };
    expect(version).to.equal(1);
    expect(findings).to.have.length(1);
    expect(findings[0]).to.include({ code: warning, path: "a.dl", count: 1 });

    const reasoned = JSON.stringify({ version, findings: [{ ...findings[0], reason: "old" }] });
    const files = { "a.dl": warned, "calm-baseline.json": reasoned };
    const again = await checked(files, ["@a.dl", ...baseline, "--update-baseline"]);
    expect(again.file("calm-baseline.json")).to.match(/"reason": "old"/);
    const strict = await checked(files, ["@a.dl", ...baseline, "--fail-level", "note"]);
    expect(strict.code).to.equal(0);
    // Lines that moved, another layout and comments change nothing; another rule does.
    const moved = warned
      .replace(/^/, "// moved\n\n")
      .replace("r(x) :- e(x, y).", "r(x):-\n\te( x,y ) .");
    const after = await checked({ ...files, "a.dl": moved }, ["@a.dl", ...baseline]);
    expect(after).to.include({ code: 0, stdout: "" });
    const other = warned.replace("e(x, y).", "e(x, z).");
    const changed = await checked({ ...files, "a.dl": other }, ["@a.dl", ...baseline]);
    expect(changed.stdout).to.match(/a\.dl:4:14: warning\[var-appears-once\]/);
    expect(changed.stdout).to.match(/calm-baseline\.json:1:26: warning\[stale-baseline\]/);
    // A file that was not looked at is not gone.
    const apart = await checked({ ...files, "b.dl": clean }, ["@b.dl", ...baseline]);
    expect(apart.stdout).to.equal("");
  });

  it("counts findings that are equal", async () => {
    const twice = warned.replace("r(x) :- e(x, y).", "r(x) :- e(x, y).\nr(x) :- e(x, y).");
    const written = await checked({ "a.dl": twice }, ["@a.dl", ...baseline, "--update-baseline"]);
    const text = written.file("calm-baseline.json");
    expect(text).to.match(/"count": 2/);
    const files = { "a.dl": warned, "calm-baseline.json": text };
    const { stdout } = await checked(files, ["@a.dl", ...baseline]);
    expect(stdout).to.match(/stale-baseline\] 1 of 2 findings/);
    const more = twice.replace(".output", "r(x) :- e(x, y).\n.output");
    const { stdout: third } = await checked({ ...files, "a.dl": more }, ["@a.dl", ...baseline]);
    expect(third.match(/var-appears-once/g)).to.have.length(1);
  });

  it("has to be there, and of a version that is known", async () => {
    const absent = await checked({ "a.dl": clean }, ["@a.dl", ...baseline]);
    expect(absent.code).to.equal(2);
    expect(absent.stderr).to.match(/--update-baseline writes it/);
    const newer = { "a.dl": clean, "calm-baseline.json": '{"version": 2, "entries": {}}' };
    const refused = await checked(newer, ["@a.dl", ...baseline]);
    expect(refused.code).to.equal(2);
    expect(refused.stderr).to.match(/has version 2\n {2}this command reads version 1/);
    const wrong = { "a.dl": clean, "calm-baseline.json": '{"version": 1, ' };
    const unread = await checked(wrong, ["@a.dl", ...baseline]);
    expect(unread.code).to.equal(2);
    expect(unread.stderr).to.match(/calm-baseline\.json:1:16: this is not JSON/);
  });
});

describe("calm.config.json", () => {
  const name = "calm.config.json";
  const config = (value: object): Record<string, string> => ({ [name]: JSON.stringify(value) });

  it("is found upward from the first path", async () => {
    const files = { "in/deep/a.dl": warned, ...config({ rules: { [warning]: "error" } }) };
    expect((await checked(files, ["@in/deep/a.dl"])).code).to.equal(1);
    expect((await checked(files, ["@in/deep"])).code).to.equal(1);
    expect((await checked(files, ["@in/deep/a.dl", "--no-config"])).code).to.equal(0);
    const stdin = ["-", "--stdin-filename", "@in/deep/new.dl"];
    expect((await checked(files, stdin, { input: warned })).code).to.equal(1);
  });

  it("sets severities, leaves files out, and gives defaults to flags", async () => {
    const off = { "a.dl": warned, ...config({ rules: { [warning]: "off" } }) };
    expect((await checked(off, ["@a.dl"])).stdout).to.equal("");
    const note = { "a.dl": warned, ...config({ rules: { [warning]: "note" }, failLevel: "note" }) };
    expect(await checked(note, ["@a.dl"])).to.include({ code: 1 });
    expect(await checked(note, ["@a.dl", "--fail-level", "error"])).to.include({ code: 0 });
    const only = {
      "old/a.dl": warned,
      "b.dl": warned,
      ...config({ ignoreOnly: { [warning]: ["old/**"] } }),
    };
    expect((await checked(only, ["@."])).stdout).to.match(/^b\.dl.*\n$/);
    const ignored = { "gen/a.dl": broken, "b.dl": clean, ...config({ ignore: ["gen"] }) };
    expect(await checked(ignored, ["@."])).to.include({ code: 0 });
    expect(await checked(ignored, ["@gen/a.dl"])).to.include({ code: 0, stdout: "" });
    const errors = { "a.dl": broken, ...config({ rules: { "unknown-relation": "off" } }) };
    expect((await checked(errors, ["@a.dl"])).code).to.equal(1);
  });

  it("names the baseline from its own folder", async () => {
    const files = { "in/a.dl": warned, ...config({ baseline: "calm-baseline.json" }) };
    const written = await checked(files, ["@in", "--update-baseline"]);
    expect(written.file("calm-baseline.json")).to.match(/"path": "in\/a\.dl"/);
  });

  it("says all that is wrong with it, each with its place: exit 2", async () => {
    const text = `{
  "rulez": {},
  "rules": { "var-apears-once": "off", "${warning}": "warn" },
  "ignore": "gen",
  "failLevel": 1
}`;
    const { code, stderr } = await checked({ "a.dl": clean, [name]: text }, ["@a.dl"]);
    expect(code).to.equal(2);
    const said = stderr.trim().split("\n");
    expect(said[0]).to.match(/:2:3: there is no setting "rulez" \(did you mean "rules"\?\)$/);
    expect(said[1]).to.match(
      /:3:14: there is no code "var-apears-once" \(did you mean "var-appears-once"\?\)$/,
    );
    expect(said[2]).to.match(/:3:60: expected one of "off", .*$/);
    expect(said[3]).to.match(/:4:13: expected an array of strings/);
    expect(said[4]).to.match(/:5:16: expected one of "error", "warning", "note"$/);
    const torn = await checked({ "a.dl": clean, [name]: "{\n  'x': 1\n}" }, ["@a.dl"]);
    expect(torn.code).to.equal(2);
    expect(torn.stderr).to.match(/calm\.config\.json:2:3: this is not JSON/);
    expect((await checked({ "a.dl": clean }, ["@a.dl", "--config", "@no.json"])).code).to.equal(2);
  });

  it("is printed by --print-config, with what flags set", async () => {
    const files = { "a.dl": broken, ...config({ ignore: ["x"], level: "F1" }) };
    const { code, stdout } = await checked(files, [
      "@a.dl",
      "--print-config",
      "--fail-level",
      "note",
    ]);
    expect(code).to.equal(0);
    expect(JSON.parse(stdout)).to.include({ path: name, failLevel: "note", level: "F1" });
  });
});

describe("the report of calm check", () => {
  it("goes to a file, in the format of its ending, and as text to the terminal", async () => {
    const { stdout, file } = await checked({ "a.dl": warned }, [
      "@a.dl",
      "--output-file",
      "@out.sarif",
    ]);
    expect(stdout).to.match(/^a\.dl:4:14: warning/);
    expect(JSON.parse(file("out.sarif"))).to.include({ version: "2.1.0" });
    const junit = ["@a.dl", "--output-file", "@out.xml", "--format", "junit"];
    const shown = await checked({ "a.dl": warned }, junit, { terminal: true });
    expect(shown.stdout).to.match(/-->.* a\.dl:4:14/);
    expect(shown.file("out.xml")).to.match(/^<\?xml/);
    const unclear = await checked({ "a.dl": warned }, ["@a.dl", "--output-file", "@out.log"]);
    expect(unclear.code).to.equal(2);
    expect(unclear.stderr).to.match(/add --format/);
  });

  it("has places from the folder of the repository, where the environment names it", () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, "in"));
      const file = join(folder, "in", "a b.dl");
      writeFileSync(file, warned);
      const sarif = await calm(["check", file, "--format", "sarif"], "", {
        env: { GITHUB_WORKSPACE: folder },
      });
      expect(sarif.stdout).to.match(/"uri": "in\/a%20b\.dl",\s*"uriBaseId": "%SRCROOT%"/);
      const gitlab = await calm(["check", file, "--format", "gitlab"], "", {
        env: { CI_PROJECT_DIR: folder },
      });
      expect(gitlab.stdout).to.match(/"path": "in\/a b\.dl"/);
      const outside = await calm(["check", file, "--format", "sarif"]);
      expect(outside.stdout).to.match(/"uri": "file:\/\/\/.*\/in\/a%20b\.dl"\s/);
    }));

  it("annotates the lines on GitHub, too, and is put into the summary of the step", () =>
    inFolder(async (folder) => {
      const summary = join(folder, "step.md");
      writeFileSync(summary, "before\n");
      const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary };
      const args = ["-", "--stdin-filename", "a,b.dl"];
      const { stdout } = await checked({}, args, { input: warned, env });
      const [line, annotation] = stdout.trim().split("\n");
      expect(line).to.match(/^a,b\.dl:4:14: warning/);
      expect(annotation).to.match(
        /^::warning file=a%2Cb\.dl,line=4,endLine=4,col=14,endColumn=15,/,
      );
      expect(readFileSync(summary, "utf8")).to.match(
        /^before\n### calm check: 1 warning[^]*\| warning \|/,
      );
      const json = await checked({}, [...args, "--format", "json"], { input: warned, env });
      expect(() => JSON.parse(json.stdout) as unknown).not.to.throw();
    }));
});

describe("the levels that calm check reports", () => {
  const negating = `.decl a(x: number)
.decl b(x: number)
.decl r(x: number)
.decl s(x: number)
.input a, b
.output r, s
r(x) :- a(x), !b(x).
s(x) :- r(x).
`;
  const snapshots = `.decl a(x: number)
.input a
.decl m(x: number) snapshot
.decl n(x: number) snapshot
.output m, n
m(x) :- a(x).
n(x) :- a(x), !m(x).
`;

  it("refuse what is not monotone, with the place, the way, a witness and a remedy", async () => {
    const { code, stdout } = await checked({ "a.dl": negating }, ["@a.dl", "--format", "pretty"]);
    expect(code).to.equal(1);
    expect(stdout).to.match(/^error\[negation-not-monotone\]: .*\n {2}--> a\.dl:7:16\n/);
    expect(stdout).to.match(/it reaches the outputs "r", "s"/);
    expect(stdout).to.match(/witness: with a\(\d+\) the answer is r\(\d+\)\n +add b\(\d+\), and r/);
    expect(stdout).to.match(/= hint: /);
    expect(stdout).to.match(/\na\.dl\n {2}r {2}F\d .*\n {2}s {2}/);
  });

  it("have a witness for each output that is refused, and none with --no-witness", async () => {
    type Report = {
      files: { diagnostics: { witnesses: { relation: string; added?: string[] }[] }[] }[];
    };
    const args = ["@a.dl", "--format", "json"];
    const { stdout } = await checked({ "a.dl": negating }, args);
    const { files } = JSON.parse(stdout) as Report;
    const found = files[0]?.diagnostics.flatMap(({ witnesses }) => witnesses) ?? [];
    expect(found.map(({ relation }) => relation)).to.deep.equal(["r", "s"]);
    expect(found.map(({ added }) => added?.length)).to.deep.equal([1, 1]);
    const without = await checked({ "a.dl": negating }, [...args, "--no-witness"]);
    expect(without.stdout)
      .to.match(/"witnesses": \[\]/)
      .and.not.to.match(/"added"/);
    const bounded = await checked({ "a.dl": negating }, [
      "@a.dl",
      "--format",
      "pretty",
      "--witness-steps",
      "1",
    ]);
    expect(bounded.stdout).to.match(/= note: no witness was found within \d+ steps/);
  });

  it("have witnesses that tell of their own relation", async () => {
    const counting = negating
      .replace(".output r, s", ".decl n(x: number)\n.output n")
      .replace("s(x) :- r(x).", "n(x) :- x = count : { r(_) }.");
    const args = ["@a.dl", "--format", "pretty"];
    const { stdout } = await checked({ "a.dl": counting }, args);
    const told = [...stdout.matchAll(/witness: .*\n +add (\w+)\(.*, and (\w+)\(/g)];
    expect(told.map(([, added, withdrawn]) => [added, withdrawn])).to.deep.equal([
      ["b", "r"],
      ["a", "n"],
    ]);
  });

  it("are not searched where a comment lets the finding pass", async () => {
    const program = `// calm-ignore-file negation-not-monotone: b comes first\n${negating}`;
    const { stdout } = await checked({ "a.dl": program }, ["@a.dl", "--format", "json"]);
    expect(stdout).to.match(/"suppressed": \{\s*"by": "comment",\s*"reason": "b comes first"/);
    expect(stdout)
      .to.match(/"witnesses": \[\]/)
      .and.not.to.match(/"added"/);
  });

  it("pass up to --level, or up to what the configuration says", async () => {
    const codeOf = async (...args: string[]): Promise<number> =>
      (await checked({ "a.dl": negating }, ["@a.dl", "--no-witness", ...args])).code;
    expect(await codeOf("--level", "M")).to.equal(1);
    expect(await codeOf("--level", "ordered")).to.equal(0);
    const files = { "a.dl": negating, "calm.config.json": '{"level": "ordered"}' };
    expect((await checked(files, ["@a.dl"])).code).to.equal(0);
    expect((await checked(files, ["@a.dl", "--level", "M"])).code).to.equal(1);
  });

  it("can be let pass with a reason, and be rules of the configuration", async () => {
    const rule = "r(x) :- a(x), !b(x).";
    const reasoned = `// calm-ignore negation-not-monotone: b is complete before\n${rule}`;
    const ignored = await checked({ "a.dl": negating.replace(rule, reasoned) }, ["@a.dl"]);
    expect(ignored).to.include({ code: 0, stdout: "" });
    const rules = '{"rules": {"negation-not-monotone": "warning"}}';
    const files = { "a.dl": negating, "calm.config.json": rules };
    const warnings = await checked(files, ["@a.dl"]);
    expect(warnings.code).to.equal(0);
    expect(warnings.stdout).to.match(/warning\[negation-not-monotone\]/);
  });

  it("are shown of all relations with --verbose", async () => {
    const args = ["@a.dl", "--format", "pretty", "--level", "ordered"];
    expect((await checked({ "a.dl": negating }, args)).stdout).to.match(
      /^a\.dl\n {2}r .*\n {2}s .*\n$/,
    );
    const all = await checked({ "a.dl": negating }, [...args, "--verbose"]);
    expect(all.stdout).to.match(/^a\.dl\n {2}a {2}M .*\n {2}b {2}M /);
  });

  it("count and list snapshots, and refuse more than --max-snapshots", async () => {
    const args = ["@a.dl", "--format", "pretty"];
    const { code, stdout } = await checked({ "a.dl": snapshots }, args);
    expect(code).to.equal(0);
    expect(stdout).to.match(/\n2 snapshots, not final: m, n\n$/);
    expect((await checked({ "a.dl": snapshots }, [...args, "--max-snapshots", "2"])).code).to.equal(
      0,
    );
    const few = await checked({ "a.dl": snapshots }, [...args, "--max-snapshots", "1"]);
    expect(few.code).to.equal(1);
    expect(few.stdout).to.match(/^error\[too-many-snapshots\]: .*\n {2}--> a\.dl:4:7/);
  });
});
