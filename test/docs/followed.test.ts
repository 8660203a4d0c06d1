import { expect } from "chai";
import { fileURLToPath } from "node:url";

import { FollowedPage } from "../support/pages.ts";

const updating = process.env["UPDATE"] === "1";

/** Pages that are followed step by step, each in a folder and with processes of its own. */
for (const name of ["coordination.md"]) {
  describe(`docs/${name}`, () => {
    const page = new FollowedPage(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)));
    before(() => page.findPorts());
    after(() => page.close());

    for (const block of page.blocks) {
      const { language, what, line, text } = block;
      if (language === "console")
        it(`shows what is printed at line ${line}`, async () => {
          const printed = await page.run(block);
          expect(printed.code, printed.text).to.equal(what === "" ? 0 : Number(what.slice(5)));
          if (!updating) expect(printed.text).to.equal(text);
        });
      else if (language === "sh" && what === "terminal")
        it(`starts what runs at line ${line}`, () => page.open(block));
      else
        it(`writes ${what} at line ${line}`, () => {
          expect(what, "a block that is no file").to.match(/^[\w./-]+$/);
          page.write(block);
        });
    }
  });
}
