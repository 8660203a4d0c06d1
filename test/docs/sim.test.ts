import { expect } from "chai";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { checkKinds } from "../../src/sim/checker.ts";
import { faultKinds } from "../../src/sim/faults.ts";
import { calm } from "../programs/calm.ts";

/** The page is read from top to bottom: a block with the name of a file writes it, one of `console`
 * is a command and what it prints. With `UPDATE=1` the page is rewritten with that; read every
 * changed line. */
const path = fileURLToPath(new URL("../../docs/sim.md", import.meta.url));
const page = readFileSync(path, "utf8");

describe("docs/sim.md", () => {
  const blocks = [...page.matchAll(/^```(\w+)(?: (\S[^\n]*))?\n([^]*?)^```$/gm)];
  let folder = "";
  let updated = page;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "calm-"));
    for (const [, language = "", name = "", text = ""] of blocks)
      if (language !== "console") writeFileSync(join(folder, name), text);
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
    if (process.env["UPDATE"] === "1" && updated !== page) writeFileSync(path, updated);
  });

  for (const [block, language = "", what = "", text = ""] of blocks) {
    if (language !== "console") continue;
    const [first = ""] = text.split("\n");
    it(`shows what ${first.slice(2)} prints`, async () => {
      const [word, command, file = "", ...words] = first.slice(2).split(" ");
      expect([word, command]).to.deep.equal(["calm", "sim"]);
      const argv = ["sim", join(folder, file), "-F", folder, ...words];
      const { code, stdout, stderr } = await calm(argv);
      expect([code, stderr]).to.deep.equal([what === "exit 1" ? 1 : 0, ""]);
      const printed = `${first}\n${stdout}`;
      if (process.env["UPDATE"] === "1")
        updated = updated.replace(block, () => block.replace(text, () => printed));
      else expect(printed).to.equal(text);
    }).timeout(180_000);
  }

  it("says what each fault and each check is, in their order", () => {
    const rows = [...page.matchAll(/^\| `([\w-]+)` \| (.*) \|$/gm)].map(([, name, is]) => [
      name,
      is,
    ]);
    expect(rows).to.deep.equal([...Object.entries(faultKinds), ...Object.entries(checkKinds)]);
  });
});
