import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { calm, inFolder } from "../programs/calm.ts";

const joined = `.decl click(x: number) event
.decl page(x: number) event
.input click, page
.decl seen(x: number) memory
seen(x) :+ page(x).
.decl out(x: number)
out(x) :- seen(x), click(x).
.output out
`;

describe("calm check of a program for a network", () => {
  it("shows two orders of delivery that give different answers", () =>
    inFolder(async (folder) => {
      const file = join(folder, "joined.dl");
      writeFileSync(file, joined);
      const { code, stdout } = await calm(["check", file, "--format", "pretty"]);
      expect(code).to.equal(1);
      expect(stdout).to.include("error[unguarded-event]");
      const from = stdout.indexOf("witness:");
      expect(stdout.slice(from, stdout.indexOf("= hint")).replaceAll(/^ +/gm, "")).to.equal(
        [
          "witness: two runs on the same input",
          "in one order:",
          "click(1) is inserted at a",
          "page(1) is inserted at a",
          "put out: nothing",
          "in another order:",
          "page(1) is inserted at a",
          "click(1) is inserted at a",
          "put out: out(1)",
          "",
        ].join("\n"),
      );
    }));
});
