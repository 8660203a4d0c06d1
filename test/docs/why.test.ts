import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { calm, inFolder } from "../programs/calm.ts";

const page = readFileSync(fileURLToPath(new URL("../../docs/why.md", import.meta.url)), "utf8");

describe("docs/why.md", () => {
  const [program = ""] = blocks("dl flights.dl");
  const sessions = blocks("console");

  it("has examples", () => {
    expect(program).to.contain(".decl");
    expect(sessions).to.have.length(3);
  });

  for (const session of sessions) {
    const [, command = "", goal = "", wanted = ""] =
      /^\$ calm (\w+) flights\.dl '(.*)'\n([^]*)$/.exec(session) ?? [];
    it(`shows what calm ${command} '${goal}' prints`, async () => {
      await inFolder(async (folder) => {
        const path = join(folder, "flights.dl");
        writeFileSync(path, program);
        const { stdout, code } = await calm([command, path, goal]);
        expect(code).to.equal(0);
        expect(stdout.replaceAll(path, "flights.dl")).to.equal(wanted);
      });
    });
  }
});

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, "g"))].map(
    ([, text = ""]) => text,
  );
}
