import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { calm, inFolder } from "./calm.ts";
import { project, shipped } from "./folder.ts";

describe("every program in programs/", () => {
  it("gives what it says", async () => {
    const { code, stdout } = await calm(["test", join(project, "programs")]);
    expect(code, stdout).to.equal(0);
    for (const { path } of shipped) expect(stdout).to.include(`ok    ${path}`);
  });

  for (const { name, path, facts, expectedFolder, expected } of shipped) {
    it(`${name} writes what it says`, () =>
      inFolder(async (answers) => {
        const { code, stdout, stderr } = await calm(["run", path, "-F", facts, "-D", answers]);
        expect(stderr).to.equal("");
        expect(code).to.equal(0);
        // Byte for byte, and not as a set.
        const written = readdirSync(answers).toSorted();
        for (const file of written.filter((one) => expected.includes(one))) {
          const wanted = readFileSync(join(expectedFolder, file), "utf8");
          expect(readFileSync(join(answers, file), "utf8"), file).to.equal(wanted);
        }
        if (expected.length === 0) return;
        expect(expected).to.include.members(written);
        if (expected.includes("stdout.txt"))
          expect(stdout).to.equal(readFileSync(join(expectedFolder, "stdout.txt"), "utf8"));
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
