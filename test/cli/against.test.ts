import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { expect } from "chai";

import { monotonicity } from "../../src/analysis/monotone.ts";
import { regressions } from "../../src/cli/against/regressions.ts";
import { understand } from "../../src/understand.ts";
import { calm, inFolder, type Outcome } from "../programs/calm.ts";
import { shipped } from "../programs/folder.ts";

type Files = Readonly<Record<string, string>>;

const bids = `.decl bid(item: symbol, bidder: symbol, price: number)
.input bid
`;
const auction = `#include "bids.dl"
.decl winner(item: symbol, bidder: symbol)
winner(i, b) :- bid(i, b, p), p > 100.
.output winner
`;
/** The same with a rule that counts. */
const counting = auction.replace(
  "winner(i, b) :- bid(i, b, p), p > 100.",
  `.decl bids(item: symbol, n: number)
bids(i, n) :- bid(i, _, _), n = count : { bid(i, _, _) }.
winner(i, b) :- bid(i, b, p), p > 100, bids(i, n), n > 3.`,
);
const plain = ["--level", "ordered", "--no-witness"];

/** Git for a test: of nobody's configuration. */
function git(folder: string, ...args: string[]): void {
  const { status, stderr } = spawnSync("git", args, {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: process.env["PATH"],
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
      GIT_AUTHOR_NAME: "a",
      GIT_AUTHOR_EMAIL: "a@example.org",
      GIT_COMMITTER_NAME: "a",
      GIT_COMMITTER_EMAIL: "a@example.org",
    },
  });
  expect(status, stderr).to.equal(0);
}

function write(folder: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** Makes a repository with a commit for each of `commits`, and checks it there; `@` stands for it. */
async function inRepository(
  commits: readonly Files[],
  args: readonly string[],
  around: Parameters<typeof calm>[2] = {},
): Promise<Outcome> {
  return inFolder(async (folder) => {
    git(folder, "init", "--quiet", ".");
    for (const files of commits) {
      write(folder, files);
      git(folder, "add", ".");
      git(folder, "commit", "--quiet", "--message", "change");
    }
    return named(folder, await calm(["check", ...args.map((arg) => at(folder, arg))], "", around));
  });
}

function at(folder: string, arg: string): string {
  return arg.startsWith("@") ? join(folder, arg.slice(1)) : arg;
}

function named(folder: string, { code, stdout, stderr }: Outcome): Outcome {
  const short = (text: string) => text.replaceAll(`${folder}/`, "").replaceAll(folder, "here");
  return { code, stdout: short(stdout), stderr: short(stderr) };
}

/** Checks a program against an earlier one in another folder; returns what is said, line by line. */
async function compared(before: string, now: string, ...args: string[]): Promise<string[]> {
  return inFolder(async (folder) => {
    write(folder, { "before/a.dl": before, "now/a.dl": now });
    const against = ["--against", join(folder, "before"), ...plain, ...args];
    const { stdout } = await calm(["check", join(folder, "now"), ...against]);
    return named(join(folder, "now"), { code: 0, stdout, stderr: "" })
      .stdout.trim()
      .split("\n")
      .filter((line) => line !== "");
  });
}

describe("calm check --against a revision", () => {
  const commits = [
    { "sub/auction.dl": auction, "sub/bids.dl": bids },
    { "sub/auction.dl": counting },
  ];

  it("fails where a commit adds a count, and names the rule", async () => {
    const { code, stdout } = await inRepository(commits, [
      "@sub",
      "--against",
      "HEAD~1",
      ...plain,
      "--format",
      "pretty",
    ]);
    expect(code).to.equal(1);
    expect(stdout).to.match(
      /^error\[level-lost\]: your change made "winner" need coordination.*: it was M and is now F2$/m,
    );
    expect(stdout).to.match(/--> sub\/auction\.dl:4:33/);
    expect(stdout).to.match(
      /note: by the rule of "bids": bids\(i, n\) :- bid\(i, _, _\), n = count/,
    );
    expect(stdout).to.match(/"winner" reads "bids" here/);
    expect(stdout.match(/level-lost/g)).to.have.length(1);
  });

  it("passes where nothing became worse, and where there was no such file", async () => {
    const same = await inRepository(commits, ["@sub", "--against", "HEAD", ...plain]);
    expect(same).to.include({ code: 0, stdout: "" });
    const all = [{ "README.md": "" }, ...commits];
    const fresh = await inRepository(all, ["@sub", "--against", "HEAD~2", ...plain]);
    expect(fresh).to.include({ code: 0, stdout: "" });
  });

  it("reads what is included as it was, and sees what is not committed", () =>
    inFolder(async (folder) => {
      git(folder, "init", "--quiet", ".");
      write(folder, commits[0] ?? {});
      git(folder, "add", ".");
      git(folder, "commit", "--quiet", "--message", "change");
      git(folder, "tag", "v1");
      const args = ["check", join(folder, "sub/auction.dl"), "--against", "v1", ...plain];
      expect(await calm(args)).to.include({ code: 0, stdout: "" });
      write(folder, { "sub/bids.dl": bids.replace("price: number", "price: float") });
      write(folder, { "sub/auction.dl": auction.replace("100", "100.0") });
      const { code, stdout } = named(folder, await calm(args));
      expect(code).to.equal(1);
      expect(stdout).to.equal(
        'sub/bids.dl:1:7: error[type-changed] input "bid" has other types: ' +
          'column "price" from number to float\n',
      );
    }));

  it("is in every format", async () => {
    const args = ["@sub", "--against", "HEAD~1", ...plain, "--format"];
    const json = await inRepository(commits, [...args, "json"]);
    expect(json.code).to.equal(1);
    const report = JSON.parse(json.stdout) as {
      readonly files: readonly { readonly diagnostics: readonly Record<string, unknown>[] }[];
    };
    const [found] = report.files.flatMap(({ diagnostics }) => diagnostics);
    expect(found).to.include({ code: "level-lost", severity: "error", subject: "winner" });
    expect(found?.["flow"]).to.have.length(2);

    const sarif = await inRepository(commits, [...args, "sarif"]);
    const { runs } = JSON.parse(sarif.stdout) as {
      readonly runs: readonly { readonly results: readonly Record<string, unknown>[] }[];
    };
    const [result] = runs.flatMap(({ results }) => results);
    expect(result).to.include({ ruleId: "level-lost", level: "error" });
    expect(result).to.have.property("codeFlows");
    for (const format of ["github", "gitlab", "junit", "markdown", "concise"])
      expect((await inRepository(commits, [...args, format])).stdout, format).to.match(
        /your change made/,
      );
  });

  it("misses the outputs of programs that are gone, unless they moved", () =>
    inFolder(async (folder) => {
      git(folder, "init", "--quiet", ".");
      const other = ".decl other(x: number)\nother(1).\n.output other\n";
      write(folder, { ...commits[0], "sub/other.dl": other, ".hidden/x.dl": other });
      git(folder, "add", ".");
      git(folder, "commit", "--quiet", "--message", "change");
      const check = async (...args: string[]): Promise<Outcome> =>
        named(folder, await calm(["check", ...args, "--against", "HEAD", ...plain]));
      rmSync(join(folder, "sub/other.dl"));
      rmSync(join(folder, ".hidden"), { recursive: true });
      const gone = await check(folder);
      expect(gone.code).to.equal(1);
      expect(gone.stdout).to.equal(
        'sub/other.dl:1:1: error[output-removed] output "other" is gone with its program: ' +
          "who reads it finds nothing\n",
      );
      expect(await check(join(folder, "sub/auction.dl"))).to.include({ code: 0, stdout: "" });
      write(folder, { "calm.config.json": '{"rules": {"output-removed": "off"}}' });
      expect(await check(join(folder, "sub"))).to.include({ code: 0, stdout: "" });
      write(folder, { "calm.config.json": "{}", "moved.dl": `${other}other(2).\n` });
      expect(await check(folder)).to.include({ code: 0, stdout: "" });
      rmSync(join(folder, "sub/bids.dl"));
      write(folder, { "sub/auction.dl": auction.replace('#include "bids.dl"\n', bids) });
      expect(await check(folder)).to.include({ code: 0, stdout: "" });
    }));

  it("can be let pass with a reason", async () => {
    const reason = "// calm-ignore level-lost: four bids are enough\nbids(i, n)";
    const text = counting.replace("bids(i, n)", reason);
    const args = ["@sub", "--against", "HEAD~1", ...plain];
    expect(await inRepository([commits[0] ?? {}, { "sub/auction.dl": text }], args)).to.include({
      code: 0,
      stdout: "",
    });
  });

  it("says of a version that had errors that it is not compared", async () => {
    const all = [{ "a.dl": "r(1).\n" }, { "a.dl": ".decl r(x: number)\nr(1).\n.output r\n" }];
    const { code, stderr } = await inRepository(all, ["@a.dl", "--against", "HEAD~1", ...plain]);
    expect(code).to.equal(0);
    expect(stderr).to.match(/^calm: "a\.dl" had errors in HEAD~1, and is not compared with it\n/);
  });

  it("is wrong usage without that revision, without a repository, without git", async () => {
    const unknown = await inRepository(commits, ["@sub", "--against", "absent", ...plain]);
    expect(unknown).to.include({ code: 2, stdout: "" });
    expect(unknown.stderr).to.match(/there is no folder and no revision "absent" here/);
    const dashed = await inRepository(commits, ["@sub", "--against=--all", ...plain]);
    expect(dashed.code).to.equal(2);
    const around = { env: { PATH: "/nonexistent" } };
    const args = ["@sub", "--against", "HEAD", ...plain];
    const without = await inRepository(commits, args, around);
    expect(without.code).to.equal(2);
    expect(without.stderr).to.match(/git cannot be run: it is not installed/);
    await inFolder(async (folder) => {
      write(folder, { "a.dl": bids });
      const outside = await calm(["check", join(folder, "a.dl"), "--against", "HEAD"]);
      expect(outside.code).to.equal(2);
      expect(outside.stderr).to.match(/is in no git repository/);
    });
  });

  it("asks the repository that the files are in, also in a hook of another one", async () => {
    const around = { env: { GIT_DIR: "/nonexistent", GIT_INDEX_FILE: "/nonexistent/index" } };
    const args = ["@sub", "--against", "HEAD~1", ...plain];
    expect(await inRepository(commits, args, around)).to.include({ code: 1 });
  });
});

describe("calm check --against", () => {
  const edges = ".decl e(x: number, y: number)\n.input e\n";
  const audit = ".decl audit(x: number)\naudit(x) :- e(x, _), !e(_, x).\n.output audit\n";
  const reach = ".decl reach(x: number)\nreach(x) :- e(x, _).\n.output reach\n";

  it("blames the rule that reads what was not monotone before", async () => {
    const reading = reach.replace("e(x, _).", "e(x, _), audit(x).");
    expect(await compared(edges + audit + reach, edges + audit + reading)).to.deep.equal([
      'a.dl:7:22: error[level-lost] your change made "reach" need coordination, unless its input ' +
        "is sealed: it was M and is now F2",
    ]);
  });

  it("warns of what a contract says", async () => {
    const negating = reach.replace("e(x, _).", "e(x, _), !e(_, x).");
    const said = '.calm ordered reach "asked once a night"\n';
    const [line = ""] = await compared(edges + reach, edges + negating + said);
    expect(line).to.match(/^a\.dl:4:23: warning\[level-lost\] your change made "reach" need/);
  });

  it("says which outputs one place makes worse, once", async () => {
    const more = ".decl top(x: number)\ntop(x) :- reach(x).\n.output top\n";
    const negating = reach.replace("e(x, _).", "e(x, _), !e(_, x).");
    const [line = "", ...others] = await compared(edges + reach + more, edges + negating + more);
    expect(line).to.match(/your change made "reach" and "top" need .*: they were M/);
    expect(others).to.deep.equal([]);
  });

  it("sees a relation become ordered, and a snapshot, and depend on the network", async () => {
    const ordered = ".decl r(x: number) ordered(x)\nr(1).\n.output r\n";
    const lines = await compared(ordered.replace(" ordered(x)", ""), ordered);
    expect(lines[0]).to.match(/1:7: error\[level-lost\] .*"r" need coordination: it was M/);
    const snapshot = reach.replace("number)", "number) snapshot");
    expect((await compared(edges + reach, edges + snapshot))[0]).to.match(
      /warning\[level-lost\] your change made "reach" a snapshot/,
    );
    const nodes = ".decl near(n: symbol)\nnear(n) :- e(_, _), All(n).\n.output near\n";
    const before = edges + nodes.replace("All(n)", 'n = "a"');
    expect((await compared(before, edges + nodes))[0]).to.match(
      /error\[level-lost\] your change made "near" depend on which nodes there are/,
    );
  });

  it("finds nothing worse in any program than in itself, and something in any other", () => {
    const judged = shipped.flatMap(({ path, text }) => {
      const { program } = understand({ path, text });
      return program === undefined ? [] : [{ program, verdict: monotonicity(program) }];
    });
    expect(judged.length).to.be.greaterThan(10);
    const source = { path: "a.dl", text: "" };
    for (const [at, now] of judged.entries()) {
      expect(regressions({ before: now, now, named: "x", source })).to.deep.equal([]);
      const before = judged[(at + 1) % judged.length] ?? now;
      const found = regressions({ before, now, named: "x", source });
      expect(found.map(({ severity }) => severity)).to.include("error");
    }
  });

  it("does not mind what became better, or moved, or is inside", async () => {
    const negating = reach.replace("e(x, _).", "e(x, _), !e(_, x).");
    expect(await compared(edges + negating, edges + reach)).to.deep.equal([]);
    const inner = ".decl inner(x: number)\ninner(x) :- e(x, _).\n";
    const other = ".decl inner(x: float)\ninner(to_float(x)) :- e(x, _).\n";
    const used = reach.replace("e(x, _).", "e(x, _), inner(_).");
    expect(await compared(edges + inner + used, `\n${edges}${other}${used}`)).to.deep.equal([]);
  });

  it("finds programs that are gone from a folder", () =>
    inFolder(async (folder) => {
      write(folder, { "before/in/a.dl": edges + reach, "now/b.dl": edges + audit });
      const against = ["--against", join(folder, "before"), ...plain];
      const { stdout } = named(folder, await calm(["check", join(folder, "now"), ...against]));
      expect(stdout).to.match(
        /^now\/in\/a\.dl:1:1: error\[output-removed\] output "reach" is gone/,
      );
    }));

  it("sees what was removed, and asks whether it was renamed", async () => {
    const both = edges + reach + audit;
    expect(await compared(both, edges + audit)).to.deep.equal([
      'a.dl:1:1: error[output-removed] output "reach" is gone: who reads it finds nothing',
    ]);
    expect(await compared(both, both.replace(".output reach\n", ""))).to.deep.equal([
      'a.dl:3:7: error[output-removed] output "reach" is no output any more: who reads it finds ' +
        "nothing",
    ]);
    const renamed = both.replaceAll("reach", "reached");
    const lines = await compared(both, renamed, "--format", "pretty");
    expect(lines.join("\n")).to.match(/error\[output-removed\]: output "reach" is gone/);
    expect(lines.join("\n")).to.match(/a\.dl:3:7[^]*"reached" is new/);
    expect(lines.join("\n")).to.match(/did you mean to rename it to "reached"\?/);
    const stated = both.replace(".input e\n", "e(1, 2).\n");
    expect((await compared(both, stated))[0]).to.match(/^a\.dl:1:7: error\[input-removed\]/);
    const without = ".decl r(x: number)\nr(1).\n";
    const gone = await compared(`${edges}${without}.output r\n`, `${without}.output r\n`);
    expect(gone[0]).to.match(/^a\.dl:1:1: error\[input-removed\] input "e" is gone/);
  });

  it("sees other columns, other types, other names, and new inputs", async () => {
    const both = edges + reach;
    const wider = both.replace("reach(x: number)", "reach(x: number, y: number)");
    const arity = await compared(
      both,
      wider.replace("reach(x) :- e(x, _)", "reach(x, y) :- e(x, y)"),
    );
    expect(arity).to.deep.equal([
      'a.dl:3:7: error[arity-changed] output "reach" has other columns: it had 1 column and has 2',
    ]);
    const best = ".decl best(x: number, y: number)\nbest(x, y) :- e(x, y).\n.output best\n";
    const lattice = best.replace("y: number)", "y: Max<>)");
    expect((await compared(edges + best, edges + lattice)).join("\n")).to.match(
      /error\[type-changed\] output "best" has other types: column "y" from/,
    );
    const point = ".type P = [x: number, y: number]\n.decl p(p: P)\n.input p\n";
    const wide = point.replace("y: number]", "y: float]");
    expect(await compared(point, wide)).to.deep.equal([
      'a.dl:2:7: error[type-changed] input "p" has other types: column "p" by what "P" is',
    ]);
    const nominal = `.type Vertex <: number\n${both.replace("reach(x: number", "reach(x: Vertex")}`;
    const cast = nominal.replace("reach(x) :- e(x", "reach(as(x, Vertex)) :- e(x");
    expect(await compared(both, cast)).to.deep.equal([]);
    expect(await compared(both, both.replace("e(x: number, y", "e(from: number, y"))).to.deep.equal(
      ['a.dl:1:7: warning[column-renamed] input "e" has other names of columns: "x" is "from" now'],
    );
    const fed = reach.replace(".output", ".decl more(x: number)\n.input more\n.output");
    expect(await compared(both, edges + fed)).to.deep.equal([
      'a.dl:5:7: warning[input-added] input "more" is new: who runs the program has to give it facts',
    ]);
  });
});
