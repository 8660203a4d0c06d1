import { expect } from "chai";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { calm, inFolder } from "../programs/calm.ts";

const docs = fileURLToPath(new URL("../../docs", import.meta.url));

/** A fenced block of a page: ```dl, and what is said of it. */
type Block = { readonly line: number; readonly text: string; readonly refused?: string };

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(docs, page), "utf8");
  return [...text.matchAll(/^```dl(?: refused ([\w-]+))?\n([^]*?)^```$/gm)].map((match) => {
    const [, refused, program = ""] = match;
    const line = text.slice(0, match.index).split("\n").length + 1;
    return { line, text: program, ...(refused === undefined ? {} : { refused }) };
  });
}

for (const page of readdirSync(docs).filter((name) => name.endsWith(".md"))) {
  describe(`docs/${page}`, () => {
    for (const block of blocksOf(page)) {
      const what = block.refused === undefined ? "holds what it says" : `is ${block.refused}`;
      it(`the program at line ${block.line} ${what}`, () =>
        inFolder(async (folder) => {
          const file = join(folder, "block.dl");
          writeFileSync(file, block.text);
          const { code, stderr } = await calm(["run", file, "-D", folder, "-F", folder]);
          if (block.refused === undefined) {
            expect(block.text, "a block without an expectation shows nothing").to.match(/\.expect/);
            expect(code, stderr).to.equal(0);
          } else {
            expect(code).to.equal(1);
            expect(stderr).to.include(`error[${block.refused}]`);
          }
        }));
    }
  });
}
