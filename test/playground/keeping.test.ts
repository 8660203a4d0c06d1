import { expect } from "chai";

import { ran, run, servedPlayground } from "../support/browser.ts";

describe("the playground keeps", function () {
  this.timeout(180_000);
  const playground = servedPlayground();

  it("the lines that a link points to selected", async () => {
    const { page } = await playground.open("?example=02-reachability#L3-L5");
    await ran(page);
    const text = await page.locator(".cm-content").innerText();
    await page.locator(".cm-content").focus();
    const selected = await page.evaluate<string>("getSelection().toString()");
    const lines = text.split("\n").slice(2, 5).join("\n");
    expect(selected.replaceAll("\n\n", "\n")).to.equal(lines.replaceAll("\n\n", "\n"));
    await page.context().close();
  });

  it("a link to what is seen, copied by Ctrl+S also while one writes", async () => {
    const { page } = await playground.open("?example=02-reachability");
    await ran(page);
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+S");
    await page.getByText("the link is copied").waitFor();
    const link = await page.evaluate<string>("navigator.clipboard.readText()");
    expect(link).to.equal(page.url());
    await page.context().close();
  });

  it("twenty earlier programs, each of which is opened again", async () => {
    const { page } = await playground.open();
    const text = (n: number): string => `.decl n${n}(x: number)\nn${n}(${n}).\n.output n${n}\n`;
    for (let n = 1; n <= 22; n++) {
      await run(page, text(n));
      await page.getByRole("button", { name: new RegExp(`n${n}\\s*1$`) }).waitFor();
    }
    await page.getByRole("button", { name: "History of runs" }).click();
    const entries = page.locator(".menu button");
    expect(await entries.count()).to.equal(20);
    expect(await entries.first().textContent()).to.contain("n22(");
    await entries.last().click();
    await page.getByText("n3(3)").first().waitFor();
    await page.context().close();
  });

  it("the look that was chosen, whatever the system has", async () => {
    const { page } = await playground.open();
    const back = (): Promise<string> =>
      page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
    const light = await back();
    await page.getByRole("button", { name: /^Look/ }).click();
    await page.getByRole("button", { name: "dark", exact: true }).click();
    const dark = await back();
    expect(dark).not.to.equal(light);
    await page.reload();
    await page.locator(".cm-content").waitFor();
    expect(await back()).to.equal(dark);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.getByRole("button", { name: /^Look/ }).click();
    await page.getByRole("button", { name: "light", exact: true }).click();
    expect(await back()).to.equal(light);
    await page.getByRole("button", { name: /^Look/ }).click();
    await page.getByRole("button", { name: "system", exact: true }).click();
    expect(await back()).to.equal(dark);
    await page.context().close();
  });
});
