import { expect } from "chai";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { calm, inFolder } from "../programs/calm.ts";

const program = `
.functor shout(text: symbol): symbol
.decl word(text: symbol)
word("hear"). word("ye").
.decl loud(text: symbol)
loud(@shout(text)) :- word(text).
.output loud
`;

describe("calm run --functors", () => {
  it("calls what a module exports", () =>
    inFolder(async (folder) => {
      const file = join(folder, "program.dl");
      const module = join(folder, "functors.mjs");
      writeFileSync(file, program);
      writeFileSync(module, "export const shout = (text) => `${text.toUpperCase()}!`;\n");
      const { code, stdout } = await calm(["run", file, "--functors", module, "--format", "csv"]);
      expect(stdout).to.include("HEAR!\nYE!\n");
      expect(code).to.equal(0);
    }));

  it("says which functor the module lacks", () =>
    inFolder(async (folder) => {
      const file = join(folder, "program.dl");
      const module = join(folder, "functors.mjs");
      writeFileSync(file, program);
      writeFileSync(module, "export const whisper = (text) => text;\n");
      const { code, stderr } = await calm(["run", file, "--functors", module]);
      expect(stderr).to.include('error[missing-functor]: functor "shout" is called');
      expect(code).to.equal(1);
    }));

  it("says, before a node begins, which functor its transactions lack", () =>
    inFolder(async (folder) => {
      const file = join(folder, "program.dl");
      writeFileSync(
        file,
        `
.functor shout(text: symbol): symbol
.decl said(text: symbol) ordered(text)
.transaction say(text: symbol) { +said(@shout(text)). }
`,
      );
      const settings = [
        "--id",
        "a",
        "--ordered",
        "--log",
        `file:${join(folder, "log")}`,
        "--data",
        folder,
      ];
      const { code, stderr } = await calm(["node", file, ...settings]);
      expect(stderr).to.include('error[missing-functor]: functor "shout" is called');
      expect(code).to.equal(1);
    }));

  it("refuses a module that cannot be loaded as wrong usage", () =>
    inFolder(async (folder) => {
      const file = join(folder, "program.dl");
      writeFileSync(file, program);
      const missing = join(folder, "missing.mjs");
      const absent = await calm(["run", file, "--functors", missing]);
      expect(absent.stderr).to.include(`calm: cannot load functors from "${missing}"`);
      expect(absent.code).to.equal(2);
      writeFileSync(missing, "export const = 1;\n");
      expect((await calm(["run", file, "--functors", missing])).code).to.equal(2);
    }));
});
