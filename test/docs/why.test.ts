import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { calm, inFolder } from "../programs/calm.ts";

/** With `UPDATE=1` the page is rewritten with what the commands print; read every changed line. */
const path = fileURLToPath(new URL("../../docs/why.md", import.meta.url));
const page = readFileSync(path, "utf8");

describe("docs/why.md", () => {
  const programs = [...page.matchAll(/^```dl (\S+)\n([^]*?)^```$/gm)];
  const sessions = [...page.matchAll(/^```console\n(\$ calm (\w+) (\S+) '(.*)'\n)([^]*?)^```$/gm)];
  const printed = new Map<string, string>();

  it("has examples of every program", () => {
    const used = new Set(sessions.map(([, , , program]) => program));
    expect(programs.map(([, name]) => name)).to.deep.equal([...used]);
    expect(sessions.length).to.be.greaterThan(3);
  });

  for (const [whole, line = "", command = "", name = "", goal = "", wanted] of sessions)
    it(`shows what calm ${command} ${name} '${goal}' prints`, async () => {
      await inFolder(async (folder) => {
        for (const [, file = "", text = ""] of programs) writeFileSync(join(folder, file), text);
        const file = join(folder, name);
        const { stdout, code } = await calm([command, file, goal]);
        const shown = stdout.replaceAll(file, name);
        printed.set(whole, `\`\`\`console\n${line}${shown}\`\`\``);
        expect(code).to.equal(0);
        if (process.env["UPDATE"] !== "1") expect(shown).to.equal(wanted);
      });
    });

  after(() => {
    if (process.env["UPDATE"] !== "1") return;
    const updated = [...printed].reduce((text, [from, to]) => text.replace(from, () => to), page);
    if (updated !== page) writeFileSync(path, updated);
  });
});
