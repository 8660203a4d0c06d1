import { expect } from "chai";
import { fileURLToPath } from "node:url";

import { FollowedPage } from "../support/pages.ts";

const updating = process.env["UPDATE"] === "1";

/** Pages that are followed step by step, each in a folder and with processes of its own. */
for (const name of ["coordination.md", "node.md", "ordered.md", "store.md", "tutorial.md"]) {
  describe(`docs/${name}`, () => {
    const page = new FollowedPage(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)));
    before(() => page.begin());
    after(() => page.close());

    for (const block of page.blocks) {
      const { language, what, line, text } = block;
      // blocks.test.ts has the rest: those that say why they are not run, and programs without a name.
      if (what.startsWith("not run: ") || (language === "dl" && what === "")) continue;
      if (language === "console")
        it(`shows what is printed at line ${line}`, async () => {
          const printed = await page.run(block);
          expect(printed.code, printed.text).to.equal(what === "" ? 0 : Number(what.slice(5)));
          if (!updating) expect(timeless(printed.text)).to.equal(timeless(text));
        });
      else if (language === "sh" && what.startsWith("terminal "))
        it(`starts what runs in ${what} at line ${line}`, () => page.open(block));
      else if (language === "kill" || language === "stop")
        it(`has the reader ${language} ${what} at line ${line}`, () => page.end(block));
      else
        it(`writes ${what} at line ${line}`, () => {
          expect(what, "a block that is no file").to.match(/^[\w./-]+$/);
          page.write(block);
        });
    }
  });
}

/** What is printed, with the same times, epochs and lives of nodes everywhere. */
function timeless(text: string): string {
  return text
    .replace(/\b\d+ ms\b/g, "1 ms")
    .replace(/\(\d+\.\d\d s\)/g, "(0.01 s)")
    .replace(/\bepoch \d+\b/g, "epoch 1")
    .replace(/"(epoch|position)":\d+/g, '"$1":1')
    .replace(/\/\d{9,}:\d+$/gm, "/1:1");
}
