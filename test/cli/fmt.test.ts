import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { unifiedDiff } from "../../src/cli/unified-diff.ts";
import { calm, inFolder } from "../programs/calm.ts";

const programs = fileURLToPath(new URL("../../programs", import.meta.url));
const loose = ".decl a(x:number)\na( 1 ) .  // one\n";
const neat = ".decl a(x: number)\na(1). // one\n";

describe("calm fmt", () => {
  it("finds nothing to do in the shipped programs", async () => {
    const { code, stdout, stderr } = await calm(["fmt", "--check", "--diff", programs]);
    expect({ code, stdout, stderr }).to.deep.equal({ code: 0, stdout: "", stderr: "" });
  });

  it("writes files in place, those in folders too, and leaves nothing else behind", () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, "inner"));
      writeFileSync(join(folder, "inner", "b.dl"), loose);
      writeFileSync(join(folder, "a.dl"), loose);
      writeFileSync(join(folder, "a.txt"), loose);
      expect(await calm(["fmt", folder])).to.deep.equal({ code: 0, stdout: "", stderr: "" });
      expect(readFileSync(join(folder, "a.dl"), "utf8")).to.equal(neat);
      expect(readFileSync(join(folder, "inner", "b.dl"), "utf8")).to.equal(neat);
      expect(readFileSync(join(folder, "a.txt"), "utf8")).to.equal(loose);
      expect(readdirSync(folder).toSorted()).to.deep.equal(["a.dl", "a.txt", "inner"]);
    }));

  it("lists what is not in layout with --check, exits with 1, and writes nothing", () =>
    inFolder(async (folder) => {
      const [file, other] = [join(folder, "a.dl"), join(folder, "b.dl")];
      writeFileSync(file, loose);
      writeFileSync(other, neat);
      const { code, stdout } = await calm(["fmt", "--check", file, other]);
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: `${file}\n` });
      expect(readFileSync(file, "utf8")).to.equal(loose);
    }));

  it("prints the difference with --diff and the result with --stdout, and writes nothing", () =>
    inFolder(async (folder) => {
      const file = join(folder, "a.dl");
      writeFileSync(file, loose);
      const { code, stdout } = await calm(["fmt", "--diff", file]);
      expect(code).to.equal(0);
      expect(stdout.split("\n").slice(2)).to.deep.equal([
        "@@ -1,2 +1,2 @@",
        "-.decl a(x:number)",
        "-a( 1 ) .  // one",
        "+.decl a(x: number)",
        "+a(1). // one",
        "",
      ]);
      expect((await calm(["fmt", "--stdout", file])).stdout).to.equal(neat);
      expect(readFileSync(file, "utf8")).to.equal(loose);
    }));

  it("formats standard input to standard output", async () => {
    const { code, stdout } = await calm(["fmt", "-"], loose);
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: neat });
  });

  it("refuses a file with syntax errors, leaves it as it is, and formats the others", () =>
    inFolder(async (folder) => {
      const [broken, fine] = [join(folder, "a.dl"), join(folder, "b.dl")];
      writeFileSync(broken, "a( 1 ) :- .\n");
      writeFileSync(fine, loose);
      const { code, stderr } = await calm(["fmt", folder]);
      expect(code).to.equal(1);
      expect(stderr).to.match(/a\.dl:1:\d+/);
      expect(readFileSync(broken, "utf8")).to.equal("a( 1 ) :- .\n");
      expect(readFileSync(fine, "utf8")).to.equal(neat);
    }));

  it("expands macros of included files to see whether there are errors, but keeps the text", () =>
    inFolder(async (folder) => {
      const file = join(folder, "a.dl");
      writeFileSync(join(folder, "m.h"), "#define FACT(x) a(x).\n");
      writeFileSync(file, '#include "m.h"\n\n\n.decl a( x: number )\n\nFACT( 1 )\n');
      expect((await calm(["fmt", file])).code).to.equal(0);
      expect(readFileSync(file, "utf8")).to.equal(
        '#include "m.h"\n\n.decl a(x: number)\n\nFACT( 1 )\n',
      );
    }));

  it("exits with 2 where there is no such file", async () => {
    expect((await calm(["fmt", "there-is-no-such-file.dl"])).code).to.equal(2);
  });
});

describe("the unified difference", () => {
  it("is empty for equal texts, and says where the last line has no end", () => {
    expect(unifiedDiff("a", "x\n", "x\n")).to.equal("");
    expect(unifiedDiff("a", "x", "x\n")).to.equal(
      "--- a\n+++ a\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+x\n",
    );
    expect(unifiedDiff("a", "", "x\n")).to.equal("--- a\n+++ a\n@@ -0,0 +1,1 @@\n+x\n");
  });

  it("joins changes that are near, and parts those that are far", () => {
    const lines = Array.from({ length: 30 }, (_, at) => `${at}\n`);
    const changed = lines.map((line, at) => ([2, 6, 25].includes(at) ? `new ${line}` : line));
    const diff = unifiedDiff("a", lines.join(""), changed.join(""));
    expect(diff.match(/^@@.*$/gm)).to.deep.equal(["@@ -1,10 +1,10 @@", "@@ -23,7 +23,7 @@"]);
    expect(diff.match(/^[+-][^+-].*$/gm)).to.have.length(6);
  });
});
