import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Profile } from "../../src/cli/profile/profile.ts";
import { calm, inFolder } from "../programs/calm.ts";

/** With `UPDATE=1` the page is rewritten with what the programs do; read every changed line. */
const path = fileURLToPath(new URL("../../docs/profile.md", import.meta.url));
const page = readFileSync(path, "utf8");
const head = "| rule | runs | new tuples | firings | look-ups |\n| --- | --: | --: | --: | --: |\n";

/** The recursive rules of a profile, as the page has them. */
function tableOf({ rules }: Profile): string {
  const rows = rules
    .filter(({ deltaAt }) => deltaAt !== undefined)
    .map(({ rule, deltaAt = 0, runs, derived, firings, probes }) => {
      const numbers = [runs, derived, firings, probes].map((one) => one.toLocaleString("en"));
      return `| \`${rule}\` Δ ${deltaAt + 1} | ${numbers.join(" | ")} |\n`;
    });
  return head + rows.join("");
}

describe("docs/profile.md", () => {
  const examples = [...page.matchAll(/^```dl\n([^]*?)^```$[^]*?^(\| rule \|[^]*?\|\n)(?!\|)/gm)];
  let updated = page;

  it("has a program before and after", () => expect(examples).to.have.length(2));

  for (const [at, [whole, program = "", table = ""]] of examples.entries())
    it(`tells what program ${at + 1} does`, () =>
      inFolder(async (folder) => {
        const [file, out] = [join(folder, "program.dl"), join(folder, "profile.json")];
        writeFileSync(file, program);
        expect((await calm(["run", file, "--profile", out])).code).to.equal(0);
        const shown = tableOf(JSON.parse(readFileSync(out, "utf8")) as Profile);
        updated = updated.replace(whole, () => whole.slice(0, -table.length) + shown);
        if (process.env["UPDATE"] !== "1") expect(shown).to.equal(table);
      }));

  after(() => {
    if (process.env["UPDATE"] === "1" && updated !== page) writeFileSync(path, updated);
  });
});
