import { expect } from "chai";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { importTable } from "../../src/imports.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const page = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");

/** A test, or a case, that the page names below an invariant. */
type Guard = { readonly file: string; readonly name: string };

const testFiles = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => `test/${name.split(sep).join("/")}`);

const invariants = [...page.matchAll(/^### (\d+)\. .*\n([^]*?)(?=^##)/gm)].map((match) => ({
  number: Number(match[1]),
  guards: guardsOf(match[2] ?? ""),
}));

describe("ARCHITECTURE.md", () => {
  it("has the invariants in their order, each with a test", () => {
    expect(invariants.map(({ number }) => number)).to.deep.equal(
      Array.from({ length: 14 }, (_, at) => at + 1),
    );
    for (const { number, guards } of invariants)
      expect(guards, `of invariant ${number}`).to.have.length.above(0);
  });

  for (const { number, guards } of invariants)
    it(`names tests of invariant ${number} that there are`, () => {
      expect(guards.filter((guard) => !there(guard))).to.deep.equal([]);
    });

  it("would name a test that there is not", () => {
    const [guard = { file: "", name: "" }] = invariants[0]?.guards ?? [];
    expect(there(guard)).to.equal(true);
    expect(there({ ...guard, name: guard.name.slice(1) })).to.equal(false);
    expect(there({ ...guard, name: guard.name.slice(0, -1) })).to.equal(false);
    expect(there({ ...guard, file: "test/none.test.ts" })).to.equal(false);
  });

  it("has every test that says which invariant it is of", () => {
    const said = testFiles.flatMap((file) =>
      [...readFileSync(join(root, file), "utf8").matchAll(/\(invariant (\d+)\)/g)].map(
        ([, number]) => ({ file, number: Number(number) }),
      ),
    );
    expect(said.length).to.be.greaterThan(2);
    for (const { file, number } of said) {
      const named = invariants.find((one) => one.number === number)?.guards ?? [];
      expect(
        named.map((guard) => guard.file),
        `of invariant ${number}`,
      ).to.include(file);
    }
  });

  it("has the rows of the import table, in their order", () => {
    const table = page.slice(page.indexOf("| folder or file |")).split("\n\n")[0] ?? "";
    const rows = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, row]) => row);
    expect(rows).to.deep.equal(Object.keys(importTable));
  });
});

function guardsOf(section: string): Guard[] {
  return [...section.matchAll(/^- `(test\/[^`]+)`: (.+)$/gm)].map(([, file = "", name = ""]) => ({
    file,
    name,
  }));
}

/** Whether a file has a test of that name, where `…` stands for what the test completes. */
function there({ file, name }: Guard): boolean {
  const path = join(root, file);
  if (!existsSync(path)) return false;
  const text = readFileSync(path, "utf8");
  const titles = file.endsWith(".txt") ? /^# (.*)$/gm : /\b(?:it|describe)\(\s*(["`])(.*?)\1,/g;
  const parts = name.split("…").map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const wanted = new RegExp(`^${parts.join(".*")}$`);
  return [...text.matchAll(titles)].some((match) =>
    wanted.test((match[2] ?? match[1] ?? "").trim()),
  );
}
