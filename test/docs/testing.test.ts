import { expect } from "chai";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

import { testFormats } from "../../src/cli/test/print.ts";
import { calm } from "../programs/calm.ts";

/** The page is read from top to bottom: a block with a name of a file writes it, one of `console`
 * is a command and what it prints. With `UPDATE=1` the page is rewritten with that; read every
 * changed line. */
const path = fileURLToPath(new URL("../../docs/testing.md", import.meta.url));
const page = readFileSync(path, "utf8");

describe("docs/testing.md", () => {
  const blocks = [...page.matchAll(/^```(\w+)(?: (\S[^\n]*))?\n([^]*?)^```$/gm)];
  let folder = "";
  let updated = page;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "calm-"));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
    if (process.env["UPDATE"] === "1" && updated !== page) writeFileSync(path, updated);
  });

  for (const [block, language = "", what = "", text = ""] of blocks) {
    const [first = ""] = text.split("\n");
    if (what.startsWith("not run: ")) continue;
    if (language === "console")
      it(`shows what ${first.slice(2)} prints`, async () => {
        const [word, ...words] = first.slice(2).split(" ");
        expect(word).to.equal("calm");
        const argv = words.map((name) => (name.endsWith(".dl") ? join(folder, name) : name));
        const { code, stdout } = await calm(argv);
        const printed = `${first}\n${timeless(stdout.replaceAll(`${folder}/`, ""))}`;
        expect(code, stdout).to.equal(what === "exit 1" ? 1 : 0);
        if (process.env["UPDATE"] === "1")
          updated = updated.replace(block, () => block.replace(text, () => printed));
        else expect(printed).to.equal(timeless(text));
      });
    else if (language === "yaml") it("has YAML", () => expect(parse(text)).to.be.an("array"));
    else
      it(`writes ${what}`, () => {
        mkdirSync(dirname(join(folder, what)), { recursive: true });
        writeFileSync(join(folder, what), text);
      });
  }

  it("names every format", () => {
    for (const format of testFormats) expect(page).to.include(`\`${format}\``);
  });
});

/** A report with the same time everywhere. */
function timeless(text: string): string {
  return text.replace(/\d+ ms$/gm, "1 ms").replace(/\(\d+\.\d\d s\)$/gm, "(0.01 s)");
}
