import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { parse } from "yaml";

import { exitCodes } from "../../src/cli/exit.ts";
import { meanings } from "../../src/cli/meanings.ts";
import { reportFormats } from "../../src/cli/reports/print.ts";
import { calm } from "../programs/calm.ts";

/** The page is read from top to bottom: `dl NAME` writes a file, `sh` runs a command on each line,
 * which ends with `# exit N` where that is not 0, and the block behind it is what they print. With
 * `UPDATE=1` the page is rewritten with that; read every changed line. */
const path = fileURLToPath(new URL("../../docs/check.md", import.meta.url));
const page = readFileSync(path, "utf8");

type Block = {
  readonly language: string;
  readonly name: string;
  readonly text: string;
  readonly line: number;
  /** Where the text begins in the page. */
  readonly from: number;
};

const blocks = [...page.matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm)].map((match): Block => {
  const [all, language = "", name = "", text = ""] = match;
  const from = match.index + all.indexOf("\n") + 1;
  return { language, name, text, line: page.slice(0, from).split("\n").length, from };
});

describe("docs/check.md", () => {
  let folder = "";
  const answers = new Map<Block, string>();

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "calm-"));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
    if (process.env["UPDATE"] !== "1") return;
    let updated = page;
    for (const [block, answer] of [...answers].toReversed())
      updated =
        updated.slice(0, block.from) + answer + updated.slice(block.from + block.text.length);
    if (updated !== page) writeFileSync(path, updated);
  });

  for (const [at, block] of blocks.entries()) {
    const { language, name, text, line } = block;
    if (language === "dl")
      it(`writes ${name} at line ${line}`, () => {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      });
    if (language === "sh")
      it(`prints what it says at line ${line}`, async () => {
        let printed = "";
        for (const command of text.trim().split("\n")) printed += await run(command, folder);
        const shown = blocks[at + 1];
        expect(shown?.language).to.be.oneOf(["text", "mermaid"]);
        if (shown === undefined) return;
        answers.set(shown, printed);
        if (process.env["UPDATE"] !== "1") expect(printed).to.equal(shown.text);
      });
    if (language === "yaml")
      it(`has YAML at line ${line}`, () => expect(parse(text)).to.be.an("object"));
    if (language === "json")
      it(`has a configuration that is accepted at line ${line}`, async () => {
        const file = join(folder, "calm.config.json");
        writeFileSync(file, text);
        const { code, stderr } = await calm(["check", "--config", file, "--print-config"]);
        rmSync(file);
        expect(code, stderr).to.equal(0);
      });
  }

  it("has all formats and exit codes, and no code that there is not", () => {
    for (const format of reportFormats) expect(page).to.include(`| \`${format}\` |`);
    for (const code of Object.values(exitCodes)) expect(page).to.include(`\n| ${code} |`);
    const lines = page.split("\n").filter((line) => /^\| `[a-z]+-/.test(line));
    const named = lines.flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([\w-]+)`/g)]);
    expect(named).to.have.length.above(5);
    for (const [, code] of named) expect(Object.keys(meanings)).to.include(code);
  });

  it("has links to files that there are", () => {
    const links = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, link = ""]) => link);
    for (const link of links)
      expect(readFileSync(join(dirname(path), link), "utf8")).not.to.equal("");
    const schemas = readdirSync(join(dirname(path), "schema"));
    for (const [, name] of page.matchAll(/docs\/schema\/([\w.]+)/g))
      expect(schemas).to.include(name);
  });
});

/** Runs `calm …  # exit N` in a folder, and gives all that it prints, without the name of that. */
async function run(line: string, folder: string): Promise<string> {
  const [, command = "", exit = "0"] = /^(.*?)(?: +# exit (\d+))?$/.exec(line) ?? [];
  const [word, ...words] = command.split(" ");
  expect(word).to.equal("calm");
  const local = (name: string) => /^\w+\.(?:dl|json)$/.test(name) || name === "before";
  const argv = words.map((name) => (local(name) ? join(folder, name) : name));
  const { code, stdout, stderr } = await calm(argv);
  const printed = (stdout + stderr).replaceAll(`${folder}/`, "");
  expect(code, printed).to.equal(Number(exit));
  return printed;
}
