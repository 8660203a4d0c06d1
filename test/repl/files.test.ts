import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { calm, inFolder } from "../programs/calm.ts";

const graph = ".decl edge(x: number, y: number)\n.input edge\n";
const rules = "path(x, y) :- edge(x, y).\npath(x, z) :- path(x, y), edge(y, z).\n";

/** Runs a script on `graph.dl` in a folder, with two facts in `edge.facts`. */
async function session(script: string, after: (folder: string) => unknown, ...flags: string[]) {
  return inFolder(async (folder) => {
    writeFileSync(join(folder, "graph.dl"), graph);
    writeFileSync(join(folder, "edge.facts"), "1\t2\n2\t3\n");
    const text = script.replaceAll("DIR", folder);
    const argv = ["repl", join(folder, "graph.dl"), "-F", folder, "--format", "facts", ...flags];
    const outcome = await calm(argv, text);
    await after(folder);
    return { ...outcome, stderr: outcome.stderr.replaceAll(folder, "DIR") };
  });
}

describe("a session on files", () => {
  it("begins with the programs that are named, and their facts", async () => {
    const { code, stdout, stderr } = await session(`${rules}path(1, X)?`, () => 0);
    expect({ code, stdout }, stderr).to.deep.equal({ code: 0, stdout: "answer(2).\nanswer(3).\n" });
  });

  it("reads facts once, and again when it is told to", async () => {
    const write = "9\t10\n";
    await inFolder(async (folder) => {
      const path = join(folder, "edge.facts");
      writeFileSync(join(folder, "graph.dl"), graph);
      writeFileSync(path, "1\t2\n");
      // The output of the first entry replaces the file of facts.
      const script = [
        `.once ${path}\n.mode tsv\nX = 9, Y = 10?\n.mode facts`,
        `${rules}path(X, Y)?`,
        `.reload\npath(X, Y)?\n.undo\npath(X, Y)?`,
      ].join("\n");
      const argv = ["repl", join(folder, "graph.dl"), "-F", folder];
      const { stdout, stderr, code } = await calm(argv, script);
      expect(readFileSync(path, "utf8")).to.equal(`X\tY\n${write}`);
      expect(stdout).to.equal("answer(1, 2).\n");
      expect(stderr).to.include("edge.facts");
      expect(code).to.equal(1);
    });
  });

  it("takes facts of a file for a relation, and takes them back by undo", async () => {
    const { stdout, stderr } = await session(
      `.load DIR/edge.facts other
.decl other(x: number, y: number)
.load DIR/edge.facts other
other(X, _)?
-other(1, 2).
other(X, _)?
.undo
.undo
other(X, _)?
other(5, 5).
other(X, _)?`,
      () => 0,
      "--keep-going",
    );
    expect(stdout).to.equal("answer(1).\nanswer(2).\nanswer(2).\nanswer(5).\n");
    expect(stderr).to.include('there is no relation "other"');
  });

  it("is saved as a program that holds the same", async () => {
    let saved = "";
    const { code, stderr } = await session(
      `${rules}edge(3, 4).\n-edge(1, 2).\n.save DIR/kept`,
      async (folder) => {
        const again = ["repl", join(folder, "kept", "session.dl"), "-c", "path(X, Y)?"];
        saved = (await calm([...again, "--format", "jsonl"])).stdout;
      },
    );
    expect(code, stderr).to.equal(0);
    expect(stderr).to.equal(
      "note: declared: .decl path(x: number, y: number)\nnote: wrote DIR/kept/session.dl\n",
    );
    expect(saved).to.equal('{"X":2,"Y":3}\n{"X":2,"Y":4}\n{"X":3,"Y":4}\n');
  });

  it("writes answers to files, all of them or one", async () => {
    let [first, all] = ["", ""];
    const { stdout } = await session(
      `.once DIR/first\nedge(X, _)?\nedge(1, X)?
.output DIR/all\nedge(X, _)?\nedge(_, X)?\n.output\nedge(2, X)?`,
      (folder) => {
        first = readFileSync(join(folder, "first"), "utf8");
        all = readFileSync(join(folder, "all"), "utf8");
      },
    );
    expect(stdout).to.equal("answer(2).\nanswer(3).\n");
    expect(first).to.equal("answer(1).\nanswer(2).\n");
    expect(all).to.equal("answer(1).\nanswer(2).\nanswer(2).\nanswer(3).\n");
  });

  it("stops a script at its first error, and says so by its exit code", async () => {
    const { code, stdout } = await session("edge(1, X)?\nedge(1)?\nedge(2, X)?", () => 0);
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: "answer(2).\n" });
    const going = await session("edge(1)?\nedge(2, X)?", () => 0, "--keep-going");
    expect(going.code).to.equal(1);
    expect(going.stdout).to.equal("answer(3).\n");
  });

  it("takes entries from the command line, and says when a limit stopped one", async () => {
    const { code, stdout, stderr } = await calm([
      ...["repl", "-c", "n(1).", "-c", "n(x + 1) :- n(x).", "--max-tuples", "100"],
    ]);
    expect({ code, stdout }).to.deep.equal({ code: 3, stdout: "" });
    expect(stderr).to.include("error[too-many-tuples]");
  });

  it("refuses programs and formats that there are not", async () => {
    const missing = await calm(["repl", "nowhere.dl", "-c", "1 = 1?"]);
    expect(missing.code).to.equal(1);
    expect(missing.stderr).to.include('cannot read "nowhere.dl": there is no such file');
    const format = await calm(["repl", "--format", "bax", "-c", "1 = 1?"]);
    expect(format.code).to.equal(2);
  });

  it("leaves the session as it is where a loaded program has errors", async () => {
    await inFolder(async (folder) => {
      const path = join(folder, "bad.dl");
      writeFileSync(path, ".decl edge(x: number)\nedge(y).\n");
      const argv = ["repl", "--keep-going", "-c", `p(1).\n.load ${path}\np(X)?\n.rels`];
      const { stdout, stderr } = await calm([...argv, "--format", "facts"]);
      expect(stderr).to.include(`${path}:2:6`);
      expect(stdout).to.include("answer(1).\n").and.not.include("edge");
    });
  });
});
