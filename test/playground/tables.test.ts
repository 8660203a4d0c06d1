import { expect } from "chai";
import type { Page } from "playwright-core";

import { ran, run, servedPlayground } from "../support/browser.ts";

/** Waits until the first column of the table in sight is this. */
async function shows(page: Page, column: readonly string[]): Promise<void> {
  const texts =
    "[...document.querySelectorAll('.rows tbody td:first-child')].map((of) => of.innerText)";
  await page.waitForFunction(`${texts}.join() === ${JSON.stringify(column.join())}`);
}

describe("the playground's tables", function () {
  this.timeout(180_000);
  const playground = servedPlayground();

  it("are sorted, filtered and copied as they are seen", async () => {
    const { page } = await playground.open();
    await run(page, ".decl n(x: number)\nn(10). n(9). n(19). n(3).\n.output n\n");
    await shows(page, ["3", "9", "10", "19"]);
    await page.getByRole("button", { name: /^x number/ }).click();
    await page.getByRole("button", { name: /^x number/ }).click();
    await shows(page, ["19", "10", "9", "3"]);
    await page.getByLabel("Filter n").fill("9");
    await shows(page, ["19", "9"]);
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByText("copied 2 rows").waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).to.equal("19\n9");
    await page.context().close();
  });

  it("have a hundred thousand rows, of which those in sight are in the page", async () => {
    const { page } = await playground.open();
    await run(page, ".decl n(x: number)\nn(0).\nn(x + 1) :- n(x), x < 99999.\n.output n\n");
    await page.getByText("100,000 rows").waitFor();
    expect(await page.locator(".rows tbody tr").count()).to.be.lessThan(500);
    await page.evaluate("document.querySelector('.rows').scrollTo(0, 1e9)");
    await page.locator(".rows tbody td", { hasText: "99999" }).waitFor();
    await page.context().close();
  });

  it("are downloaded as files", async () => {
    const { page } = await playground.open("?example=coordination/reach");
    await ran(page);
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download reach as CSV" }).click(),
    ]);
    expect(file.suggestedFilename()).to.equal("reach.csv");
    await page.context().close();
  });

  it("of facts are edited as grids", async () => {
    const { page } = await playground.open("?example=coordination/reach");
    await page.getByRole("button", { name: "link.facts", exact: true }).click();
    await page.getByLabel("from, row 4").fill("d");
    await page.getByLabel("from, row 4").press("Tab");
    await page.getByLabel("to, row 4").fill("e");
    await page.getByLabel("to, row 4").press("Tab");
    await page.locator(".relations", { hasText: /reach\s*10/ }).waitFor();
    await page.getByRole("button", { name: "Remove row 1" }).click();
    await page.locator(".relations", { hasText: /reach\s*6/ }).waitFor();
    await page.context().close();
  });

  it("say that they are of an earlier text while the present one has errors", async () => {
    const { page } = await playground.open();
    await run(page, ".decl n(x: number)\nn(1).\n.output n\n");
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+End");
    await page.keyboard.insertText("m(2).\n");
    await page.getByText("answers of the text before its errors").waitFor();
    await page
      .locator(".problems")
      .getByRole("button", { name: /^Declare it/ })
      .click();
    await page.getByText("answers of the text before its errors").waitFor({ state: "detached" });
    expect(await page.locator(".cm-content").innerText()).to.include(".decl m(");
    await page.context().close();
  });

  it("are all there is beside the editor where the page is embedded", async () => {
    const { page } = await playground.open("?example=coordination/reach&embed=1");
    await ran(page);
    expect(await page.getByRole("tab").count()).to.equal(0);
    expect(await page.getByRole("button", { name: "Examples" }).count()).to.equal(0);
    expect(await page.locator(".rows tbody tr").count()).to.equal(6);
    await page.context().close();
  });
});
