import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { calm, inFolder } from "./calm.ts";
import { convert, project, shipped } from "./folder.ts";

describe("every program in programs/", () => {
  for (const { name, path, folder, text, expectedFolder, expected } of shipped) {
    it(`${name} gives what it says`, () =>
      inFolder(async (answers) => {
        const lock = name.startsWith("dependencies/");
        if (lock) expect(convert(answers, ["minimatch"]).stderr).to.equal("");
        const facts = lock ? answers : folder;
        const { code, stdout, stderr } = await calm(["run", path, "-F", facts, "-D", answers]);
        // `.expect` is checked by the command itself; a program has it, or files, or a test.
        expect(stderr).to.equal("");
        expect(code).to.equal(0);
        expect(lock || expected.length > 0 || text.includes("\n.expect ")).to.equal(true);
        for (const file of expected) {
          const wanted = readFileSync(join(expectedFolder, file), "utf8");
          if (file === "stdout.txt") expect(stdout).to.equal(wanted);
          else expect(readFileSync(join(answers, file), "utf8"), file).to.equal(wanted);
        }
        if (expected.length > 0) {
          const written = readdirSync(answers).toSorted();
          expect(written).to.deep.equal(expected.filter((file) => file !== "stdout.txt"));
        }
      }));
  }

  it("is in the reading order, and in no other", () => {
    const readme = readFileSync(join(project, "programs", "README.md"), "utf8");
    const listed = [...readme.matchAll(/^\| \[[^\]]+\]\(([^)]+)\)/gm)].map(([, path]) => path);
    expect(listed).to.deep.equal(shipped.map(({ name }) => name));
  });

  it("would be seen to fail", () =>
    inFolder(async (answers) => {
      const wrong = join(project, "test", "programs", "wrong.dl");
      const { code, stderr } = await calm(["run", wrong, "-D", answers]);
      expect(code).to.equal(1);
      expect(stderr).to.include("unmet-expectation").and.include("missing: (3)");
    }));
});
