import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { commands } from "../../src/repl/commands.ts";
import { modes } from "../../src/repl/output.ts";
import { Reader } from "../../src/repl/reader.ts";
import { shellInto } from "../repl/typed.ts";

/** The blocks of the page are one session: lines with a prompt are typed, the others are what comes
 * of them. With `UPDATE=1` the page is rewritten with that; read every changed line. */
const path = fileURLToPath(new URL("../../docs/repl.md", import.meta.url));
const page = readFileSync(path, "utf8");
const prompt = /^(?:calm> | {2}\.\.\. )/;

describe("docs/repl.md", () => {
  const blocks = [...page.matchAll(/^```session\n([^]*?)^```$/gm)];
  const shown = blocks.map((match) => match[1] ?? "");
  const answers: string[] = [];

  before(async () => {
    const written: string[] = [];
    const shell = shellInto(written);
    const reader = new Reader();
    for (const block of shown) {
      for (const line of block.split("\n").filter((one) => prompt.test(one))) {
        written.push(`${line}\n`);
        const read = reader.take(line.replace(prompt, ""));
        if (read !== undefined) await shell.execute(read.text, read.line);
      }
      answers.push(written.splice(0).join(""));
    }
  });
  after(() => {
    if (process.env["UPDATE"] !== "1") return;
    let at = 0;
    const updated = page.replace(
      /^```session\n[^]*?^```$/gm,
      () => `\`\`\`session\n${answers[at++] ?? ""}\`\`\``,
    );
    if (updated !== page) writeFileSync(path, updated);
  });

  for (const [at, block] of shown.entries())
    it(`shows what comes of ${block.split("\n")[0] ?? ""}`, () => {
      if (process.env["UPDATE"] !== "1") expect(answers[at]).to.equal(block);
    });

  it("has all commands and modes, and no others", () => {
    const rows = page.split("\n").filter((line) => line.startsWith("| `."));
    const named = rows.flatMap((row) => {
      const [, cell = ""] = row.replaceAll("\\|", "/").split("|");
      return [...cell.matchAll(/`\.(\w+)/g)].map(([, name = ""]) => name);
    });
    expect(named.toSorted()).to.deep.equal(commands.map(({ name }) => name));
    for (const mode of modes) expect(rows.join("\n")).to.include(`\`${mode}\``);
  });
});
