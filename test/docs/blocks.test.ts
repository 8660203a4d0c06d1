import { expect } from "chai";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { calm, inFolder } from "../programs/calm.ts";
import { pageBlocks } from "../support/pages.ts";

const docs = fileURLToPath(new URL("../../docs", import.meta.url));

/** What followed.test.ts does, on the pages that it follows. */
const followed = ["dl", "tsv", "console", "sh", "kill", "stop"];

/** The languages of the blocks that each page's own test runs, or reads. Programs without a name
 * are run on every page (language.test.ts). */
const run: Readonly<Record<string, readonly string[]>> = {
  "check.md": ["dl", "sh", "text", "json", "mermaid", "yaml"],
  "coordination.md": ["dl", "console"],
  "library.md": ["ts"],
  "maelstrom.md": ["dl"],
  "node.md": followed,
  "ordered.md": followed,
  "repl.md": ["session"],
  "sim.md": ["dl", "tsv", "console"],
  "store.md": followed,
  "testing.md": ["dl", "tsv", "txt", "console", "yaml"],
  "tutorial.md": followed,
  "why.md": ["dl", "console"],
};

const blocks = readdirSync(docs)
  .filter((name) => name.endsWith(".md"))
  .flatMap((page) =>
    pageBlocks(readFileSync(join(docs, page), "utf8")).map((block) => ({ page, ...block })),
  );
const readme = pageBlocks(readFileSync(join(docs, "../README.md"), "utf8")).map((block) => ({
  page: "../README.md",
  ...block,
}));
const unrun = blocks.filter(({ what }) => what.startsWith("not run: "));

describe("the blocks of the manual", () => {
  it("are run by the tests of their pages, or say why not", () => {
    expect(blocks.length).to.be.greaterThan(100);
    const neither = blocks.filter(({ page, language, what }) => {
      if (/^not run: \w+,? \w+/.test(what)) return false;
      if (language === "dl" && /^(?:refused [\w-]+)?$/.test(what)) return false;
      return !(run[page] ?? []).includes(language);
    });
    expect(neither.map(({ page, line, language }) => `${page}:${line} ${language}`)).to.deep.equal(
      [],
    );
  });

  for (const { page, line, text } of [...unrun, ...readme].filter(
    ({ language }) => language === "sh",
  )) {
    it(`name commands and flags that there are: ${page}:${line}`, async () => {
      for (const words of commandsOf(text)) {
        const flags = words.filter((word) => /^--?[a-z]/i.test(word));
        const names = words.filter((word) => !word.startsWith("-"));
        const { code, stdout } = await calm([...names, "--help"]);
        expect(code, words.join(" ")).to.equal(0);
        const known = new Set(stdout.match(/(?<![\w-])--?[a-z][\w-]*/gi));
        const unknown = flags.filter((flag) => !known.has(flag.replace(/=.*$/, "")));
        expect(unknown, words.join(" ")).to.deep.equal([]);
      }
    });

    const nodes = commandsOf(text).filter(
      ([name, next = "-"]) => (name === "node" && next.endsWith(".dl")) || next === "serve",
    );
    if (nodes.length > 0)
      it(`give nodes the settings that they need: ${page}:${line}`, async () => {
        for (const words of nodes) {
          const { code, stderr } = await calm([...words, "--print-config"]);
          expect(code, `${words.join(" ")}: ${stderr}`).to.equal(0);
        }
      });
  }

  for (const { line, text, what } of blocks.filter(
    ({ page, language }) => page === "maelstrom.md" && language === "dl",
  ))
    it(`has a program without mistakes: maelstrom.md:${line}`, () =>
      inFolder(async (folder) => {
        const file = join(folder, what);
        writeFileSync(file, text);
        const { code, stdout } = await calm(["check", "--level", "ordered", file]);
        expect(code, stdout).to.equal(0);
      }));

  for (const { page, line, text } of unrun.filter(({ language }) => language === "json"))
    it(`is JSON: ${page}:${line}`, () => {
      expect(JSON.parse(text)).to.be.an("object");
    });
});

/** The words of each call of the command in a script, without its own name. */
function commandsOf(script: string): string[][] {
  return script
    .replaceAll("\\\n", " ")
    .replace(/\s#.*$/gm, "")
    .split(/[\n|;&]+/)
    .map((line) => [...line.trim().matchAll(/'[^']*'|"[^"]*"|\S+/g)].map(([word]) => word))
    .map((words) => (words[0] === "npx" ? words.slice(1) : words))
    .filter((words) => words[0] === "calm")
    .map((words) => words.slice(1).map((word) => word.replace(/^['"]|['"]$/g, "")));
}
