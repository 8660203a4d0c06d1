import { expect } from "chai";

import { ran, servedPlayground } from "../support/browser.ts";

describe("the playground without a network", function () {
  this.timeout(180_000);
  const playground = servedPlayground();

  it("opens again, and runs an example that was not opened before", async () => {
    const { page } = await playground.open("?example=coordination/reach");
    await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)");
    await page.waitForFunction("navigator.serviceWorker.controller !== null");
    await playground.vanish();
    await page.reload();
    await ran(page);
    await page.getByRole("button", { name: "Examples" }).click();
    await page.getByRole("button", { name: "Counts, sums, extremes" }).click();
    await page.getByRole("group", { name: "Files" }).getByText("05-shop.dl").waitFor();
    await ran(page);
    await page.getByRole("tab", { name: "Network" }).click();
    await page.locator(".picture, .network-refused").waitFor();
    expect(await page.locator(".run-line").count()).to.equal(0);
    await page.context().close();
  });
});
