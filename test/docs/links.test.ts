import { expect } from "chai";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

const pages = ["", "docs", "docs/errors", "bench", "programs", "editors/vscode"].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name)),
);

describe("the links of the manual", () => {
  it("are of many pages", () => {
    expect(pages).to.include.members(["README.md", "ARCHITECTURE.md", "docs/language.md"]);
    expect(pages.flatMap(linksOf).length).to.be.greaterThan(50);
  });

  for (const page of pages.filter((one) => linksOf(one).length > 0))
    it(`lead somewhere: ${page}`, () => {
      expect(linksOf(page).filter((link) => !leads(page, link))).to.deep.equal([]);
    });

  it("would be seen to lead nowhere", () => {
    expect(leads("docs/node.md", "ordered.md#queries")).to.equal(true);
    expect(leads("docs/node.md", "#seals")).to.equal(true);
    expect(leads("docs/node.md", "ordered.md#no-such-heading")).to.equal(false);
    expect(leads("docs/node.md", "no-such-page.md")).to.equal(false);
    expect(leads("README.md", "../elsewhere")).to.equal(false);
  });
});

/** The targets of a page's links within the repository; code is no link. */
function linksOf(page: string): string[] {
  return [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

function proseOf(page: string): string {
  return readFileSync(join(root, page), "utf8")
    .replace(/^```[^]*?^```$/gm, "")
    .replace(/`[^`\n]+`(?!\]\()/g, "");
}

function leads(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : relative(root, join(root, dirname(page), path));
  if (target.startsWith("..") || !existsSync(join(root, target))) return false;
  return anchor === undefined || anchorsOf(target).includes(anchor);
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8").replace(/^```[^]*?^```$/gm, "");
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
