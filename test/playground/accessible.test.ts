import { expect } from "chai";
import type { Page } from "playwright-core";

import { barriers } from "../support/barriers.ts";
import { ran, servedPlayground } from "../support/browser.ts";

const phone = { width: 390, height: 844 };
const sizes = [{ width: 1280, height: 800 }, phone];

/** Turns a phone to one of its two sides; elsewhere both are seen. */
async function turnTo(page: Page, side: RegExp): Promise<void> {
  const button = page
    .getByRole("navigation", { name: "Panes" })
    .getByRole("button", { name: side });
  if (await button.isVisible()) await button.click();
}

/** Opens one view after the other, each once it shows what it is about. */
async function eachTab(page: Page, then: (tab: string) => Promise<void>): Promise<void> {
  for (const tab of await page.getByRole("tab").all()) {
    await tab.click();
    await page.waitForFunction(
      "!/loading…|preparing|looking for|Not run yet/.test(document.querySelector('.panel').innerText)",
    );
    const name = await tab.innerText();
    if (name === "Monotonicity") await page.locator(".graph .vertex").first().waitFor();
    await then(name);
  }
}

/** How far the page itself could be scrolled sideways. */
const sideways = (page: Page): Promise<number> =>
  page.evaluate<number>(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );

describe("the playground is for everybody", function () {
  this.timeout(120_000);
  const playground = servedPlayground();

  for (const size of sizes)
    for (const scheme of ["light", "dark"] as const)
      it(`has no barrier in any view, ${scheme}, ${size.width} px wide`, async () => {
        const query = "?example=coordination/unreached";
        const { page, errors } = await playground.open(query, size);
        await page.emulateMedia({ colorScheme: scheme });
        expect(await barriers(page), "the program").to.deep.equal([]);
        await turnTo(page, /Answers/);
        await eachTab(page, async (tab) => {
          expect(await barriers(page), tab).to.deep.equal([]);
          expect(await sideways(page), `${tab} sideways`).to.equal(0);
        });
        expect(errors).to.deep.equal([]);
        await page.context().close();
      });

  for (const size of sizes)
    it(`has none in what opens, ${size.width} px wide`, async () => {
      const { page } = await playground.open("?example=coordination/reach", size);
      for (const name of ["Examples", "Limits of a run", /^History/, /^Look/, /shortcuts/]) {
        await page.getByRole("button", { name }).click();
        expect(await barriers(page), String(name)).to.deep.equal([]);
        expect(await sideways(page), `${String(name)} sideways`).to.equal(0);
        const box = await page.locator(".menu, dialog").boundingBox();
        expect(box?.x, `${String(name)} starts`).to.be.at.least(0);
        expect((box?.x ?? 0) + (box?.width ?? 0), `${String(name)} ends`).to.be.at.most(size.width);
        await page.keyboard.press("Escape");
      }
      await page.getByRole("group", { name: "Files" }).getByText("link.facts").click();
      await page.locator(".grid").waitFor();
      expect(await barriers(page), "facts").to.deep.equal([]);
      expect(await sideways(page), "facts sideways").to.equal(0);
      await turnTo(page, /Answers/);
      await page.locator(".rows tbody button").first().click();
      await page.getByRole("tree", { name: "Proof" }).waitFor();
      expect(await barriers(page), "a proof").to.deep.equal([]);
      await turnTo(page, /Program/);
      await page.getByRole("group", { name: "Files" }).getByText("reach.dl").click();
      await page.locator(".cm-content").click();
      await page.keyboard.type("bad(1) :- worse(_).");
      await page.locator(".problems li").first().waitFor();
      await turnTo(page, /Answers/);
      await turnTo(page, /Program/);
      expect(await barriers(page), "findings").to.deep.equal([]);
      expect(await sideways(page), "findings sideways").to.equal(0);
      await page.context().close();
    });

  it("has none in a network under way", async () => {
    const { page } = await playground.open("?example=coordination/unreached&tab=network", phone);
    await turnTo(page, /Answers/);
    await page.getByRole("button", { name: "Step", exact: true }).click();
    await page
      .getByRole("button", { name: /^Message/ })
      .first()
      .click();
    await page.getByRole("group", { name: /^Message/ }).waitFor();
    expect(await barriers(page)).to.deep.equal([]);
    expect(await sideways(page)).to.equal(0);
    await page.context().close();
  });

  it("is used by the keyboard alone", async () => {
    const { page } = await playground.open("?example=coordination/reach");
    await ran(page);
    // All that can be clicked has its turn, and is seen to have it.
    const reached = new Set<string>();
    const named = `(({ activeElement: of }) => of === document.body ? "" :
      (of.getAttribute("aria-label") ?? of.placeholder ?? "") + "|" + of.innerText)(document)`;
    const marked = `(({ activeElement: of }) => of.closest(".cm-editor") !== null ||
      getComputedStyle(of).outlineStyle !== "none")(document)`;
    for (let key = 0; key < 120; key++) {
      await page.keyboard.press("Tab");
      const name = await page.evaluate<string>(named);
      if (name === "") break;
      expect(await page.evaluate(marked), `focus on ${name} is seen`).to.equal(true);
      // In the editor Tab could be meant for the text: Escape says that it is not.
      if (name.startsWith("Program text")) await page.keyboard.press("Escape");
      reached.add(name.replaceAll(/\s+/g, " "));
    }
    const names = [...reached].join("\n");
    for (const name of [
      ...["Examples", "Run", "Format", "Share", "Limits", "History", "Look", "shortcuts"],
      ...["Remove link.facts", "Add a file", "Program text", "Results", "reach", "Filter", "Copy"],
      ...["Download reach as CSV", "Rows of reach", "Why not"],
    ])
      expect(names).to.include(name);
    // From list to list: a menu, a view, a row, its proof.
    await page.getByRole("button", { name: "Examples" }).press("Enter");
    await page.locator(".menu button:focus").waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("group", { name: "Files" }).getByText("unreached.dl").waitFor();
    await page.getByRole("tab", { name: "Results" }).press("ArrowRight");
    await page.getByText("Coordination needed.").waitFor();
    await page.keyboard.press("ArrowLeft");
    await page.locator(".rows tbody button").first().press("Enter");
    await page.getByRole("treeitem").first().press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    expect(await page.evaluate("document.activeElement.ariaLevel")).to.equal("2");
    await page.context().close();
  });
});
