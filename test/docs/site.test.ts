import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A section as the search of the site has it. */
type Section = { readonly url: string; readonly title: string; readonly heading: string };

describe("the site of the manual", () => {
  let folder = "";
  let pages: string[] = [];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "calm-site-"));
    execFileSync(process.execPath, [join(root, "scripts/docs-site.mjs"), folder]);
    pages = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".html"),
    );
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("has every page of the manual, and of each finding", () => {
    const manual = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
      .filter((name) => /^(?:errors\/)?[\w-]+\.md$/.test(name))
      .map((name) => `docs/${name.replace(/md$/, "html")}`);
    expect(manual.length).to.be.greaterThan(100);
    expect(pages).to.include.members([...manual, "index.html", "docs/errors/index.html"]);
  });

  it("has links to what is there alone, relative, so that any folder will do", () => {
    const wrong = pages.flatMap((page) => {
      const text = readFileSync(join(folder, page), "utf8");
      return [...text.matchAll(/<(a|link|script)\b[^>]*? (?:href|src)="([^"]*)"/g)]
        .filter(([, element, target = ""]) => !leads(page, element === "a", target))
        .map(([, , target]) => `${page}: ${target}`);
    });
    expect(wrong).to.deep.equal([]);
  });

  it("shows no comments, and nothing of a page as HTML of its own", () => {
    const tutorial = readFileSync(join(folder, "docs/tutorial.html"), "utf8");
    expect(tutorial).to.include("Two replicas");
    expect(tutorial).not.to.match(/<!--|&lt;!--/);
  });

  it("finds sections by the beginnings of words, headings first", () => {
    const context = createContext({});
    runInContext(readFileSync(join(folder, "search.js"), "utf8"), context);
    runInContext(readFileSync(join(folder, "index.js"), "utf8"), context);
    const search = (asked: string): Section[] =>
      JSON.parse(
        runInContext(
          `JSON.stringify(calmSearch(calmSections, ${JSON.stringify(asked)}))`,
          context,
        ) as string,
      ) as Section[];
    expect(search("checkpoints")[0]?.url).to.equal("docs/ordered.html#checkpoints");
    expect(search("SEALS")[0]?.url).to.equal("docs/node.html#seals");
    expect(search("unsafe-variable")[0]?.url).to.equal("docs/errors/unsafe-variable.html");
    expect(search("calm_peer_lag_fac")[0]?.url).to.match(/^docs\/operations\.html/);
    expect(search("nowhere-at-all-xyzzy")).to.deep.equal([]);
    expect(search("  ")).to.deep.equal([]);
  });

  function leads(page: string, link: boolean, target: string): boolean {
    if (/^https?:/.test(target)) return link;
    if (/^[a-z]+:|^\//.test(target)) return false;
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? page : join(dirname(page), decodeURIComponent(path));
    if (!existsSync(join(folder, file)) || file.startsWith("..")) return false;
    const text = anchor === undefined ? "" : readFileSync(join(folder, file), "utf8");
    return anchor === undefined || text.includes(` id="${anchor}"`);
  }
});
